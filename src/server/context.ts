import { randomUUID } from 'node:crypto';
import type { ExecutionResult } from 'graphql';
import type { CallReport, Client, Session, TraceCall } from '../modelarts/client.ts';
import { BadUserInputError, UnauthenticatedError } from '../modelarts/errors.ts';
import { listProjects } from '../modelarts/projects.ts';
import type { Access, Context } from '../schema/context.ts';
import type { Watches } from '../watch/watches.ts';
import type { CreateMemoryStore } from './create-memory.ts';
import type { Credential } from './credential.ts';
import type { TokenMemory } from './token-memory.ts';
import { watchKey } from './watch-key.ts';

export type ContextParts = {
  readonly client: Client;
  readonly watches: Watches;
  readonly tokens: TokenMemory;
  /** project of requests that name none */
  readonly projectId: string | null;
  readonly leaseMaxHours: number;
  readonly createMemory: CreateMemoryStore;
};

export type Caller = {
  readonly credential: Credential;
  readonly requestId: string;
  /** aborts when the caller is gone */
  readonly signal?: AbortSignal | undefined;
  readonly onCall?: ((report: CallReport) => void) | undefined;
  /** traces the caller's upstream calls */
  readonly trace?: TraceCall | undefined;
  /** W3C trace context of the request: `traceparent`, `tracestate` */
  readonly traceHeaders?: Readonly<Record<string, string>> | undefined;
  /** `Last-Event-ID` of a client whose event stream was cut */
  readonly lastEventId?: string | undefined;
  /** `X-Cost: 1`: the answer tells what the operation can cost */
  readonly isCostAsked?: boolean | undefined;
  /** the caller's connection goes on with this token; left out where each request carries its own */
  readonly onRenewed?: ((token: string) => void) | undefined;
};

/** Who asks, worked out once by whichever transport the operation came in on. */
export type OperationCaller = {
  readonly caller: Caller;
  /** what became of the operation already; Yoga only has to write it */
  readonly outcome?: { readonly result: ExecutionResult } | { readonly error: unknown } | undefined;
};

/** The context of one operation: everything in it acts for this one caller. */
export function createContext(parts: ContextParts, caller: Caller): Context {
  const { client, watches, tokens, projectId } = parts;
  const { credential, requestId, signal, onCall, trace } = caller;

  const tokenOf = (): string => {
    if (credential.token !== null) return credential.token;
    throw new UnauthenticatedError(
      credential.problem ?? 'A token is needed: send it in the X-Auth-Token header. `issueToken` gives one.',
    );
  };
  let isFresh = false;
  let own: Session | null = null;
  const session = (): Session => {
    own ??= client.session({ token: tokenOf(), requestId, signal, onCall, trace, isFresh: () => isFresh });
    return own;
  };
  let watched: string | null = null;
  /** the session as it was when this operation began to watch: a renewal carries it on */
  const watchedSession = (): string => {
    watched ??= tokens.sessionOf(tokenOf());
    return watched;
  };
  let granted: Access | Promise<Access> | null = null;
  const grant = (): Access | Promise<Access> => {
    const token = tokenOf();
    const known = credential.projectId ?? projectId ?? tokens.projectOf(token);
    if (known !== null) return { session: session(), projectId: known };
    return onlyProject(session()).then((only) => {
      tokens.rememberProject(token, only);
      return { session: session(), projectId: only };
    });
  };

  return {
    session,
    access: () => {
      granted ??= grant();
      return granted;
    },
    readFresh: () => {
      isFresh = true;
    },
    anonymous: () => client.session({ token: null, requestId, signal, onCall, trace }),
    tokens: {
      remember: tokens.remember,
      known: (token) => tokens.known(token ?? tokenOf()),
      renew: (renewedBy) => {
        tokens.renew(tokenOf(), renewedBy);
        caller.onRenewed?.(renewedBy);
      },
      follow: () => {
        const token = tokenOf();
        const of = tokens.sessionOf(token);
        return {
          newest: () => tokens.known(tokens.newest(of, token)),
          onRenewed: (listener) => tokens.onRenewed(of, listener),
        };
      },
    },
    watching: {
      watches,
      key: (kind, access) => watchKey(kind, access.projectId, watchedSession()),
      session: (pollSignal) => {
        const token = tokens.newest(watchedSession(), tokenOf());
        return client.session({ token, requestId: randomUUID(), signal: pollSignal, isFresh: () => true });
      },
    },
    sessionWith: (token) => client.session({ token, requestId, signal, onCall, trace }),
    resume: { since: caller.lastEventId ?? null, sequence: null },
    leaseMaxHours: parts.leaseMaxHours,
    creates: () => parts.createMemory.of(tokens.hash(tokenOf())),
  };
}

/**
 * The project of a token that can enter one only.
 * @throws BadUserInputError it can enter several, or none
 */
async function onlyProject(session: Session): Promise<string> {
  const { items } = await listProjects(session);
  const enabled = items.filter((project) => project.isEnabled !== false);
  const [only, ...others] = enabled;
  if (only !== undefined && others.length === 0) return only.id;
  const names = enabled.map((project) => `${project.name} (${project.id})`).join(', ');
  throw new BadUserInputError(
    enabled.length === 0
      ? 'The user of this token can enter no project; ModelArts needs one.'
      : `The user of this token can enter several projects: send the id of one in the X-Project-Id header. They are: ${names}.`,
  );
}
