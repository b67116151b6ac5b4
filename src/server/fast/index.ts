import type { DocumentStore } from '../graphql/document-store.ts';
import type { TokenMemory } from '../graphql/token-store.ts';
import type { Lane } from '../lane.ts';
import { executeQueries, type QueryExecutionOptions } from './execution/query-execution.ts';
import { shareExecutions } from './execution/shared-executions.ts';
import { createFastPath } from './http/fast-path.ts';
import { collectPlugins } from './http/lean-envelop.ts';
import { readPastStream, Upload } from './http/upload.ts';
import { OperationReads } from './revalidation/operation-reads.ts';
import { createResponseStore } from './revalidation/response-store.ts';
import { counters } from './telemetry/counters.ts';
import { writeOperations } from './telemetry/log-lines.ts';

export type FastLaneOptions = Omit<QueryExecutionOptions, 'responseStore'> & {
  /** false: every request goes through Yoga's HTTP layer */
  readonly isFastPathOn: boolean;
  /** bytes of responses stored to be given again once revalidated; 0: none is */
  readonly revalidationMaxBytes: number;
  readonly tokens: Pick<TokenMemory, 'hash'>;
  readonly documents: DocumentStore;
};

/** Everything that is made by hand for speed; README.md beside this file says what each piece is worth. */
export function fastLane({
  isFastPathOn,
  revalidationMaxBytes,
  tokens,
  documents,
  ...execution
}: FastLaneOptions): Lane {
  const responseStore = revalidationMaxBytes > 0 ? createResponseStore({ maxBytes: revalidationMaxBytes }) : null;
  const queries = executeQueries({ ...execution, responseStore });
  const collected = collectPlugins();
  return {
    Request: Upload,
    readBody: readPastStream,
    trackReads: () => new OperationReads(),
    plugins: [queries.plugin, shareExecutions(tokens), collected.plugin],
    answerJson: (yoga, failures) =>
      isFastPathOn ? createFastPath({ yoga, plugins: collected.plugins(), failures, documents }) : null,
    instruments: counters,
    logOperations: ({ level, destination }) => writeOperations(level, destination),
    forget: (caller) => responseStore?.dropOf(`${caller} `),
    kept: () => ({
      ...(queries.plans !== null && { plans: queries.plans.stats }),
      ...(responseStore !== null && { responses: responseStore.stats }),
    }),
    close: () => responseStore?.close(),
  };
}
