import { hash, randomBytes } from 'node:crypto';
import type { AbortSignalLike } from '../../runtime/abort.ts';
import { createBoundedStore, type StoreStats, textBytes } from '../../runtime/bounded-store.ts';
import { OutcomeUnknownError } from '../wire/errors.ts';
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
  /**
   * Makes a change. Once the upstream has accepted it, nothing asked for before is shared or kept for later, whoever asked;
   * one that is refused ends nothing, or anybody could end it for a project by a token made up.
   */
  change<T>(caller: string | null, call: Call, make: () => Promise<T>): Promise<T>;
  /** The upstream answered a call of this caller as it answers those who may make it. */
  accept(caller: string, call: Call): void;
  /** Whether a change whose answer was lost may have been made: others of its caller in that project were answered. */
  mayHaveChanged(caller: string | null, call: Call): boolean;
  /** Stands for a token in keys; of no use outside this process. */
  keyOf(token: string): string;
  /** the same from `tokenDigest` of the token */
  keyOfDigest(digest: string): string;
  /**
   * The caller's token is refused: lets go of what is kept for them; no read of theirs that is on its way is joined, or kept.
   * @returns false: nothing can have been kept
   */
  forget(caller: string): boolean;
  readonly stats: { readonly inFlight: number; readonly catalog: CatalogStats; readonly projects: StoreStats };
};

export type ReadOptions = {
  readonly signal: AbortSignalLike | undefined;
  /** the answer must not be older than the question */
  readonly isFresh: boolean;
  readonly send: (signal: AbortSignalLike) => Promise<Answer>;
  /** the error a failure is told as */
  readonly failed: (error: unknown) => unknown;
};

/** Some ten thousand callers. */
const acceptedBytes = 8 * 1024 * 1024;

export type CallerReadsOptions = {
  readonly catalogTtlMs: number;
  readonly standings: TokenStandings;
};

export function createCallerReads({ catalogTtlMs, standings }: CallerReadsOptions): CallerReads {
  const secret = randomBytes(32).toString('base64url');
  const sharedReads = createSharedReads();
  const catalog = createCatalogCache({ ttlMs: catalogTtlMs });
  const keyOfDigest = (digest: string): string => hash('sha256', secret + digest, 'base64url');

  /** the project each caller was answered in last */
  const accepted = createBoundedStore<string, string>({ maxBytes: acceptedBytes, callerShare: 1 / 16 });

  /** What was asked for before has to be asked for anew: a read that came while the change was made may have seen it, or not. */
  function end(call: Call): void {
    const scope = scopeOf(call);
    sharedReads.endSharing(scope);
    if (isImageChange(call.operationId)) catalog.dropImages(scope);
  }

  const mayHaveChanged = (caller: string | null, call: Call): boolean =>
    caller !== null && accepted.get(caller) === scopeOf(call);

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
        caller,
        // nobody is given what is kept by a token of which it is not known that it is still good
        isFresh: isFresh || !standings.isTrusted(caller),
        isKept: () => !standings.isRefusedSince(caller, askedAt),
        read,
      });
    },
    async change(caller, call, make) {
      try {
        const result = await make();
        end(call);
        return result;
      } catch (error) {
        if (error instanceof OutcomeUnknownError && mayHaveChanged(caller, call)) end(call);
        throw error;
      }
    },
    accept(caller, call) {
      const scope = scopeOf(call);
      const known = accepted.get(caller);
      // what IAM answers says nothing of a project
      if (known === scope || (known !== undefined && call.service === 'iam')) return;
      accepted.set(caller, scope, { bytes: textBytes(caller) + textBytes(scope), caller });
    },
    mayHaveChanged,
    keyOf: (token) => keyOfDigest(tokenDigest(token)),
    keyOfDigest,
    forget(caller) {
      const prefix = `${caller} `;
      sharedReads.endSharingOf(prefix);
      accepted.delete(caller);
      const wasAccepted = standings.refuse(caller);
      if (wasAccepted) catalog.dropOf(prefix);
      return wasAccepted;
    },
    get stats() {
      return { inFlight: sharedReads.inFlight, catalog: catalog.stats, projects: accepted.stats };
    },
  };
}

/** What a change can be seen in: its project, whoever asks; a colleague's change ends sharing as well. */
const scopeOf = ({ service, path }: Call): string => (service === 'iam' ? service : segmentAt(path, 2));
