import { connect, type Socket } from 'node:net';

/** The gateway under attack, and who attacks it. */
export type Target = {
  readonly port: number;
  /** a token that IAM issued, of another user than the one whose reads are measured */
  readonly token: string;
  /** still true: go on */
  isOn(): boolean;
};

/** Attacks until it is off. What the gateway answers, and whether it hangs up, does not matter. */
export type Attack = {
  readonly name: string;
  readonly needsToken: boolean;
  run(target: Target): Promise<void>;
};

/** A connection nobody minds losing. */
export const open = ({ port }: Pick<Target, 'port'>): Promise<Socket | null> =>
  new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true });
    socket.once('connect', () => resolve(socket));
    socket.on('error', () => resolve(null));
  });

/** The bytes of a POST to GraphQL. */
export function post(body: string, headers: Readonly<Record<string, string>> = {}, path = '/graphql'): string {
  const lines = Object.entries({
    host: 'gateway.test',
    'content-type': 'application/json',
    'content-length': String(Buffer.byteLength(body)),
    ...headers,
  }).map(([name, value]) => `${name}: ${value}\r\n`);
  return `POST ${path} HTTP/1.1\r\n${lines.join('')}\r\n${body}`;
}

/** Sends one request after the other on each of so many connections, each as soon as the one before is answered. */
export async function loop(target: Target, connections: number, next: (count: number) => string): Promise<void> {
  let count = 0;
  const one = async (): Promise<void> => {
    let socket: Socket | null = null;
    while (target.isOn()) {
      if (socket === null || socket.destroyed) {
        socket = await open(target);
        if (socket === null) {
          await pause(20);
          continue;
        }
      }
      const current: Socket = socket;
      count += 1;
      current.write(next(count));
      await new Promise<void>((resolve) => {
        const go = (): void => {
          current.off('data', go).off('close', go);
          resolve();
        };
        current.on('data', go).on('close', go);
      });
    }
    socket?.destroy();
  };
  await Promise.all(Array.from({ length: connections }, one));
}

export const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Keeps so many connections, each prepared in some way, until it is off. */
export async function hold(
  target: Target,
  connections: number,
  prepare: (socket: Socket, index: number) => void,
): Promise<void> {
  const sockets: Socket[] = [];
  for (let index = 0; index < connections && target.isOn(); index += 1) {
    const socket = await open(target);
    if (socket === null) continue;
    prepare(socket, index);
    sockets.push(socket);
  }
  while (target.isOn()) await pause(100);
  for (const socket of sockets) socket.destroy();
}
