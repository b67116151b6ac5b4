import { Agent, request as httpRequest } from 'node:http';

/** One operation as it is sent: texts, so that a number is written as it was meant. */
export type Sent = {
  readonly query: string;
  /** JSON; null: left out */
  readonly variables: string | null;
  readonly operationName?: string | null | undefined;
  readonly token: string | null;
  /** `X-Project-Id`; null: left out */
  readonly projectId: string | null;
  /** `Origin`, as a browser on another host sends it; null: left out */
  readonly origin: string | null;
  readonly isCostAsked: boolean;
  /** of HTTP; null: the header is left out */
  readonly accept: string | null;
};

/** What came back: everything in it is to be the same. */
export type Reply = {
  /** null: the transport has none */
  readonly status: number | null;
  /** as they were written, in their order */
  readonly headers: readonly string[];
  readonly body: string;
};

/** A connection to one gateway that is kept: operations go over it one after the other. */
export type Carrier = {
  ask(sent: Sent): Promise<Reply>;
  close(): void;
};

/** Every request carries it, so that errors which quote it are the same. */
export const requestId = 'parity';

/** Longest wait for an answer, ms. */
const patienceMs = 10_000;

/** JSON of an operation as every transport but GET takes it. */
export function payloadOf({ query, variables, operationName }: Sent, extensions: string | null = null): string {
  const members = [`"query":${JSON.stringify(query)}`];
  if (variables !== null) members.push(`"variables":${variables}`);
  if (operationName !== undefined) members.push(`"operationName":${JSON.stringify(operationName)}`);
  if (extensions !== null) members.push(`"extensions":${extensions}`);
  return `{${members.join(',')}}`;
}

/** What tells who asks, over every transport. */
export const callerOf = ({ token, projectId, isCostAsked }: Sent): Record<string, string> => ({
  ...(token !== null && { 'x-auth-token': token }),
  ...(projectId !== null && { 'x-project-id': projectId }),
  ...(isCostAsked && { 'x-cost': '1' }),
});

export const headersOf = ({ accept, origin, ...sent }: Sent): Record<string, string> => ({
  'x-request-id': requestId,
  ...callerOf({ accept, origin, ...sent }),
  ...(origin !== null && { origin }),
  ...(accept !== null && { accept }),
});

export type Exchanged = {
  readonly agent: Agent;
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
};

/** One HTTP request over a connection that is kept. */
export function exchange(url: string, { agent, method, headers, body }: Exchanged): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const request = httpRequest(url, { agent, method, headers, timeout: patienceMs }, (response) => {
      response.setEncoding('utf8');
      let text = '';
      response.on('data', (chunk: string) => {
        text += chunk;
      });
      response.on('error', reject);
      response.on('end', () => {
        resolve({ status: response.statusCode ?? 0, headers: shown(response.rawHeaders), body: text });
      });
    });
    request.on('timeout', () => request.destroy(new Error('no answer')));
    request.on('error', reject);
    request.end(body);
  });
}

/** Every answer has a date of its own, and a stream a delay that spreads reconnects. */
function shown(rawHeaders: readonly string[]): string[] {
  const lines: string[] = [];
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const [name = '', value = ''] = rawHeaders.slice(index);
    if (name.toLowerCase() !== 'date') lines.push(`${name}: ${value}`);
  }
  return lines;
}

const jsonHeaders = { 'content-type': 'application/json' };

export function postCarrier(url: string): Carrier {
  const agent = new Agent({ keepAlive: true });
  return {
    ask: (sent) => {
      const body = payloadOf(sent);
      const length = { 'content-length': String(Buffer.byteLength(body)) };
      return exchange(url, { agent, method: 'POST', headers: { ...headersOf(sent), ...jsonHeaders, ...length }, body });
    },
    close: () => agent.destroy(),
  };
}

export function getCarrier(url: string): Carrier {
  const agent = new Agent({ keepAlive: true });
  return {
    ask: (sent) => {
      const { query, variables, operationName } = sent;
      const parameters = new URLSearchParams({ query });
      if (variables !== null) parameters.set('variables', variables);
      if (operationName != null) parameters.set('operationName', operationName);
      return exchange(`${url}?${parameters}`, { agent, method: 'GET', headers: headersOf(sent) });
    },
    close: () => agent.destroy(),
  };
}

/** POST, answered as a stream of events. */
export function sseCarrier(url: string): Carrier {
  const post = postCarrier(url);
  return { ...post, ask: (sent) => post.ask({ ...sent, accept: 'text/event-stream' }) };
}
