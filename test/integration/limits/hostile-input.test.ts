import { once } from 'node:events';
import { connect } from 'node:net';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { projectId, sharedBed } from '../../support/bed.ts';
import { expectNothingInternal } from '../../support/disclosure.ts';
import { createNotebook } from '../../support/notebooks.ts';
import { absentId, hostileIds, idPlaces } from '../../support/schema/hostile-ids.ts';
import { overSse, transportsOf } from '../../support/wire/transports.ts';

const notebooks = `/v1/${projectId}/notebooks`;
const bed = sharedBed({ limits: { uploadMs: 400 } });
/** a notebook there is */
let notebookId: string;
beforeAll(async () => {
  notebookId = await createNotebook(bed, 'there');
});

// what is refused here costs no upstream call
let before = 0;
beforeEach(() => {
  before = bed.exchanges.length;
});
afterEach(() => {
  expect(callsSince()).toEqual([]);
});
const callsSince = () => bed.exchanges.slice(before).map(({ request }) => `${request.method} ${request.path}`);

describe('an id', () => {
  const ids = idPlaces.filter(({ type }) => type === 'ID');
  const show = `GET ${notebooks}`;

  it.each(ids.map((place) => [place.name, place] as const))(
    'of %s that can be none is refused in words',
    async (_, place) => {
      for (const id of hostileIds) {
        const answer = await overSse(bed, { query: place.query, variables: place.variables(id, notebookId) });
        const text = JSON.stringify(answer);
        if (place.root === 'validateCreateNotebook') {
          // it answers what is wrong, and looks at what does not depend on the id meanwhile
          expect(text).toMatch(/"path":\["input","(image|flavor)Id"\]/);
          expect(
            callsSince().filter((call) => !/^GET \S+\/(notebooks|notebooks\/flavors|images\/[\w-]+)$/.test(call)),
          ).toEqual([]);
        } else {
          expect(text, `${JSON.stringify(id)}: ${text}`).toMatch(/"code":"BAD_USER_INPUT"/);
          // what the field is on is read by its own id
          expect(callsSince(), JSON.stringify(id)).toEqual(place.isNested ? [`${show}/${notebookId}`] : []);
        }
        before = bed.exchanges.length;
        expectNothingInternal(bed, answer);
      }
    },
  );

  it.each(ids.map((place) => [place.name, place] as const))(
    'of %s that can be one is not refused',
    async (_, place) => {
      const answer = await overSse(bed, { query: place.query, variables: place.variables(undefined, notebookId) });
      before = bed.exchanges.length;
      const hint =
        'what is asked with it is not taken: give its input type a sample in `samples` of test/support/schema/hostile-ids.ts';
      expect(JSON.stringify(answer), hint).not.toMatch(/"code":"BAD_USER_INPUT"/);
    },
  );

  const texts = idPlaces.filter(({ type }) => type === 'String');

  it.each(texts.map((place) => [place.name, place] as const))(
    'of %s, which is any text, changes no path',
    async (_, place) => {
      const pathsWith = async (id: string): Promise<string[]> => {
        const answer = await overSse(bed, { query: place.query, variables: place.variables(id) });
        expectNothingInternal(bed, answer);
        const calls = bed.exchanges.slice(before);
        before = bed.exchanges.length;
        return calls.map(({ operationId, request }) => `${operationId} ${request.method} ${request.path}`);
      };
      const usual = new Set([...(await pathsWith(absentId)), ...(await pathsWith('0'))]);
      for (const id of hostileIds) {
        for (const call of await pathsWith(id)) expect([...usual], JSON.stringify(id)).toContain(call);
      }
    },
  );

  it('that can be one is one segment of the path, whatever it reads like', async () => {
    for (const id of ['...', '-', '_', '__proto__', 'start', 'SW1hZ2U6Li4vYWxs', 'x'.repeat(128)]) {
      await overSse(bed, { query: 'query($id: ID!) { notebook(id: $id) { name } }', variables: { id } });
      const [call, ...others] = bed.exchanges.slice(before);
      expect([call?.request.method, call?.request.path, call?.request.query]).toEqual([
        'GET',
        `${notebooks}/${id}`,
        {},
      ]);
      expect(call?.request.headers.host).toBe(new URL(bed.simulator.url).host);
      expect(others).toEqual([]);
      before = bed.exchanges.length;
    }
  });
});

type Sent = {
  readonly method?: string;
  readonly headers?: Record<string, string>;
  readonly body?: string | Uint8Array<ArrayBuffer>;
};

const send = (path: string, { method = 'POST', headers = {}, body }: Sent = {}) =>
  fetch(new URL(path, bed.gateway.url), {
    method,
    headers: { 'x-auth-token': bed.simulator.demo.token, 'content-type': 'application/json', ...headers },
    ...(body !== undefined && { body }),
  });

/** Refused: with a status that blames the client, and nothing of the inside. */
async function expectRefused(response: Response): Promise<void> {
  const text = await response.text();
  expect(response.status, text).toBeGreaterThanOrEqual(400);
  expect(response.status, text).toBeLessThan(500);
  expectNothingInternal(bed, text);
}

const remove = 'mutation { deleteNotebook(input: { id: "7de26f3e-ab8f-4b0f-8b3c-0c7a5b2d1e4f" }) { __typename } }';
const json = JSON.stringify({ query: remove });

describe('a body', () => {
  const bytes = (...values: number[]) =>
    Uint8Array.from([...Buffer.from('{"query":"{ __typename } #'), ...values, 34, 125]);

  it.each<[string, string | Uint8Array<ArrayBuffer>]>([
    ['with a byte that is no UTF-8', bytes(0xff)],
    ['with an overlong slash', bytes(0xc0, 0xaf)],
    ['with half a character', bytes(0xe2, 0x82)],
    ['in UTF-16', new Uint8Array(Buffer.from(json, 'utf16le'))],
    ['that is cut short', json.slice(0, -3)],
    ['that is a string', '"query"'],
    ['that is a number', '1e999'],
    ['that is null', 'null'],
    ['that is empty', ''],
    ['that is an empty object', '{}'],
    ['that is an array', `[${json}]`],
    ['of a hundred thousand brackets', '['.repeat(100_000)],
    ['of a hundred thousand matching brackets', '['.repeat(100_000) + ']'.repeat(100_000)],
    ['with a query that is an object', '{"query":{"kind":"Document"}}'],
    ['with variables that are an array', '{"query":"{ __typename }","variables":[1]}'],
    ['with keys of its own', '{"query":"{ __typename }","__proto__":{"isAdmin":true}}'],
    ['with a constructor', '{"query":"{ __typename }","constructor":{"prototype":{"isAdmin":true}}}'],
  ])('%s is refused', async (_, body) => {
    for (const path of ['/graphql', '/graphql/stream']) {
      const headers = { accept: path === '/graphql' ? 'application/graphql-response+json' : 'text/event-stream' };
      const response = await send(path, { body, headers });
      if (path === '/graphql') await expectRefused(response);
      else expectNothingInternal(bed, await response.text());
      expect(response.status).toBeLessThan(500);
    }
    expect(Object.prototype).not.toHaveProperty('isAdmin');
  });

  it('of 20 MB is refused, stated or not, and not kept', async () => {
    const body = JSON.stringify({ query: '{ __typename }', variables: { text: 'x'.repeat(20_000_000) } });
    const init: RequestInit & { duplex: 'half' } = {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      duplex: 'half',
    };
    for (const sent of [body, new Blob([body]).stream()]) {
      const response = await fetch(bed.gateway.url, { ...init, body: sent });
      expect(response.status).toBe(413);
      await response.text();
    }
  });

  it('that drips in for too long is given up', async () => {
    const socket = connect(Number(new URL(bed.gateway.url).port), '127.0.0.1');
    socket.write(
      'POST /graphql HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n{',
    );
    const drip = setInterval(() => socket.write(' '), 50);
    let answer = '';
    socket.on('data', (chunk) => {
      answer += chunk;
    });
    socket.on('error', () => {});
    await once(socket, 'close');
    clearInterval(drip);
    expect(answer).toMatch(/^HTTP\/1\.1 408 /);
    expect(answer).toMatch(/LIMIT_UPLOAD_MS/);
  });
});

describe('a page of another site', () => {
  it.each([
    ['a form', { 'content-type': 'application/x-www-form-urlencoded' }, `query=${encodeURIComponent(remove)}`],
    [
      'a form with a file',
      { 'content-type': 'multipart/form-data; boundary=x' },
      `--x\r\nContent-Disposition: form-data; name="operations"\r\n\r\n${json}\r\n--x--`,
    ],
    ['plain text', { 'content-type': 'text/plain' }, json],
    ['plain text that names JSON', { 'content-type': 'text/plain; application/json' }, json],
    ['two types', { 'content-type': 'text/plain, application/json' }, json],
    ['GraphQL', { 'content-type': 'application/graphql' }, remove],
    ['JSON in another encoding', { 'content-type': 'application/json; charset=utf-7' }, json],
    ['compressed JSON', { 'content-type': 'application/json', 'content-encoding': 'gzip' }, json],
    ['nothing stated', { 'content-type': '' }, json],
  ])('cannot change anything with %s', async (_, headers, body) => {
    for (const path of ['/graphql', '/graphql/stream']) {
      for (const accept of ['*/*', 'text/event-stream']) {
        const response = await send(path, { headers: { ...headers, accept }, body });
        expect(response.status).toBe(415);
        await expectRefused(response);
      }
    }
  });

  it.each(['GET', 'HEAD'])('cannot change anything with %s', async (method) => {
    for (const path of ['/graphql', '/graphql/stream']) {
      for (const accept of ['application/json', 'text/event-stream']) {
        const response = await send(`${path}?query=${encodeURIComponent(remove)}`, { method, headers: { accept } });
        expect(response.status).toBeLessThan(500);
        expectNothingInternal(bed, await response.text());
      }
    }
  });
});

describe('a query string', () => {
  it.each(['variables={', 'variables=[1]', 'variables=1', 'extensions={', 'extensions="x"', 'variables=%E0%A4%A'])(
    'with %s is refused',
    async (parameter) => {
      await expectRefused(
        await send(`/graphql?query=${encodeURIComponent('{__typename}')}&${parameter}`, {
          method: 'GET',
          headers: { accept: 'application/json' },
        }),
      );
    },
  );
});

describe('a Host header', () => {
  /** What is answered to a request written by hand. */
  async function raw(host: string, line = 'GET /graphql?query=%7B__typename%7D HTTP/1.1'): Promise<string> {
    const socket = connect(Number(new URL(bed.gateway.url).port), '127.0.0.1');
    socket.write(`${line}\r\nHost: ${host}\r\nAccept: application/json\r\nConnection: close\r\n\r\n`);
    let answer = '';
    socket.on('data', (chunk) => {
      answer += chunk;
    });
    await once(socket, 'close');
    return answer;
  }

  it.each([
    'a b',
    '[',
    '[::1',
    'x:99999',
    'x:y',
    'a/b',
    'a?b',
    'a@b',
    '<script>',
    '%',
    '%zz',
    'a\\b',
    'x\u00e9',
    '::',
    ':',
  ])('%j is a bad request, without a word of the inside', async (host) => {
    for (const line of [undefined, 'GET / HTTP/1.1', 'GET /graphql/stream HTTP/1.1']) {
      const answer = await raw(host, line);
      expect(answer).toMatch(/^HTTP\/1\.1 400 /);
      expectNothingInternal(bed, answer.replace(/^[\s\S]*?\r\n\r\n/, ''));
    }
  });

  it.each(['x', 'x.example.com:4000', '127.0.0.1', '[::1]:4000', 'x_y.internal', ''])('%j is taken', async (host) => {
    expect(await raw(host)).toMatch(/^HTTP\/1\.1 200 /);
  });
});

describe('a prototype', () => {
  it.each(transportsOf)('is not reached by names over %s', async (_, ask) => {
    const names = ['__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty'];
    for (const name of names) {
      const variables = JSON.parse(`{"${name}":{"isAdmin":true},"filter":{"${name}":{"isAdmin":true}}}`);
      const questions = [
        { query: `{ ${name}: __typename }` },
        {
          query: `query($${name}: ID = "x") { ${name}: __type(name: "ID") @skip(if: false) { ${name}: name } }`,
          variables,
        },
        { query: 'query($filter: NotebookFilter) { notebooks(filter: $filter) { totalCount } }', variables },
        { query: `{ notebooks(filter: { ${name}: { isAdmin: true } }) { totalCount } }` },
        { query: `{ ...${name} } fragment ${name} on Query { __typename }` },
        { query: `query ${name} { __typename }`, operationName: name },
        { query: '{ __typename }', operationName: name },
        { query: `{ node(id: "${Buffer.from(`${name}:x`).toString('base64')}") { id } }` },
      ];
      for (const question of questions) {
        const answer = await ask(bed, question);
        expectNothingInternal(bed, answer);
        expect(JSON.stringify(answer)).not.toMatch(/INTERNAL_SERVER_ERROR/);
      }
    }
    expect({}).not.toHaveProperty('isAdmin');
  });
});
