import { describe, expect, it } from 'vitest';
import { projectId, sharedBed } from '../../support/bed.ts';
import { quickly } from '../../support/gateway.ts';

const rounds = 400;

/** Bytes kept, and how many may be, by store, as `/metrics` has them. */
async function kept(url: string): Promise<Map<string, { bytes: number; maxBytes: number }>> {
  const text = await (await fetch(new URL('/metrics', url))).text();
  const numbers = (name: string) =>
    [...text.matchAll(new RegExp(`^modelarts_gateway_${name}\\{store="(\\w+)"\\} (\\S+)$`, 'gm'))].map(
      ([, store = '', number]) => [store, Number(number)] as const,
    );
  const maxima = new Map(numbers('store_max_bytes'));
  return new Map(numbers('store_bytes').map(([store, bytes]) => [store, { bytes, maxBytes: maxima.get(store) ?? 0 }]));
}

describe('requests of a caller whose token nobody has accepted', () => {
  const bed = sharedBed({ gateway: { catalogTtlMs: 60_000, revalidationMaxBytes: 1 << 20, onParity: undefined } });

  const post = async (body: object, token: string): Promise<void> => {
    const response = await fetch(bed.gateway.url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-auth-token': token, 'x-project-id': projectId },
      body: JSON.stringify(body),
    });
    // one that is refused for its size would leave nothing anyway
    expect(await response.text()).not.toContain('LIMIT_EXCEEDED');
  };

  it.each([
    [
      'of 200 KB, each with another operation name and other variables its cost depends on',
      (index: number) => ({
        query: `query Q${index}($n: Int) { __typename notebooks(first: $n) { nodes { name } } }`,
        operationName: `Q${index}`,
        variables: { n: `${index} `.padEnd(200 * 1024, 'n') },
      }),
    ],
    [
      'of 46 KB, each with another document',
      (index: number) => ({ query: `{ __typename } # ${index} `.padEnd(46 * 1024, '.') }),
    ],
    [
      'each with another document that is not valid, in five ways',
      (index: number) => ({ query: `{ a${index} b c d e f g h }` }),
    ],
  ])('%s, leave next to nothing, and nothing beyond the share of strangers', async (_, requestOf) => {
    for (let index = 0; index < rounds; index++) await post(requestOf(index), `made-up-${index}`);
    const stores = await kept(bed.gateway.url);
    expect(stores.size).toBeGreaterThan(8);
    for (const [name, { bytes, maxBytes }] of stores) expect(bytes, name).toBeLessThanOrEqual(maxBytes / 4);
    // the rest are things that only those have whom an upstream accepted
    const growing = [...stores].filter(([, { bytes }]) => bytes > 0).map(([name]) => name);
    expect(growing.filter((name) => !['documents', 'costs'].includes(name))).toEqual([]);
    expect(stores.get('costs')?.bytes).toBeLessThan(500_000);
  });

  it('leave nothing of documents that are not valid', async () => {
    const before = (await kept(bed.gateway.url)).get('documents')?.bytes;
    for (let index = 0; index < 50; index++) await post({ query: `{ nothing${index} }` }, 'made-up');
    expect((await kept(bed.gateway.url)).get('documents')?.bytes).toBe(before);
  });

  it('have no plan the second time, nor the tenth', async () => {
    for (let index = 0; index < 10; index++) {
      for (const _ of [1, 2]) await post({ query: `{ __typename notebooks { nodes { id } } } # ${index}` }, 'made-up');
    }
    expect((await kept(bed.gateway.url)).get('plans')?.bytes ?? 0).toBe(0);
  });

  it.runIf(quickly.isFastOn)('have one when they are accepted, and have come again and again', async () => {
    const { token } = await bed.signIn('demo');
    for (let time = 0; time < 20; time++) await post({ query: '{ notebooks { nodes { id name } } }' }, token);
    expect((await kept(bed.gateway.url)).get('plans')?.bytes).toBeGreaterThan(2000);
  });
});
