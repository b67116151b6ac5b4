import { type DestinationStream, pino } from 'pino';
import type { Operation, OperationListener } from '../../telemetry/operation.ts';

const info = pino.levels.values.info ?? 30;

/**
 * The lines of `logOperations`, written down as text, of fields of fixed names, none of which can hold a secret. Looking for
 * secrets in each line would take longer than all else that is done for it, and an object and its JSON a fifth of all memory
 * a small request takes.
 */
export function writeOperations(level: string, destination: DestinationStream): OperationListener {
  // silent is no level among the others
  const isOn = (pino.levels.values[level] ?? Number.POSITIVE_INFINITY) <= info;
  /** @param fields members of a JSON object, with a comma behind each */
  const write = (fields: string, msg: string): void => {
    destination.write(`{"level":${info},"time":${Date.now()},${fields}"msg":"${msg}"}\n`);
  };
  return {
    operationStarted(operation) {
      if (isOn && operation.kind === 'subscription') write(identityOf(operation), 'subscription started');
    },
    operationEnded(operation, { codes, durationMs, outcome, isRun }) {
      if (!isOn) return;
      const { kind, upstreamCalls, upstreamCodes, events, subscribed } = operation;
      const isSubscription = kind === 'subscription' && isRun;
      let fields = identityOf(operation);
      fields += `"durationMs":${Math.round(durationMs)},"upstreamCalls":${upstreamCalls},"outcome":"${outcome}",`;
      if (codes.length > 0) fields += `"codes":${JSON.stringify(codes)},`;
      if (upstreamCodes !== null) fields += `"upstreamCodes":${JSON.stringify([...upstreamCodes])},`;
      if (isSubscription) fields += `"events":${events},`;
      if (isSubscription && subscribed !== null) {
        fields += `"transport":"${subscribed.transport}","ended":${JSON.stringify(subscribed.end)},`;
      }
      write(fields, isSubscription ? 'subscription ended' : 'operation');
    },
  };
}

function identityOf({ name, kind, requestId, span }: Operation): string {
  const identity = `"operation":${JSON.stringify(name)},"kind":${JSON.stringify(kind)},"requestId":${JSON.stringify(requestId)},`;
  return span === null ? identity : `${identity}"traceId":${JSON.stringify(span.traceId)},`;
}
