import { execFile, spawnSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { stringify } from 'yaml';

const isInstalled = spawnSync('promtool', ['--version']).status === 0;

/** Whether tests of alert rules are left out: never in CI, where a missing promtool is a failure. */
export const isPromtoolMissing = !isInstalled && process.env.CI === undefined;
if (isPromtoolMissing) process.stderr.write('Tests of alert rules are skipped: apt-get install prometheus\n');

/** What Prometheus would have read of one gateway, a scrape a minute. */
export type Scrapes = {
  add(text: string): void;
  /** as promtool takes them */
  readonly series: readonly { readonly series: string; readonly values: string }[];
};

export function createScrapes(): Scrapes {
  const values = new Map<string, Map<number, string>>();
  let count = 0;
  return {
    add(text) {
      for (const line of text.split('\n')) {
        const [, series, value] = /^([a-z_]+(?:\{.*\})?) ([-+.0-9eE]+|NaN)$/.exec(line) ?? [];
        if (series === undefined || value === undefined) continue;
        const known = values.get(series) ?? new Map<number, string>();
        values.set(series, known.set(count, value));
      }
      count += 1;
    },
    get series() {
      const minutes = Array.from({ length: count }, (_, minute) => minute);
      return [...values].map(([series, known]) => ({
        series,
        values: minutes.map((minute) => known.get(minute) ?? '_').join(' '),
      }));
    },
  };
}

/** The alerts that fire at that minute, by Prometheus' own engine. */
export async function firingAlerts(
  rules: string,
  { series }: Pick<Scrapes, 'series'>,
  { names, minute }: { readonly names: readonly string[]; readonly minute: number },
): Promise<string[]> {
  const folder = await mkdtemp(join(tmpdir(), 'alerts-'));
  const firing: string[] = [];
  try {
    for (const name of names) {
      const file = join(folder, `${name}.yaml`);
      const expectsNone = { eval_time: `${minute}m`, alertname: name, exp_alerts: [] };
      const tests = [{ interval: '1m', input_series: series, alert_rule_test: [expectsNone] }];
      await writeFile(file, stringify({ rule_files: [rules], evaluation_interval: '1m', tests }));
      const run = promisify(execFile)('promtool', ['test', 'rules', file]);
      const failed = await run.then(
        () => null,
        (error: { readonly stdout: string; readonly stderr: string }) => `${error.stdout}${error.stderr}`,
      );
      if (failed === null) continue;
      // anything but an alert that was not expected is a fault of the rules
      if (!/got:\s*\[/.test(failed) || /got:\s*\[\]/.test(failed)) throw new Error(failed);
      firing.push(name);
    }
  } finally {
    await rm(folder, { recursive: true });
  }
  return firing;
}
