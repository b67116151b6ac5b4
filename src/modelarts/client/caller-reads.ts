import { hash, randomBytes } from 'node:crypto';
import type { AbortSignalLike } from '../../runtime/abort.ts';
import type { Answer } from './answer.ts';
import { type Call, targetOf } from './call.ts';
import { type CatalogStats, createCatalogCache, isCatalogRead, isImageChange } from './catalogue-cache.ts';
import { segmentAt } from './path.ts';
import { createSharedReads } from './request-sharing.ts';
import { type TokenStandings, tokenDigest } from './token-standing.ts';

/** Spares reads that need not be made: of catalogues just read, and of anything an equal read is on its way for. */
export type CallerReads = {
  /** @param caller as `keyOf` gives it */
  read(caller: string, call: Call, options: ReadOptions): Promise<Answer>;
  /** Makes a change; what was asked for before it is neither shared nor kept for later. */
  change<T>(call: Call, make: () => Promise<T>): Promise<T>;
  /** Stands for a token in keys; of no use outside this process. */
  keyOf(token: string): string;
  /** the same from `tokenDigest` of the token */
  keyOfDigest(digest: string): string;
  /**
   * The caller's token is refused: lets go of what is kept for them; no read of theirs that is on its way is joined, or kept.
   * @returns false: nothing can have been kept
   */
  forget(caller: string): boolean;
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

export type CallerReadsOptions = {
  readonly catalogTtlMs: number;
  readonly standings: TokenStandings;
};

export function createCallerReads({ catalogTtlMs, standings }: CallerReadsOptions): CallerReads {
  const secret = randomBytes(32).toString('base64url');
  const sharedReads = createSharedReads();
  const catalog = createCatalogCache({ ttlMs: catalogTtlMs });
  const keyOfDigest = (digest: string): string => hash('sha256', secret + digest, 'base64url');

  return {
    read(caller, call, { signal, isFresh, send, failed }) {
      const { operationId } = call;
      const scope = scopeOf(call);
      const key = `${caller} ${call.service} ${targetOf(call)}`;
      const read = (): Promise<Answer> => sharedReads.read({ key, scope, signal, isFresh, start: send, failed });
      if (!isCatalogRead(operationId)) return read();
      const askedAt = performance.now();
      return catalog.through(key, {
        operationId,
        scope,
        // nobody is given what is kept by a token of which it is not known that it is still good
        isFresh: isFresh || !standings.isTrusted(caller),
        isKept: () => !standings.isRefusedSince(caller, askedAt),
        read,
      });
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
    keyOf: (token) => keyOfDigest(tokenDigest(token)),
    keyOfDigest,
    forget(caller) {
      const prefix = `${caller} `;
      sharedReads.endSharingOf(prefix);
      const wasAccepted = standings.refuse(caller);
      if (wasAccepted) catalog.dropOf(prefix);
      return wasAccepted;
    },
    get stats() {
      return { inFlight: sharedReads.inFlight, catalog: catalog.stats };
    },
  };
}

/** What a change can be seen in: its project, whoever asks; a colleague's change ends sharing as well. */
const scopeOf = ({ service, path }: Call): string => (service === 'iam' ? service : segmentAt(path, 2));
