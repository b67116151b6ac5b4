import { describe, expect, it } from 'vitest';
import { readChange, writeChange } from '../../../src/server/graphql/changes.ts';
import { readRevoked, writeRevoked } from '../../../src/server/replicas/revocation.ts';
import { readMessage, readOutcome, writeMessage } from '../../../src/watch/replicas/message.ts';
import { arrangeReplicas } from '../../support/replicas/watches.ts';
import { settle } from '../../support/watch/fake-clock.ts';
import { told } from '../../support/watch/upstream.ts';

/** As the release before versions wrote them. */
const former = {
  items:
    '{"type":"items","from":"fb74aeda","interest":["409f38c2"],"writes":1,"items":[{"id":"409f38c2","status":"RUNNING"}]}',
  failure: '{"type":"failure","from":"fb74aeda","error":{"code":"UPSTREAM_ERROR","upstreamStatus":500}}',
  ask: '{"type":"ask","from":"f227a709","writes":1,"interest":["409f38c2"]}',
  interest: '{"type":"interest","from":"fb74aeda","interest":[]}',
  write: '{"type":"write","writes":1,"from":"elsewhere"}',
};
const formerChange = '{"type":"change","from":"6af4114b","projectId":"a4a5d4098fb4","kinds":["notebooks"]}';
const formerRevoked = '{"type":"revoked","from":"6af4114b","token":"wWyF0dr5-yDz1lb4xipWyxYvDatz88xZuBzeuCowzes"}';

const withVersion = (text: string, v: unknown): string => JSON.stringify({ ...JSON.parse(text), v });
const withoutVersion = (text: string): unknown => ({ ...JSON.parse(text), v: undefined });

describe('a message between replicas', () => {
  it.each(Object.entries(former))('is understood as the release before versions wrote it: %s', (type, text) => {
    const message = readMessage(text);
    expect(message).toMatchObject({ type });
    if (message === null || message === 'unreadable') throw new Error('not read');
    // and what is written now has nothing else in it than that release reads, but the number it passes over
    expect(withoutVersion(writeMessage(message))).toEqual({ ...JSON.parse(text), v: undefined });
    expect(JSON.parse(writeMessage(message)).v).toBe(1);
  });

  it.each(Object.entries(former))('is left alone as another version wrote it: %s', (_type, text) => {
    for (const v of [0, 2, '1', null, {}]) {
      expect(readMessage(withVersion(text, v))).toBe('unreadable');
      expect(readOutcome(withVersion(text, v))).toBe('unreadable');
    }
    expect(readMessage(withVersion(text.replace(/"type":"[a-z]+"/, '"type":"unheard-of"'), 1))).toBe(null);
  });

  it('is understood and left alone alike where it is of changes and refused tokens', () => {
    expect(readChange(formerChange)).toMatchObject({ projectId: 'a4a5d4098fb4', kinds: ['notebooks'] });
    expect(readRevoked(formerRevoked)).toMatchObject({ token: 'wWyF0dr5-yDz1lb4xipWyxYvDatz88xZuBzeuCowzes' });
    const change = writeChange({ projectId: 'a4a5d4098fb4', kinds: ['notebooks'] }, '6af4114b');
    expect(JSON.parse(change)).toEqual({ ...JSON.parse(formerChange), v: 1 });
    const revoked = writeRevoked('wWyF0dr5-yDz1lb4xipWyxYvDatz88xZuBzeuCowzes', '6af4114b');
    expect(JSON.parse(revoked)).toEqual({ ...JSON.parse(formerRevoked), v: 1 });
    for (const v of [0, 2, '1', null]) {
      expect(readChange(withVersion(formerChange, v))).toBe(null);
      expect(readRevoked(withVersion(formerRevoked, v))).toBe(null);
    }
  });
});

describe('a replica beside one of another version', () => {
  it('polls for itself where that one holds the lease and publishes what cannot be read, and shares again when it has left', async () => {
    const { clock, upstream, hub, replicas } = arrangeReplicas(1);
    const [replica] = replicas;
    upstream.put({ id: 'a', status: 'STARTING' });
    const newer = hub.replica().link.open('key', { onMessage() {}, onReset() {} });
    await newer.take('of-the-newer');
    const outcome = withVersion(former.items, 2);
    await newer.publish('of-the-newer', outcome, { keepMs: 2000, isLast: false });
    const reader = replica?.read();
    await settle();
    expect(reader && told(reader)).toEqual(['SNAPSHOT a=STARTING']);
    for (let second = 0; second < 8; second += 1) {
      await newer.renew('of-the-newer');
      await newer.publish('of-the-newer', outcome, { keepMs: 2000, isLast: false });
      if (second === 4) upstream.put({ id: 'a', status: 'RUNNING' });
      await clock.advance(1000);
    }
    expect(reader && told(reader)).toEqual(['SNAPSHOT a=STARTING', 'MODIFIED a=RUNNING']);
    newer.release('of-the-newer');
    hub.messages.length = 0;
    await clock.advance(40_000);
    expect(hub.messages.map((text) => JSON.parse(text)).some(({ v, type }) => v === 1 && type === 'items')).toBe(true);
  });
});
