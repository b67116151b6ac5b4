import { afterEach, describe, expect, it } from 'vitest';
import type { Session } from '../../../src/modelarts/client/client.ts';
import { stopNotebook } from '../../../src/modelarts/notebook-changes.ts';
import { showNotebook } from '../../../src/modelarts/notebooks.ts';
import { listProjects } from '../../../src/modelarts/projects.ts';
import { issueToken } from '../../../src/modelarts/tokens.ts';
import {
  ConflictError,
  ForbiddenError,
  NotFoundError,
  OutcomeUnknownError,
  UpstreamInvalidError,
  UpstreamSetupError,
  UpstreamUnavailableError,
} from '../../../src/modelarts/wire/errors.ts';
import {
  answerNotebook,
  badGateway,
  badGatewayPage,
  notebookId,
  projectId,
  type Reply,
  type ScriptedUpstream,
  type SessionSetup,
  sendJson,
  settledAfterMs,
  startUpstream,
} from '../../support/wire/scripted-upstream.ts';

let upstream: ScriptedUpstream;
afterEach(() => upstream.close());

const sessionWith = async (reply: Reply, setup?: SessionSetup): Promise<Session> => {
  upstream = await startUpstream(reply);
  return upstream.session(setup);
};

const show = (session: Session) => showNotebook(session, projectId, notebookId);
const stop = (session: Session) => stopNotebook(session, projectId, notebookId);
const reset: Reply = (response) => response.destroy();

describe('a retry', () => {
  const unavailable: Reply = (response) => sendJson(response, {}, { status: 503 });
  const throttled: Reply = (response) => sendJson(response, {}, { status: 429 });

  it.each<[string, Reply]>([
    ['503', unavailable],
    ['429', throttled],
    ['a dropped connection', reset],
  ])('of a read after %s succeeds on the third attempt', async (_, fail) => {
    const session = await sessionWith((response, received, turn) =>
      (turn < 3 ? fail : answerNotebook)(response, received, turn),
    );
    expect((await show(session)).id).toBe(notebookId);
    expect(upstream.reports).toMatchObject([{ operationId: 'showNotebook', status: 200, attempts: 3, error: null }]);
  });

  it.each<[string, Reply]>([
    ['503', unavailable],
    ['a dropped connection', reset],
    ['502 with HTML', badGateway],
  ])('of a read after %s ends with the third attempt', async (_, fail) => {
    const session = await sessionWith(fail);
    await expect(show(session)).rejects.toMatchObject({ code: 'UPSTREAM_UNAVAILABLE', retryable: true });
    expect(upstream.received).toHaveLength(3);
    expect(upstream.reports).toMatchObject([{ attempts: 3, error: { code: 'UPSTREAM_UNAVAILABLE' } }]);
  });

  it.each<[string, Reply, new (...args: never[]) => Error]>([
    ['503', unavailable, UpstreamUnavailableError],
    ['a dropped connection', reset, OutcomeUnknownError],
    ['502 with HTML', badGateway, OutcomeUnknownError],
  ])('of a write never happens: %s', async (_, fail, expected) => {
    const session = await sessionWith(fail);
    await expect(stop(session)).rejects.toBeInstanceOf(expected);
    expect(upstream.received).toHaveLength(1);
  });

  it('never happens for issuing a token, whose lost answer is an ordinary failure', async () => {
    const session = await sessionWith(reset);
    const issued = issueToken(session, { domainName: 'd', userName: 'u', password: 'p' }, { projectId });
    await expect(issued).rejects.toBeInstanceOf(UpstreamUnavailableError);
    expect(upstream.received).toHaveLength(1);
  });

  it('waits as long as Retry-After says', async () => {
    const session = await sessionWith((response, received, turn) =>
      turn === 1
        ? sendJson(response, {}, { status: 503, headers: { 'retry-after': '1' } })
        : answerNotebook(response, received, turn),
    );
    expect(await settledAfterMs(show(session))).toBeGreaterThan(950);
    expect(upstream.received).toHaveLength(2);
  });

  it('gives up at once when Retry-After lies beyond the deadline, and says how long to wait', async () => {
    const session = await sessionWith(
      (response) => sendJson(response, {}, { status: 429, headers: { 'retry-after': '601' } }),
      { timeoutMs: 600_000 },
    );
    await expect(show(session)).rejects.toMatchObject({ code: 'RATE_LIMITED', retryAfterSeconds: 601 });
    expect(upstream.received).toHaveLength(1);
  });

  it('stops when the budget of ten is spent, however many reads fail', async () => {
    // 429 is not counted by the circuit breaker, and equal reads would be one
    const session = await sessionWith(throttled);
    await Promise.all(
      Array.from({ length: 20 }, (_, index) => settledAfterMs(showNotebook(session, projectId, `nb-${index}`))),
    );
    expect(upstream.received).toHaveLength(30);
  });
});

describe('a failed answer', () => {
  const errorAfter = async (status: number, body: unknown, ask = show): Promise<unknown> => {
    const session = await sessionWith((response) => sendJson(response, body, { status }));
    return ask(session).then(
      () => null,
      (error: unknown) => error,
    );
  };

  it('is read from error_code and error_msg: 400 with ModelArts.6309 is NOT_FOUND', async () => {
    const error = await errorAfter(400, {
      error_code: 'ModelArts.6309',
      error_msg: 'no such notebook',
      request_id: 'r',
    });
    expect(error).toBeInstanceOf(NotFoundError);
    expect(error).toMatchObject({
      message: 'no such notebook',
      operationId: 'showNotebook',
      upstreamCode: 'ModelArts.6309',
      upstreamStatus: 400,
      requestId: 'r',
    });
  });

  it('is read from error_code and error_message', async () => {
    const error = await errorAfter(400, { error_message: 'busy', error_code: 'ModelArts.6357' });
    expect(error).toBeInstanceOf(ConflictError);
    expect(error).toMatchObject({ message: 'busy', requestId: 'request-1' });
  });

  it("is read from Keystone's error object", async () => {
    const error = await errorAfter(
      403,
      { error: { code: 403, message: 'not allowed', title: 'Forbidden' } },
      (session) => listProjects(session) as Promise<never>,
    );
    expect(error).toBeInstanceOf(ForbiddenError);
    expect(error).toMatchObject({ message: 'not allowed' });
  });

  it('without a known code is classified by its status', async () => {
    expect(await errorAfter(409, { error_code: 'ModelArts.9999', error_msg: 'x' })).toBeInstanceOf(ConflictError);
  });

  it('never lends an inner message of the upstream to the client', async () => {
    const error = await errorAfter(500, { error_code: 'ModelArts.0010', error_msg: 'at 10.0.0.7:8080' });
    expect(error).toBeInstanceOf(UpstreamUnavailableError);
    expect(String(error)).not.toContain('10.0.0.7');
  });

  it.each([408, 502, 504])(
    'with status %d to a write leaves its outcome unknown, whatever the body says',
    async (status) => {
      const body = { error_code: 'ModelArts.6102', error_msg: 'x' };
      expect(await errorAfter(status, body, stop)).toBeInstanceOf(OutcomeUnknownError);
    },
  );

  it('with status 500 to a write leaves its outcome unknown unless ModelArts itself says that it failed', async () => {
    expect(await errorAfter(500, 'oops', stop)).toBeInstanceOf(OutcomeUnknownError);
    await upstream.close();
    expect(await errorAfter(500, { error_code: 'ModelArts.6102' }, stop)).toBeInstanceOf(UpstreamUnavailableError);
  });

  it('with status 404 and no body of ours means the endpoint does not know the path', async () => {
    expect(await errorAfter(404, 'nothing here')).toBeInstanceOf(UpstreamSetupError);
  });

  it('that redirects is not followed', async () => {
    const session = await sessionWith((response) =>
      response.writeHead(302, { location: `${upstream.url}/v1/elsewhere` }).end(),
    );
    await expect(show(session)).rejects.toBeInstanceOf(UpstreamInvalidError);
    expect(upstream.received).toHaveLength(1);
  });
});

describe('an answer that cannot be read', () => {
  it.each<[string, string]>([
    ['HTML', badGatewayPage],
    ['cut JSON', '{"id":'],
    ['no object', '[]'],
    ['no id', '{}'],
  ])('is UPSTREAM_INVALID for a read and OUTCOME_UNKNOWN for a write: %s', async (_, body) => {
    const session = await sessionWith((response) => response.end(body));
    await expect(show(session)).rejects.toBeInstanceOf(UpstreamInvalidError);
    await expect(stop(session)).rejects.toBeInstanceOf(OutcomeUnknownError);
  });
});

describe('an unreachable upstream', () => {
  it('means that a write was not sent and may be repeated', async () => {
    const gone = await startUpstream(answerNotebook);
    await gone.close();
    upstream = gone;
    await expect(stop(gone.session())).rejects.toMatchObject({ code: 'UPSTREAM_UNAVAILABLE', retryable: true });
  });

  it('is tried three times by a read', async () => {
    upstream = await startUpstream(answerNotebook);
    await upstream.close();
    await expect(show(upstream.session())).rejects.toBeInstanceOf(UpstreamUnavailableError);
    expect(upstream.reports).toMatchObject([{ attempts: 3, status: null }]);
  });

  it('is what a closed client sees: it opens no connection any more', async () => {
    const session = await sessionWith(answerNotebook);
    await upstream.closeClients();
    await expect(show(session)).rejects.toBeInstanceOf(UpstreamUnavailableError);
    expect(upstream.received).toEqual([]);
  });
});
