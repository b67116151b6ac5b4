import fc from 'fast-check';
import { Registry } from 'prom-client';
import { expect, it } from 'vitest';
import { counters } from '../../src/server/fast/telemetry/counters.ts';
import { writeOperations } from '../../src/server/fast/telemetry/log-lines.ts';
import { type Instruments, promInstruments, separator } from '../../src/server/telemetry/instruments.ts';
import type { Operation, OperationEnd } from '../../src/server/telemetry/operation.ts';
import { createLog, logOperations } from '../../src/server/telemetry/operation-log.ts';

const anyText = fc.string({ unit: 'binary', maxLength: 20 });

const anyOperation: fc.Arbitrary<Operation> = fc.record({
  requestId: anyText,
  kind: fc.constantFrom('query', 'mutation', 'subscription', null),
  name: fc.option(anyText),
  startedAt: fc.constant(0),
  upstreamCalls: fc.nat(),
  upstreamCodes: fc.option(fc.uniqueArray(anyText).map((codes) => new Set(codes))),
  onCall: fc.constant(() => {}),
  events: fc.nat(),
  phase: fc.constant('ended' as const),
  opened: fc.constant(null),
  subscribed: fc.option(
    fc.record({
      transport: fc.constantFrom('sse', 'sse_single', 'websocket'),
      openedAt: fc.constant(0),
      end: fc.constantFrom('completed', 'client', null),
    }),
  ),
  span: fc.option(
    fc.record({
      traceId: fc.stringMatching(/^[0-9a-f]{32}$/),
      trace: fc.constant(() => ({ headers: {}, end() {} })),
      end: fc.constant(() => {}),
    }),
  ),
});

const anyEnd: fc.Arbitrary<OperationEnd> = fc.record({
  outcome: fc.constantFrom('ok', 'error', 'refused'),
  isRun: fc.boolean(),
  durationMs: fc.double({ min: 0, max: 1e9, noNaN: true }),
  codes: fc.uniqueArray(anyText),
});

it.each(['info', 'debug', 'warn', 'silent'])(
  'log lines of operations are those of pino, byte for byte, at level %s',
  (level) => {
    fc.assert(
      fc.property(anyOperation, anyEnd, (operation, end) => {
        const written: string[][] = [[], []];
        const [fast, plain] = written.map((lines) => ({ write: (line: string) => void lines.push(line) }));
        if (fast === undefined || plain === undefined) throw new Error('two of them');
        const listeners = [writeOperations(level, fast), logOperations(createLog(level, plain))];
        for (const listener of listeners) {
          listener.operationStarted(operation);
          listener.operationEnded(operation, end);
        }
        const [ours, pinos] = written.map((lines) => lines.map((line) => line.replace(/"time":\d+/, '"time":0')));
        expect(ours).toEqual(pinos);
      }),
    );
  },
);

const labelNames = ['operation', 'outcome'];
const anyKey = fc
  .tuple(fc.stringMatching(/^[\w"\\ .-]{0,8}$/), fc.stringMatching(/^[\w ]{0,4}$/))
  .map((values) => values.join(separator));
const anyCount = fc.tuple(anyKey, fc.integer({ min: 0, max: 100 }));
const anyObservation = fc.tuple(anyKey, fc.double({ min: 0, max: 20, noNaN: true }));

it('the numbers of /metrics are those of prom-client', async () => {
  const counts = fc.array(anyCount, { maxLength: 30 });
  await fc.assert(
    fc.asyncProperty(counts, counts, fc.array(anyObservation, { maxLength: 30 }), async (up, moved, observations) => {
      const told = async (instruments: Instruments): Promise<string[]> => {
        const registry = new Registry();
        const counter = instruments.counter(registry, { name: 'counted', help: 'what is counted', labelNames });
        const gauge = instruments.gauge(registry, { name: 'running', help: 'what runs', labelNames });
        const bounds = [0.1, 1, 10];
        const histogram = instruments.histogram(registry, { name: 'took', help: 'what took time', labelNames, bounds });
        for (const [key, by] of up) counter.add(key, by);
        for (const [key, by] of moved) gauge.add(key, by - 50);
        for (const [key, value] of observations) histogram.observe(key, value);
        // samples of one metric may come in any order
        return (await registry.metrics()).split('\n').map(rounded).sort();
      };
      expect(await told(counters)).toEqual(await told(promInstruments));
    }),
  );
});

/** Sums of decimals differ in their last place by the order of adding. */
const rounded = (line: string): string =>
  line.replace(/ (-?[\d.e+-]+)$/, (_, value) => ` ${Number(value).toPrecision(9)}`);
