import { describe, expect, it } from 'vitest';
import type { Session } from '../../../src/modelarts/client/client.ts';
import { readEach, readTogether } from '../../../src/schema/loading/loader.ts';
import { contextOf } from '../../support/schema/context.ts';

const newContext = () => contextOf({} as Session, 'p');

describe('objects that take a call each', () => {
  const counted = () => {
    const asked: string[] = [];
    const loaderOf = readEach(async (id, { projectId }) => {
      asked.push(id);
      if (id === 'bad') throw new Error('no such object');
      return `${projectId}/${id}`;
    });
    return { asked, loaderOf };
  };

  it('are read once in an operation, and again in the next one', async () => {
    const { asked, loaderOf } = counted();
    const context = newContext();
    expect(await Promise.all([loaderOf(context).load('a'), loaderOf(context).load('a')])).toEqual(['p/a', 'p/a']);
    await loaderOf(context).load('b');
    await loaderOf(newContext()).load('a');
    expect(asked).toEqual(['a', 'b', 'a']);
  });

  it('that cannot be read fail each time they are asked for, and are values among many', async () => {
    const { asked, loaderOf } = counted();
    const loader = loaderOf(newContext());
    await expect(loader.load('bad')).rejects.toThrow('no such object');
    await expect(loader.load('bad')).rejects.toThrow('no such object');
    expect(await loader.loadMany(['bad', 'a'])).toEqual([new Error('no such object'), 'p/a']);
    expect(asked).toEqual(['bad', 'a']);
  });

  it('are read anew when they were cleared', async () => {
    const { asked, loaderOf } = counted();
    const loader = loaderOf(newContext());
    await loader.loadMany(['a', 'b']);
    loader.clear('a');
    await loader.loadMany(['a', 'b']);
    loader.clearAll();
    await loader.loadMany(['a', 'b']);
    expect(asked).toEqual(['a', 'b', 'a', 'a', 'b']);
  });

  it('wait for the project where it must be asked for first', async () => {
    const { loaderOf } = counted();
    const access = Promise.resolve({ session: {} as Session, projectId: 'asked' });
    expect(await loaderOf({ ...newContext(), access: () => access }).load('a')).toBe('asked/a');
  });
});

describe('objects that one call gives several of', () => {
  it('are read at once when they are asked for at once', async () => {
    const calls: (readonly string[])[] = [];
    const loaderOf = readTogether(async (ids) => {
      calls.push(ids);
      return ids.map((id) => (id === 'bad' ? new Error('no such object') : id.toUpperCase()));
    });
    const context = newContext();
    const loader = loaderOf(context);
    const bad = expect(loader.load('bad')).rejects.toThrow('no such object');
    expect(await Promise.all([loader.load('a'), loaderOf(context).load('b'), loader.load('a')])).toEqual([
      'A',
      'B',
      'A',
    ]);
    await bad;
    expect(calls).toEqual([['bad', 'a', 'b']]);
  });

  it('are kept apart from those of another type', async () => {
    const context = newContext();
    const upper = readTogether(async (ids) => ids.map((id) => id.toUpperCase()));
    const length = readEach(async (id) => id.length);
    expect([await upper(context).load('ab'), await length(context).load('ab')]).toEqual(['AB', 2]);
  });
});
