const made =
  /(?:new (?:Map|Set|WeakMap|WeakSet|LRUCache|EventEmitter|FinalizationRegistry)\b|createBoundedStore\b|\[\](?=[;,)]| }))/;

/** A variable or a field that is given one: `const seen = new Set()`, `readonly #items: Item[] = []`, `this.#others ??= new Set()`. */
const declared = new RegExp(
  `^(\\s*)(?:export )?(?:readonly |const |let |static )*(?:this\\.)?([#\\w.]+)\\??(?:: (?:[^=]|=>)+)? (?:=|\\?\\?=) (?:.*[?(:|] ?)?${made.source}`,
);
/** A field of an object that is made in place: `{ size: 0, results: new Map() }`. */
const field = new RegExp(`[{,]? ?\\b(\\w+): ${made.source}`);

/** Written with its values, and read from then on. */
const readOnly = /: Readonly(?:Set|Map)<[^=]*=/;

/** Variables deeper than the first level of a function are of one call. The formatter sees to the indentation. */
const ofOneCall = /^ {4,}(?:const|let) /;

const comment = /^\s*(?:\*|\/[/*])/;

/**
 * What in a module can hold something beyond the call that makes it: each Map, Set, WeakMap, array, LRU and the like that is of
 * the module, of an object, or of the first level of a function, where functions within it may use it later.
 * @returns names, in the order of the text, each once
 */
export function keptThings(text: string): string[] {
  const found = new Set<string>();
  for (const line of text.split('\n')) {
    if (comment.test(line) || readOnly.test(line)) continue;
    const [, inPlace] = field.exec(line) ?? [];
    const [, , name] = ofOneCall.test(line) ? [] : (declared.exec(line) ?? []);
    const thing = name ?? inPlace;
    if (thing !== undefined) found.add(thing);
  }
  return [...found];
}
