/** A text as it is meant, and where in the text each of its characters begins; one place more than there are characters. */
export type Reading = { readonly characters: string; readonly starts: readonly number[] };

/** Writings inside of writings that are undone: an URL in JSON in the text of an error, and one to spare. */
const maxDepth = 4;

/** `%2B`, `\u002b`, `\/`, `&#43;`, `&#x2b;`, `&amp;`; an escape that is cut off at the end is none. */
const escaped = /%([0-9a-f]{2})|\\u([0-9a-f]{4})|\\(["\\/])|&#(\d{1,5});|&#x([0-9a-f]{1,4});|&(amp|lt|gt|quot|apos);/gi;

const named: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

/**
 * What a text may mean: as it stands, and with that undone which URLs, JSON and HTML do to characters, as often as one was put
 * inside of another.
 */
export function* readings(text: string): Generator<Reading> {
  let read: Reading | null = { characters: text, starts: Array.from({ length: text.length + 1 }, (_, index) => index) };
  for (let depth = 0; read !== null && depth <= maxDepth; depth += 1) {
    yield read;
    read = undone(read);
  }
}

/** @returns null: there was nothing to undo */
function undone({ characters, starts }: Reading): Reading | null {
  let result = '';
  const places: number[] = [];
  let done = 0;
  const keep = (until: number): void => {
    result += characters.slice(done, until);
    for (; done < until; done += 1) places.push(starts[done] ?? 0);
  };
  for (const match of characters.matchAll(escaped)) {
    keep(match.index);
    result += meant(match);
    places.push(starts[done] ?? 0);
    done += match[0].length;
  }
  if (done === 0) return null;
  keep(characters.length);
  places.push(starts[characters.length] ?? 0);
  return { characters: result, starts: places };
}

function meant([, byte, unit, itself, decimal, hex, name]: RegExpMatchArray): string {
  if (itself !== undefined) return itself;
  if (name !== undefined) return named[name.toLowerCase()] ?? '';
  if (decimal !== undefined) return String.fromCharCode(Number(decimal));
  return String.fromCharCode(Number.parseInt(byte ?? unit ?? hex ?? '', 16));
}
