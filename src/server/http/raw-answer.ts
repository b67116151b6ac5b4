import { type Server, STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import { maxHeaderBytes } from '../../modelarts/client/transport.ts';

/** An answer to what never became a request. */
export type RawAnswer = {
  readonly status: number;
  readonly text: string;
  readonly headers?: Readonly<Record<string, string>>;
};

/** time a client has to take its answer: closed at once, what it still sends would cost it what it has not read yet */
const lingerMs = 1000;

/** Writes an answer to a socket without a response of its own, and closes it. */
export function endRaw(socket: Duplex, { status, text, headers = {} }: RawAnswer): void {
  // whoever is gone by now need not be told
  socket.on('error', () => {});
  const body = `${text}\n`;
  const head = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
    'Connection: close',
    'Content-Type: text/plain; charset=utf-8',
    `Content-Length: ${Buffer.byteLength(body)}`,
    ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
  ];
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`);
  // what comes behind is dropped
  socket.resume();
  const destroy = setTimeout(() => socket.destroy(), lingerMs);
  socket.once('close', () => clearTimeout(destroy));
}

/** Says what is wrong with what node:http cannot read, where it would answer with a bare status. */
export function explainUnreadable(server: Server): void {
  server.on('clientError', (error: ClientError, socket: Answering) => {
    // Node's own rule: an answer that is on its way already must not be broken
    if (error.code === 'ECONNRESET' || !socket.writable || socket._httpMessage?.headersSent === true) {
      if (!socket.writableEnded) socket.destroy(error);
      return;
    }
    endRaw(socket, answerTo(error));
  });
  // without a listener the connection would be cut
  server.on('connect', (_request, socket) => {
    endRaw(socket, { status: 405, text: 'This is no proxy: CONNECT is not taken.' });
  });
}

type ClientError = Error & {
  readonly code?: string;
  /** the parser's words, without any of the client's */
  readonly reason?: string;
};

type Answering = Duplex & {
  /** the response that node:http writes to the socket at the moment */
  readonly _httpMessage?: { readonly headersSent: boolean } | null;
};

function answerTo({ code, reason }: ClientError): RawAnswer {
  switch (code) {
    case 'HPE_HEADER_OVERFLOW':
      return {
        status: 431,
        text: `The headers are too large: together they may have ${maxHeaderBytes} bytes, the token included.`,
      };
    case 'HPE_CHUNK_EXTENSIONS_OVERFLOW':
      return { status: 413, text: 'The extensions of a chunk are too large.' };
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return { status: 408, text: 'The request took too long to arrive.' };
    default:
      return { status: 400, text: `This is no HTTP/1.1 request that can be read${reason ? `: ${reason}` : ''}.` };
  }
}
