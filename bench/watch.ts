import { setTimeout as sleep } from 'node:timers/promises';
import { percentile } from './load/percentile.ts';
import { readQuietly } from './subscribers/crowd.ts';
import { startWatchedNotebook } from './subscribers/watched-notebook.ts';

/**
 * What subscribers cost: any number of SSE subscribers of one token over one poll of 1 s.
 * Run with `npm run bench:watch [subscribers ...]` after `npm ci`; starts and stops the simulator and the gateway itself.
 */

const pollIntervalMs = 1000;
const quietMs = 10_000;
const rounds = 10;
const crowds = process.argv.slice(2).map(Number);
const sizes = crowds.length > 0 ? crowds : [10, 100, 500, 1000, 2000, 5000];

type Row = { readonly [column: string]: string | number };

async function measure(size: number): Promise<Row> {
  const watched = await startWatchedNotebook(pollIntervalMs);
  try {
    const { crowd, quiet } = await readQuietly(watched, size, { slices: 1, sliceMs: quietMs });
    const [slice] = quiet.slices;
    const latencies: number[] = [];
    for (let round = 0; round < rounds; round += 1) {
      await sleep(200 + Math.random() * pollIntervalMs);
      crowd.arrivals.length = 0;
      const changedAt = performance.now();
      await watched.setStatus(round % 2 === 0 ? 'STOPPED' : 'RUNNING');
      for (let waits = 0; crowd.arrivals.length < size && waits < 300; waits += 1) await sleep(20);
      if (crowd.arrivals.length !== size) throw new Error(`${crowd.arrivals.length} events for ${size} subscribers`);
      latencies.push(...crowd.arrivals.map((arrivedAt) => arrivedAt - changedAt));
    }
    crowd.close();
    return {
      subscribers: size,
      'upstream calls/min': Math.round(slice?.pollsPerMinute ?? 0),
      'KiB/subscriber': Math.round(quiet.kibPerSubscriber),
      'quiet CPU %': (slice?.cpuPercent ?? 0).toFixed(1),
      'latency p50 ms': Math.round(percentile(latencies, 0.5)),
      'latency p99 ms': Math.round(percentile(latencies, 0.99)),
    };
  } finally {
    await watched.stop();
  }
}

for (const [index, size] of sizes.entries()) {
  const row = await measure(size);
  const columns = Object.keys(row);
  if (index === 0) console.log(`| ${columns.join(' | ')} |\n|${columns.map(() => '---').join('|')}|`);
  console.log(`| ${Object.values(row).join(' | ')} |`);
}
