import { afterEach, describe, expect, it } from 'vitest';
import type { Session } from '../../../src/modelarts/client/client.ts';
import { listImage } from '../../../src/modelarts/images.ts';
import { renewLease } from '../../../src/modelarts/leases.ts';
import { startNotebook, stopNotebook } from '../../../src/modelarts/notebook-changes.ts';
import { showNotebook } from '../../../src/modelarts/notebooks.ts';
import { issueToken } from '../../../src/modelarts/tokens.ts';
import {
  BadUserInputError,
  OutcomeUnknownError,
  UpstreamInvalidError,
  UpstreamTimeoutError,
  UpstreamUnavailableError,
} from '../../../src/modelarts/wire/errors.ts';
import {
  answerNotebook,
  badGateway,
  notebook,
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

describe('a request to ModelArts', () => {
  const connectionHeaders = ['connection', 'host'];

  it('carries token, request id, language and accept on a read, and no other header', async () => {
    const session = await sessionWith(answerNotebook);
    await show(session);
    const headers = upstream.received[0]?.headers ?? {};
    expect(Object.keys(headers).sort()).toEqual(
      [...connectionHeaders, 'accept', 'x-auth-token', 'x-language', 'x-request-id'].sort(),
    );
    expect(headers).toMatchObject({ 'x-auth-token': 'token-1', 'x-request-id': 'request-1', 'x-language': 'en-us' });
  });

  it('adds content type and length to a write with a body', async () => {
    const session = await sessionWith((response) => sendJson(response, { create_at: 1, duration: 2, enable: true }));
    await renewLease(session, projectId, notebookId, { durationMs: 3_600_000, type: 'IDLE' });
    const [sent] = upstream.received;
    expect(Object.keys(sent?.headers ?? {}).sort()).toEqual(
      [
        ...connectionHeaders,
        'accept',
        'content-length',
        'content-type',
        'x-auth-token',
        'x-language',
        'x-request-id',
      ].sort(),
    );
    expect(sent).toMatchObject({ method: 'PATCH', body: '{"duration":3600000,"type":"idle"}' });
  });

  it('passes a token of 32 KiB on, and takes one of 32 KiB from an answer header', async () => {
    const token = 't'.repeat(32 * 1024);
    const session = await sessionWith(
      (response) =>
        sendJson(
          response,
          { token: { expires_at: '2026-01-01T00:00:00.000000Z' } },
          { status: 201, headers: { 'x-subject-token': token } },
        ),
      { token },
    );
    const issued = await issueToken(
      session,
      { domainName: 'd', userName: 'u', password: 'p' },
      { projectName: 'eu-de' },
    );
    expect(upstream.received[0]?.headers['x-auth-token']).toBe(token);
    expect(issued.token).toBe(token);
  });

  it.each(['..', '.', '', 'all', 'flavors', 'group', 'a/b', '%2e', '%2e%2e', 'a?b', 'a b', 'é'])(
    'with the id "%s" is refused before a call',
    async (id) => {
      const session = await sessionWith(answerNotebook);
      await expect(showNotebook(session, projectId, id)).rejects.toBeInstanceOf(BadUserInputError);
      await expect(showNotebook(session, id, notebookId)).rejects.toBeInstanceOf(BadUserInputError);
      await expect(startNotebook(session, projectId, id)).rejects.toBeInstanceOf(BadUserInputError);
      expect(upstream.received).toEqual([]);
    },
  );

  it('leaves out query parameters that were not given', async () => {
    const session = await sessionWith((response) => sendJson(response, { data: null, total: 0 }));
    await listImage(session, projectId, { offset: 0, limit: 200, name: 'a&b', type: null });
    expect(upstream.received[0]?.url).toBe(`/v1/${projectId}/images?offset=0&limit=200&name=a%26b`);
  });
});

describe('the time of a call', () => {
  const drip: Reply = (response) => {
    response.writeHead(200, { 'content-type': 'application/json' });
    const timer = setInterval(() => response.write(' '), 20);
    response.once('close', () => clearInterval(timer));
  };

  it.each<[string, Reply]>([
    ['never answers', () => {}],
    ['drips its body for ever', drip],
  ])('of a read is over at the deadline when the upstream %s', async (_, reply) => {
    const session = await sessionWith(reply, { timeoutMs: 300 });
    const startedAt = performance.now();
    await expect(show(session)).rejects.toBeInstanceOf(UpstreamTimeoutError);
    expect(performance.now() - startedAt).toBeGreaterThan(250);
    expect(upstream.received).toHaveLength(1);
  });

  it('of a write is over at the deadline with an unknown outcome', async () => {
    const session = await sessionWith(() => {}, { timeoutMs: 200 });
    await expect(stop(session)).rejects.toBeInstanceOf(OutcomeUnknownError);
  });

  it('is one budget over all attempts of a read', async () => {
    const session = await sessionWith(
      (response, _, turn) => {
        setTimeout(() => badGateway(response, { method: '', url: '', headers: {}, body: '' }, turn), 1500);
      },
      { timeoutMs: 2500 },
    );
    // with one for each, all three would be answered
    await expect(show(session)).rejects.toBeInstanceOf(UpstreamTimeoutError);
    expect(upstream.received).toHaveLength(2);
  });

  it('ends with the caller: its abort closes the upstream connection', async () => {
    const controller = new AbortController();
    const session = await sessionWith(() => controller.abort(), { signal: controller.signal });
    await expect(show(session)).rejects.toBeInstanceOf(UpstreamUnavailableError);
    await upstream.hungUp;
    expect(upstream.received).toHaveLength(1);
  });

  it('is not spent on a caller that has already left', async () => {
    const session = await sessionWith(answerNotebook, { signal: AbortSignal.abort() });
    await expect(show(session)).rejects.toBeInstanceOf(UpstreamUnavailableError);
    expect(upstream.received).toEqual([]);
  });

  it('of images does not depend on hanging notebooks', async () => {
    const session = await sessionWith((response, { url }) => {
      if (url.includes('/images')) sendJson(response, { data: [], total: 0 });
    });
    const hanging = Array.from({ length: 80 }, () => settledAfterMs(show(session)));
    const listed = await listImage(session, projectId, { offset: 0, limit: 200 });
    await upstream.close();
    await Promise.all(hanging);
    expect(listed.items).toEqual([]);
  });
});

describe('the size', () => {
  /** 9 MiB of an answer that never ends. */
  const oversized: Reply = (response) => {
    response.writeHead(200, { 'content-type': 'application/json' });
    for (let sent = 0; sent < 9; sent += 1) response.write(Buffer.alloc(1024 * 1024, ' '));
  };

  it('of an answer is cut at 8 MiB, and the connection with it', async () => {
    const session = await sessionWith(oversized);
    await expect(show(session)).rejects.toBeInstanceOf(UpstreamInvalidError);
    await upstream.hungUp;
  });

  it('of an answer may be just under 8 MiB', async () => {
    const name = 'n'.repeat(8 * 1024 * 1024 - 200);
    const session = await sessionWith((response) => sendJson(response, { ...notebook, name }));
    expect((await show(session)).name).toHaveLength(name.length);
  });
});
