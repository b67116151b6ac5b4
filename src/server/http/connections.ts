import type { Server } from 'node:http';
import type { Socket } from 'node:net';

/**
 * What was in a Set that others came and went from outlives its removal: V8 has tables that were outgrown point to those that
 * came after it, and of a dead old one all of them are kept until the next full collection. So what is in an entry is let go of
 * as well.
 */
export type Connection = { socket: Socket | null };

const known = Symbol('known');

/** The open connections of a server, from now on. */
export function connectionsOf(server: Server): ReadonlySet<Connection> {
  const connections = new Set<Connection>();
  server.on('connection', (socket: Socket & { [known]?: Set<Connection> }) => {
    // one that goes on behind a declined upgrade comes again
    if (socket[known] === connections) return;
    socket[known] = connections;
    const entry: Connection = { socket };
    connections.add(entry);
    socket.once('close', () => {
      connections.delete(entry);
      entry.socket = null;
    });
  });
  return connections;
}
