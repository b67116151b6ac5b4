import { type Check, object } from './read.ts';

const known = new Map<string, readonly string[]>();

/** What the contract lists for each object of the upstream, whether we show it or not; a test compares them. */
export const knownFields: ReadonlyMap<string, readonly string[]> = known;

type Field = { readonly name: string; readonly check: Check | null; following: Field | undefined };

/**
 * A check of a whole object: of fields the contract does not list, and of those that have a check of their own. One walk
 * over the object does both. The upstream writes fields in the same order each time, so the one that followed last time
 * is tried before it is looked up.
 * @param kind name of the object in the contract
 * @param fields all its fields there, separated by spaces
 */
export function objectCheck(kind: string, fields: string, checks: Readonly<Record<string, Check>> = {}): Check {
  const names = fields.split(' ');
  known.set(kind, names);
  const fieldOf = (name: string): Field => ({ name, check: checks[name] ?? null, following: undefined });
  const byName = new Map(names.map((name) => [name, fieldOf(name)]));
  const start = fieldOf('');
  return (value, drift) => {
    const wire = object(value);
    let last = start;
    for (const name in wire) {
      const field = last.following?.name === name ? last.following : byName.get(name);
      if (field === undefined) {
        drift(`${kind} field`, name);
        continue;
      }
      field.check?.(wire[name], drift);
      last.following = field;
      last = field;
    }
  };
}
