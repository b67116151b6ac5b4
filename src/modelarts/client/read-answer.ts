import { errorOf, errorOfAnswer } from '../wire/error-body.ts';
import type { ErrorOrigin, ModelArtsError } from '../wire/errors.ts';
import { Answer } from './answer.ts';
import type { Call } from './call.ts';
import { secretsOf } from './secrets.ts';
import { askedWaitMs } from './throttling.ts';
import type { TransportError, TransportResponse } from './transport.ts';

/** How a call's answer is to be taken. `isWrite`: one that is lost may have taken effect. */
export type Reading = { readonly isWrite: boolean; readonly origin: ErrorOrigin };

/** What was asked: what its error may repeat of it is no secret. */
export type Asked = {
  readonly call: Call;
  readonly token: string | null;
  readonly expected: string | undefined;
};

/**
 * The answer, if it is one.
 * @param expected digest of an answer that could be read: one with the same bytes need not be read to know that
 * @throws ModelArtsError it says no, or cannot be read
 */
export function answerOf(
  response: TransportResponse,
  { isWrite, origin, expected, call, token }: Reading & Asked,
): Answer {
  const { status } = response;
  const answer = new Answer(response);
  if (status >= 200 && status < 300) {
    if ((expected !== undefined && answer.digest === expected) || jsonOf(answer) !== undefined) return answer;
    throw errorOf(isWrite ? 'OUTCOME_UNKNOWN' : 'UPSTREAM_INVALID', { ...origin, upstreamStatus: status });
  }
  const askedMs = askedWaitMs(response, Date.now());
  throw errorOfAnswer(
    { status, body: jsonOf(answer), isWrite, secrets: secretsOf(token, call) },
    { ...origin, ...(typeof askedMs === 'number' && { retryAfterSeconds: Math.ceil(askedMs / 1000) }) },
  );
}

/** The body; undefined when it is no JSON. */
function jsonOf(answer: Answer): unknown {
  try {
    return answer.body;
  } catch {
    return undefined;
  }
}

/** What an exchange that did not come to its end means. */
export function errorOfTransport(error: TransportError, { isWrite, origin }: Reading): ModelArtsError {
  const from = { ...origin, cause: error };
  if (isWrite && error.wasSent) return errorOf('OUTCOME_UNKNOWN', from);
  switch (error.failure) {
    case 'TIMEOUT':
      return errorOf('UPSTREAM_TIMEOUT', from);
    case 'TOO_LARGE':
      return errorOf('UPSTREAM_INVALID', from);
    case 'ABORTED':
      return errorOf('UPSTREAM_UNAVAILABLE', { ...from, message: 'The request was dropped because its caller left.' });
    default:
      return errorOf('UPSTREAM_UNAVAILABLE', from);
  }
}

export const readingOf = (call: Call, { requestId }: { readonly requestId: string }): Reading => ({
  isWrite: call.method !== 'GET' && call.isSafe !== true,
  origin: { operationId: call.operationId, requestId },
});
