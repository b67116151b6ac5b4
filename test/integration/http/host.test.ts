import { request } from 'node:http';
import { connect } from 'node:net';
import { describe, expect, it } from 'vitest';
import { projectId, sharedBed } from '../../support/bed.ts';
import { startTestBed, type TestBed } from '../../support/gateway.ts';

/** The status line of the answer to these lines of a request. */
function statusOf(bed: TestBed, lines: readonly string[]): Promise<string> {
  const { hostname, port } = new URL(bed.gateway.url);
  return new Promise((resolve, reject) => {
    let text = '';
    const socket = connect(Number(port), hostname);
    socket.on('data', (chunk) => {
      text += chunk;
      if (!text.includes('\r\n')) return;
      socket.destroy();
      resolve(text.slice(0, text.indexOf('\r\n')));
    });
    socket.on('error', reject);
    socket.write(`${lines.join('\r\n')}\r\n\r\n`);
  });
}

const webSocket = [
  'Connection: Upgrade',
  'Upgrade: websocket',
  'Sec-WebSocket-Version: 13',
  'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
  'Sec-WebSocket-Protocol: graphql-transport-ws',
];
const query = '{"query":"{ __typename }"}';

describe('a request', () => {
  const bed = sharedBed();

  it.each([
    ['a probe', ['GET /health HTTP/1.1'], []],
    [
      'a query',
      ['POST /graphql HTTP/1.1', 'Content-Type: application/json', `Content-Length: ${query.length}`],
      ['', query],
    ],
    ['a page visit', ['GET /graphql HTTP/1.1', 'Accept: text/html'], []],
    ['a reservation', ['PUT /graphql/stream HTTP/1.1'], []],
    ['a WebSocket', ['GET /graphql HTTP/1.1', ...webSocket], []],
  ])('for %s with two Host headers is refused, equal or not', async (_name, head, body) => {
    const hosts = ['Host: gateway.test', 'Host: other.test'] as const;
    expect(await statusOf(bed, [...head, hosts[0], ...body])).toMatch(/ (?:101|20[01]) /);
    expect(await statusOf(bed, [...head, ...hosts, ...body])).toContain(' 400 ');
    expect(await statusOf(bed, [...head, hosts[0], hosts[0], ...body])).toContain(' 400 ');
    expect(await statusOf(bed, [...head, ...body])).toContain(' 400 ');
  });

  it('that names two tokens is refused as if it had none, and reaches nobody', async () => {
    const before = bed.exchanges.length;
    for (const name of ['X-Auth-Token', 'Authorization']) {
      const scheme = name === 'Authorization' ? 'Bearer ' : '';
      const lines = [`${name}: ${scheme}${bed.simulator.demo.token}`, `${name}: ${scheme}another`];
      const body = '{"query":"{ notebooks { totalCount } }"}';
      const head = ['POST /graphql HTTP/1.1', 'Host: gateway.test', 'Content-Type: application/json'];
      await statusOf(bed, [...head, ...lines, `Content-Length: ${body.length}`, '', body]);
    }
    expect(bed.exchanges.length).toBe(before);
  });
});

describe('GraphiQL with a token in its page', () => {
  const bed = sharedBed({ gateway: { projectId, graphiqlHeaders: { 'X-Auth-Token': 'the-demo-token' } } });

  const visit = (of: TestBed, path: string, host: string): Promise<number | undefined> =>
    new Promise((resolve, reject) => {
      const outgoing = request(new URL(path, of.gateway.url), { agent: false, headers: { host, accept: 'text/html' } });
      outgoing.on('response', (response) => {
        response.resume();
        resolve(response.statusCode);
      });
      outgoing.on('error', reject);
      outgoing.end();
    });

  it.each([
    'localhost',
    'localhost:4000',
    'LOCALHOST:4000',
    'gateway.localhost:4000',
    '127.0.0.1:4000',
    '127.8.9.1',
    '[::1]:4000',
  ])('is given to %s', async (host) => {
    expect(await visit(bed, '/graphql', host)).toBe(200);
  });

  it.each([
    'evil.example',
    'evil.example:4000',
    'localhost.evil.example',
    '127.0.0.1.evil.example',
    '127.0.0.1.nip.io:4000',
    'evil-localhost',
    '10.0.0.1:4000',
    '0.0.0.0:4000',
    '[::ffff:10.0.0.1]',
    '[::]',
  ])('is not given to %s, whose owner may have it lead here', async (host) => {
    for (const path of ['/graphql', '/graphql?query=%7B__typename%7D']) expect(await visit(bed, path, host)).toBe(403);
  });

  it('is given to any name where there is no token in it', async () => {
    const bare = await startTestBed({ gateway: { projectId } });
    expect(await visit(bare, '/graphql', 'gateway.example')).toBe(200);
    await bare.close();
  });
});
