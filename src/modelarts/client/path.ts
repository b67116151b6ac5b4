import { BadUserInputError } from '../wire/errors.ts';

const idPattern = /^[A-Za-z0-9._-]{1,128}$/;

/** Literal path segments that select another operation when they stand where an id is expected (contract/NOTES.md, trap 25); the last three on newer clouds. */
const reserved: ReadonlySet<string> = new Set([
  '.',
  '..',
  'all',
  'flavors',
  'group',
  'tags',
  'practices',
  'resource-instances',
]);

/** Whether the text can stand for one object in a path without changing which operation the path selects. */
export const isId = (value: string): boolean => idPattern.test(value) && !reserved.has(value);

/**
 * The id as a path segment.
 * @throws BadUserInputError it could select another path; nothing was sent
 */
export function segment(id: string): string {
  if (!isId(id)) {
    throw BadUserInputError.of([
      {
        // an argument was checked before it came here; what is left is a project id of a header, or an id ModelArts gave
        path: [],
        message: 'An id has 1 to 128 letters, digits, dots, hyphens or underscores and is not a reserved word.',
      },
    ]);
  }
  return id;
}

/** The nth segment of a path, the text before its first slash being the zeroth; empty when there is none. */
export function segmentAt(path: string, index: number): string {
  let from = 0;
  for (let left = index; left > 0; left--) {
    from = path.indexOf('/', from) + 1;
    if (from === 0) return '';
  }
  const end = path.indexOf('/', from);
  return end < 0 ? path.slice(from) : path.slice(from, end);
}

export type QueryValue = string | number | boolean | null | undefined;

/** Characters that stand for themselves in a query. */
const plain = /^[A-Za-z0-9._*-]*$/;

/** As `URLSearchParams` writes it, which is slow where there is nothing to encode. */
const encoded = (value: string): string =>
  plain.test(value) ? value : new URLSearchParams({ '': value }).toString().slice(1);

/** `?a=1&b=2` without the parameters that are null, undefined or empty; empty when none is left. Names are those of the contract. */
export function queryString(query: Readonly<Record<string, QueryValue>>): string {
  let written = '';
  for (const name in query) {
    const value = query[name];
    if (value === null || value === undefined || value === '') continue;
    written += `${written === '' ? '?' : '&'}${name}=${encoded(String(value))}`;
  }
  return written;
}
