/** Who may import whom; a layer is a folder of `src`, or a file directly in it. Within a layer anything goes but cycles. ARCHITECTURE.md has the same as a table. */
export const layers: Readonly<Record<string, readonly string[]>> = {
  'cli.ts': ['config.ts', 'gateway.ts', 'simulator', 'schema', 'audit'],
  'config.ts': ['settings.ts'],
  'settings.ts': [],
  'gateway.ts': ['config.ts', 'server', 'schema', 'modelarts', 'watch', 'audit'],
  schema: ['modelarts', 'watch', 'runtime'],
  modelarts: ['runtime'],
  watch: [],
  server: ['schema', 'modelarts', 'watch', 'runtime', 'audit'],
  audit: [],
  runtime: [],
  simulator: [],
};
