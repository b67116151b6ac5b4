import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { WatchEvent } from '../../../src/watch/watch-event.ts';
import { arrangeReplicas } from '../../support/replicas/watches.ts';
import { settle } from '../../support/watch/fake-clock.ts';
import type { Reader, Thing } from '../../support/watch/upstream.ts';

const anyReplica = fc.nat(2);
const anyId = fc.constantFrom('a', 'b', 'c');
const anyStatus = fc.constantFrom('STARTING', 'RUNNING', 'STOPPED');

const anyStep = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constant('change'),
      id: anyId,
      status: fc.option(anyStatus),
      by: fc.option(anyReplica),
    }),
  },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('join'), replica: anyReplica, id: fc.option(anyId) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('leave'), index: fc.nat(5) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('link'), replica: anyReplica, isUp: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('expire') }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('fault'), isFailing: fc.boolean() }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('latency'), durationMs: fc.constantFrom(0, 300, 3_000) }) },
  { weight: 6, arbitrary: fc.record({ do: fc.constant('wait'), durationMs: fc.integer({ min: 1, max: 3_000 }) }) },
);

/** Believes the events, and objects to one that does not follow from those before. */
function stateAfter(events: readonly WatchEvent<Thing>[], id: string | null): Map<string, string> {
  const state = new Map<string, string>();
  for (const event of events) {
    if (event.kind === 'SNAPSHOT') {
      state.clear();
      for (const item of event.items) if (id === null || item.id === id) state.set(item.id, item.status);
    } else if (event.kind === 'REMOVED') {
      expect(state.get(event.previous.id)).toBe(event.previous.status);
      state.delete(event.previous.id);
    } else if (event.kind === 'ADDED' || event.kind === 'MODIFIED') {
      expect(state.get(event.item.id)).toBe(event.previous?.status);
      state.set(event.item.id, event.item.status);
    }
  }
  return state;
}

describe('replicas', () => {
  it('give every listener events without gaps that end with the truth, whatever happens to them', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(anyStep, { maxLength: 40 }), fc.integer(), async (steps, seed) => {
        const draws = fc.sample(fc.double({ min: 0, max: 0.999, noNaN: true }), { numRuns: 50, seed });
        let draw = 0;
        const random = () => draws[draw++ % draws.length] ?? 0;
        const { clock, upstream, hub, replicas } = arrangeReplicas(3, { random });
        const readers: { reader: Reader; id: string | null }[] = [];
        for (const step of steps) {
          if (step.do === 'change') {
            const { id, status, by } = step;
            if (status === null) upstream.things.delete(id);
            else upstream.put({ id, status });
            const writer = by === null ? undefined : replicas[by]?.watches;
            if (status === null) writer?.forget('key', id);
            else writer?.observe('key', { id, status });
            writer?.wake('key');
          } else if (step.do === 'join') {
            const reader = replicas[step.replica]?.read(step.id ?? undefined);
            if (reader !== undefined) readers.push({ reader, id: step.id });
          } else if (step.do === 'leave') {
            await readers.splice(step.index, 1)[0]?.reader.leave();
          } else if (step.do === 'link') {
            if (step.isUp) replicas[step.replica]?.mend();
            else replicas[step.replica]?.cut();
          } else if (step.do === 'expire') {
            hub.expireLeases();
          } else if (step.do === 'fault') {
            upstream.failure = step.isFailing ? { failure: 'passing' } : null;
          } else if (step.do === 'latency') {
            upstream.latencyMs = step.durationMs;
          } else {
            await clock.advance(step.durationMs);
          }
        }
        upstream.failure = null;
        upstream.latencyMs = 0;
        await clock.advance(70_000);
        for (const { reader, id } of readers) {
          expect(reader.end).toBe('open');
          const truth = [...upstream.things.values()].filter((thing) => id === null || thing.id === id);
          expect(stateAfter(reader.events, id)).toEqual(new Map(truth.map((thing) => [thing.id, thing.status])));
        }
        const isAnyStarting = [...upstream.things.values()].some(({ status }) => status === 'STARTING');
        for (const replica of replicas) replica.mend();
        await clock.advance(70_000);
        const before = upstream.polls.length;
        await clock.advance(60_000);
        expect(upstream.polls.length - before).toBeLessThanOrEqual(isAnyStarting ? 36 : 4);
        await Promise.all(replicas.map(({ watches }) => watches.close()));
        await settle();
        expect(clock.pending).toBe(0);
      }),
      { numRuns: 150 },
    );
  });
});
