import { isDeepStrictEqual } from 'node:util';
import { errorsOf } from './errors-of.ts';
import type { LoggedOperation, Seen } from './side.ts';

export type Comparing = {
  /** whether failures of calls are noted alike: not where one side spared some of them */
  readonly areCallsEqual: boolean;
  /** whether calls fail on purpose: of several that fail at the same time, the first to come back decides which are told */
  readonly areCallsFailing: boolean;
};

/** @returns what is different, in lines; null: nothing is */
export function differenceOf(on: Seen, off: Seen, { areCallsEqual, areCallsFailing }: Comparing): string | null {
  const strict = differingParts(on, off, areCallsEqual);
  if (strict.length === 0) return null;
  const isRace =
    areCallsFailing || [on, off].some(({ logged }) => logged.some((line) => line.upstreamCodes.length > 0));
  const isSameInAnotherOrder =
    (isRace || isCutShort(on, off)) && differingParts(withoutOrder(on), withoutOrder(off), false).length === 0;
  return isSameInAnotherOrder ? null : strict.join('\n  ');
}

/**
 * Both say that there is no data, and one of them fewer of the reasons: the first failure of a field that cannot be null ends
 * the answer, and what fails beside it at the same moment is told or not by the order of promises.
 */
function isCutShort(on: Seen, off: Seen): boolean {
  const [ours, theirs] = [errorsOf(on.reply.body), errorsOf(off.reply.body)];
  if (![ours, theirs].every(({ rest, kinds }) => rest.includes('"data":null') && kinds.length > 0)) return false;
  const isWithin = (some: readonly string[], others: readonly string[]) => some.every((kind) => others.includes(kind));
  return isWithin(ours.kinds, theirs.kinds) || isWithin(theirs.kinds, ours.kinds);
}

function differingParts(on: Seen, off: Seen, areCallsEqual: boolean): string[] {
  const parts: (readonly [string, unknown, unknown])[] = [
    ['status', on.reply.status, off.reply.status],
    ['headers', on.reply.headers, off.reply.headers],
    ['body', on.reply.body, off.reply.body],
    ['log', logOf(on, areCallsEqual), logOf(off, areCallsEqual)],
    ['unexpected with everything on', on.unexpected, []],
    ['unexpected with everything off', off.unexpected, []],
  ];
  return parts.flatMap(([part, ours, theirs]) =>
    isDeepStrictEqual(ours, theirs) ? [] : [`${part}\n    on:  ${shown(ours)}\n    off: ${shown(theirs)}`],
  );
}

const shown = (value: unknown): string =>
  (typeof value === 'string' ? value : (JSON.stringify(value) ?? 'nothing')).slice(0, 3000);

/** What a log line says of an operation. */
const logOf = ({ logged }: Seen, areCallsEqual: boolean): Partial<LoggedOperation>[] =>
  logged.map(({ upstreamCodes, ...line }) => (areCallsEqual ? { ...line, upstreamCodes } : line));

/**
 * What does not depend on which of several calls failed first: the data, and the kinds of errors, whichever field each is the
 * error of. Where one that failed first made everything null, what failed later is not told; then it is that something did.
 * Requests are not told apart: a read that is still on its way for the question before is shared, and quotes that one.
 */
function withoutOrder({ reply, logged, unexpected }: Seen): Seen {
  const { rest, kinds } = errorsOf(reply.body);
  const isAllNull = rest.includes('"data":null');
  return {
    unexpected,
    logged: logged.map((line) => ({ ...line, codes: isAllNull ? [] : [...line.codes].sort() })),
    reply: {
      ...reply,
      headers: reply.headers.filter((header) => !header.startsWith('content-length')),
      body: `${rest} ${isAllNull ? kinds.length > 0 : kinds}`,
    },
  };
}
