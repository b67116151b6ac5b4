/** A `describe` or `it` as its file has it: its title, where it stands, and the titles around it. */
export type Title = {
  readonly kind: 'describe' | 'it';
  /** as written; `%s`, `$name` and `${…}` stand for what a table or a variable gives */
  readonly text: string;
  /** titles of the `describe`s it stands in, outermost first */
  readonly around: readonly string[];
  /** from 1 */
  readonly line: number;
};

const starts = /(?<![\w.$'"`])(describeBed|describe|it|test)(?=[.(])/g;

/** Titles of the tests of a file, found in its text: what a file asks of a runner is known only when it runs. */
export function titlesOf(source: string): Title[] {
  const found: (Title & { readonly end: number })[] = [];
  for (const { index, 1: name = '' } of source.matchAll(starts)) {
    const call = lastCallAt(source, index + name.length);
    const text = call && textAt(source, call.start);
    if (call === null || text === null) continue;
    const around = found.filter(({ kind, end }) => kind === 'describe' && end > index).map((outer) => outer.text);
    const line = source.slice(0, index).split('\n').length;
    found.push({ kind: name.startsWith('describe') ? 'describe' : 'it', text, around, line, end: call.end });
  }
  return found.map(({ end: _, ...title }) => title);
}

/** The last pair of parentheses of `.each(table)('title', …)`: from behind its opening one to its closing one. */
function lastCallAt(source: string, from: number): { start: number; end: number } | null {
  let call = null;
  for (let at = from; ; ) {
    const property = /^\s*\.\w+/.exec(source.slice(at, at + 80));
    if (property) at += property[0].length;
    // the types of a table
    if (source[at] === '<') at = source.indexOf('>(', at) + 1;
    if (source[at] !== '(') return call;
    const end = closingOf(source, at);
    if (end === null) return null;
    call = { start: at + 1, end };
    at = end + 1;
  }
}

/** A literal at the beginning of the arguments; null: none. */
function textAt(source: string, from: number): string | null {
  const literal = /^\s*(?:'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)"|`((?:[^`\\]|\\.)*)`)/s.exec(
    source.slice(from, from + 600),
  );
  return literal && (literal[1] ?? literal[2] ?? literal[3] ?? '').replace(/\\(.)/g, '$1');
}

/** Where the parenthesis at a place is closed, strings, comments and patterns passed over; null: nowhere. */
function closingOf(source: string, from: number): number | null {
  const token =
    /\/\/[^\n]*|\/\*[\s\S]*?\*\/|'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*"|`(?:[^`\\]|\\[\s\S])*`|(?<=[(,=:[!&|?{};\n]\s*)\/(?![*/])(?:[^/\\\n[]|\\.|\[(?:[^\]\\\n]|\\.)*\])+\/|[()]/g;
  token.lastIndex = from;
  let depth = 0;
  for (let found = token.exec(source); found; found = token.exec(source)) {
    if (found[0] === '(') depth += 1;
    if (found[0] === ')') depth -= 1;
    if (depth === 0) return found.index;
  }
  return null;
}
