import { describe, expect, test } from 'vitest';
import { othersPercent } from '../../../bench/processes/machine.ts';
import { agreementOf, agreementText } from '../../../bench/report/agreement.ts';
import { targetTable } from '../../../bench/report/target-table.ts';
import { targetRatio } from '../../../bench/report/targets.ts';
import type { Results } from '../../../bench/rounds/results.ts';
import { inOrderOf } from '../../../bench/rounds/rounds.ts';
import { type Bodies, comparisonsOf, type RowFacts, type Settings } from '../../../bench/rounds/rows.ts';
import { isRunBy, ownNode } from '../../../bench/systems/node.ts';

const newer = String(Number(ownNode.major) + 4);

const gateway = (name: string, facts: Partial<RowFacts> = {}): RowFacts => ({
  name,
  system: 'gateway',
  settings: 'default' satisfies Settings,
  bodies: 'cold' satisfies Bodies,
  node: ownNode.major,
  versions: '',
  ...facts,
});
const peer = (name: string, node: string | null): RowFacts => ({ name, system: name, node, versions: '' });

const rows = [
  gateway('default, cold'),
  gateway('default, cold, newer Node', { node: newer }),
  gateway('one token, cold', { settings: 'one token' }),
  gateway('default, cold, other', { system: 'other' }),
  gateway('one token, cold, other', { system: 'other', settings: 'one token' }),
  peer('raw-proxy', ownNode.major),
  peer('tailcall', null),
  peer('hive', newer),
];

describe('what the bench compares', () => {
  const pairs = comparisonsOf(rows).map(({ row, over }) => `${row} / ${over}`);

  test('is the gateway with each peer on the peer’s own Node', () => {
    expect(pairs).toContain('default, cold / raw-proxy');
    expect(pairs).toContain('default, cold / tailcall');
    expect(pairs).toContain('default, cold, newer Node / hive');
    expect(pairs).not.toContain('default, cold / hive');
    expect(pairs).not.toContain('default, cold, newer Node / raw-proxy');
  });

  test('is each row with its like of the other checkout, and nothing else with that', () => {
    expect(pairs.filter((pair) => pair.includes(', other'))).toEqual([
      'default, cold / default, cold, other',
      'one token, cold / one token, cold, other',
    ]);
  });

  test('follows each other in a round, now one first, now the other', () => {
    const orders = Array.from({ length: 4 }, (_, round) => {
      const names = inOrderOf(round, rows).map(({ name }) => name);
      return names.indexOf('default, cold, other') - names.indexOf('default, cold');
    });
    expect(orders.map(Math.abs)).toEqual([1, 1, 1, 1]);
    expect(new Set(orders)).toEqual(new Set([1, -1]));
  });
});

/** CPU of a request by row, one figure a round. */
const resultsOf = (cpu: Readonly<Record<string, readonly number[]>>, othersPercent = 0): Results => ({
  rows,
  workloads: ['W1'],
  cells: Object.fromEntries(
    Object.entries(cpu).map(([name, micros]) => [
      name,
      {
        W1: {
          failure: null,
          rounds: micros.map((cpuMicros) => ({
            cpuMicros,
            busyCpuMicros: cpuMicros / 2,
            perSecond: 1,
            upstreamCalls: 1,
            p50Ms: 1,
            p99Ms: 1,
            othersPercent,
          })),
        },
      },
    ]),
  ),
});

test('a target against a peer on a newer Node is judged by the gateway on that Node', () => {
  const results = resultsOf({ 'default, cold': [1, 1, 1], 'default, cold, newer Node': [2, 4, 3], hive: [20, 20, 20] });
  const target = { peer: 'hive', workload: 'W1', bodies: 'cold', atMost: 1 } as const;
  expect(targetRatio(results, target, { settings: 'default', figure: 'cpuMicros' })).toEqual({
    median: 0.15,
    least: 0.1,
    most: 0.2,
    rounds: 3,
  });
});

test('two runs are compared ratio by ratio, and those that differ are named', () => {
  const long = resultsOf({ 'default, cold': [10, 11, 12], 'raw-proxy': [10, 10, 10], tailcall: [10, 10, 10] });
  const short = resultsOf({ 'default, cold': [11, 11, 11], 'raw-proxy': [10, 10, 10], tailcall: [5, 5, 5] });
  const agreement = agreementOf(short, long, 'long.json');
  expect(agreement.compared).toBe(4);
  expect(agreement.outside.map(({ name }) => name)).toEqual([
    'default, cold / tailcall, W1, CPU at a steady rate',
    'default, cold / tailcall, W1, CPU at full load',
  ]);
  expect(agreementText(agreement)).toContain('2 of 4 ratios of CPU lie within the spread');
});

test('no target is judged while others keep the machine busy', () => {
  const cpu = { 'default, cold': [1, 1, 1], 'raw-proxy': [10, 10, 10], tailcall: [10, 10, 10] };
  expect(targetTable(resultsOf(cpu, 9), null)).toContain('| <= 1.6 | 0.1 reached |');
  expect(targetTable(resultsOf(cpu, 11), null)).toContain('| <= 1.6 | 0.1 open |');
});

describe('the share of others', () => {
  const reading = (busySeconds: number, own: number) => ({ busySeconds, totalSeconds: 10, own: new Map([[1, own]]) });

  test('is what was busy and not the bench', () => {
    const before = { ...reading(2, 1), totalSeconds: 8 };
    expect(othersPercent(before, reading(3.5, 1.5))).toBe(50);
    expect(othersPercent(before, reading(2.5, 1.5))).toBe(0);
  });

  test('counts what was started meanwhile as the bench', () => {
    const before = { ...reading(2, 1), totalSeconds: 8 };
    expect(
      othersPercent(before, {
        ...reading(4, 1),
        own: new Map([
          [1, 1],
          [2, 2],
        ]),
      }),
    ).toBe(0);
  });
});

describe('the Node of a peer', () => {
  test('is that of the bench where it is new enough', () => {
    expect(isRunBy('20.20.2', '>=20.19')).toBe(true);
    expect(isRunBy('20.19.0', '>=20.19')).toBe(true);
    expect(isRunBy('22.1.0', '>=20.19')).toBe(true);
    expect(isRunBy('20.18.9', '>=20.19')).toBe(false);
    expect(isRunBy('20.20.2', '>=24')).toBe(false);
  });

  test('is not guessed from a range the bench does not understand', () => {
    expect(() => isRunBy('20.20.2', '^20 || >=22')).toThrow('the bench understands >= and a version');
  });
});
