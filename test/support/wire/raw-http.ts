import { connect } from 'node:net';

export type RawRequest = {
  readonly method?: string;
  readonly path?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
};

/** The whole answer as bytes on the wire, the connection's end included, without the date that every answer differs in. */
export function rawAnswer(
  url: string,
  { method = 'POST', path, headers = {}, body = '' }: RawRequest,
): Promise<string> {
  const { hostname, port, pathname } = new URL(url);
  const sent = {
    host: 'gateway.test',
    'content-type': 'application/json',
    'x-request-id': 'raw-1',
    connection: 'close',
    ...(body !== '' && { 'content-length': String(Buffer.byteLength(body)) }),
    ...headers,
  };
  const head = Object.entries(sent).map(([name, value]) => `${name}: ${value}\r\n`);
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    const socket = connect(Number(port), hostname);
    socket.on('data', (chunk) => chunks.push(chunk));
    socket.on('end', () => {
      socket.destroy();
      resolve(
        Buffer.concat(chunks)
          .toString('latin1')
          .replace(/^Date: .*\r\n/m, ''),
      );
    });
    socket.on('error', reject);
    socket.write(`${method} ${path ?? pathname} HTTP/1.1\r\n${head.join('')}\r\n${body}`);
  });
}
