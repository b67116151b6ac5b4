import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { type Title, titlesOf } from '../support/sources/titles.ts';

const tests = new URL('../', import.meta.url);

/** What stands for a value of a table or of a variable. */
const placeholder = /\$\{[^}]*\}|%[sdifjoO]|\$[\w.]+/g;

/** What titles say in the words of the house: CONTRIBUTING.md and ARCHITECTURE.md use the same. */
const otherWords: readonly (readonly [RegExp, string])[] = [
  [/\b(?:told|tells?)\b/, 'an event is emitted, an error reported, an answer given'],
  [/\blook(?:s|ed)?\b/, 'a watch polls'],
  [/\btwins?\b/, 'two ways that must agree are in parity'],
  [/\btall(?:y|ies)\b/, 'what is counted are counters'],
  [/\bdepartures?\b/, 'a client that leaves aborts'],
  [/\bkept answers?\b/, 'they are revalidated responses'],
];

/** What is wrong with a title that is read in a list of failures, behind those around it; one sentence each. */
function faultsOf({ kind, text, around }: Title): string[] {
  const words = (from: string): string[] => from.replace(placeholder, '').match(/[\p{L}\d]+/gu) ?? [];
  const whole = [...around, text].join(' ');
  const used = otherWords.filter(([word]) => word.test(text)).map(([, instead]) => `uses another word: ${instead}`);
  if (/^(?:and|but|or|nor|also|then|either|so)\b/i.test(text)) used.push('goes on from the title before');
  if (/^(?:it|they|this|these|the same)\b/i.test(text)) used.push('begins with what only the title before explains');
  if (/\b(?:too|either|as well|the same)$/.test(text)) used.push('ends in a comparison with the title before');
  if (kind === 'it' && words(text).length === 0) used.push('is a value of its table alone: say what is true of it');
  if (kind === 'it' && (whole.match(/[^\s]+/g) ?? []).length < 3)
    used.push('is no statement: say what is true of what');
  return used;
}

describe('the rules of titles', () => {
  const titled = (text: string, around: string[] = ['a watch']): string[] =>
    faultsOf({ kind: 'it', text, around, line: 1 });

  it('find titles that lean on the one before', () => {
    expect(titled('and goes on with the next token')).toHaveLength(1);
    expect(titled('they are sent once')).toHaveLength(1);
    expect(titled('ends the other operations, too')).toHaveLength(1);
    expect(titled('goes on with the next token')).toEqual([]);
  });

  it('find titles that are no statements, and words of another dialect', () => {
    expect(titled('%s')).toHaveLength(1);
    expect(titled('ends', ['time'])).toHaveLength(1);
    expect(titled('is told of a change')).toHaveLength(1);
  });

  it('see titles in tables, in templates and inside others', () => {
    const source =
      "describe('a (b', () => {\n  it.each<[string, () => A]>([\n    ['(', x],\n  ])('takes %s', f);\n});\nit(`c d`, g);\n";
    expect(titlesOf(source)).toEqual([
      { kind: 'describe', text: 'a (b', around: [], line: 1 },
      { kind: 'it', text: 'takes %s', around: ['a (b'], line: 2 },
      { kind: 'it', text: 'c d', around: [], line: 6 },
    ]);
  });
});

it('every title is a statement that means something alone in a list of failures', () => {
  const files = readdirSync(tests, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.test.ts'));
  const titles = files.map((name) => ({ name, titles: titlesOf(readFileSync(new URL(name, tests), 'utf8')) }));
  const faults = titles.flatMap(({ name, titles: all }) =>
    all.flatMap((title) => faultsOf(title).map((fault) => `test/${name}:${title.line}: '${title.text}' ${fault}`)),
  );
  const hint = 'reword these titles where they stand, so that those around them and they read as one sentence';
  expect(faults, hint).toEqual([]);
  expect(titles.filter(({ titles: all }) => all.every(({ kind }) => kind !== 'it')).map(({ name }) => name)).toEqual(
    [],
  );
});
