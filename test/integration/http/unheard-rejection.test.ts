import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Build, build } from '../../support/process/gateway.ts';

let built: Build;
beforeAll(async () => {
  built = await build();
}, 60_000);
afterAll(() => built.close());

it('a promise that fails unheard is logged once, and ends nothing', async () => {
  const failing = "process.on('SIGUSR2', () => { Promise.reject(new Error('nobody hears this')); })";
  const gateway = await built.start({
    PORT: '0',
    // nothing is asked of them
    MODELARTS_ENDPOINT: 'http://127.0.0.1:9',
    IAM_ENDPOINT: 'http://127.0.0.1:9',
    NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(failing)}`,
  });
  gateway.signal('SIGUSR2');
  await expect.poll(() => gateway.output()).toContain('nobody hears this');
  expect((await fetch(new URL('/health', gateway.url))).status).toBe(200);
  expect(gateway.output().match(/"level":50.*nobody hears this/g)).toHaveLength(1);
  await gateway.interrupt();
});
