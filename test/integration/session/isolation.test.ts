import { beforeAll, describe, expect, it } from 'vitest';
import type { RecordedCall } from '../../../src/simulator/simulator.ts';
import { describeBed, sharedBed } from '../../support/bed.ts';
import { type SignedIn, startTestBed } from '../../support/gateway.ts';
import {
  createNotebook,
  createNotebookMutation,
  notebookInput,
  operationsOf,
  withCalls,
} from '../../support/notebooks.ts';
import { collect, first, sse, transports, websocket } from '../../support/subscription.ts';

const list = '{ notebooks(first: 50) { totalCount nodes { notebookId name } } }';
const show = 'query($id: ID!) { notebook(id: $id) { name } }';
const stop =
  'mutation($id: ID!) { stopNotebook(input: { id: $id }) { __typename ... on StopNotebookPayload { notebook { status } } ... on Error { code } } }';
const watch = 'subscription($id: ID!) { notebookStatusChanged(id: $id) { kind status notebook { name } } }';

const names = (answer: { data: { notebooks: { nodes: { name: string }[] } } }) =>
  answer.data.notebooks.nodes.map((node) => node.name).sort();

const tokenOf = ({ request }: RecordedCall) => request.headers['x-auth-token'];

describe('two projects at the same time', () => {
  const perProject = 6;
  const bed = sharedBed({ gateway: { projectId: null } });
  let acme: SignedIn;
  let globex: SignedIn;
  const ids = { acme: [] as string[], globex: [] as string[] };

  beforeAll(async () => {
    [acme, globex] = await Promise.all([bed.signIn('demo'), bed.signIn('stranger')]);
  });

  it('create, interleaved, each in its own', async () => {
    const create = (prefix: string, user: SignedIn) =>
      Array.from({ length: perProject }, (_, index) => createNotebook(bed, `${prefix}-${index}`, user.headers));
    const made = await Promise.all([Promise.all(create('acme', acme)), Promise.all(create('globex', globex))]);
    [ids.acme, ids.globex] = made;
    const expected = (prefix: string) => Array.from({ length: perProject }, (_, index) => `${prefix}-${index}`);
    expect(names(await bed.ask(list, {}, acme.headers))).toEqual(expected('acme'));
    expect(names(await bed.ask(list, {}, globex.headers))).toEqual(expected('globex'));
  });

  it('never see each other in any of a hundred concurrent operations', async () => {
    const turns = Array.from({ length: 25 }, async (_, turn) => {
      const own = ids.acme[turn % perProject];
      const foreign = ids.globex[turn % perProject];
      const [acmeList, globexList, ownShown, foreignShown] = await Promise.all([
        bed.ask(list, {}, acme.headers),
        bed.ask(list, {}, globex.headers),
        bed.ask(show, { id: own }, acme.headers),
        bed.ask(show, { id: foreign }, acme.headers),
      ]);
      expect(names(acmeList).every((name) => name.startsWith('acme-'))).toBe(true);
      expect(names(acmeList)).toHaveLength(perProject);
      expect(names(globexList).every((name) => name.startsWith('globex-'))).toBe(true);
      expect(names(globexList)).toHaveLength(perProject);
      expect(ownShown.data.notebook.name).toMatch(/^acme-/);
      expect(foreignShown.data).toEqual({ notebook: null });
    });
    await Promise.all(turns);
  });

  it('cannot change what belongs to the other', async () => {
    const { data } = await bed.ask(stop, { id: ids.globex[0] }, acme.headers);
    expect(data.stopNotebook).toEqual({ __typename: 'NotFoundError', code: 'NOT_FOUND' });
  });

  it.each(transports)('cannot watch what belongs to the other, over %s', async (_, subscribe) => {
    const own = { token: acme.token, variables: { id: ids.acme[0] } };
    const foreign = { token: acme.token, variables: { id: ids.globex[0] } };
    const [ownEvents, foreignEvents] = await Promise.all([
      first(subscribe(bed, watch, own)),
      first(subscribe(bed, watch, foreign)),
    ]);
    expect(ownEvents?.data.notebookStatusChanged.notebook.name).toBe('acme-0');
    expect(foreignEvents?.errors).toMatchObject([{ extensions: { code: 'NOT_FOUND' } }]);
    expect(foreignEvents?.data?.notebookStatusChanged ?? null).toBeNull();
  });

  it('send each project id with its own token only', () => {
    const calls = bed.exchanges.filter(({ request }) => request.path.startsWith('/v1/'));
    expect(calls.length).toBeGreaterThan(100);
    for (const call of calls) {
      const owner = call.request.path.startsWith(`/v1/${acme.projectId}/`) ? acme : globex;
      expect(call.request.path.startsWith(`/v1/${owner.projectId}/`)).toBe(true);
      expect(tokenOf(call)).toBe(owner.token);
    }
  });

  it('keep to the upstream contract', async () => {
    expect(await bed.violations()).toEqual([]);
  });
});

describeBed(
  'two users of one project',
  { gateway: { projectId: null, pollIntervalMs: 60_000, pollIdleIntervalMs: 60_000 } },
  (bed) => {
    let demo: SignedIn;
    let colleague: SignedIn;
    let id = '';

    beforeAll(async () => {
      [demo, colleague] = await Promise.all([bed.signIn('demo'), bed.signIn('colleague')]);
      id = await createNotebook(bed, 'of-demo', demo.headers);
      await createNotebook(bed, 'of-colleague', colleague.headers);
      await bed.advance(1000);
    });

    it('list their own notebooks', async () => {
      expect(names(await bed.ask(list, {}, demo.headers))).toEqual(['of-demo']);
      expect(names(await bed.ask(list, {}, colleague.headers))).toEqual(['of-colleague']);
    });

    it('poll for themselves: what one changes is emitted to the other by a read of their own', async () => {
      const before = bed.exchanges.length;
      const leaving = new AbortController();
      const { signal } = leaving;
      const own = sse(bed, watch, { token: demo.token, variables: { id }, signal });
      const other = websocket(bed, watch, { token: colleague.token, variables: { id }, signal });
      const seen = await Promise.all([own.next(), other.next()]);
      expect(seen.map(({ value }) => value?.data.notebookStatusChanged.status)).toEqual(['RUNNING', 'RUNNING']);
      expect(bed.gateway.watchStats()).toMatchObject({ watches: 2, listeners: 2 });
      expect(bed.exchanges.slice(before).map(tokenOf).sort()).toEqual([demo.token, colleague.token].sort());

      // what the other's token may read is what the other is told
      await bed.fault({ name: 'slow', operation: 'showNotebook', delayMs: 500 });
      const otherNext = other.next();
      const { data } = await bed.ask(stop, { id }, demo.headers);
      expect(data.stopNotebook.notebook.status).toBe('STOPPING');
      expect((await own.next()).value?.data.notebookStatusChanged.status).toBe('STOPPING');
      const silence = new Promise((resolve) => setTimeout(resolve, 200, 'silence'));
      expect(await Promise.race([otherNext, silence])).toBe('silence');
      expect((await otherNext).value?.data.notebookStatusChanged.status).toMatch(/^STOP/);
      const polls = bed.exchanges.slice(before).filter(({ operationId }) => operationId === 'showNotebook');
      expect(polls.filter((call) => tokenOf(call) === colleague.token).length).toBeGreaterThan(1);
      leaving.abort();
    });
  },
);

describe('a token that ends', () => {
  it('ends its own watches and leaves those of other tokens alone', async () => {
    const bed = await startTestBed();
    const [demo, colleague] = await Promise.all([bed.signIn('demo'), bed.signIn('colleague')]);
    const id = await createNotebook(bed, 'shared', demo.headers);
    await bed.advance(1000);
    const leaving = new AbortController();
    const streams = [demo, colleague].map(({ token }) =>
      sse(bed, watch, { token, variables: { id }, signal: leaving.signal }),
    );
    await Promise.all(streams.map((stream) => stream.next()));
    await bed.fault({ name: 'unauthorised', operation: 'showNotebook', times: 1 });
    const [ended] = await Promise.race(streams.map((stream) => collect(stream)));
    expect(ended?.errors).toMatchObject([{ extensions: { code: 'UNAUTHENTICATED' } }]);
    expect(bed.gateway.watchStats()).toMatchObject({ watches: 1, listeners: 1 });
    const pollsBefore = bed.gateway.watchStats().polls;
    await expect.poll(() => bed.gateway.watchStats().polls).toBeGreaterThan(pollsBefore + 1);
    expect(bed.gateway.watchStats().listeners).toBe(1);
    leaving.abort();
    await bed.close();
  });
});

describe('what reaches ModelArts of a request', () => {
  const allowed = [
    'accept',
    'connection',
    'content-length',
    'content-type',
    'host',
    'x-auth-token',
    'x-language',
    'x-request-id',
  ];
  const noise = {
    cookie: 'session=secret',
    authorization: 'Bearer from-somewhere-else',
    'x-forwarded-for': '10.1.2.3',
    'user-agent': 'a browser',
    'x-anything': 'else',
    'x-subject-token': 'another',
    'accept-language': 'de',
    'x-request-id': 'from-the-client-17',
  };
  const bed = sharedBed({ gateway: { projectId: null } });
  let demo: SignedIn;

  beforeAll(async () => {
    demo = await bed.signIn('demo');
  });

  const expectOnlyOurs = (call: RecordedCall) => {
    const sent = Object.keys(call.request.headers);
    expect(sent.filter((name) => !allowed.includes(name))).toEqual([]);
    expect(call.request.rawHeaders.length / 2).toBe(sent.length);
    expect(call.request.headers).toMatchObject({ accept: 'application/json', 'x-language': 'en-us' });
    expect(call.request.headers['content-type']).toBe(call.request.body === '' ? undefined : 'application/json');
    expect(call.request.rawHeaders.join('\n')).not.toMatch(/secret|somewhere|10\.1\.2\.3|browser|else|another/);
  };

  it('is the token, the request id and nothing else of the client', async () => {
    const headers = { ...noise, ...demo.headers };
    const { calls } = await withCalls(bed, async () => {
      await bed.ask(list, {}, headers);
      await bed.ask(createNotebookMutation, { input: notebookInput('headers') }, headers);
      await bed.ask('{ viewer { projects { name } } }', {}, headers);
    });
    const expected = ['createNotebook', 'listFlavors', 'listNotebooks', 'listProjects', 'showImage'];
    expect(operationsOf(calls).sort()).toEqual(expected);
    for (const call of calls) {
      expectOnlyOurs(call);
      expect(call.request.headers).toMatchObject({ 'x-auth-token': demo.token, 'x-request-id': 'from-the-client-17' });
    }
  });

  it('is not even the token when somebody signs in', async () => {
    const { calls } = await withCalls(bed, () =>
      bed.ask(
        'mutation { issueToken(input: { domain: "acme", user: "demo", password: "demo", projectName: "eu-de" }) { __typename } }',
        {},
        { ...noise, ...demo.headers },
      ),
    );
    expect(calls).toHaveLength(1);
    for (const call of calls) {
      expectOnlyOurs(call);
      expect(tokenOf(call)).toBeUndefined();
    }
  });

  it('is the token and the request id in the polls of a subscription', async () => {
    const id = await createNotebook(bed, 'polled', demo.headers);
    const { calls } = await withCalls(bed, async () => {
      for await (const _ of websocket(bed, watch, {
        variables: { id },
        connectionParams: { ...noise, 'X-Auth-Token': demo.token },
      })) {
        if (bed.gateway.watchStats().polls >= 3) break;
      }
    });
    expect(calls.length).toBeGreaterThanOrEqual(1);
    for (const call of calls) {
      expectOnlyOurs(call);
      expect(tokenOf(call)).toBe(demo.token);
    }
  });
});
