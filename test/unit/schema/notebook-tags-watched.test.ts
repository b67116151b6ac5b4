import { expect, it } from 'vitest';
import { decodeListedNotebook, decodeNotebook, type Notebook } from '../../../src/modelarts/notebooks.ts';
import { notebookSource } from '../../../src/schema/notebook/watch.ts';

const { isEqual } = notebookSource(() => {
  throw new Error('not asked for here');
}, 'p');

function notebook(tags?: unknown, decode = decodeNotebook): Notebook {
  const decoded = decode({ id: 'n', name: 'n', status: 'RUNNING', tags }, () => {});
  if (decoded === null) throw new Error('it cannot be read');
  return decoded;
}

const [a, b] = [
  { key: 'a', value: '1' },
  { key: 'b', value: '' },
];

it.each([
  ['one more', [a], [a, b], false],
  ['one less', [a], [], false],
  ['another value', [a], [{ key: 'a', value: '2' }], false],
  ['the same ones in another order', [a, b], [b, a], true],
  ['no word of them', [a], undefined, true],
])('tags with %s make an event or not', (_what, before, after, isSame) => {
  expect(isEqual(notebook(before), notebook(after, decodeListedNotebook))).toBe(isSame);
  expect(isEqual(notebook(after), notebook(before))).toBe(isSame);
});
