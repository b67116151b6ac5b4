import { setImmediate as turn } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import { readConfig } from '../../../src/config.ts';
import type { BodyListener, Incoming } from '../../../src/server/http/incoming.ts';
import { createUploads, type ReadRequest, readGraphql } from '../../../src/server/http/request-body.ts';
import { SharedRoom } from '../../../src/server/http/shared-room.ts';

setFlagsFromString('--expose-gc');
const collect: () => void = runInNewContext('gc');

const { limits } = readConfig({});
const headers = { 'content-type': 'application/json' };

/** A POST from an address, whose body the test brings. */
function post(uploads: SharedRoom, from = '192.0.2.1') {
  let listener: BodyListener | undefined;
  const read: ReadRequest[] = [];
  // what is read of a request
  const request = { method: 'POST', url: '/graphql', headers, socket: { remoteAddress: from } } as unknown as Incoming;
  const readBody = (_request: Incoming, told: BodyListener) => {
    listener = told;
    return () => {};
  };
  readGraphql(request, { limits, readBody, uploads }, (result) => read.push(result));
  if (listener === undefined) throw new Error('nobody listens');
  return { listener, read };
}

const heldBytes = (): number => {
  collect();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
};

describe('a body', () => {
  it('that arrives a byte at a time holds a small multiple of what has come', async () => {
    const { listener, read } = post(createUploads(limits));
    await turn();
    const before = heldBytes();
    for (let count = 0; count < limits.bodyBytes; count += 1) listener.chunk(Buffer.from(' '));
    // a buffer for each byte held 60 MiB
    expect(heldBytes() - before).toBeLessThan(8 * limits.bodyBytes);
    expect(read).toEqual([]);
    listener.cut();
  });

  it('is read as it was sent, however it is cut', async () => {
    const sent = Buffer.from(JSON.stringify({ query: '{ a }', variables: { name: 'é'.repeat(3000) } }));
    for (const size of [1, 2, 7, 1000, sent.length]) {
      const { listener, read } = post(createUploads(limits));
      await turn();
      for (let at = 0; at < sent.length; at += size) listener.chunk(sent.subarray(at, at + size));
      listener.end();
      expect(read).toEqual([{ body: JSON.parse(sent.toString()) }]);
    }
  });

  it('that is slow gives way to others of its caller, and not to those of another', async () => {
    const uploads = new SharedRoom({ share: 3000, total: 100_000 });
    const slow = post(uploads, '192.0.2.1');
    const other = post(uploads, '192.0.2.2');
    for (const { listener } of [slow, other]) listener.chunk(Buffer.alloc(2000, ' '));
    await turn();
    const next = post(uploads, '192.0.2.1');
    next.listener.chunk(Buffer.alloc(2000, ' '));
    await turn();
    const [refusal] = slow.read;
    expect(refusal).toMatchObject({ refused: { status: 503, error: { extensions: { code: 'LIMIT_EXCEEDED' } } } });
    expect([other.read, next.read]).toEqual([[], []]);
    other.listener.cut();
    next.listener.cut();
    expect(uploads.size).toBe(0);
  });

  it('that is there at once takes none of the room', async () => {
    const uploads = createUploads(limits);
    const { listener, read } = post(uploads);
    listener.chunk(Buffer.from('{"query":"{ a }"}'));
    listener.end();
    await turn();
    expect(read).toEqual([{ body: { query: '{ a }' } }]);
    expect(uploads.size).toBe(0);
  });
});
