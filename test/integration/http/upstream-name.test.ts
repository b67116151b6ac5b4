import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Simulator, startSimulator } from '../../../src/simulator/simulator.ts';
import { builtSource } from '../../support/process/built-source.ts';
import { startFirstRun } from '../../support/process/first-run.ts';

const production = { NODE_ENV: 'production', PORT: '0', SHUTDOWN_NOTICE_MS: '0' };

describe('the program in production', { timeout: 30_000 }, () => {
  let built: string;
  let simulator: Simulator;

  beforeAll(async () => {
    built = await builtSource();
    simulator = await startSimulator();
  }, 60_000);
  afterAll(() => simulator.close());

  /** Runs until it listens, or ends. */
  async function run(environment: Record<string, string>) {
    const child = spawn(process.execPath, ['--preserve-symlinks-main', join(built, 'cli.js')], {
      env: { ...production, ...environment },
    });
    let written = '';
    const listens = new Promise<string>((resolve) => {
      for (const stream of [child.stdout, child.stderr]) {
        stream.on('data', (chunk) => {
          written += chunk;
          // the block of its log is written a moment later than this
          const [, url] = /"url":"([^"]+)"/.exec(written) ?? [];
          if (url !== undefined) resolve(url);
        });
      }
    });
    const ended = once(child, 'close').then(([code]) => code as number | null);
    const first = await Promise.race([listens, ended]);
    const url = typeof first === 'string' ? first : null;
    const ready = url === null ? null : await (await fetch(new URL('/ready', url))).json();
    child.kill('SIGINT');
    return { code: await ended, written, ready };
  }

  it.each([
    ['no endpoint', {}, 'MODELARTS_ENDPOINT and IAM_ENDPOINT are not set'],
    [
      'one misspelt',
      { MODELARTS_ENDPONT: 'https://modelarts.test', IAM_ENDPOINT: 'https://iam.test' },
      'MODELARTS_ENDPONT is no setting',
    ],
    ['another misspelt', { LIMIT_BODY_BYTE: '7', SIMULATOR: 'on' }, 'LIMIT_BODY_BYTE is no setting'],
  ])('with %s serves nothing, and says what to set', async (_name, environment, said) => {
    const { code, written, ready } = await run(environment as Record<string, string>);
    expect([code, ready]).toEqual([1, null]);
    expect(written).toContain(said);
  });

  it('over a simulator of its own says so at its start and in /ready', async () => {
    const program = await startFirstRun({ ...production, SIMULATOR: 'on', GRAPHIQL: 'on' });
    try {
      expect(program.output()).toContain('Upstream   SIMULATOR');
      const ready = await (await fetch(new URL('/ready', program.url))).json();
      expect(ready).toMatchObject({ upstreamName: 'simulator' });
    } finally {
      await program.close();
    }
  });

  it('says at its start, in its log and in /ready which host its upstream is', async () => {
    const { host } = new URL(simulator.url);
    const { code, written, ready } = await run({ MODELARTS_ENDPOINT: simulator.url, IAM_ENDPOINT: simulator.url });
    expect(written).toContain(`Upstream: ${simulator.url}`);
    expect(written).toContain(`"upstream":"${host}"`);
    expect(ready).toMatchObject({ upstreamName: host });
    expect(code).toBe(0);
  });
});
