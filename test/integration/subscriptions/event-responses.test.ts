import { readFile } from 'node:fs/promises';
import { request } from 'node:http';
import { beforeAll, describe, expect, it } from 'vitest';
import { sharedBed } from '../../support/bed.ts';
import { createNotebook } from '../../support/notebooks.ts';

const watch = `subscription($id: ID!, $until: [NotebookStatus!]) {
  notebookStatusChanged(id: $id, until: $until) { kind status }
}`;

type Asked = {
  readonly method?: 'GET' | 'POST';
  readonly body?: object;
  readonly parameters?: Record<string, string>;
  readonly headers?: Record<string, string | null>;
};
type Answered = { readonly status: number | undefined; readonly headers: object; readonly body: string };

/** What Yoga answered while it wrote streams itself, or wrote what is no stream, by the name of what is asked. */
const recorded: Readonly<Record<string, Answered>> = JSON.parse(
  await readFile(new URL('event-answers.json', import.meta.url), 'utf8'),
);

describe('a request for an event stream', { timeout: 30_000 }, () => {
  const bed = sharedBed();
  let id = '';

  beforeAll(async () => {
    id = await createNotebook(bed, 'watched');
    await bed.advance(1000);
  });

  /** The answer to its end, but for what is of this one answer alone, and how its length is told. */
  function ask(asked: Asked, onText: (text: string) => void = () => {}): Promise<Answered> {
    const { method = 'POST', body, parameters, headers = {} } = asked;
    const sent: Record<string, string | null> = {
      accept: 'text/event-stream',
      'x-auth-token': bed.simulator.demo.token,
      ...(body !== undefined && { 'content-type': 'application/json' }),
      ...headers,
    };
    const query = parameters === undefined ? '' : `?${new URLSearchParams(parameters)}`;
    return new Promise((resolve, reject) => {
      const outgoing = request(bed.gateway.url + query, {
        method,
        agent: false,
        headers: Object.fromEntries(Object.entries(sent).filter((entry): entry is [string, string] => !!entry[1])),
      });
      outgoing.on('error', reject);
      outgoing.on('response', (response) => {
        let text = '';
        response.on('error', reject);
        response.on('data', (chunk: Buffer) => {
          text += chunk.toString();
          onText(text);
        });
        response.on('end', () => {
          const { date, connection, 'x-request-id': requestId, ...rest } = response.headers;
          expect(requestId).toMatch(/./);
          const { 'transfer-encoding': chunked, 'content-length': length, ...own } = rest;
          expect(chunked ?? length).toBeDefined();
          const shown = text
            .replaceAll(id, '<id>')
            .replace(/^retry: \d+/m, 'retry: 1')
            .replace(/^id: \S+/gm, 'id: 1')
            .replace(/"requestId":"[^"]*"/g, '"requestId":"1"');
          const kept = connection === 'close' ? {} : { connection };
          resolve({ status: response.statusCode, headers: { ...own, ...kept }, body: shown });
        });
      });
      outgoing.end(body === undefined ? undefined : JSON.stringify(body));
    });
  }

  const post = (body: object, headers: Asked['headers'] = {}): Asked => ({ body, headers });
  const deep = (levels: number): unknown => (levels === 0 ? 'x' : [deep(levels - 1)]);
  const ended = () => ({ id, until: ['RUNNING'] });
  const json = { accept: 'application/json, text/event-stream' };
  const two = `query A { __typename } ${watch.replace('n(', 'n B(')}`;

  const cases: Readonly<Record<string, () => Asked>> = {
    'a subscription that ends': () => post({ query: watch, variables: ended() }),
    'the same by GET': () => ({
      method: 'GET',
      parameters: { query: watch, variables: JSON.stringify(ended()), extensions: '' },
    }),
    'the same among other media types': () => post({ query: watch, variables: ended() }, json),
    'the same with a part of multipart': () =>
      post({ query: watch, variables: ended() }, { accept: 'multipart/mixed, text/event-stream' }),
    charset: () => post({ query: watch, variables: ended() }, { accept: 'text/event-stream;charset=utf-8' }),
    'one of two operations': () => post({ query: two, variables: ended(), operationName: 'B' }),
    'the other one': () => post({ query: two, operationName: 'A' }),
    'none of them': () => post({ query: two }),
    'nothing of the name': () => post({ query: watch, operationName: 'C', variables: ended() }),
    'what it costs': () => post({ query: watch, variables: ended() }, { 'x-cost': '1' }),
    'no token': () => post({ query: watch, variables: { id } }, { 'x-auth-token': null }),
    'no token json': () => post({ query: watch, variables: { id } }, { 'x-auth-token': null, ...json }),
    'a bad token': () => post({ query: watch, variables: { id } }, { 'x-auth-token': 'not-a-token' }),
    'a notebook that is not there': () =>
      post({ query: watch, variables: { id: 'e1a07296-22a8-4f05-8bc8-e936c8e54099' } }),
    'an id that is none': () => post({ query: watch, variables: { id: 'all' } }),
    'a variable missing': () => post({ query: watch }),
    'a variable missing json': () => post({ query: watch }, json),
    'a syntax error': () => post({ query: 'subscription {' }),
    'a syntax error any': () => post({ query: 'subscription {' }, { accept: '*/*' }),
    'a syntax error text': () => post({ query: 'subscription {' }, { accept: 'text/*' }),
    'a field that is not there': () => post({ query: 'subscription { nothing }' }),
    'a field that is not there json': () => post({ query: 'subscription { nothing }' }, json),
    'too much': () => post({ query: `subscription { aaa: __typename ${'__typename '.repeat(600)} }` }),
    'too deep a variable': () => post({ query: watch, variables: { id: deep(20) } }),
    'two fields': () => post({ query: 'subscription { a: notebooksChanged { kind } b: notebooksChanged { kind } }' }),
    'a parameter too many': () => post({ query: watch, variables: { id }, more: 1 }),
    'no query': () => post({ variables: { id } }),
    'a query that is no text': () => post({ query: 7 }),
    'variables that are a list': () => post({ query: watch, variables: [id] }),
    'an operation name that is no text': () => post({ query: watch, variables: ended(), operationName: 7 }),
    'nothing at all': () => ({ method: 'GET' }),
    'a query': () => post({ query: '{ notebook(id: "x") { id } }' }),
    'a good query': () => post({ query: '{ __typename }' }),
    'a good query json': () => post({ query: '{ __typename }' }, json),
    'a good query multipart': () => post({ query: '{ __typename }' }, { accept: 'multipart/mixed, text/event-stream' }),
    'a failed query': () => post({ query: '{ notebooks { totalCount } }' }, { 'x-auth-token': 'not-a-token' }),
    'a mutation by GET': () => ({ method: 'GET', parameters: { query: 'mutation { __typename }' } }),
    'a subscription and no stream': () => post({ query: watch, variables: ended() }, { accept: 'application/json' }),
  };

  it.each(Object.keys(recorded))('is answered in the same bytes as when Yoga wrote them: %s', async (name) => {
    const asked = cases[name];
    if (asked === undefined) throw new Error(`event-answers.json has ${name}, which is not asked`);
    expect(await ask(asked())).toEqual(recorded[name]);
  });

  it.each(['*/*', null, 'text/*'])('is answered with a resume point whatever its Accept is: %s', async (accept) => {
    const answer = await ask(post({ query: watch, variables: ended() }, { accept }));
    expect(answer).toEqual(recorded['a subscription that ends']);
  });

  it('reports that the token is no longer taken, and then ends', async () => {
    let isGreeted = false;
    const answer = ask(post({ query: watch, variables: { id } }), (text) => {
      isGreeted ||= text.includes('SNAPSHOT');
    });
    await expect.poll(() => isGreeted).toBe(true);
    await bed.fault({ name: 'unauthorised' });
    const { body } = await answer;
    await bed.clearFaults();
    const frames = body.split('\n\n').map((frame) => frame.replace(/^data: .*(UNAUTHENTICATED|SNAPSHOT).*$/m, '$1'));
    expect(frames).toEqual([
      'retry: 1\n:',
      'event: next\nid: 1\nSNAPSHOT',
      'event: next\nid: 1\nUNAUTHENTICATED',
      'event: complete\ndata:',
      '',
    ]);
  });

  it('has one log line at its start and one at its end', async () => {
    const before = bed.logLines.length;
    const requestId = crypto.randomUUID();
    await ask(post({ query: watch, variables: ended() }, { 'x-request-id': requestId }));
    const lines = bed.logLines.slice(before).filter((line) => line.includes(requestId));
    expect(lines.map((line) => JSON.parse(line))).toMatchObject([
      { msg: 'subscription started' },
      { msg: 'subscription ended', events: 1, outcome: 'ok' },
    ]);
  });

  it('has one log line when it is refused', async () => {
    const before = bed.logLines.length;
    for (const query of ['subscription {', 'subscription { nothing }']) {
      const requestId = crypto.randomUUID();
      await ask(post({ query }, { 'x-request-id': requestId }));
      const lines = bed.logLines.slice(before).filter((line) => line.includes(requestId));
      expect(lines.map((line) => JSON.parse(line))).toMatchObject([{ msg: 'operation', outcome: 'refused' }]);
    }
  });

  it('lets go of its watch when the client leaves, though no event is due', async () => {
    const leaving = new AbortController();
    const response = await fetch(bed.gateway.url, {
      method: 'POST',
      headers: {
        accept: 'text/event-stream',
        'content-type': 'application/json',
        'x-auth-token': bed.simulator.demo.token,
      },
      body: JSON.stringify({ query: watch, variables: { id } }),
      signal: leaving.signal,
    });
    expect(response.status).toBe(200);
    await expect.poll(() => bed.gateway.watchStats().listeners).toBe(1);
    leaving.abort();
    await expect.poll(() => bed.gateway.watchStats().listeners, { interval: 20 }).toBe(0);
  });
});
