import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readConfig } from '../../../src/config.ts';
import { createGateway, type Gateway } from '../../../src/gateway.ts';
import { describeBed } from '../../support/bed.ts';
import { quickly } from '../../support/gateway.ts';
import { createNotebook } from '../../support/notebooks.ts';
import { answersIn, exchange } from '../../support/wire/frames.ts';

/** The same request however it is cut and framed: seeds are printed, and `FRAMING_SEED` runs one again. */
const seed = Number(process.env.FRAMING_SEED ?? Math.floor(Math.random() * 2 ** 31));
const numRuns = 150;

/** What is asked, apart from how. */
type Question = {
  readonly method: string;
  readonly path: string;
  readonly token: string | null;
  readonly headers: readonly string[];
  /** '' there is none */
  readonly body: string;
};

/** How it is asked. */
type Frame = {
  readonly contentType: string;
  readonly isMarked: boolean;
  readonly upgrade: readonly string[];
  readonly expects: boolean;
  /** sizes of chunks, taken in turn; null: Content-Length */
  readonly chunks: readonly number[] | null;
  readonly extension: string;
  readonly trailer: string;
  readonly nameCase: 'lower' | 'upper';
};

const plainFrame: Frame = {
  contentType: 'application/json',
  isMarked: false,
  upgrade: [],
  expects: false,
  chunks: null,
  extension: '',
  trailer: '',
  nameCase: 'lower',
};

const http2 = ['Connection: Upgrade, HTTP2-Settings', 'Upgrade: h2c', 'HTTP2-Settings: AAMAAABkAAQCAAAAAAIAAAAA'];

const anyFrame: fc.Arbitrary<Frame> = fc.record({
  contentType: fc.constantFrom(
    'application/json',
    'application/json; charset=utf-8',
    'application/json;charset=UTF-8',
    'Application/JSON ;  Charset="utf-8"',
    "application/json; charset='utf-8'",
    'application/json ; charset = utf8',
    'application/json; profile="a;charset=latin1"; charset=utf-8',
    'application/json;',
    '  application/json  ',
  ),
  isMarked: fc.boolean(),
  upgrade: fc.constantFrom(
    [],
    http2,
    ['Connection: upgrade', 'Upgrade: h2c'],
    ['Connection: keep-alive, Upgrade', 'Upgrade: TLS/1.0, HTTP/2.0'],
  ),
  expects: fc.boolean(),
  chunks: fc.option(fc.array(fc.integer({ min: 1, max: 300 }), { minLength: 1, maxLength: 8 })),
  extension: fc.constantFrom('', ';a', ';name=value', ';q="a;b"'),
  trailer: fc.constantFrom('', 'X-Checksum: abc\r\n', 'X-Auth-Token: none\r\nX-A: 1\r\n'),
  nameCase: fc.constantFrom('lower', 'upper'),
});

function bytesOf(question: Question, frame: Frame): Buffer {
  const lines = ['Host: gateway.test', 'X-Request-Id: framed', ...question.headers, ...frame.upgrade];
  if (question.token !== null) lines.push(`X-Auth-Token: ${question.token}`);
  let body: Buffer = Buffer.from(question.body);
  if (body.length > 0) {
    if (frame.isMarked) body = Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), body]);
    lines.push(`Content-Type: ${frame.contentType}`);
    if (frame.expects) lines.push('Expect: 100-continue');
    if (frame.chunks === null) lines.push(`Content-Length: ${body.length}`);
    else {
      lines.push('Transfer-Encoding: chunked');
      body = chunked(body, frame.chunks, frame);
    }
  }
  const named = lines.map((line) => {
    const end = line.indexOf(':');
    const name = frame.nameCase === 'lower' ? line.slice(0, end).toLowerCase() : line.slice(0, end).toUpperCase();
    return `${name}${line.slice(end)}\r\n`;
  });
  const head = `${question.method} ${question.path} HTTP/1.1\r\n${named.join('')}\r\n`;
  return Buffer.concat([Buffer.from(head), body]);
}

function chunked(body: Buffer, sizes: readonly number[], { extension, trailer }: Frame): Buffer {
  const parts: Buffer[] = [];
  let at = 0;
  for (let index = 0; at < body.length; index++) {
    const chunk = body.subarray(at, at + (sizes[index % sizes.length] as number));
    const size = index % 2 === 0 ? chunk.length.toString(16) : `00${chunk.length.toString(16).toUpperCase()}`;
    parts.push(Buffer.from(`${size}${extension}\r\n`), chunk, Buffer.from('\r\n'));
    at += chunk.length;
  }
  return Buffer.concat([...parts, Buffer.from(`0\r\n${trailer}\r\n`)]);
}

/** Where what is sent is cut: in single bytes, anywhere, or nowhere. */
const anyCut = fc.oneof(
  fc.constant<'bytes'>('bytes'),
  fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 12 }),
);

function cut(bytes: Buffer, where: 'bytes' | readonly number[]): Buffer[] {
  const at =
    where === 'bytes'
      ? Array.from({ length: bytes.length }, (_, index) => index)
      : where.map((share) => Math.floor(share * bytes.length));
  const places = [...new Set([0, ...at, bytes.length])].sort((one, other) => one - other);
  return places.slice(1).map((end, index) => bytes.subarray(places[index], end));
}

// small, so that one body is too large
describeBed('a request', { gateway: { projectId: null }, limits: { bodyBytes: 4096 } }, (bed) => {
  let yogas: Gateway;
  let questions: readonly Question[];
  const known = new Map<string, string>();

  beforeAll(async () => {
    yogas = await createGateway({
      ...quickly,
      endpoints: { modelarts: bed.simulator.url, iam: bed.simulator.url },
      isFastOn: false,
      limits: { ...readConfig({}).limits, bodyBytes: 4096 },
      logLevel: 'silent',
    });
    const demo = await bed.signIn('demo', 'eu-de');
    const users = [demo, await bed.signIn('stranger'), await bed.signIn('demo', 'eu-de_team')];
    const names = ['of-demo', 'of-stranger', 'of-team'];
    for (const [index, { headers, projectId }] of users.entries()) {
      await createNotebook(bed, names[index] as string, { ...headers, 'x-project-id': projectId });
    }
    await bed.advance(60_000);
    const post = (payload: unknown, { token, projectId }: { token: string | null; projectId?: string }): Question => ({
      method: 'POST',
      path: '/graphql',
      token,
      headers: projectId === undefined ? [] : [`X-Project-Id: ${projectId}`],
      body: typeof payload === 'string' ? payload : JSON.stringify(payload),
    });
    const list = { query: 'query Mine { notebooks { totalCount nodes { name status } } }' };
    const get = (path: string, headers: readonly string[] = []): Question => ({
      method: 'GET',
      path,
      token: demo.token,
      headers,
      body: '',
    });
    questions = [
      ...users.map((user) => post(list, user)),
      ...users.map((user) => post(list, user)),
      post(list, { token: null }),
      post({ query: '{ __typename }' }, demo),
      post({ query: `{ __typename } # ${'größer 日本 '.repeat(100)}` }, demo),
      post({ query: 'query($id: ID!) { notebook(id: $id) { name } }', variables: { id: '..' } }, demo),
      post({ query: '{ nothing }' }, demo),
      post({ query: '{' }, demo),
      post('{"query": ', demo),
      post('[]', demo),
      post({ query: `{ __typename } # ${'x'.repeat(5000)}` }, demo),
      post({ extensions: { persistedQuery: { version: 1, sha256Hash: 'abc' } } }, demo),
      { ...post({ query: 'subscription { notebooksChanged { kind } }' }, demo), headers: ['Accept: application/json'] },
      { ...post({ query: '{ __typename }' }, demo), headers: ['Accept: image/png'] },
      { ...post({ query: '{ __typename }' }, demo), path: '/nothing' },
      { ...post({ query: '{ __typename }' }, demo), method: 'PUT' },
      get(`/graphql?query=${encodeURIComponent(list.query)}`, [`X-Project-Id: ${demo.projectId}`]),
      get('/graphql'),
      get('/ready'),
      get('/nothing'),
    ];
    // what /ready says of the upstream stays as it is from then on
    for (const { url } of [bed.gateway, yogas]) await exchange(url, [bytesOf(post(list, demo), plainFrame)], 1);
  });
  afterAll(async () => {
    await yogas.close();
  });

  /** The answer to the question in one packet on a connection of its own. */
  async function plainAnswer(url: string, question: Question): Promise<string> {
    const key = `${url} ${JSON.stringify(question)}`;
    const before = known.get(key);
    if (before !== undefined) return before;
    const { answers } = await exchange(url, [bytesOf(question, plainFrame)], 1);
    const [answer = ''] = answers;
    expect(answer).toMatch(/^HTTP\/1\.1 \d{3} /);
    known.set(key, answer);
    return answer;
  }

  it(`is answered the same however it is framed, cut and pipelined, byte for byte (seed ${seed})`, async () => {
    const anyAsked = fc.array(fc.record({ which: fc.nat(), frame: anyFrame }), { minLength: 1, maxLength: 6 });
    let answered = 0;
    await fc.assert(
      fc.asyncProperty(anyAsked, anyCut, async (asked, where) => {
        const chosen = asked.map(({ which, frame }) => ({
          question: questions[which % questions.length] as Question,
          frame,
        }));
        const bytes = Buffer.concat(chosen.map(({ question, frame }) => bytesOf(question, frame)));
        for (const { url } of [bed.gateway, yogas]) {
          const expected: string[] = [];
          for (const { question } of chosen) expected.push(await plainAnswer(url, question));
          const { answers, rest, interim } = await exchange(url, cut(bytes, where), chosen.length);
          expect(answers).toEqual(expected);
          expect(rest).toBe('');
          expect(interim).toBe(chosen.filter(({ question, frame }) => question.body !== '' && frame.expects).length);
          answered += answers.length;
        }
      }),
      { seed, numRuns, endOnFailure: false },
    );
    expect(answered).toBeGreaterThan(numRuns);
  }, 120_000);

  it('of one token is never answered with what belongs to another on the same connection', async () => {
    const own = questions.slice(0, 3);
    const turns = Array.from({ length: 30 }, (_, index) => own[(index * 7) % 3] as Question);
    const bytes = Buffer.concat(turns.map((question) => bytesOf(question, plainFrame)));
    const { answers } = await exchange(bed.gateway.url, cut(bytes, [0.3, 0.31, 0.7]), turns.length);
    const named = answers.map((answer) => /"name":"([\w-]+)"/.exec(answer)?.[1]);
    const names = ['of-demo', 'of-stranger', 'of-team'];
    expect(named).toEqual(turns.map((question) => names[own.indexOf(question)]));
  });
});

describe('answers on the wire', () => {
  it('are cut where each ends', () => {
    const two = 'HTTP/1.1 200 OK\r\nDate: now\r\nContent-Length: 2\r\n\r\nab';
    const three = 'HTTP/1.1 404 Not Found\r\nTransfer-Encoding: chunked\r\n\r\n3\r\n0\r\n\r\n0\r\n\r\n';
    const { answers, interim, rest } = answersIn(Buffer.from(`HTTP/1.1 100 Continue\r\n\r\n${two}${three}HTTP`));
    expect([answers.length, interim, rest]).toEqual([2, 1, 'HTTP']);
    expect(answers[0]).not.toContain('Date');
  });
});
