import { Agent, request as httpRequest, type IncomingMessage } from 'node:http';
import { type Carrier, exchange, headersOf, payloadOf } from './carrier.ts';

/** Longest wait for an event, ms. */
const patienceMs = 10_000;

/** graphql-sse with a single connection: all operations on one long-lived event stream. */
export function streamCarrier(graphqlUrl: string): Carrier {
  const url = `${graphqlUrl}/stream`;
  const agent = new Agent({ keepAlive: true });
  const waiting = new Map<string, (event: string) => void>();
  let stream: Promise<{ readonly token: string; readonly response: IncomingMessage }> | null = null;
  let count = 0;

  async function open() {
    const reserved = await exchange(url, { agent, method: 'PUT', headers: {} });
    const token = reserved.body;
    const response = await new Promise<IncomingMessage>((resolve, reject) => {
      const headers = { accept: 'text/event-stream', 'x-graphql-event-stream-token': token };
      httpRequest(url, { headers }, resolve).on('error', reject).end();
    });
    response.setEncoding('utf8');
    let text = '';
    response.on('data', (chunk: string) => {
      text += chunk;
      for (let end = text.indexOf('\n\n'); end >= 0; end = text.indexOf('\n\n')) {
        take(text.slice(0, end));
        text = text.slice(end + 2);
      }
    });
    response.on('error', () => {});
    return { token, response };
  }

  function take(event: string): void {
    const id = /"id":\s*"(\d+)"/.exec(event)?.[1];
    if (id !== undefined) waiting.get(id)?.(event.replace(/"id":\s*"\d+"/, '"id":"1"'));
  }

  return {
    async ask(sent) {
      stream ??= open();
      const { token } = await stream;
      const id = String(++count);
      const events: string[] = [];
      const completed = new Promise<void>((resolve) => {
        waiting.set(id, (event) => {
          events.push(event);
          if (event.includes('event: complete')) resolve();
        });
      });
      const body = payloadOf(sent, `{"operationId":"${id}"}`);
      const headers = {
        ...headersOf(sent),
        'content-type': 'application/json',
        'content-length': String(Buffer.byteLength(body)),
        'x-graphql-event-stream-token': token,
      };
      const reply = await exchange(url, { agent, method: 'POST', headers, body });
      // one that is not taken has no events
      if (reply.status === 202) await within(completed);
      waiting.delete(id);
      return { ...reply, body: [reply.body, ...events].join('\n') };
    },
    close() {
      agent.destroy();
      stream?.then(({ response }) => response.destroy()).catch(() => {});
    },
  };
}

async function within(completed: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const patience = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, patienceMs);
  });
  await Promise.race([completed, patience]);
  clearTimeout(timer);
}
