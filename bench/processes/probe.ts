import type { Program } from './program.ts';

/** In a program: tells what it holds after a full collection, when asked over the channel. */
const source = `
  process.on('message', () => {
    globalThis.gc(); globalThis.gc();
    process.send({ heapMib: process.memoryUsage().heapUsed / 2 ** 20, resources: process.getActiveResourcesInfo().length });
  });
  process.channel.unref();
`;

/** With these, and a channel (`isAsked`), a program can be asked by `held`. */
export const probeFlags: readonly string[] = [
  '--expose-gc',
  '--import',
  `data:text/javascript,${encodeURIComponent(source)}`,
];

export type Held = { readonly heapMib: number; readonly resources: number };

export async function held({ child }: Program): Promise<Held> {
  const answer = new Promise<Held>((resolve) => child.once('message', (message) => resolve(message as Held)));
  child.send('what do you hold?');
  return answer;
}
