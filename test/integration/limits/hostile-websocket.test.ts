import { once } from 'node:events';
import { afterAll, describe, expect, it } from 'vitest';
import WebSocket from 'ws';
import { sharedBed } from '../../support/bed.ts';
import { expectNothingInternal } from '../../support/disclosure.ts';

const bed = sharedBed();

afterAll(async () => {
  // all of it was refused, but what looks whether the token is good
  expect(bed.exchanges.filter(({ operationId }) => operationId !== 'listProjects')).toEqual([]);
});

describe('a WebSocket', () => {
  const init = { type: 'connection_init' };
  const subscribe = (id: string, query: unknown = 'subscription { sessionExpiring { kind } }') => ({
    id,
    type: 'subscribe',
    payload: { query },
  });

  it.each<[string, number, unknown[]]>([
    ['text that is no JSON', 4400, ['{']],
    ['a message of no type', 4400, [{}]],
    ['a type that does not exist', 4400, [{ type: 'nothing' }]],
    ['an array', 4400, [[init]]],
    ['a payload that is text', 4400, [{ ...init, payload: 'x' }]],
    ['a second init', 4429, [init, init]],
    ['an operation before init', 4401, [subscribe('1')]],
    ['an operation without an id', 4400, [init, { ...subscribe('1'), id: undefined }]],
    ['an operation without a document', 4400, [init, subscribe('1', null)]],
    ['a document that is an object', 4400, [init, subscribe('1', { kind: 'Document' })]],
    ['a batch', 4400, [init, [subscribe('1'), subscribe('2')]]],
  ])('that sends %s is closed with %i', async (_, code, messages) => {
    const socket = new WebSocket(bed.gateway.url.replace('http', 'ws'), 'graphql-transport-ws');
    await once(socket, 'open');
    for (const message of messages) socket.send(typeof message === 'string' ? message : JSON.stringify(message));
    const [closed, reason] = await once(socket, 'close');
    expect(closed).toBe(code);
    expectNothingInternal(bed, String(reason));
  });

  it('that uses an id twice is closed with 4409', async () => {
    const socket = new WebSocket(bed.gateway.url.replace('http', 'ws'), 'graphql-transport-ws');
    await once(socket, 'open');
    const payload = { 'x-auth-token': bed.simulator.demo.token };
    socket.send(JSON.stringify({ ...init, payload }));
    await once(socket, 'message');
    socket.send(JSON.stringify(subscribe('1')));
    socket.send(JSON.stringify(subscribe('1')));
    const [code] = await once(socket, 'close');
    expect(code).toBe(4409);
  });

  it('that speaks no protocol is closed with 4406', async () => {
    const socket = new WebSocket(bed.gateway.url.replace('http', 'ws'));
    const [code] = await once(socket, 'close');
    expect(code).toBe(4406);
  });

  it.each<[string, unknown]>([
    ['a number', 1],
    ['an array', ['x']],
    ['an object', { toString: 'x' }],
    ['a line break', 'x\r\nX-Subject-Token: y'],
    ['two tokens joined', 'x,y'],
    ['a letter beyond ASCII', 'é'],
  ])('whose token is %s is refused with a reason', async (_, token) => {
    for (const name of ['x-auth-token', 'X-Auth-Token']) {
      const socket = new WebSocket(bed.gateway.url.replace('http', 'ws'), 'graphql-transport-ws');
      await once(socket, 'open');
      socket.send(JSON.stringify({ ...init, payload: { [name]: token, 'x-project-id': { a: token } } }));
      await once(socket, 'message');
      socket.send(JSON.stringify(subscribe('1', '{ notebooks { totalCount } }')));
      const [message] = await once(socket, 'message');
      expect(String(message)).toMatch(/"code":"(UNAUTHENTICATED|BAD_USER_INPUT)"/);
      expectNothingInternal(bed, String(message));
      socket.terminate();
    }
  });
});
