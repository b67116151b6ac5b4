import { defineConfig } from 'vitest/config';

/** One file for each Node, removed by `npm ci` with the packages. */
const results = `node_modules/.vitest-results/node-${process.versions.node}.json`;

export default defineConfig({
  // Vite would load the ES build of graphql beside the CommonJS one that Node and all libraries load: errors of one are none to the other
  resolve: { alias: [{ find: /^graphql$/, replacement: 'graphql/index.js' }] },
  test: {
    include: ['test/**/*.test.ts'],
    testTimeout: 20_000,
    hookTimeout: 20_000,
    // .ci/run counts the results
    reporters: process.env.CI === undefined ? ['default'] : ['default', ['json', { outputFile: results }]],
  },
});
