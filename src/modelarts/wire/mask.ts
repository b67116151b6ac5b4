import { readings } from './legible.ts';

/** What stands in a text where a secret stood. */
const masked = '[masked]';

/** So many characters in a row of a secret are a part of it, not a coincidence: 16, of which escapes may have made less. */
const leastPart = 12;

/** Each part holds one of the secret's blocks of this length whole, wherever it begins. */
const blockLength = leastPart / 2;

/** A shorter secret is a word of any sentence; IAM takes no such password. */
const leastSecret = 4;

/** Places of one block that are looked at: a secret that repeats itself matches at the first of them as well. */
const maxPlaces = 4;

type Span = { readonly from: number; readonly to: number };

/**
 * The text without the secrets: where one stands whole, or 12 characters of it and more. Found also as URLs, JSON and HTML
 * write it, one inside the other.
 * @param secrets as they were sent: tokens, passwords, signatures
 */
export function withoutSecrets(text: string, secrets: Iterable<string>): string {
  const written = [...secrets].flatMap(spellings).filter(({ length }) => length >= leastSecret);
  if (written.length === 0) return text;
  const spans: Span[] = [];
  for (const { characters, starts } of readings(text)) {
    for (const secret of written) {
      for (const { from, to } of found(characters, secret)) {
        spans.push({ from: starts[from] ?? text.length, to: starts[to] ?? text.length });
      }
    }
  }
  return cut(text, spans);
}

/**
 * As bytes beyond ASCII look when each is taken for a character, and with the spaces of a form. A secret that looks as if it
 * were escaped itself is unescaped with the text around it.
 */
function spellings(secret: string): readonly string[] {
  const meant = [...readings(secret)].map(({ characters }) => characters);
  const written = [...meant, ...meant.map((one) => Buffer.from(one).toString('latin1'))];
  return [...new Set([...written, ...written.map((one) => one.replaceAll(' ', '+'))])];
}

function* found(text: string, secret: string): Generator<Span> {
  yield* wholes(text, secret);
  if (secret.length > leastPart) yield* parts(text, secret);
}

function* wholes(text: string, secret: string): Generator<Span> {
  for (let from = text.indexOf(secret); from >= 0; from = text.indexOf(secret, from + 1)) {
    yield { from, to: from + secret.length };
  }
}

/** What the text has in common with the secret, from 12 characters on. */
function* parts(text: string, secret: string): Generator<Span> {
  if (text.length < leastPart) return;
  const places = blocksOf(secret);
  let known = 0;
  for (let at = 0; at + blockLength <= text.length; at += 1) {
    if (at + blockLength <= known) continue;
    for (const place of places.get(text.slice(at, at + blockLength)) ?? []) {
      const span = grown(text, at, { secret, place });
      if (span.to - span.from < leastPart) continue;
      known = Math.max(known, span.to);
      yield span;
    }
  }
}

function blocksOf(secret: string): ReadonlyMap<string, readonly number[]> {
  const places = new Map<string, number[]>();
  for (let place = 0; place + blockLength <= secret.length; place += blockLength) {
    const block = secret.slice(place, place + blockLength);
    const known = places.get(block);
    if (known === undefined) places.set(block, [place]);
    else if (known.length < maxPlaces) known.push(place);
  }
  return places;
}

/** The match around a block, as far as it goes in both directions. */
function grown(text: string, at: number, { secret, place }: { readonly secret: string; readonly place: number }): Span {
  let [before, after] = [0, blockLength];
  while (at > before && place > before && text[at - before - 1] === secret[place - before - 1]) before += 1;
  while (at + after < text.length && text[at + after] === secret[place + after]) after += 1;
  return { from: at - before, to: at + after };
}

function cut(text: string, spans: readonly Span[]): string {
  let result = '';
  let done = 0;
  for (const { from, to } of spans.toSorted((a, b) => a.from - b.from)) {
    if (to <= done) continue;
    if (from > done || done === 0) result += text.slice(done, Math.max(from, done)) + masked;
    done = to;
  }
  return result + text.slice(done);
}
