/** Who may import whom; a layer is a folder of `src`, or a file directly in it. Within a layer anything goes but cycles. ARCHITECTURE.md has the same as a table. */
export const layers: Readonly<Record<string, readonly string[]>> = {
  'cli.ts': ['config.ts', 'gateway.ts', 'simulator', 'schema', 'audit'],
  'config.ts': ['settings.ts'],
  'settings.ts': [],
  'gateway.ts': ['config.ts', 'server', 'schema', 'modelarts', 'watch', 'state', 'audit'],
  schema: ['modelarts', 'watch', 'state', 'runtime'],
  modelarts: ['runtime'],
  watch: [],
  state: ['runtime'],
  server: ['schema', 'modelarts', 'watch', 'state', 'runtime', 'audit'],
  audit: [],
  runtime: [],
  simulator: [],
};
