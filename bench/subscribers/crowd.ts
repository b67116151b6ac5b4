import { Agent, request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { residentMib } from '../processes/usage.ts';
import { observe, type Slice } from './observe.ts';
import type { WatchedNotebook } from './watched-notebook.ts';

/** Who subscribes, and to which notebook. */
export type Subscriber = { readonly token: string; readonly notebookId: string };

export type Crowd = {
  /** when each event of a change arrived, in ms */
  readonly arrivals: number[];
  close(): void;
};

/** Subscribes everybody over SSE, and waits until all have the first event. */
export async function readItems(url: string, subscribers: readonly Subscriber[]): Promise<Crowd> {
  const agent = new Agent({ keepAlive: true, maxSockets: Number.POSITIVE_INFINITY });
  const arrivals: number[] = [];
  const sockets: { destroy(): void }[] = [];
  let greeted = 0;
  let isOver = false;
  const join = ({ token, notebookId }: Subscriber): void => {
    const subscriber = request(url, {
      agent,
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'text/event-stream', 'x-auth-token': token },
    });
    let isAnswered = false;
    subscriber.on('response', (response) => {
      isAnswered = true;
      response.on('data', (chunk: Buffer) => {
        const text = chunk.toString();
        if (text.includes('SNAPSHOT')) greeted += 1;
        if (text.includes('MODIFIED')) arrivals.push(performance.now());
      });
      response.on('error', () => {});
    });
    subscriber.on('error', () => {
      // a crowd of this size overruns the queue of new connections now and then: come again, as any client would
      if (!isOver && !isAnswered) setTimeout(() => join({ token, notebookId }), 100);
    });
    subscriber.end(
      JSON.stringify({
        query: 'subscription($id: ID!) { notebookStatusChanged(id: $id) { kind status statusRaw observedAt } }',
        variables: { id: notebookId },
      }),
    );
    sockets.push(subscriber);
  };
  const close = (): void => {
    isOver = true;
    for (const socket of sockets) socket.destroy();
    agent.destroy();
  };
  for (const [index, subscriber] of subscribers.entries()) {
    join(subscriber);
    if (index % 100 === 99) await sleep(50);
  }
  for (let waits = 0; greeted < subscribers.length; waits += 1) {
    if (waits > 600) {
      close();
      throw new Error(`only ${greeted} of ${subscribers.length} subscribers were greeted`);
    }
    await sleep(100);
  }
  return { arrivals, close };
}

/** What a crowd costs while nothing changes. */
export type Quiet = {
  readonly slices: readonly Slice[];
  /** growth of the gateway's resident memory, sockets included */
  readonly kibPerSubscriber: number;
};

/** Gathers `size` subscribers of one notebook with one token, and looks on. */
export async function readQuietly(
  watched: WatchedNotebook,
  size: number,
  looks: { readonly slices: number; readonly sliceMs: number },
): Promise<{ readonly crowd: Crowd; readonly quiet: Quiet }> {
  const { gateway, polls } = watched;
  const emptyMib = residentMib(gateway.pid);
  const crowd = await readItems(
    gateway.url,
    Array.from({ length: size }, () => watched),
  );
  const slices = await observe({ program: gateway, polls, ...looks });
  return {
    crowd,
    quiet: { slices, kibPerSubscriber: ((residentMib(gateway.pid) - emptyMib) * 1024) / size },
  };
}
