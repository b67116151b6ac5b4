import type { DestinationStream, Logger } from 'pino';
import { pino } from 'pino';
import type { Operation, OperationEnd } from './operation.ts';

/** Names under which a secret could get into a line; none is logged on purpose, this is the second lock. */
const secretNames = [
  'token',
  'password',
  'passcode',
  'credential',
  'private_key',
  'access_key',
  'secret_key',
  'secret',
  'authorization',
  '["x-auth-token"]',
  '["x-subject-token"]',
];

const within = (path: string, name: string): string => (name.startsWith('[') ? `${path}${name}` : `${path}.${name}`);

/** The gateway's log: one JSON object a line. */
export const createLog = (level: string, destination: DestinationStream): Logger =>
  pino(
    {
      level,
      base: null,
      redact: {
        paths: secretNames.flatMap((name) => [name, ...['*', '*.*', '*.*.*'].map((path) => within(path, name))]),
        censor: '[redacted]',
      },
    },
    destination,
  );

/** A log that cannot be written to (a full disk, EPIPE) loses its lines; it changes no answer and stops nobody. */
export const unfailing = (destination: DestinationStream): DestinationStream => ({
  write(line) {
    try {
      destination.write(line);
    } catch {
      // there is nowhere left to say it
    }
  },
});

/** The log of operations: lines in the form of pino, of fields of fixed names, none of which can hold a secret. */
export type OperationLog = {
  readonly isOn: boolean;
  /** @param fields members of a JSON object, with a comma behind each */
  info(fields: string, msg: string): void;
};

/**
 * Looking for secrets in each line would take longer than all else that is done for it, and an object and its JSON a fifth of
 * all memory a small request takes: lines are written down as text.
 */
export const createOperationLog = (level: string, destination: DestinationStream): OperationLog => ({
  // silent is no level among the others
  isOn: (pino.levels.values[level] ?? Number.POSITIVE_INFINITY) <= info,
  info: (fields, msg) => {
    destination.write(`{"level":${info},"time":${Date.now()},${fields}"msg":"${msg}"}\n`);
  },
});

const info = pino.levels.values.info ?? 30;

/** A line can be held back for this long, ms, or until there are so many bytes of them: a write each is what costs. */
const flushAfterMs = 250;
const flushBytes = 32 * 1024;

/**
 * Standard output, written by the block; what is held back is written when the process ends. pino's own `minLength` measures
 * all it holds anew at each line, which costs several times as much as the line.
 */
export function standardOutput(): DestinationStream {
  const output = unfailing(pino.destination({ dest: 1, sync: true }));
  let held = '';
  let timer: NodeJS.Timeout | null = null;
  const flush = (): void => {
    if (timer !== null) clearTimeout(timer);
    timer = null;
    if (held !== '') output.write(held);
    held = '';
  };
  process.once('exit', flush);
  return {
    write(line) {
      held += line;
      if (held.length >= flushBytes) flush();
      else timer ??= setTimeout(flush, flushAfterMs).unref();
    },
  };
}

/** One line for each query and mutation, two for a subscription. Never variables, never credentials. */
export const logOperations = (log: OperationLog) => ({
  operationStarted(operation: Operation): void {
    if (log.isOn && operation.kind === 'subscription') log.info(identityOf(operation), 'subscription started');
  },
  operationEnded(operation: Operation, { codes, durationMs, outcome, isRun }: OperationEnd): void {
    if (!log.isOn) return;
    const { kind, upstreamCalls, upstreamCodes, events } = operation;
    const isSubscription = kind === 'subscription' && isRun;
    let fields = identityOf(operation);
    fields += `"durationMs":${Math.round(durationMs)},"upstreamCalls":${upstreamCalls},"outcome":"${outcome}",`;
    if (codes.length > 0) fields += `"codes":${JSON.stringify(codes)},`;
    if (upstreamCodes !== null) fields += `"upstreamCodes":${JSON.stringify([...upstreamCodes])},`;
    if (isSubscription) fields += `"events":${events},`;
    log.info(fields, isSubscription ? 'subscription ended' : 'operation');
  },
});

function identityOf({ name, kind, requestId, span }: Operation): string {
  const identity = `"operation":${JSON.stringify(name)},"kind":${JSON.stringify(kind)},"requestId":${JSON.stringify(requestId)},`;
  return span === null ? identity : `${identity}"traceId":${JSON.stringify(span.traceId)},`;
}
