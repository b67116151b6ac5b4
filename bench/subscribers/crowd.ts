import { Agent, request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { usage } from '../processes/usage.ts';
import type { WatchedNotebook } from './watched-notebook.ts';

export type Crowd = {
  /** when each event of a change arrived, in ms */
  readonly arrivals: number[];
  close(): void;
};

/** Subscribes `size` times to one notebook over SSE, and waits until all have the first event. */
export async function gather({ gateway, token, notebookId }: WatchedNotebook, size: number): Promise<Crowd> {
  const agent = new Agent({ keepAlive: true, maxSockets: Number.POSITIVE_INFINITY });
  const body = JSON.stringify({
    query: 'subscription($id: ID!) { notebookStatusChanged(id: $id) { kind status statusRaw observedAt } }',
    variables: { id: notebookId },
  });
  const arrivals: number[] = [];
  const sockets: { destroy(): void }[] = [];
  let greeted = 0;
  let isOver = false;
  const join = (): void => {
    const subscriber = request(gateway.url, {
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
      if (!isOver && !isAnswered) setTimeout(join, 100);
    });
    subscriber.end(body);
    sockets.push(subscriber);
  };
  const close = (): void => {
    isOver = true;
    for (const socket of sockets) socket.destroy();
    agent.destroy();
  };
  for (let joined = 0; joined < size; joined += 1) {
    join();
    if (joined % 100 === 99) await sleep(50);
  }
  for (let waits = 0; greeted < size; waits += 1) {
    if (waits > 600) {
      close();
      throw new Error(`only ${greeted} of ${size} subscribers were greeted`);
    }
    await sleep(100);
  }
  return { arrivals, close };
}

/** What a crowd costs while nothing changes. */
export type Quiet = {
  readonly pollsPerMinute: number;
  /** of one core */
  readonly cpuPercent: number;
  /** growth of the gateway's resident memory, sockets included */
  readonly kibPerSubscriber: number;
};

/** Gathers a crowd and looks on for `quietMs`. */
export async function gatherQuietly(
  watched: WatchedNotebook,
  size: number,
  quietMs: number,
): Promise<{ readonly crowd: Crowd; readonly quiet: Quiet }> {
  const { pid } = watched.gateway;
  const empty = usage(pid);
  const crowd = await gather(watched, size);
  const before = usage(pid);
  const pollsBefore = await watched.polls();
  await sleep(quietMs);
  const after = usage(pid);
  const polls = (await watched.polls()) - pollsBefore;
  return {
    crowd,
    quiet: {
      pollsPerMinute: Math.round((polls * 60_000) / quietMs),
      cpuPercent: ((after.cpuSeconds - before.cpuSeconds) * 100_000) / quietMs,
      kibPerSubscriber: ((after.residentMib - empty.residentMib) * 1024) / size,
    },
  };
}
