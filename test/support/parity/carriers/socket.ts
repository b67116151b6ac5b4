import { once } from 'node:events';
import WebSocket from 'ws';
import { type Carrier, callerOf, payloadOf, type Reply, type Sent } from './carrier.ts';

/** Longest wait for a message, ms. */
const patienceMs = 10_000;
/** Longest wait for the end of a socket that the gateway closes after an answer, ms. */
const closingMs = 500;

/** graphql-transport-ws: one long-lived socket for each token and kind of question. */
export function socketCarrier(url: string): Carrier {
  const sockets = new Map<string, Promise<WebSocket>>();
  let count = 0;

  async function opened(sent: Sent): Promise<WebSocket> {
    const socket = new WebSocket(url.replace('http', 'ws'), 'graphql-transport-ws');
    await once(socket, 'open');
    socket.send(JSON.stringify({ type: 'connection_init', payload: callerOf(sent) }));
    await once(socket, 'message');
    return socket;
  }

  async function socketFor(sent: Sent): Promise<WebSocket> {
    const key = JSON.stringify(callerOf(sent));
    const known = await sockets.get(key);
    if (known?.readyState === WebSocket.OPEN) return known;
    const socket = opened(sent);
    sockets.set(key, socket);
    return socket;
  }

  return {
    async ask(sent) {
      const socket = await socketFor(sent);
      const id = String(++count);
      socket.send(`{"id":"${id}","type":"subscribe","payload":${payloadOf(sent)}}`);
      return answerOn(socket, { sent, id });
    },
    close() {
      for (const socket of sockets.values()) socket.then((one) => one.terminate()).catch(() => {});
    },
  };
}

/** All messages of the operation as text; and the end of the socket, where the answer is followed by it. */
function answerOn(socket: WebSocket, { sent, id }: { readonly sent: Sent; readonly id: string }): Promise<Reply> {
  return new Promise((resolve) => {
    const lines: string[] = [];
    const finish = (line?: string): void => {
      clearTimeout(timer);
      socket.off('message', onMessage).off('close', onClose);
      if (line !== undefined) lines.push(line);
      resolve({ status: null, headers: [], body: lines.join('\n') });
    };
    const onClose = (code: number, reason: Buffer): void => finish(`closed ${code} ${reason}`);
    const onMessage = (bytes: unknown): void => {
      const text = String(bytes);
      const { type } = JSON.parse(text) as { readonly type: string };
      lines.push(text.replace(`"id":"${id}"`, '"id":"1"'));
      if (type !== 'complete' && type !== 'error') return;
      const isClosedNext = sent.token !== null && lines.some((line) => line.includes('UNAUTHENTICATED'));
      clearTimeout(timer);
      if (isClosedNext) timer = setTimeout(finish, closingMs);
      else finish();
    };
    let timer = setTimeout(() => finish('no answer'), patienceMs);
    socket.on('message', onMessage).on('close', onClose);
  });
}
