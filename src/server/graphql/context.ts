import { randomUUID } from 'node:crypto';
import type { ExecutionResult } from 'graphql';
import type { Client, Session } from '../../modelarts/client/client.ts';
import { listProjects } from '../../modelarts/projects.ts';
import { BadUserInputError, ForbiddenError, UnauthenticatedError } from '../../modelarts/wire/errors.ts';
import { withoutSecrets } from '../../modelarts/wire/mask.ts';
import type { CallerSignal } from '../../runtime/abort.ts';
import type { Access, Context, MadeChange } from '../../schema/core/context.ts';
import type { Watches } from '../../watch/watches.ts';
import type { Credential } from '../http/credential.ts';
import type { ClientRates } from '../rates/client-rates.ts';
import type { Operation } from '../telemetry/operation.ts';
import type { Checked } from './document-store.ts';
import type { CreateMemoryStore } from './idempotency-store.ts';
import type { TokenMemory } from './token-store.ts';
import { watchKey } from './watch-key.ts';

export type ContextParts = {
  readonly client: Client;
  readonly watches: Watches;
  readonly tokens: TokenMemory;
  /** project of requests that name none */
  readonly projectId: string | null;
  readonly leaseMaxHours: number;
  readonly createMemory: CreateMemoryStore;
  /** who hears what became of a caller's changes; null: nobody does */
  readonly audit: ((caller: Caller) => (change: MadeChange) => void) | null;
  readonly clientRates: Pick<ClientRates, 'signIns'>;
  /** null: no operation's reads are kept track of */
  readonly trackReads: (() => ReadTracker) | null;
};

/** Keeps track of the upstream reads of one operation. */
export type ReadTracker = {
  /** the session, its reads kept track of */
  through(session: Session): Session;
  /** the operation is run anew, with what was read already */
  rewind(): void;
  release(): void;
};

export type Caller = {
  readonly credential: Credential;
  readonly requestId: string;
  /** aborts when the caller is gone */
  readonly signal?: CallerSignal | undefined;
  /** W3C trace context of the request: `traceparent`, `tracestate` */
  readonly traceHeaders?: Readonly<Record<string, string>> | undefined;
  /** `Last-Event-ID` of a client whose event stream was cut */
  readonly lastEventId?: string | undefined;
  /** what the client calls itself (`GraphQL-Client-Name`), as it came */
  readonly clientName?: string | undefined;
  /** `X-Cost: 1`: the answer tells what the operation can cost */
  readonly isCostAsked?: boolean | undefined;
  /** the caller's connection goes on with this token; left out where each request carries its own */
  readonly onRenewed?: ((token: string) => void) | undefined;
  /** the one operation this caller asks for, once it is known: HTTP makes a caller for each request, WebSocket for each subscribe message */
  operation?: Operation | null;
  /** what was found out about the text asked for, where it is not known yet or not valid */
  checked?: Checked | null;
};

/** Who asks, worked out once by whichever transport the operation came in on. */
export type OperationCaller = {
  readonly caller: Caller;
  /** what became of the operation already; Yoga only has to write it */
  readonly outcome?: ExecutionResult | undefined;
};

/** What the server keeps in an operation's context beside what resolvers are given. */
export type ServerContext = Context & {
  /** an object of its own: V8 makes a dictionary of a context to which more than fifteen fields are added */
  readonly server: {
    /** the operation's reads, so that it can be run again without asking twice; null: nobody keeps track */
    readonly reads: ReadTracker | null;
    /** The operation is run anew: with what was read, and with nothing else the first run found, so that it goes as it did. */
    readonly startOver: () => void;
    /** The operation is answered: lets go of what was read and made for it. */
    readonly release: () => void;
    /** whom responses are stored for: one token in one project. null: not known before something was asked */
    readonly owner: () => { readonly key: string; readonly session: Session } | null;
  };
};

/** The operation the context's upstream calls count for. */
type Followed = Pick<Operation, 'onCall' | 'span'>;

/** The context of one operation: everything in it acts for this one caller. */
export function createContext(parts: ContextParts, caller: Caller, { onCall, span }: Followed): ServerContext {
  const { client, watches, tokens, projectId } = parts;
  const { credential, requestId, signal } = caller;
  const trace = span?.trace;

  const tokenOf = (): string => {
    if (credential.token !== null) return credential.token;
    throw new UnauthenticatedError(
      credential.problem ?? 'A token is needed: send it in the X-Auth-Token header. `issueToken` gives one.',
    );
  };
  let isFresh = false;
  const tokenKey = (token: string): string => {
    credential.key ??= client.keyOf(token);
    return credential.key;
  };
  const reads = parts.trackReads?.() ?? null;
  let own: Session | null = null;
  const ownSession = (): Session => {
    own ??= client.session({ token: tokenOf(), tokenKey, requestId, signal, onCall, trace, isFresh: () => isFresh });
    return own;
  };
  let followed: Session | null = null;
  const session = (): Session => {
    followed ??= reads === null ? ownSession() : reads.through(ownSession());
    return followed;
  };
  let watchedSessionId: string | null = null;
  /** the session as it was when this operation began to watch: a renewal carries it on */
  const watchedSession = (): string => {
    watchedSessionId ??= tokens.sessionOf(tokenOf());
    return watchedSessionId;
  };
  let namedProject: string | null = null;
  const knownProject = (token: string): string | null => {
    namedProject ??= credential.projectId ?? projectId ?? tokens.projectOf(token);
    return namedProject;
  };
  /** what `perOperation` keeps */
  const kept: unknown[] = [];
  let granted: Access | Promise<Access> | null = null;
  const grant = (): Access | Promise<Access> => {
    const token = tokenOf();
    const known = knownProject(token);
    if (known !== null) return { session: session(), projectId: known };
    return onlyProject(session()).then((only) => {
      tokens.rememberProject(token, only);
      return { session: session(), projectId: only };
    });
  };

  const confirm = (token: string): Promise<void> | null => {
    const isOwn = token === credential.token;
    if (client.isTrusted(isOwn ? tokenKey(token) : client.keyOf(token))) return null;
    const asking = isOwn ? session() : client.session({ token, requestId, signal, onCall, trace });
    return listProjects(asking).then(ignore, passIfKnown);
  };

  return {
    requestId,
    server: {
      reads,
      release: () => {
        reads?.release();
        kept.length = 0;
      },
      startOver: () => {
        reads?.rewind();
        kept.length = 0;
        granted = null;
      },
      owner: () => {
        if (credential.token === null) return null;
        const project = knownProject(credential.token);
        return project === null ? null : { key: `${tokenKey(credential.token)} ${project}`, session: ownSession() };
      },
    },
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
      remember: (issued) => {
        tokens.remember(issued);
        client.accept(issued.token);
      },
      signIn: (user, make) => parts.clientRates.signIns.attempt({ user, address: credential.address }, make),
      known: (token) => tokens.known(token ?? tokenOf()),
      confirm: (token) => confirm(token ?? tokenOf()),
      renew: (renewedBy) => {
        tokens.renew(tokenOf(), renewedBy);
        caller.onRenewed?.(renewedBy);
      },
      follow: () => {
        let token = tokenOf();
        const of = tokens.sessionOf(token);
        const newest = (): string => {
          token = tokens.newest(of, token);
          return token;
        };
        return {
          newest: () => tokens.known(newest()),
          confirm: () => confirm(newest()),
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
    own: kept,
    resume: { since: caller.lastEventId ?? null, sequence: null, observedAt: null },
    audit: parts.audit === null ? null : parts.audit(caller),
    leaseMaxHours: parts.leaseMaxHours,
    creates: () => parts.createMemory.of(tokens.hash(tokenOf())),
  };
}

const ignore = (): void => {};

/** Who may not list projects is somebody IAM knows. */
function passIfKnown(error: unknown): void {
  if (!(error instanceof ForbiddenError)) throw error;
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
  const listed = enabled.map((project) => `${project.name} (${project.id})`).join(', ');
  const names = withoutSecrets(listed, [session.token ?? '']);
  throw new BadUserInputError(
    enabled.length === 0
      ? 'The user of this token can enter no project; ModelArts needs one.'
      : `The user of this token can enter several projects: send the id of one in the X-Project-Id header. They are: ${names}.`,
  );
}
