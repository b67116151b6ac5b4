import { request } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readConfig } from '../../src/config.ts';
import { createGateway, type Gateway } from '../../src/gateway.ts';
import { projectId, sharedBed } from '../support/bed.ts';
import { quickly } from '../support/gateway.ts';
import { createNotebook } from '../support/notebooks.ts';

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

describe('a request for an event stream', { timeout: 30_000 }, () => {
  const bed = sharedBed();
  /** CORS makes every answer Yoga's */
  let yogas: Gateway;
  let id = '';

  beforeAll(async () => {
    yogas = await createGateway({
      ...quickly,
      endpoints: { modelarts: bed.simulator.url, iam: bed.simulator.url },
      projectId,
      corsOrigins: ['https://console.example'],
      limits: readConfig({}).limits,
      logLevel: 'silent',
    });
    id = await createNotebook(bed, 'watched');
    await bed.advance(1000);
  });
  afterAll(async () => {
    await yogas.close();
  });

  /** The answer to its end, but for what is of this one answer alone. */
  function ask(gateway: Gateway, asked: Asked, onText: (text: string) => void = () => {}): Promise<Answered> {
    const { method = 'POST', body, parameters, headers = {} } = asked;
    const sent: Record<string, string | null> = {
      accept: 'text/event-stream',
      'x-auth-token': bed.simulator.demo.token,
      ...(body !== undefined && { 'content-type': 'application/json' }),
      ...headers,
    };
    const query = parameters === undefined ? '' : `?${new URLSearchParams(parameters)}`;
    return new Promise((resolve, reject) => {
      const outgoing = request(gateway.url + query, {
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
          const { date, vary, 'x-request-id': requestId, ...rest } = response.headers;
          expect(requestId).toMatch(/./);
          const own = Object.entries(rest).filter(([name]) => !name.startsWith('access-control-'));
          const shown = text
            .replace(/^retry: \d+/m, 'retry: 1')
            .replace(/^id: \S+/gm, 'id: 1')
            .replace(/"requestId":"[^"]*"/g, '"requestId":"1"');
          resolve({ status: response.statusCode, headers: Object.fromEntries(own), body: shown });
        });
      });
      outgoing.end(body === undefined ? undefined : JSON.stringify(body));
    });
  }

  const post = (body: object, headers: Asked['headers'] = {}): Asked => ({ body, headers });
  const deep = (levels: number): unknown => (levels === 0 ? 'x' : [deep(levels - 1)]);
  const ended = () => ({ id, until: ['RUNNING'] });

  it.each<[string, () => Asked]>([
    ['a subscription that ends', () => post({ query: watch, variables: ended() })],
    [
      'the same by GET',
      () => ({ method: 'GET', parameters: { query: watch, variables: JSON.stringify(ended()), extensions: '' } }),
    ],
    [
      'the same among other media types',
      () => post({ query: watch, variables: ended() }, { accept: 'application/json, text/event-stream' }),
    ],
    [
      'the same with a part of multipart',
      () => post({ query: watch, variables: ended() }, { accept: 'multipart/mixed, text/event-stream' }),
    ],
    [
      'one of two operations',
      () =>
        post({
          query: `query A { __typename } ${watch.replace('n(', 'n B(')}`,
          variables: ended(),
          operationName: 'B',
        }),
    ],
    [
      'the other one',
      () => post({ query: `query A { __typename } ${watch.replace('n(', 'n B(')}`, operationName: 'A' }),
    ],
    ['none of them', () => post({ query: `query A { __typename } ${watch.replace('n(', 'n B(')}` })],
    ['nothing of the name', () => post({ query: watch, operationName: 'C', variables: ended() })],
    ['what it costs', () => post({ query: watch, variables: ended() }, { 'x-cost': '1' })],
    ['no token', () => post({ query: watch, variables: { id } }, { 'x-auth-token': null })],
    ['a bad token', () => post({ query: watch, variables: { id } }, { 'x-auth-token': 'not-a-token' })],
    [
      'a notebook that is not there',
      () => post({ query: watch, variables: { id: 'e1a07296-22a8-4f05-8bc8-e936c8e54099' } }),
    ],
    ['an id that is none', () => post({ query: watch, variables: { id: 'all' } })],
    ['a variable missing', () => post({ query: watch })],
    ['a syntax error', () => post({ query: 'subscription {' })],
    ['a field that is not there', () => post({ query: 'subscription { nothing }' })],
    ['too much', () => post({ query: `subscription { ${'a'.repeat(3)}: __typename ${'__typename '.repeat(600)} }` })],
    ['too deep a variable', () => post({ query: watch, variables: { id: deep(20) } })],
    ['two fields', () => post({ query: 'subscription { a: notebooksChanged { kind } b: notebooksChanged { kind } }' })],
    ['a parameter too many', () => post({ query: watch, variables: { id }, more: 1 })],
    ['no query', () => post({ variables: { id } })],
    ['a query that is no text', () => post({ query: 7 })],
    ['variables that are a list', () => post({ query: watch, variables: [id] })],
    ['an operation name that is no text', () => post({ query: watch, variables: ended(), operationName: 7 })],
    ['nothing at all', () => ({ method: 'GET' })],
    ['a query', () => post({ query: '{ notebook(id: "x") { id } }' })],
    ['a mutation by GET', () => ({ method: 'GET', parameters: { query: 'mutation { __typename }' } })],
    ['a subscription and no stream', () => post({ query: watch, variables: ended() }, { accept: 'application/json' })],
  ])('is answered as Yoga answers it: %s', async (_name, asked) => {
    const [direct, fromYoga] = [await ask(bed.gateway, asked()), await ask(yogas, asked())];
    expect(direct).toEqual(fromYoga);
  });

  it('is answered as by Yoga when the token is no longer taken', async () => {
    const stream = post({ query: watch, variables: { id } });
    let greeted = 0;
    const greet = () => {
      let isGreeted = false;
      return (text: string) => {
        if (!isGreeted && text.includes('SNAPSHOT')) greeted += 1;
        isGreeted ||= text.includes('SNAPSHOT');
      };
    };
    const answers = [ask(bed.gateway, stream, greet()), ask(yogas, stream, greet())];
    await expect.poll(() => greeted).toBe(2);
    await bed.fault({ name: 'unauthorised' });
    const [direct, fromYoga] = await Promise.all(answers);
    await bed.clearFaults();
    expect(direct?.body).toContain('UNAUTHENTICATED');
    expect(direct).toEqual(fromYoga);
  });

  it('has one log line at its start and one at its end', async () => {
    const before = bed.logLines.length;
    const requestId = crypto.randomUUID();
    await ask(bed.gateway, post({ query: watch, variables: ended() }, { 'x-request-id': requestId }));
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
      await ask(bed.gateway, post({ query }, { 'x-request-id': requestId }));
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
