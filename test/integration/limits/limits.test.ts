import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import WebSocket from 'ws';
import { projectId, sharedBed } from '../../support/bed.ts';
import { startTestBed } from '../../support/gateway.ts';
import { withCalls } from '../../support/notebooks.ts';
import { overGet, refusalOf, transportsOf } from '../../support/wire/transports.ts';

const bed = sharedBed();

const times = (count: number, text: (index: number) => string) =>
  Array.from({ length: count }, (_, i) => text(i)).join(' ');

/** `__type { ofType { ... name } }` with as many levels of selections. */
const nested = (levels: number) =>
  `{ __type(name: "ID") ${'{ ofType '.repeat(levels - 2)}{ name }${' }'.repeat(levels - 2)} }`;

type Case = {
  readonly limit: string;
  readonly maximum: number;
  /** an operation of the size */
  readonly sized: (size: number) => { readonly query: string; readonly variables?: Record<string, unknown> };
};

const cases: readonly Case[] = [
  // twelve tokens around the ids, none of which can be one
  {
    limit: 'LIMIT_TOKENS',
    maximum: 1500,
    sized: (size) => ({ query: `{ nodes(ids: [${times(size - 12, () => '"x"')}]) { id } }` }),
  },
  { limit: 'LIMIT_DEPTH', maximum: 15, sized: (size) => ({ query: nested(size) }) },
  {
    limit: 'LIMIT_ALIASES',
    maximum: 30,
    sized: (size) => ({ query: `{ viewer { ${times(size, (index) => `a${index}: __typename`)} } }` }),
  },
  {
    limit: 'LIMIT_ALIASES',
    maximum: 30,
    sized: (size) => ({
      query: `{ viewer { ${times(size / 2, () => '...F')} } } fragment F on Viewer { a: __typename b: __typename }`,
    }),
  },
  { limit: 'LIMIT_ROOT_FIELDS', maximum: 20, sized: (size) => ({ query: `{ ${times(size, () => '__typename')} }` }) },
  {
    limit: 'LIMIT_DIRECTIVES',
    maximum: 50,
    sized: (size) => ({ query: `{ viewer { ${times(size, () => '__typename @include(if: true)')} } }` }),
  },
  {
    limit: 'LIMIT_FIELDS',
    maximum: 500,
    sized: (size) => ({ query: `{ viewer { ${times(size - 1, () => '__typename')} } }` }),
  },
  {
    limit: 'LIMIT_PAGE_SIZE',
    maximum: 200,
    sized: (size) => ({ query: 'query($n: Int) { flavors(first: $n) { totalCount } }', variables: { n: size } }),
  },
  {
    limit: 'LIMIT_PAGE_SIZE',
    maximum: 200,
    sized: (size) => ({ query: `query($n: Int = ${size}) { images(last: $n) { totalCount } }` }),
  },
];

const sizes = cases.flatMap((one) =>
  [...transportsOf, overGet].map(([transport, ask]) => ({
    ...one,
    transport,
    ask,
    step: one.sized(one.maximum).query.includes('...F') ? 2 : 1,
  })),
);

describe.each(sizes)('$limit over $transport', ({ limit, maximum, sized, ask, step }) => {
  it(`takes ${maximum}`, async () => {
    expect(refusalOf(await ask(bed, sized(maximum)))).not.toHaveProperty('limit');
  });

  it(`refuses ${maximum + step}, with no upstream call`, async () => {
    const { answer, calls } = await withCalls(bed, () => ask(bed, sized(maximum + step)));
    expect(refusalOf(answer)).toMatchObject({ code: 'LIMIT_EXCEEDED', limit, maximum });
    expect(calls).toEqual([]);
  });
});

describe.each(transportsOf)('of operations over %s,', (_, ask) => {
  const list = (first: number, fields: string) => `{ notebooks(first: ${first}) { nodes { ${fields} } } }`;

  it.each([
    [
      'lists in arguments',
      'query { nodes(ids: DEEP) { id } }',
      (text: string) => text.replace('DEEP', `${'['.repeat(15)}"x"${']'.repeat(15)}`),
    ],
    [
      'objects in arguments',
      '{ notebooks(filter: DEEP) { totalCount } }',
      (text: string) => text.replace('DEEP', `${'{a:'.repeat(15)}1${'}'.repeat(15)}`),
    ],
  ])('depth counts %s', async (_name, text, deepen) => {
    expect(refusalOf(await ask(bed, { query: deepen(text) }))).toMatchObject({ limit: 'LIMIT_DEPTH', actual: 16 });
  });

  it('depth counts lists and objects of variables', async () => {
    const query = 'query($ids: [ID!]!) { nodes(ids: $ids) { id } }';
    const deep = (levels: number): unknown => (levels === 0 ? 'x' : [deep(levels - 1)]);
    expect(refusalOf(await ask(bed, { query, variables: { ids: deep(16) } }))).toMatchObject({ limit: 'LIMIT_DEPTH' });
    expect(refusalOf(await ask(bed, { query, variables: { ids: deep(15) } }))).not.toMatchObject({
      code: 'LIMIT_EXCEEDED',
    });
  });

  it('a fragment that spreads itself is an error of validation', async () => {
    const answer = await ask(bed, {
      query: '{ viewer { ...A } } fragment A on Viewer { ...B } fragment B on Viewer { ...A }',
    });
    expect(refusalOf(answer)).toMatchObject({ code: 'GRAPHQL_VALIDATION_FAILED' });
  });

  it('the cost is a list and its pages, and what is read for each row', async () => {
    // 1 + 4 pages of 50, and two reads for each of 122 or 123 rows
    const query = (size: number) => list(size, 'url storageMounts { mountPath }');
    const costAt = (size: number) => 1 + Math.ceil(size / 50) + 2 * size;
    expect([costAt(123), costAt(124)]).toEqual([250, 252]);
    expect(await ask(bed, { query: query(123) })).not.toHaveProperty('errors');
    const { answer, calls } = await withCalls(bed, () => ask(bed, { query: query(124) }));
    expect(refusalOf(answer)).toMatchObject({ code: 'LIMIT_EXCEEDED', limit: 'LIMIT_COST', maximum: 250, actual: 252 });
    expect(calls).toEqual([]);
  });

  it('an answer has five errors at most, of validation and of execution', async () => {
    const wrong = await ask(bed, { query: `{ ${times(9, (index) => `nothing${index}`)} }` });
    expect(wrong.errors).toHaveLength(5);
    const failing = await ask(bed, { query: `{ ${times(9, (index) => `a${index}: notebook(id: "all") { id }`)} }` });
    expect(failing.errors).toHaveLength(5);
  });

  it('an operation says what it can cost when asked, and not otherwise', async () => {
    const query = list(20, 'flavor { vcpus } url');
    const asked = await ask(bed, { query }, { 'x-cost': '1' });
    // the list and a page, the list of flavors, a read for each row
    expect(asked.extensions).toEqual({ cost: { upstreamCalls: 2 + 1 + 20, maximum: 250 } });
    expect(await ask(bed, { query })).not.toHaveProperty('extensions');
  });

  it('arrays of operations are refused', async () => {
    expect(await ask(bed, [{ query: '{ __typename }' }])).toMatchObject({
      errors: [{ message: expect.stringMatching(/\w/) }],
    });
  });
});

describe('LIMIT_BODY_BYTES', () => {
  const maximum = 256 * 1024;
  const bodyOf = (bytes: number) => {
    const empty = JSON.stringify({ query: '{ __typename }', variables: { text: '' } });
    return JSON.stringify({ query: '{ __typename }', variables: { text: 'x'.repeat(bytes - empty.length) } });
  };
  const post = (body: string | ReadableStream) => {
    const init: RequestInit & { duplex: 'half' } = {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body,
      duplex: 'half',
    };
    return fetch(bed.gateway.url, init);
  };

  it('takes a body of 256 KiB, and refuses one byte more', async () => {
    expect((await post(bodyOf(maximum))).status).toBe(200);
    const refused = await post(bodyOf(maximum + 1));
    expect(refused.status).toBe(413);
    expect(refusalOf(await refused.json())).toEqual({
      code: 'LIMIT_EXCEEDED',
      limit: 'LIMIT_BODY_BYTES',
      maximum,
      requestId: refused.headers.get('x-request-id'),
    });
  });

  it('is counted where no length is stated', async () => {
    const chunked = (bytes: number) => post(new Blob([bodyOf(bytes)]).stream());
    expect((await chunked(maximum)).status).toBe(200);
    expect((await chunked(maximum + 1)).status).toBe(413);
  });

  const frameOf = (bytes: number) => {
    const message = (text: string) =>
      JSON.stringify({ id: '1', type: 'subscribe', payload: { query: '{ __typename }', variables: { text } } });
    return message('x'.repeat(bytes - message('').length));
  };

  it('takes a WebSocket message of 256 KiB, and closes with 1009 on one byte more', async () => {
    const socket = await connected();
    socket.send(frameOf(maximum));
    const [answer] = await once(socket, 'message');
    expect(JSON.parse(String(answer))).toMatchObject({ type: 'next', payload: { data: { __typename: 'Query' } } });
    socket.send(frameOf(maximum + 1));
    const [code] = await once(socket, 'close');
    expect(code).toBe(1009);
  });
});

async function connected(): Promise<WebSocket> {
  const socket = new WebSocket(bed.gateway.url.replace('http', 'ws'), 'graphql-transport-ws');
  await once(socket, 'open');
  socket.send(JSON.stringify({ type: 'connection_init', payload: { 'x-auth-token': bed.simulator.demo.token } }));
  await once(socket, 'message');
  return socket;
}

describe('LIMIT_OPERATIONS', () => {
  const query = 'subscription { notebooksChanged { kind } }';

  it('lets a WebSocket run a hundred, and one more once one is complete', async () => {
    const socket = await connected();
    const messages: { id: string; type: string; payload?: { extensions: unknown }[] }[] = [];
    socket.on('message', (text) => messages.push(JSON.parse(String(text))));
    const subscribe = (id: number) =>
      socket.send(JSON.stringify({ id: String(id), type: 'subscribe', payload: { query } }));
    for (let id = 1; id <= 100; id++) subscribe(id);
    await expect.poll(() => bed.gateway.watchStats().listeners).toBe(100);
    expect(messages.filter(({ type }) => type === 'error')).toEqual([]);
    subscribe(101);
    await expect
      .poll(() => messages.find(({ type }) => type === 'error'))
      .toMatchObject({
        id: '101',
        payload: [{ extensions: { code: 'LIMIT_EXCEEDED', limit: 'LIMIT_OPERATIONS', maximum: 100 } }],
      });
    socket.send(JSON.stringify({ id: '1', type: 'complete' }));
    await expect.poll(() => bed.gateway.watchStats().listeners).toBe(99);
    subscribe(102);
    await expect.poll(() => bed.gateway.watchStats().listeners).toBe(100);
    socket.close();
    await expect.poll(() => bed.gateway.watchStats().listeners).toBe(0);
  });

  it('limits an event stream of graphql-sse', async () => {
    const stream = `${bed.gateway.url}/stream`;
    const headers = { 'x-auth-token': bed.simulator.demo.token, 'content-type': 'application/json' };
    const token = await (await fetch(stream, { method: 'PUT', headers })).text();
    const leaving = new AbortController();
    const own = { ...headers, 'x-graphql-event-stream-token': token };
    const events = await fetch(stream, { headers: { ...own, accept: 'text/event-stream' }, signal: leaving.signal });
    let told = '';
    const reading = events.body?.pipeThrough(new TextDecoderStream()).pipeTo(
      new WritableStream({
        write: (text) => {
          told += text;
        },
      }),
    );
    const subscribe = (operationId: number) =>
      fetch(stream, { method: 'POST', headers: own, body: JSON.stringify({ query, extensions: { operationId } }) });
    for (let id = 1; id <= 100; id++) expect((await subscribe(id)).status).toBe(202);
    expect(told).not.toContain('LIMIT_OPERATIONS');
    await subscribe(101);
    await expect.poll(() => told).toContain('LIMIT_OPERATIONS');
    await fetch(`${stream}?operationId=1`, { method: 'DELETE', headers: own });
    await expect.poll(() => bed.gateway.watchStats().listeners).toBe(99);
    await subscribe(102);
    await expect.poll(() => bed.gateway.watchStats().listeners).toBe(100);
    leaving.abort();
    await reading?.catch(() => {});
    await expect.poll(() => bed.gateway.watchStats().listeners).toBe(0);
  });
});

it('suggestions can be switched off, in documents and in variables', async () => {
  const closed = await startTestBed({ gateway: { projectId, areSuggestionsOn: false } });
  const questions = [
    { query: '{ notebooks { nodes { nam } } }' },
    { query: '{ notebooks(filter: { status: RUNNIN }) { totalCount } }' },
    { query: 'query($f: NotebookFilter) { notebooks(filter: $f) { totalCount } }', variables: { f: { nam: 'x' } } },
    {
      query: 'query($f: NotebookFilter) { notebooks(filter: $f) { totalCount } }',
      variables: { f: { status: 'RUNNIN' } },
    },
  ];
  for (const [, ask] of transportsOf) {
    for (const question of questions) {
      expect((await ask(bed, question)).errors?.[0].message).toMatch(/Did you mean/);
      const { errors } = await ask(closed, question);
      expect(errors?.[0].message).toMatch(/nam|RUNNIN/);
      expect(JSON.stringify(errors)).not.toMatch(/Did you mean|"name"|RUNNING/);
    }
  }
  await closed.close();
});
