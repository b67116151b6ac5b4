import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { WatchEvent } from '../../../src/watch/watch-event.ts';
import { settle } from '../../support/watch/fake-clock.ts';
import { arrange, type Thing } from '../../support/watch/upstream.ts';

const ids = ['a', 'b', 'c', 'd', 'e', 'f'] as const;
const statuses = ['STARTING', 'RUNNING', 'STOPPED'] as const;

const anyId = fc.constantFrom(...ids);
const anyStatus = fc.constantFrom(...statuses);
const anyIndex = fc.nat(9);

const anyStep = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({ do: fc.constant('change'), id: anyId, status: anyStatus, isOurs: fc.boolean() }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('remove'), id: anyId, isOurs: fc.boolean() }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('join'), id: fc.option(anyId), isSlow: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('leave'), index: anyIndex }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('resume'), index: anyIndex }) },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant('read'), index: anyIndex, count: fc.integer({ min: 1, max: 4 }) }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('fault'), isFailing: fc.boolean() }) },
  { weight: 1, arbitrary: fc.constant({ do: 'wake' } as const) },
  { weight: 5, arbitrary: fc.record({ do: fc.constant('wait'), durationMs: fc.integer({ min: 1, max: 3_000 }) }) },
);

/** A listener that believes what it is told, and objects to what cannot follow from it. */
class Believer {
  readonly id: string | undefined;
  readonly #events: AsyncIterableIterator<WatchEvent<Thing>>;
  readonly state = new Map<string, string>();
  /** sequence of the newest event read */
  since: string | undefined;
  /** a merged backlog was cut through by a resume: what comes may repeat what is known */
  readonly isLenient: boolean;
  #position = -1;
  #isUnreachable = false;
  #pending: Promise<IteratorResult<WatchEvent<Thing>>> | null = null;

  constructor(events: AsyncIterableIterator<WatchEvent<Thing>>, id: string | undefined, earlier?: Believer) {
    this.#events = events;
    this.id = id;
    this.isLenient = earlier !== undefined;
    this.since = earlier?.since;
    for (const [known, status] of earlier?.state ?? []) this.state.set(known, status);
  }

  get hasState(): boolean {
    return this.since !== undefined;
  }

  /** Reads up to `count` events that are there. */
  async read(count: number): Promise<void> {
    for (let n = 0; n < count; n += 1) {
      this.#pending ??= this.#events.next();
      const result = await Promise.race([this.#pending, settle()]);
      if (!result || result.done) return;
      this.#pending = null;
      this.#believe(result.value);
    }
  }

  leave(): void {
    void this.#events.return?.();
  }

  #believe(event: WatchEvent<Thing>): void {
    if (event.kind === 'UNREACHABLE' || event.kind === 'REACHABLE') {
      expect(event.kind === 'REACHABLE').toBe(this.#isUnreachable);
      this.#isUnreachable = !this.#isUnreachable;
      return;
    }
    const position = Number(event.sequence.split('-')[1]);
    if (event.kind === 'SNAPSHOT') {
      if (this.hasState) expect(event.isReset).toBe(true);
      expect(position).toBeGreaterThanOrEqual(this.#position);
      this.state.clear();
      for (const { id, status } of event.items) this.state.set(id, status);
    } else {
      expect(this.hasState).toBe(true);
      expect(position).toBeGreaterThan(this.#position);
      const id = event.kind === 'REMOVED' ? event.previous.id : event.item.id;
      if (this.id !== undefined) expect(id).toBe(this.id);
      if (!this.isLenient) expect(this.state.get(id)).toBe(event.previous?.status);
      if (event.kind === 'REMOVED') this.state.delete(id);
      else this.state.set(id, event.item.status);
    }
    this.#position = position;
    this.since = event.sequence;
  }
}

describe('whatever happens to a watch,', () => {
  it('every listener gets each step in order and ends up with the truth', async () => {
    const anyRun = fc.record({
      steps: fc.array(anyStep, { minLength: 20, maxLength: 120, size: 'max' }),
      isFiltering: fc.boolean(),
      latencyMs: fc.constantFrom(0, 50, 2_500),
      queueLimit: fc.constantFrom(2, 3, 64),
      ringSize: fc.constantFrom(3, 256),
    });
    await fc.assert(
      fc.asyncProperty(anyRun, async ({ steps, isFiltering, latencyMs, queueLimit, ringSize }) => {
        const { clock, upstream, watches, listen } = arrange({ queueLimit, ringSize });
        Object.assign(upstream, { isFiltering, latencyMs });
        const present: { listener: Believer; isSlow: boolean }[] = [];
        const gone: Believer[] = [];
        const pick = (index: number) => present[index % Math.max(1, present.length)];
        for (const step of steps) {
          if (step.do === 'change') {
            const thing = { id: step.id, status: step.status };
            upstream.put(thing);
            if (step.isOurs) watches.observe('key', thing);
          } else if (step.do === 'remove') {
            upstream.things.delete(step.id);
            if (step.isOurs) watches.forget('key', step.id);
          } else if (step.do === 'join') {
            const id = step.id ?? undefined;
            present.push({ listener: new Believer(listen({ id }), id), isSlow: step.isSlow });
          } else if (step.do === 'leave') {
            const [left] = present.splice(step.index % Math.max(1, present.length), 1);
            left?.listener.leave();
            if (left) gone.push(left.listener);
          } else if (step.do === 'resume') {
            const earlier = gone[step.index % Math.max(1, gone.length)];
            if (earlier?.hasState) {
              const { id, since } = earlier;
              present.push({ listener: new Believer(listen({ id, since }), id, earlier), isSlow: false });
            }
          } else if (step.do === 'read') {
            await pick(step.index)?.listener.read(step.count);
          } else if (step.do === 'fault') {
            upstream.failure = step.isFailing ? { failure: 'passing' } : null;
          } else if (step.do === 'wake') {
            watches.wake('key');
          } else {
            await clock.advance(step.durationMs);
            for (const { listener, isSlow } of present) if (!isSlow) await listener.read(Number.POSITIVE_INFINITY);
          }
        }
        upstream.failure = null;
        await clock.advance(70_000);
        for (const { listener } of present) {
          await listener.read(Number.POSITIVE_INFINITY);
          const wanted = [...upstream.things.values()].filter(
            ({ id }) => listener.id === undefined || listener.id === id,
          );
          expect(Object.fromEntries(listener.state)).toEqual(Object.fromEntries(wanted.map((t) => [t.id, t.status])));
        }
        await watches.close();
        expect(clock.pending).toBe(0);
      }),
      { numRuns: 200 },
    );
  });
});
