import { request } from 'node:http';
import { beforeAll, describe, expect, it } from 'vitest';
import { sharedBed } from '../../support/bed.ts';
import { type SignedIn, startTestBed } from '../../support/gateway.ts';
import { createNotebook, createNotebookMutation, notebookInput, withCalls } from '../../support/notebooks.ts';
import { collect, type Event, transports, websocket } from '../../support/subscription.ts';

const list = '{ notebooks { totalCount } }';
const watch = 'subscription($id: ID!) { notebookStatusChanged(id: $id, until: [RUNNING, STOPPED]) { status isFinal } }';
const anyId = '7de26f3e-ab8f-4b0f-8b3c-0c7a5b2d1e4f';

const bed = sharedBed({ gateway: { projectId: null } });
let demo: SignedIn;

beforeAll(async () => {
  demo = await bed.signIn('demo');
});

const codes = (events: readonly Event[]) => events.flatMap(({ errors = [] }) => errors.map((e) => e.extensions.code));

describe('a token', () => {
  it.each([
    ['X-Auth-Token', (token: string) => ({ 'x-auth-token': token })],
    ['Authorization: Bearer', (token: string) => ({ 'x-auth-token': null, authorization: `Bearer ${token}` })],
    ['Authorization: bearer', (token: string) => ({ 'x-auth-token': null, authorization: `bearer ${token}` })],
  ])('is taken from %s', async (_, headers) => {
    const { data } = await bed.ask(list, {}, headers(demo.token));
    expect(data.notebooks.totalCount).toBe(0);
  });

  it.each(['X-Auth-Token', 'x-auth-token', 'X-AUTH-TOKEN'])('is taken from %s in connection_init', async (name) => {
    const events = await collect(websocket(bed, list, { connectionParams: { [name]: demo.token } }));
    expect(events).toEqual([{ data: { notebooks: { totalCount: 0 } } }]);
  });

  it('is taken from authorization in connection_init', async () => {
    const connectionParams = { Authorization: `Bearer ${demo.token}` };
    expect(await collect(websocket(bed, list, { connectionParams }))).toEqual([
      { data: { notebooks: { totalCount: 0 } } },
    ]);
  });

  it('of 32 KiB passes on every transport', async () => {
    const large = await startTestBed({ simulator: { tokenLength: 32_768 } });
    const { token, headers } = await large.signIn('demo');
    expect(token).toHaveLength(32_768);
    const id = await createNotebook(large, 'large-token', headers);
    for (const [, subscribe] of transports) {
      const events = await collect(subscribe(large, watch, { token, variables: { id } }));
      expect(events.at(-1)?.data.notebookStatusChanged).toEqual({ status: 'RUNNING', isFinal: true });
    }
    expect(await large.violations()).toEqual([]);
    await large.close();
  });
});

describe('a token that cannot be one', () => {
  const refused = { message: expect.stringMatching(/single value/), extensions: { code: 'UNAUTHENTICATED' } };

  it.each<[string, string | string[]]>([
    ['two headers', ['one', 'two']],
    ['two values in one header', 'one,two'],
    ['a space', 'one two'],
    ['a letter beyond ASCII', 't\u00f6ken'],
    ['more than 32 KiB', 'x'.repeat(32_769)],
  ])('is refused before any upstream call: %s', async (_, value) => {
    const { answer, calls } = await withCalls(bed, () => post({ 'x-auth-token': value }));
    expect(answer.errors).toMatchObject([refused]);
    expect(calls).toEqual([]);
  });

  it('is refused as a Bearer token', async () => {
    const { answer, calls } = await withCalls(bed, () => post({ authorization: 'Bearer one two' }));
    expect(answer.errors).toMatchObject([refused]);
    expect(calls).toEqual([]);
  });

  it.each<[string, unknown]>([
    ['a space', 'one two'],
    ['a line break', 'one\r\nx-evil: 1'],
    ['letters beyond ASCII', 't\u00f6k\u20acn'],
    ['a number', 17],
    ['an array', ['one']],
    ['an object', { token: 'one' }],
    ['a boolean', true],
  ])('is refused in connection_init before any upstream call: %s', async (_, value) => {
    const connectionParams = { 'X-Auth-Token': value };
    const { answer, calls } = await withCalls(bed, async () => [
      ...(await collect(websocket(bed, list, { connectionParams }))),
      ...(await collect(websocket(bed, watch, { connectionParams, variables: { id: anyId } }))),
    ]);
    expect(codes(answer)).toEqual(['UNAUTHENTICATED', 'UNAUTHENTICATED']);
    expect(calls).toEqual([]);
  });

  it('is not named in the answer', async () => {
    const answer = await post({ 'x-auth-token': 'my secret' });
    expect(JSON.stringify(answer)).not.toContain('secret');
  });
});

describe('an operation without a token:', () => {
  const none = { 'x-auth-token': null };

  it.each([
    ['a list', list],
    ['one object', `{ notebook(id: "${anyId}") { name } }`],
    ['the viewer', '{ viewer { projectId } }'],
  ])('%s is UNAUTHENTICATED and costs no upstream call', async (_, query) => {
    const { answer, calls } = await withCalls(bed, () => bed.ask(query, {}, none));
    expect(answer.errors).toMatchObject([
      { extensions: { code: 'UNAUTHENTICATED', remedy: expect.stringContaining('issueToken') } },
    ]);
    expect(calls).toEqual([]);
  });

  it('a mutation is UnauthenticatedError and costs no upstream call', async () => {
    const { answer, calls } = await withCalls(bed, () =>
      bed.ask(createNotebookMutation, { input: notebookInput('nobody') }, none),
    );
    expect(answer.errors).toBeUndefined();
    expect(answer.data.createNotebook).toMatchObject({
      __typename: 'UnauthenticatedError',
      code: 'UNAUTHENTICATED',
      remedy: expect.stringContaining('issueToken'),
    });
    expect(calls).toEqual([]);
  });

  it.each(transports)('a subscription over %s is UNAUTHENTICATED and costs no upstream call', async (_, subscribe) => {
    const { answer, calls } = await withCalls(bed, () =>
      collect(subscribe(bed, watch, { token: null, variables: { id: anyId } })),
    );
    expect(codes(answer)).toEqual(['UNAUTHENTICATED']);
    expect(calls).toEqual([]);
  });
});

describe('the project', () => {
  it('of another account is FORBIDDEN, with what to do about it', async () => {
    const stranger = await bed.signIn('stranger');
    const headers = { ...demo.headers, 'x-project-id': stranger.projectId };
    const expected = {
      code: 'FORBIDDEN',
      upstreamCode: 'ModelArts.0210',
      remedy: 'Send the project id the token was issued for in `X-Project-Id`.',
    };
    const { errors } = await bed.ask(list, {}, headers);
    expect(errors).toMatchObject([{ extensions: expected }]);
    const { data } = await bed.ask(createNotebookMutation, { input: notebookInput('elsewhere') }, headers);
    expect(data.createNotebook).toMatchObject({ __typename: 'ForbiddenError', ...expected });
  });

  it('must be named when the token is not of this gateway and its user can enter several', async () => {
    const { errors } = await bed.ask(list);
    expect(errors).toMatchObject([{ extensions: { code: 'BAD_USER_INPUT' } }]);
    expect(errors?.[0].message).toMatch(
      /X-Project-Id.*eu-de \(a4a5d4098fb4474fa22cd05f897d6b99\), eu-de_team \(b5b6e5109fc5585fb33de16f908e7c00\)/,
    );
    const { data } = await bed.ask(list, {}, { 'x-project-id': bed.simulator.demo.projectId });
    expect(data.notebooks.totalCount).toBe(0);
  });

  it('is found out, once, when the user can enter one only', async () => {
    const { token } = await bed.signIn('colleague');
    const other = await startTestBed({
      gateway: { endpoints: { modelarts: bed.simulator.url, iam: bed.simulator.url } },
    });
    const { calls } = await withCalls(bed, async () => {
      for (let turn = 0; turn < 3; turn++) {
        const { data } = await other.ask(list, {}, { 'x-auth-token': token });
        expect(data.notebooks.totalCount).toBe(0);
      }
    });
    expect(calls.map(({ operationId }) => operationId)).toEqual([
      'listProjects',
      'listNotebooks',
      'listNotebooks',
      'listNotebooks',
    ]);
    await other.close();
  });

  it('can be a number of digits in connection_init, and nonsense is refused before any upstream call', async () => {
    const { answer, calls } = await withCalls(bed, () =>
      collect(websocket(bed, list, { connectionParams: { 'X-Auth-Token': demo.token, 'X-Project-Id': { a: 1 } } })),
    );
    expect(codes(answer)).toEqual(['BAD_USER_INPUT']);
    expect(calls).toEqual([]);
  });
});

describe('viewer', () => {
  const viewer = '{ viewer { projectId projects { projectId name } user { name } domain { name } tokenExpiresAt } }';
  const projects = [
    { projectId: 'a4a5d4098fb4474fa22cd05f897d6b99', name: 'eu-de' },
    { projectId: 'b5b6e5109fc5585fb33de16f908e7c00', name: 'eu-de_team' },
  ];

  it('knows user, account and end of a token this gateway issued', async () => {
    const { data } = await bed.ask(viewer, {}, demo.headers);
    expect(data.viewer).toEqual({
      projectId: demo.projectId,
      projects,
      user: { name: 'demo' },
      domain: { name: 'acme' },
      tokenExpiresAt: expect.stringMatching(/^\d{4}-.*Z$/),
    });
  });

  it('knows only the projects of any other token', async () => {
    const { data } = await bed.ask(viewer, {}, { 'x-project-id': 'b5b6e5109fc5585fb33de16f908e7c00' });
    expect(data.viewer).toEqual({
      projectId: 'b5b6e5109fc5585fb33de16f908e7c00',
      projects,
      user: null,
      domain: null,
      tokenExpiresAt: null,
    });
  });

  it('acts in the project the token was issued for', async () => {
    const team = await bed.signIn('demo', 'eu-de_team');
    const { data } = await bed.ask('{ viewer { projectId } }', {}, team.headers);
    expect(data.viewer.projectId).toBe('b5b6e5109fc5585fb33de16f908e7c00');
  });
});

it('all calls with these credentials keep to the upstream contract', async () => {
  expect(bed.exchanges.length).toBeGreaterThan(10);
  expect(await bed.violations()).toEqual([]);
});

/** A list asked for with header lines as given: a list of values gives as many lines, and any byte passes. */
function post(headers: Record<string, string | string[]>): Promise<{ errors?: Event['errors'] }> {
  return new Promise((resolve, reject) => {
    const sent = request(bed.gateway.url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
    });
    sent.once('error', reject);
    sent.once('response', async (response) => {
      let body = '';
      for await (const chunk of response) body += chunk;
      resolve(JSON.parse(body));
    });
    sent.end(JSON.stringify({ query: list }));
  });
}
