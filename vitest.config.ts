import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

/** One file for each Node and lane, removed by `npm ci` with the packages. */
const lane = process.env.FAST === 'off' ? '-fast-off' : '';
const results = `node_modules/.vitest-results/node-${process.versions.node}${lane}.json`;

export default defineConfig({
  // Vite would load the ES build of graphql beside the CommonJS one that Node and all libraries load: errors of one are none to the other
  resolve: { alias: [{ find: /^graphql$/, replacement: 'graphql/index.js' }] },
  test: {
    include: ['test/**/*.test.ts'],
    testTimeout: 30_000,
    hookTimeout: 30_000,
    // a busy machine makes a test slow, not red: what is waited for has come, or has long been lost
    expect: { poll: { timeout: 15_000 } },
    // The modules are loaded once for all files of a worker: half the time. What a file changes of the process it puts back,
    // and hooks stand in functions: those of a module that is no test would be hooks of the first file that loads it
    isolate: false,
    // threads have no time zone of their own, and are not faster
    pool: 'forks',
    // two at least: half of the time is waiting
    maxWorkers: Math.max(2, availableParallelism() - 1),
    // tests that run side by side wait most of their time
    maxConcurrency: 10,
    // .ci/run counts the results
    reporters: process.env.CI === undefined ? ['default'] : ['default', ['json', { outputFile: results }]],
  },
});
