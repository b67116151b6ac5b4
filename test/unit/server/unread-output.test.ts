import { EventEmitter } from 'node:events';
import type { Server } from 'node:http';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { connectionsOf } from '../../../src/server/http/connections.ts';
import { boundUnread } from '../../../src/server/http/unread-output.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

const mebibyte = 1024 * 1024;

/** As much of a server as is looked at. */
function startServer(maxBytes: number) {
  const server = new EventEmitter();
  const cut: string[] = [];
  const connections = connectionsOf(server as Server);
  const stop = boundUnread({ connections, maxBytes, intervalMs: 500 });
  const connect = (name: string, remoteAddress: string, writableLength: number) => {
    const socket = Object.assign(new EventEmitter(), {
      remoteAddress,
      writableLength,
      destroy() {
        cut.push(name);
        socket.emit('close');
      },
    });
    server.emit('connection', socket);
    return socket;
  };
  return { connect, cut, stop };
}

it('nothing is cut while less than the bound is unread, on however many connections', () => {
  const { connect, cut, stop } = startServer(10 * mebibyte);
  for (let count = 0; count < 10; count += 1) connect(`c${count}`, '192.0.2.1', mebibyte);
  for (let count = 0; count < 5000; count += 1) connect(`small${count}`, '192.0.2.1', 10_000);
  vi.advanceTimersByTime(1000);
  expect(cut).toEqual([]);
  stop();
});

it('beyond it the connections of the address that reads least are cut, and only as many as must be', () => {
  const { connect, cut, stop } = startServer(10 * mebibyte);
  connect('other', '192.0.2.2', 4 * mebibyte);
  connect('a', '192.0.2.1', 2 * mebibyte);
  connect('b', '192.0.2.1', 3 * mebibyte);
  connect('c', '192.0.2.1', 3 * mebibyte);
  vi.advanceTimersByTime(500);
  expect(cut).toEqual(['b']);
  vi.advanceTimersByTime(5000);
  expect(cut).toEqual(['b']);
  stop();
});

it('a connection that closed counts no more', () => {
  const { connect, cut, stop } = startServer(10 * mebibyte);
  connect('gone', '192.0.2.1', 9 * mebibyte).emit('close');
  connect('here', '192.0.2.1', 9 * mebibyte);
  vi.advanceTimersByTime(500);
  expect(cut).toEqual([]);
  stop();
  expect(vi.getTimerCount()).toBe(0);
});
