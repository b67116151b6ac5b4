import type { Session } from '../../modelarts/client/client.ts';
import type { IssuedToken } from '../../modelarts/tokens.ts';
import type { Watches } from '../../watch/watches.ts';

/** What one caller may do: a session that carries their token, and the project they act in. */
export type Access = { readonly session: Session; readonly projectId: string };

/** What the gateway knows of a token because it handed it out itself. */
export type KnownToken = Omit<IssuedToken, 'token'>;

/** What resolvers are given; one per operation. */
export type Context = {
  /** what the answer's `X-Request-Id` says */
  readonly requestId: string;
  /**
   * The caller's rights.
   * @throws UnauthenticatedError the request carried no token; BadUserInputError no project can be told
   */
  readonly access: () => Access | Promise<Access>;
  /**
   * The caller's session, without a project.
   * @throws UnauthenticatedError the request carried no token
   */
  readonly session: () => Session;
  /** From now on the caller's reads are answered by ModelArts itself: a change must not be judged by what was true a minute ago. */
  readonly readFresh: () => void;
  /** A session with another token than the caller's, to ask IAM whose it is. */
  readonly sessionWith: (token: string) => Session;
  /** A session without a token, for signing in. */
  readonly anonymous: () => Session;
  readonly tokens: {
    /** remembers what IAM said of a token just issued, under a hash of it */
    readonly remember: (issued: IssuedToken) => void;
    /**
     * Makes an attempt to sign in, unless too many of that user or from where the caller is have failed.
     * @param user whoever signs in, by names or id; null: by a token
     * @throws RateLimitedError it was not made
     */
    readonly signIn: <T>(user: string | null, make: () => Promise<T>) => Promise<T>;
    /** what is remembered of a token: the caller's, unless another is given */
    readonly known: (token?: string) => KnownToken | null;
    /**
     * Asks IAM whether it still takes a token, the caller's unless another is given, before anything known of it is said.
     * null: ModelArts or IAM took it a moment ago
     */
    readonly confirm: (token?: string) => Promise<void> | null;
    /** goes on with another token of the same user and project, in watches that run and on the caller's connection */
    readonly renew: (renewedBy: string) => void;
    /** the caller's session over renewals */
    readonly follow: () => FollowedSession;
  };
  readonly watching: Watching;
  readonly resume: ResumePoint;
  /** what `perOperation` keeps */
  readonly own: unknown[];
  /** hears what became of each field of a mutation, and never throws; null: nobody does */
  readonly audit: ((change: MadeChange) => void) | null;
  /** hours a lease may last at most */
  readonly leaseMaxHours: number;
  /** the caller's creates by idempotency key */
  readonly creates: () => CreateMemory;
};

/** One field of a mutation that has been carried out, or was refused. What clients gave and got may hold secrets: whoever hears of it picks. */
export type MadeChange = {
  readonly field: string;
  readonly args: Readonly<Record<string, unknown>>;
  /** what the resolver gave; an error where that is one of its result union, null where it threw */
  readonly result: unknown;
  /** what it threw */
  readonly error: unknown;
};

/** What became of creates that carried an idempotency key; kept for 24 hours, for this caller only. */
export type CreateMemory = {
  /** the create of the key, while it runs and afterwards; undefined: the key is new */
  readonly get: (key: string) => RememberedCreate | undefined;
  readonly set: (key: string, create: RememberedCreate) => void;
  /** forgets a key whose create certainly did nothing */
  readonly drop: (key: string) => void;
};

export type RememberedCreate = {
  /** tells whether the same key comes with another input */
  readonly fingerprint: string;
  /** Unix ms when it was asked for first */
  readonly askedAtMs: number;
  /** the notebook's id once it is known; null: the outcome is unknown */
  readonly outcome: Promise<string | null>;
  /** ModelArts said which notebook it made: its caller is one who may */
  readonly isAnswered: boolean;
};

/** Where a subscription goes on, and how far it has come. */
export type ResumePoint = {
  /** `Last-Event-ID` of the request: the event the client saw last */
  readonly since: string | null;
  /** resume point of the event emitted last; null when it has none */
  sequence: string | null;
  /** Unix ms when the gateway learned what that event says; null when it does not say */
  observedAt: number | null;
};

/** A session that may be renewed while somebody looks at it. */
export type FollowedSession = {
  /** what is known of the token the session runs on now */
  readonly newest: () => KnownToken | null;
  /** `confirm` of that token */
  readonly confirm: () => Promise<void> | null;
  /** calls back at each renewal, and when the token is refused; gives the function that stops it */
  readonly onRenewed: (listener: () => void) => () => void;
};

/** Shared polling as resolvers see it: keys are made for the caller, so nothing is shared between tokens. */
export type Watching = {
  readonly watches: Watches;
  /** the key of the caller's watch of one resource kind, for example `notebooks` */
  readonly key: (kind: string, access: Access) => string;
  /** a session of the caller for one poll: it outlives the operation that opened the watch */
  readonly session: (signal: AbortSignal) => Session;
};
