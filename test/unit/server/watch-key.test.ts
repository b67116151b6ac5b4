import { describe, expect, it } from 'vitest';
import { createTokenMemory } from '../../../src/server/graphql/token-store.ts';
import { sharedWatchKey, watchKey } from '../../../src/server/graphql/watch-key.ts';

const keyOf = (tokens: ReturnType<typeof createTokenMemory>, token: string) =>
  sharedWatchKey(watchKey('development environments', 'p1', tokens.sessionOf(token)), tokens);

describe('the key replicas share', () => {
  it('is the same on all for the same token, and names it not', () => {
    const key = keyOf(createTokenMemory(), 'token-a');
    expect(keyOf(createTokenMemory(), 'token-a')).toBe(key);
    expect(keyOf(createTokenMemory(), 'token-b')).not.toBe(key);
    expect(key).not.toContain('token-a');
  });

  it('of a session follows its token: who holds the old one shares nothing with it any more', () => {
    const here = createTokenMemory();
    const session = here.sessionOf('old');
    here.renew('old', 'new');
    const elsewhere = createTokenMemory();
    const key = sharedWatchKey(watchKey('development environments', 'p1', session), here);
    expect(key).toBe(keyOf(elsewhere, 'new'));
    expect(key).not.toBe(keyOf(elsewhere, 'old'));
    expect(keyOf(here, 'old')).not.toBe(key);
  });
});
