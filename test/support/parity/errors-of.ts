/** The lists of errors in a text that holds JSON results, taken out of it. */
export function errorsOf(text: string): { readonly rest: string; readonly kinds: readonly string[] } {
  const mark = '"errors":[';
  const kinds = new Set<string>();
  let rest = '';
  let from = 0;
  for (let start = text.indexOf(mark); start >= 0; start = text.indexOf(mark, from)) {
    const end = endOfList(text, start + mark.length - 1);
    rest += text.slice(from, start);
    for (const { message, extensions } of JSON.parse(text.slice(start + mark.length - 1, end)) as Told[]) {
      kinds.add(`${extensions?.code} ${message}`);
    }
    from = end;
  }
  return { rest: rest + text.slice(from), kinds: [...kinds].sort() };
}

type Told = { readonly message: string; readonly extensions?: { readonly code?: string } };

/** @param start of its bracket */
function endOfList(text: string, start: number): number {
  let depth = 0;
  let isInText = false;
  for (let index = start; index < text.length; index++) {
    const character = text[index];
    if (isInText) {
      if (character === '\\') index += 1;
      else if (character === '"') isInText = false;
    } else if (character === '"') isInText = true;
    else if (character === '[') depth += 1;
    else if (character === ']' && --depth === 0) return index + 1;
  }
  return text.length;
}
