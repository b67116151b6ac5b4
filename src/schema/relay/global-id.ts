import { isId } from '../../modelarts/client/path.ts';
import { BadUserInputError } from '../../modelarts/wire/errors.ts';

const base64 = /^[A-Za-z0-9+/]+={0,2}$/;

/** Relay global id: base64 of `Type:rawId`. */
export const encodeGlobalId = (typename: string, id: string): string =>
  Buffer.from(`${typename}:${id}`).toString('base64');

function parse(globalId: string): { typename: string; id: string } | null {
  if (!base64.test(globalId)) return null;
  const decoded = Buffer.from(globalId, 'base64').toString('utf8');
  const colon = decoded.indexOf(':');
  const typename = decoded.slice(0, colon);
  const id = decoded.slice(colon + 1);
  return colon > 0 && /^[A-Z][A-Za-z]{2,40}$/.test(typename) && isId(id) ? { typename, id } : null;
}

/** What a global id says; `typename` is empty where it is none, for each field to say so in its place. */
export const decodeGlobalId = (globalId: string): { typename: string; id: string } =>
  parse(globalId) ?? { typename: '', id: '' };

/** Error of an id that no object of the schema can have. */
export const notGlobalId = (path: readonly string[]): BadUserInputError =>
  BadUserInputError.of([
    {
      path,
      message:
        'This is not a global id; use the `id` field of an object, or the query for one type, which also takes raw ids.',
    },
  ]);

/** The upstream's id behind an id a client gave, which may be a global id of the type or the raw id itself; or why it is none. */
export function readId(
  typename: string,
  id: string,
): { rawId: string; problem: null } | { rawId: null; problem: string } {
  const parsed = parse(id);
  if (parsed !== null) {
    if (parsed.typename === typename) return { rawId: parsed.id, problem: null };
    return { rawId: null, problem: `This is the id of a ${parsed.typename}; a ${typename} is needed.` };
  }
  if (isId(id)) return { rawId: id, problem: null };
  const words = `This can be no id of a ${typename}: ids have 1 to 128 letters, digits, dots, hyphens or underscores, and are none of ModelArts' own words (\`all\`, \`tags\`, ...).`;
  return { rawId: null, problem: words };
}

/**
 * The upstream's id behind an `id` argument.
 * @param path where the id stands in the input, for the error
 * @throws BadUserInputError it belongs to another type, or cannot be an id at all
 */
export function rawIdOf(typename: string, id: string, path: readonly string[] = ['id']): string {
  const { rawId, problem } = readId(typename, id);
  if (problem === null) return rawId;
  throw BadUserInputError.of([{ path, message: problem }]);
}
