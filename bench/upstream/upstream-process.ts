import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import type { Counts, Order } from './upstream.ts';

/** The upstream of the bench, in a process of its own. */
export type BenchUpstream = {
  readonly url: string;
  setChanging(isChanging: boolean): Promise<void>;
  /** calls by operation since it was last asked or told something */
  takeCounts(): Promise<Counts>;
  stop(): void;
};

export async function startUpstream(): Promise<BenchUpstream> {
  const child: ChildProcess = fork(new URL('upstream.js', import.meta.url), {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  const [port] = (await once(child, 'message')) as [number];
  const tell = async (order: Order): Promise<Counts> => {
    const answer = once(child, 'message');
    child.send(order);
    const [counts] = (await answer) as [Counts];
    return counts;
  };
  return {
    url: `http://127.0.0.1:${port}`,
    setChanging: async (isChanging) => void (await tell({ isChanging })),
    takeCounts: () => tell({ count: true }),
    // it ends by itself as well when the bench does, which closes the channel
    stop: () => child.kill(),
  };
}
