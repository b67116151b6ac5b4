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

/**
 * The log of operations, in the form of pino: lines with fields of fixed names, none of which can hold a secret. Looking for
 * secrets in each of them would take longer than all else that is done for the line.
 */
export const createOperationLog = (level: string, destination: DestinationStream): OperationLog => ({
  // silent is no level among the others
  isOn: (pino.levels.values[level] ?? Number.POSITIVE_INFINITY) <= info,
  info: (fields, msg) => {
    destination.write(`${JSON.stringify({ level: info, time: Date.now(), ...fields, msg })}\n`);
  },
});

const info = pino.levels.values.info ?? 30;

export type OperationLog = { readonly isOn: boolean; info(fields: object, msg: string): void };

/** A line can be held back for this long, ms, or until there are so many bytes of them: a write each is what costs. */
const flushAfterMs = 250;
const flushBytes = 8192;

/** Standard output, written by the block. What is held back is written when the process ends. */
export function standardOutput(): DestinationStream {
  const output = pino.destination({ dest: 1, sync: true, minLength: flushBytes, periodicFlush: flushAfterMs });
  process.once('exit', () => output.flushSync());
  return output;
}

/** One line for each query and mutation, two for a subscription. Never variables, never credentials. */
export const logOperations = (log: OperationLog) => ({
  operationStarted(operation: Operation): void {
    if (!log.isOn) return;
    const { name, kind, requestId, span } = operation;
    if (kind === 'subscription')
      log.info({ operation: name, kind, requestId, traceId: span?.traceId }, 'subscription started');
  },
  operationEnded(operation: Operation, end: OperationEnd): void {
    if (!log.isOn) return;
    const { name, kind, requestId, span, upstreamCalls, upstreamCodes, events } = operation;
    const { codes, durationMs, outcome } = end;
    const isSubscription = kind === 'subscription' && outcome !== 'refused';
    // what is undefined is not written
    const line = {
      operation: name,
      kind,
      requestId,
      traceId: span?.traceId,
      durationMs: Math.round(durationMs),
      upstreamCalls,
      outcome,
      codes: codes.length > 0 ? codes : undefined,
      upstreamCodes: upstreamCodes === null ? undefined : [...upstreamCodes],
      events: isSubscription ? events : undefined,
    };
    log.info(line, isSubscription ? 'subscription ended' : 'operation');
  },
});
