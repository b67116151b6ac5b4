import { hash, randomBytes } from 'node:crypto';
import type { AbortSignalLike } from '../../runtime/abort.ts';
import type { Answer } from './answer.ts';
import { type Call, targetOf } from './call.ts';
import { type CatalogStats, createCatalogCache, isCatalogRead, isImageChange } from './catalogue-cache.ts';
import { segmentAt } from './path.ts';
import { createSharedReads } from './request-sharing.ts';

/** Spares reads that need not be made: of catalogues just read, and of anything an equal read is on its way for. */
export type CallerReads = {
  /** @param caller as `keyOf` gives it */
  read(caller: string, call: Call, options: ReadOptions): Promise<Answer>;
  /** Makes a change; what was asked for before it is neither shared nor kept for later. */
  change<T>(call: Call, make: () => Promise<T>): Promise<T>;
  /** Stands for a token in keys; of no use outside this process. */
  keyOf(token: string): string;
  readonly stats: { readonly inFlight: number; readonly catalog: CatalogStats };
};

export type ReadOptions = {
  readonly signal: AbortSignalLike | undefined;
  /** the answer must not be older than the question */
  readonly isFresh: boolean;
  readonly send: (signal: AbortSignalLike) => Promise<Answer>;
  /** the error a failure is told as */
  readonly failed: (error: unknown) => unknown;
};

export function createCallerReads({ catalogTtlMs }: { readonly catalogTtlMs: number }): CallerReads {
  const secret = randomBytes(32).toString('base64url');
  const sharedReads = createSharedReads();
  const catalog = createCatalogCache({ ttlMs: catalogTtlMs });

  return {
    read(caller, call, { signal, isFresh, send, failed }) {
      const { operationId } = call;
      const scope = scopeOf(call);
      const key = `${caller} ${call.service} ${targetOf(call)}`;
      const read = (): Promise<Answer> => sharedReads.read({ key, scope, signal, isFresh, start: send, failed });
      return isCatalogRead(operationId) ? catalog.through(key, { operationId, scope, isFresh, read }) : read();
    },
    async change(call, make) {
      const scope = scopeOf(call);
      // before: a read asked for while the change runs may see it; after: one asked for then must
      const end = (): void => {
        sharedReads.endSharing(scope);
        if (isImageChange(call.operationId)) catalog.dropImages(scope);
      };
      end();
      try {
        return await make();
      } finally {
        end();
      }
    },
    keyOf: (token) => hash('sha256', secret + token, 'base64url'),
    get stats() {
      return { inFlight: sharedReads.inFlight, catalog: catalog.stats };
    },
  };
}

/** What a change can be seen in: its project, whoever asks; a colleague's change ends sharing as well. */
const scopeOf = ({ service, path }: Call): string => (service === 'iam' ? service : segmentAt(path, 2));
