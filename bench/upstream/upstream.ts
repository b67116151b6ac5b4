import { createServer, type Socket } from 'node:net';
import { createBodies } from './bodies.ts';

/**
 * ModelArts as cheap as it can be had: answers are made beforehand, of a request only the first line, the token's presence
 * and the length are read. A process of its own, told over IPC what to do (`Order`); it first sends its port.
 */

export type Order = { readonly isChanging: boolean } | { readonly count: true };
/** calls by operation since the last report */
export type Counts = Readonly<Record<string, number>>;

const headEnd = Buffer.from('\r\n\r\n');
const refusal = (status: string): Buffer => Buffer.from(`HTTP/1.1 ${status}\r\ncontent-length: 0\r\n\r\n`);
const unauthorized = refusal('401 Unauthorized');
const notFound = refusal('404 Not Found');
const lengthRequired = refusal('411 Length Required');

const bodies = createBodies();
let counts: Record<string, number> = {};

/** What is asked: an operation, and the object it is about. */
function operationOf(method: string, path: string): { readonly operation: string; readonly id?: string | undefined } {
  if (path === '/') return { operation: 'root' };
  if (path === '/v3/auth/tokens') return { operation: 'issueToken' };
  const [, , , collection, id, action] = path.split('/');
  if (collection === 'images') return { operation: id === undefined ? 'listImage' : 'showImage', id };
  if (collection !== 'notebooks') return { operation: 'unknown' };
  if (id === undefined) return { operation: method === 'POST' ? 'createNotebook' : 'listNotebooks' };
  if (id === 'flavors') return { operation: 'listFlavors' };
  if (action === 'lease') return { operation: method === 'PATCH' ? 'renewLease' : 'showLease', id };
  if (action === 'stop') return { operation: 'stopNotebook', id };
  return { operation: method === 'DELETE' ? 'deleteNotebook' : 'showNotebook', id };
}

function answer(head: string): Buffer {
  const line = head.slice(0, head.indexOf('\r\n'));
  const [method = '', target = ''] = line.split(' ', 2);
  const query = target.indexOf('?');
  const { operation, id } = operationOf(method, query < 0 ? target : target.slice(0, query));
  counts[operation] = (counts[operation] ?? 0) + 1;
  if (operation !== 'issueToken' && operation !== 'root' && !/\r\nx-auth-token: *\S/i.test(head)) return unauthorized;
  return bodies.answer(operation, id) ?? notFound;
}

function serve(socket: Socket): void {
  socket.setNoDelay(true);
  let pending: Buffer = Buffer.alloc(0);
  /** bytes of a request's body that have yet to come */
  let skip = 0;
  socket.on('data', (chunk: Buffer) => {
    pending = pending.length === 0 ? chunk : Buffer.concat([pending, chunk]);
    for (;;) {
      const skipped = Math.min(skip, pending.length);
      pending = pending.subarray(skipped);
      skip -= skipped;
      const end = skip > 0 ? -1 : pending.indexOf(headEnd);
      if (end < 0) return;
      const head = pending.toString('latin1', 0, end);
      pending = pending.subarray(end + headEnd.length);
      if (/\r\ntransfer-encoding:/i.test(head)) return void socket.end(lengthRequired);
      skip = Number(/\r\ncontent-length: *(\d+)/i.exec(head)?.[1] ?? 0);
      const bytes = answer(head);
      // the next answer writes over this one's bytes: what the kernel does not take at once must be a copy
      socket.write(socket.writableLength > 0 ? Buffer.from(bytes) : bytes);
    }
  });
  socket.on('error', () => socket.destroy());
}

process.on('message', (order: Order) => {
  if ('isChanging' in order) bodies.setChanging(order.isChanging);
  process.send?.(counts);
  counts = {};
});
process.on('disconnect', () => process.exit());

const server = createServer(serve).listen(0, '127.0.0.1', 4096, () =>
  process.send?.((server.address() as { port: number }).port),
);
