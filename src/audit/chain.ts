import { createHash } from 'node:crypto';

/** What the first line of a chain names as the one before. */
export const chainStart = '0'.repeat(64);

/** SHA-256 of a line without its line break, hexadecimal: what the next line names as the one before. */
export const hashOfLine = (line: string): string => createHash('sha256').update(line).digest('hex');

export type Verified = {
  /** audit lines read */
  readonly lines: number;
  /** each start of a process that writes to standard output begins one; a file has one */
  readonly chains: number;
  /** hash of the last line: kept elsewhere, it proves that nothing was cut off at the end */
  readonly lastHash: string;
  /** the first line that does not follow from the one before, counted from 1 over all lines; null: all do */
  readonly brokenAt: number | null;
};

/**
 * Follows a chain of audit lines. Lines of anything else (the log, where both go to standard output) are passed over; so is
 * a line that was cut off by the end of its process, which the next one names all the same.
 */
export async function verifyChain(lines: AsyncIterable<string> | Iterable<string>): Promise<Verified> {
  let lineNumber = 0;
  let count = 0;
  let chains = 0;
  let last = chainStart;
  /** a line that was none of ours may be one that was cut off */
  let cutOff: string | null = null;
  for await (const line of lines) {
    lineNumber += 1;
    const before = previousOf(line);
    if (before === null) {
      if (line.startsWith(lineStart)) cutOff = line;
      continue;
    }
    const follows = before === last || (cutOff !== null && before === hashOfLine(cutOff));
    if (before === chainStart) chains += 1;
    else if (!follows) return { lines: count, chains, lastHash: last, brokenAt: lineNumber };
    count += 1;
    cutOff = null;
    last = hashOfLine(line);
  }
  return { lines: count, chains, lastHash: last, brokenAt: null };
}

/** How every audit line begins. */
export const lineStart = '{"audit":1,';

/** @returns null: it is no whole audit line */
function previousOf(line: string): string | null {
  if (!line.startsWith(lineStart)) return null;
  try {
    const { previous }: { readonly previous?: unknown } = JSON.parse(line);
    return typeof previous === 'string' ? previous : null;
  } catch {
    return null;
  }
}
