import type { DestinationStream, Logger } from 'pino';
import { pino } from 'pino';
import type { Operation, OperationEnd, OperationListener } from './operation.ts';

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

/** What is logged of an operation, for its end or, left out, its start; in the order of the line. */
export function logged(operation: Operation, end?: OperationEnd): { readonly fields: object; readonly msg: string } {
  const { name, kind, requestId, span } = operation;
  const identity = { operation: name, kind, requestId, ...(span !== null && { traceId: span.traceId }) };
  if (end === undefined) return { fields: identity, msg: 'subscription started' };
  const { upstreamCalls, upstreamCodes, events, subscribed } = operation;
  const { codes, durationMs, outcome, isRun } = end;
  const isSubscription = kind === 'subscription' && isRun;
  const fields = {
    ...identity,
    durationMs: Math.round(durationMs),
    upstreamCalls,
    outcome,
    ...(codes.length > 0 && { codes }),
    ...(upstreamCodes !== null && { upstreamCodes: [...upstreamCodes] }),
    ...(isSubscription && { events }),
    ...(isSubscription && subscribed !== null && { transport: subscribed.transport, ended: subscribed.end }),
  };
  return { fields, msg: isSubscription ? 'subscription ended' : 'operation' };
}

/** One line for each query and mutation, two for a subscription. Never variables, never credentials. */
export const logOperations = (log: Logger): OperationListener => ({
  operationStarted(operation) {
    if (operation.kind !== 'subscription') return;
    const { fields, msg } = logged(operation);
    log.info(fields, msg);
  },
  operationEnded(operation, end) {
    const { fields, msg } = logged(operation, end);
    log.info(fields, msg);
  },
});
