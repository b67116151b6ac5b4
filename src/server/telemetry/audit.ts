import { hashOfLine } from '../../audit/chain.ts';
import type { AuditOutput } from '../../audit/output.ts';
import { ModelArtsError } from '../../modelarts/wire/errors.ts';
import type { MadeChange } from '../../schema/core/context.ts';
import { decodeGlobalId } from '../../schema/relay/global-id.ts';
import type { Caller } from '../graphql/context.ts';
import type { TokenMemory } from '../graphql/token-store.ts';

/** Writes a line for each field of a mutation: who changed what, and what came of it. */
export type Audit = {
  of(caller: Caller): (change: MadeChange) => void;
  close(): void;
};

export type AuditOptions = {
  readonly output: AuditOutput;
  readonly tokens: TokenMemory;
  /** of requests that name none */
  readonly projectId: string | null;
  /** hears that a line could not be written; the change has been made */
  readonly onLost: (error: unknown) => void;
};

/**
 * Lines hold no token, no password and none of the input but ids. Users and projects are named as IAM named them when the
 * token was issued here; of other tokens only `caller` tells one from another, a hash that means something in this process alone.
 */
export function createAudit({ output, tokens, projectId, onLost }: AuditOptions): Audit {
  let { previous } = output;

  function write(caller: Caller, change: MadeChange): void {
    const token = caller.credential.token;
    const issued = issuedTokenOf(change.result);
    const known = tokens.known(issued ?? token ?? '');
    const failure = failureOf(change);
    const line = JSON.stringify({
      audit: 1,
      time: new Date().toISOString(),
      requestId: caller.requestId,
      client: nameOf(caller.clientName, token),
      caller: token === null ? null : tokens.hash(token).slice(0, 16),
      user: known?.user ?? null,
      domain: known?.domain ?? null,
      project:
        known?.project?.id ??
        caller.credential.projectId ??
        (token === null ? null : (tokens.projectOf(token) ?? projectId)),
      operation: caller.operation?.name ?? null,
      change: change.field,
      ids: idsOf(change, [token, issued]),
      outcome: failure?.code ?? 'ok',
      upstreamCode: failure?.upstreamCode ?? null,
      previous,
    });
    output.write(line);
    previous = hashOfLine(line);
  }

  return {
    of: (caller) => (change) => {
      try {
        write(caller, change);
      } catch (error) {
        onLost(error);
      }
    },
    close: () => output.close(),
  };
}

/** A name as it was given; null: there is none, or it holds the token. */
function nameOf(text: string | undefined, token: string | null): string | null {
  if (text === undefined || (token !== null && text.includes(token))) return null;
  return text.replace(/[^\x20-\x7e]/g, '').slice(0, 64);
}

/** The token of a sign-in. */
function issuedTokenOf(result: unknown): string | null {
  const token = typeof result === 'object' && result !== null && 'token' in result ? result.token : null;
  return typeof token === 'string' ? token : null;
}

type Failure = { readonly code: string; readonly upstreamCode: string | null };

function failureOf({ result, error }: MadeChange): Failure | null {
  if (isFailure(result)) return result;
  if (error === null) return null;
  return error instanceof ModelArtsError ? error : { code: 'INTERNAL_SERVER_ERROR', upstreamCode: null };
}

/** An error of a result union: Pothos gives a proxy of it, which only its constructor shows. */
const isFailure = (result: unknown): result is Failure =>
  typeof result === 'object' && result !== null && result.constructor?.prototype instanceof ModelArtsError;

/** Fields that hold ids, by the names this schema gives them. */
const idField = /^(?:id|ids|[a-z][A-Za-z]*Ids?)$/;
/** ModelArts' ids are UUIDs, IAM's have 32 digits; whatever else stands in the place of an id may be anything. */
const idPattern = /^(?:(?:DE-)?[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9a-f]{32})$/i;
const maxIds = 50;
const maxLevels = 4;

/** Ids in the input and of what was answered, as ModelArts knows them, each once; never anything that is a secret of the request. */
function idsOf({ args, result }: MadeChange, secrets: readonly (string | null)[]): readonly string[] {
  const ids = new Set<string>();
  const take = (value: unknown): void => {
    if (Array.isArray(value)) value.forEach(take);
    if (typeof value !== 'string' || ids.size >= maxIds) return;
    const id = decodeGlobalId(value).id || value;
    if (idPattern.test(id) && !secrets.some((secret) => secret !== null && id.includes(secret))) ids.add(id);
  };
  const visit = (value: unknown, levels: number): void => {
    if (typeof value !== 'object' || value === null || levels === 0) return;
    for (const [name, inner] of Object.entries(value)) {
      if (idField.test(name)) take(inner);
      else visit(inner, levels - 1);
    }
  };
  visit(args, maxLevels);
  // what was changed, and not all that it refers to
  if (!isFailure(result)) visit(result, 2);
  return [...ids];
}
