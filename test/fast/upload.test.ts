import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Upload } from '../../src/server/fast/http/upload.ts';

const head = (length: number): string => `POST / HTTP/1.1\r\nHost: x\r\nContent-Length: ${length}\r\n\r\n`;

let handle: (request: Upload, response: ServerResponse) => void;
let socket: Socket;
let received = '';

const server = createServer({ IncomingMessage: Upload }, (request, response) => handle(request, response));

beforeEach(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  received = '';
  socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
  socket.on('data', (chunk) => {
    received += chunk;
  });
  socket.on('error', () => {});
});
afterEach(async () => {
  socket.destroy();
  await new Promise((resolve) => server.close(resolve));
});

/** What a listener is told, in one list. */
function listenTo(request: Upload, onEnd: () => void = () => {}): string[] {
  const told: string[] = [];
  request.listen({
    chunk: (bytes) => told.push(bytes.toString()),
    end() {
      told.push('end');
      onEnd();
    },
    cut: () => told.push('cut'),
  });
  return told;
}

async function until(isSo: () => boolean): Promise<void> {
  for (let tries = 0; !isSo() && tries < 200; tries++) await pause(10);
  expect(isSo()).toBe(true);
}

const answersIn = (text: string): number => text.split('HTTP/1.1 200').length - 1;

describe('an upload that is listened to', () => {
  it('is handed on as it arrives, and reported when it is whole', async () => {
    let told: string[] = [];
    handle = (request, response) => {
      told = listenTo(request, () => response.end('whole'));
    };
    socket.write(`${head(6)}abc`);
    await until(() => told.length === 1);
    socket.write('def');
    await until(() => received.includes('whole'));
    expect(told).toEqual(['abc', 'def', 'end']);
  });

  it('leaves its connection to the requests behind it', async () => {
    const all: string[][] = [];
    handle = (request, response) => {
      all.push(listenTo(request, () => response.end('ok')));
    };
    // two in one packet, the third when they are answered
    socket.write(`${head(3)}one${head(3)}two`);
    await until(() => answersIn(received) === 2);
    socket.write(`${head(5)}three`);
    await until(() => answersIn(received) === 3);
    expect(all).toEqual([
      ['one', 'end'],
      ['two', 'end'],
      ['three', 'end'],
    ]);
  });

  it('that is cut off says so once', async () => {
    let told: string[] = [];
    handle = (request) => {
      told = listenTo(request);
    };
    socket.write(`${head(6)}abc`);
    await until(() => told.length === 1);
    socket.destroy();
    await until(() => told.length > 1);
    await pause(50);
    expect(told).toEqual(['abc', 'cut']);
  });

  it('is dropped from where it is ignored', async () => {
    let told: string[] = [];
    handle = (request, response) => {
      told = listenTo(request);
      request.ignore();
      response.end('enough');
    };
    socket.write(`${head(6)}abc`);
    await until(() => received.includes('enough'));
    socket.write(`def${head(2)}ok`);
    await until(() => answersIn(received) === 2);
    expect(told).toEqual([]);
  });

  it('is dropped when it is answered', async () => {
    let request: Upload | undefined;
    handle = (arrived, response) => {
      request = arrived;
      listenTo(arrived, () => response.end('ok'));
    };
    socket.write(`${head(3)}abc`);
    await until(() => received.includes('ok'));
    expect(request?.readableEnded).toBe(true);
    expect(request?.listenerCount('end')).toBe(0);
  });
});

describe('an upload that is not listened to', () => {
  it('can be read as a stream', async () => {
    let text = '';
    handle = async (request, response) => {
      for await (const chunk of request) text += chunk;
      response.end('read');
      expect(request.readableEnded).toBe(true);
    };
    socket.write(`${head(6)}abc`);
    await pause(20);
    socket.write('def');
    await until(() => received.includes('read'));
    expect(text).toBe('abcdef');
  });

  it('ends with an error when it is cut off', async () => {
    let failed: Promise<unknown> | undefined;
    handle = (request) => {
      failed = once(request.resume(), 'end').then(
        () => 'ended',
        () => 'failed',
      );
    };
    socket.write(`${head(6)}abc`);
    await until(() => failed !== undefined);
    socket.destroy();
    expect(await failed).toBe('failed');
  });
});
