import { setMaxListeners } from 'node:events';
import { type AbortSignalLike, type CallerSignal, LazyAbortController } from '../../runtime/abort.ts';
import { type ErrorOrigin, ModelArtsError, OutcomeUnknownError, UnauthenticatedError } from '../wire/errors.ts';
import { withoutSecrets } from '../wire/mask.ts';
import type { Drift } from '../wire/read.ts';
import type { Answer } from './answer.ts';
import { Attempts } from './attempts.ts';
import type { Call } from './call.ts';
import { type CallerReads, createCallerReads } from './caller-reads.ts';
import { type Caller, createCallers } from './guard/callers.ts';
import type { GuardedCaller } from './guard/guarded-caller.ts';
import { createGuards, type GuardStats } from './guard/upstream-guard.ts';
import { segmentAt } from './path.ts';
import { answerOf, errorOfTransport, readingOf } from './read-answer.ts';
import { TokenStandings, tokenDigest } from './token-standing.ts';
import { createTransport, TransportError } from './transport.ts';

export type { Answer } from './answer.ts';
export type { Call } from './call.ts';

/** What an upstream call cost and how it ended, for logs and metrics; holds no token and no body. */
export type CallReport = {
  readonly operationId: string;
  readonly requestId: string;
  readonly status: number | null;
  readonly attempts: number;
  readonly durationMs: number;
  readonly error: ModelArtsError | null;
};

/** What goes along with one upstream call: headers to send with it, and who hears how it ended. */
export type CallTrace = {
  readonly headers: Readonly<Record<string, string>>;
  end(report: CallReport): void;
};

/** Begins the trace of one upstream call. */
export type TraceCall = (call: Call) => CallTrace;

/** The rights of one caller: every call made through it carries this caller's token and nothing else of the caller. */
export type Session = {
  /** null: calls go out without a token (`issueToken` by password) */
  readonly token: string | null;
  readonly requestId: string;
  /** drops the upstream calls when the caller is gone */
  readonly signal?: AbortSignal | undefined;
  /**
   * @param expected digest of an answer to this read that could be read: one with the same bytes is not read again
   * @throws ModelArtsError
   */
  send(call: Call, expected?: string): Promise<Answer>;
  readonly drift: Drift;
};

export type SessionOptions = {
  readonly token: string | null;
  /** `keyOf` of the client, for one who has the key already */
  readonly tokenKey?: ((token: string) => string) | undefined;
  readonly requestId: string;
  readonly signal?: CallerSignal | undefined;
  readonly onCall?: ((report: CallReport) => void) | undefined;
  /** asked at each read: true where the answer must not be older than the question, as in polls and around changes */
  readonly isFresh?: (() => boolean) | undefined;
  /** traces this caller's calls; default: `trace` of the client */
  readonly trace?: TraceCall | undefined;
};

export type ClientOptions = {
  /** base URLs, without a trailing slash */
  readonly endpoints: { readonly modelarts: string; readonly iam: string };
  /** ms for one read over all its attempts, or for one write */
  readonly timeoutMs: number;
  /** ms images and flavors are kept for; default 0: not at all */
  readonly catalogTtlMs?: number;
  /** ms after a call with a token in which images and flavors kept for it are given; default 30000 */
  readonly tokenTrustMs?: number | undefined;
  /** true: each call is made once, whatever became of those before it; for tests that compare answers. Default false */
  readonly isEachCallAlone?: boolean | undefined;
  readonly drift?: Drift;
  readonly onCall?: (report: CallReport) => void;
  /** A change was accepted, or may have been: its answer was lost, and its caller's other calls were answered. */
  readonly onChange?: ((call: Call) => void) | undefined;
  /** A token was refused. */
  readonly onRefused?: ((refusal: Refusal) => void) | undefined;
  readonly trace?: TraceCall | undefined;
  /** a call to an API no longer waits for its turn; false: it is not made */
  readonly onWaited?: ((api: string, waitedMs: number, isBegun: boolean) => void) | undefined;
};

/** A token the upstream no longer takes. */
export type Refusal = {
  /** `tokenDigest` of it */
  readonly digest: string;
  /** `keyOf` of it */
  readonly caller: string;
  /** false: nothing can have been kept for it here */
  readonly wasAccepted: boolean;
  readonly error: ModelArtsError;
};

export type Client = {
  session(options: SessionOptions): Session;
  /** stands for a token in keys; of no use outside this process */
  keyOf(token: string): string;
  /** Whether the upstream has taken a token within `tokenTrustMs`: what is known of it may be said without a call. @param caller `keyOf` of it */
  isTrusted(caller: string): boolean;
  /** IAM has just issued the token. */
  accept(token: string): void;
  /** Forgets all that is kept for a token; another replica saw it refused. @param digest `tokenDigest` of it */
  forget(digest: string): Omit<Refusal, 'error'>;
  /** Whether an upstream has taken a token, and not refused it since. @param caller `keyOf` of it */
  isAccepted(caller: string): boolean;
  readonly stats: ClientStats;
  close(): Promise<void>;
};

export type ClientStats = { readonly apis: readonly GuardStats[] } & CallerReads['stats'];

/** One call on its way. */
type Sending = {
  readonly caller: Caller<GuardedCaller>;
  /** whoever waits for it; several may share it */
  readonly signal: AbortSignalLike | undefined;
  readonly origin: ErrorOrigin;
  readonly trace: CallTrace | undefined;
};

const maxBodyBytes = 8 * 1024 * 1024;
/** calls to one API at once, and those of tokens beside them that no upstream has taken yet */
const [slotsPerApi, strangerSlots] = [64, 8];

/** Client of the ModelArts and IAM REST APIs: policy for time, retries, size and errors; the operations are functions of a session. */
export function createClient(options: ClientOptions): Client {
  const transport = createTransport({ connections: slotsPerApi + strangerSlots, maxBodyBytes });
  const isEachCallAlone = options.isEachCallAlone === true;
  const guards = createGuards({ slots: slotsPerApi, haveBreakers: !isEachCallAlone, onWaited: options.onWaited });
  const callers = createCallers<GuardedCaller>({
    onStanding: guards.rejoin,
    ...(isEachCallAlone && { retries: { ratio: 0, reserve: 0 } }),
  });
  const through = { transport, guards };
  const standings = new TokenStandings(options.tokenTrustMs ?? 30_000);
  const reads = createCallerReads({ catalogTtlMs: options.catalogTtlMs ?? 0, standings });
  const bases = { modelarts: baseOf(options.endpoints.modelarts), iam: baseOf(options.endpoints.iam) };

  function sendFor(session: SessionOptions, call: Call, expected: string | undefined): Promise<Answer> {
    const { token, signal, isFresh } = session;
    const key = token === null ? null : callerOf(session, token);
    const caller = callers.of(key);
    if (call.method !== 'GET' && call.isSafe !== true) return change(session, call, caller);
    if (key === null || call.method !== 'GET') return sendOnce(call, session, { signal, caller });
    return reads.read(key, call, {
      signal,
      isFresh: call.isFresh === true || isFresh?.() === true,
      send: (shared) => sendOnce(call, session, { signal: shared, caller, expected }),
      failed: (error) => (error instanceof TransportError ? errorOfTransport(error, readingOf(call, session)) : error),
    });
  }

  const callerOf = (session: SessionOptions, token: string): string => (session.tokenKey ?? reads.keyOf)(token);

  function forget(digest: string): Omit<Refusal, 'error'> {
    const caller = reads.keyOfDigest(digest);
    return { digest, caller, wasAccepted: reads.forget(caller) };
  }

  /** Notes what an answer says of the token: an error of any other kind says nothing. */
  function judge(token: string | null | undefined, error: ModelArtsError): void {
    if (token == null || !(error instanceof UnauthenticatedError) || error.upstreamStatus === null) return;
    const refusal = forget(tokenDigest(token));
    options.onRefused?.({ ...refusal, error });
  }

  async function change(session: SessionOptions, call: Call, caller: Caller<GuardedCaller>): Promise<Answer> {
    try {
      const answer = await reads.change(caller.key, call, () =>
        sendOnce(call, session, { signal: session.signal, caller }),
      );
      options.onChange?.(call);
      return answer;
    } catch (error) {
      if (error instanceof OutcomeUnknownError && reads.mayHaveChanged(caller.key, call)) options.onChange?.(call);
      throw error;
    }
  }

  /** A session that hashes its token once; an operation's brings the key along. */
  function keyed(session: SessionOptions): SessionOptions {
    const { token, tokenKey } = session;
    if (token === null || tokenKey !== undefined) return session;
    let key: string | null = null;
    return {
      ...session,
      tokenKey: () => {
        key ??= reads.keyOf(token);
        return key;
      },
    };
  }

  function attemptsOf(call: Call, session: SessionOptions, { caller, signal, origin, trace }: Sending): Attempts {
    const body = call.body === undefined ? null : JSON.stringify(call.body);
    const headers = headersOf(session, body);
    return new Attempts(through, {
      call,
      caller,
      base: bases[call.service],
      api: apiOf(call),
      headers: trace === undefined ? headers : Object.assign(headers, trace.headers),
      body,
      signal,
      origin,
      timeoutMs: options.timeoutMs,
    });
  }

  async function sendOnce(
    call: Call,
    session: SessionOptions,
    { signal, caller, expected }: Pick<Sending, 'signal' | 'caller'> & { readonly expected?: string | undefined },
  ): Promise<Answer> {
    const { origin, isWrite } = readingOf(call, session);
    const startedAt = performance.now();
    const trace = (session.trace ?? options.trace)?.(call);
    const attempts = attemptsOf(call, session, { caller, signal, origin, trace });
    let status: number | null = null;
    let failure: ModelArtsError | null = null;
    try {
      const response = await attempts.answer();
      status = response.status;
      callers.answered(caller, status, projectOf(call));
      const answer = answerOf(response, { isWrite, origin, expected, call, token: session.token });
      if (session.token !== null) {
        standings.accept(callerOf(session, session.token), startedAt);
        reads.accept(caller.key, call);
      }
      return answer;
    } catch (error) {
      const thrown = error instanceof TransportError ? errorOfTransport(error, { isWrite, origin }) : error;
      if (thrown instanceof ModelArtsError) {
        failure = thrown;
        judge(call.askedAbout ?? session.token, thrown);
      }
      throw thrown;
    } finally {
      const report = {
        operationId: call.operationId,
        requestId: session.requestId,
        status,
        attempts: attempts.count,
        durationMs: performance.now() - startedAt,
        error: failure,
      };
      trace?.end(report);
      session.onCall?.(report);
      options.onCall?.(report);
    }
  }

  return {
    session: (session) => new CallerSession(keyed(session), options.drift ?? ignoreDrift, sendFor),
    keyOf: reads.keyOf,
    isTrusted: (caller) => standings.isTrusted(caller),
    accept: (token) => standings.accept(reads.keyOf(token), performance.now()),
    forget,
    isAccepted: (caller) => standings.isAccepted(caller),
    get stats() {
      return { apis: guards.stats(), ...reads.stats };
    },
    close: () => transport.close(),
  };
}

const ignoreDrift: Drift = () => {};

/** Longer than any name; of more nothing is made. */
const maxDriftLength = 1000;

/**
 * A class, and none of the objects made for each request has accessors of its own: V8 gives every such object a shape of its
 * own, which keeps what its functions hold until the next full collection.
 */
class CallerSession implements Session {
  readonly token: string | null;
  readonly requestId: string;
  readonly #drift: Drift;
  readonly #options: SessionOptions;
  readonly #sendFor: SendFor;

  constructor(options: SessionOptions, drift: Drift, sendFor: SendFor) {
    this.token = options.token;
    this.requestId = options.requestId;
    this.#drift = drift;
    this.#options = options;
    this.#sendFor = sendFor;
    // every call in flight listens, and an operation may make more of them at once than the ten Node takes for a leak
    if (options.signal instanceof AbortSignal) setMaxListeners(0, options.signal);
  }

  get signal(): AbortSignal | undefined {
    const { signal } = this.#options;
    return signal instanceof LazyAbortController ? signal.signal : signal;
  }

  /** A value that no document knows can be anything, the token of the request as well. */
  get drift(): Drift {
    return (kind, value) => this.#drift(kind, withoutSecrets(value.slice(0, maxDriftLength), [this.token ?? '']));
  }

  send(call: Call, expected?: string): Promise<Answer> {
    return this.#sendFor(this.#options, call, expected);
  }
}

type SendFor = (session: SessionOptions, call: Call, expected: string | undefined) => Promise<Answer>;

function baseOf(url: string): { origin: string; prefix: string } {
  const parsed = new URL(url);
  return { origin: parsed.origin, prefix: parsed.pathname.replace(/\/+$/, '') };
}

/** `images` of `/v1/{project_id}/images/…`. */
const apiOf = ({ service, path }: Call): string => (service === 'iam' ? service : segmentAt(path, 3));

/** `{project_id}` of the same; null: the call is about no project. */
const projectOf = ({ service, path }: Call): string | null => (service === 'iam' ? null : segmentAt(path, 2) || null);

/** Exactly what leaves for the upstream: the caller's token, a request id and the language of error messages. */
function headersOf(session: SessionOptions, body: string | null): Record<string, string> {
  const headers: Record<string, string> = {
    accept: 'application/json',
    'x-language': 'en-us',
    'x-request-id': session.requestId,
  };
  if (session.token !== null) headers['x-auth-token'] = session.token;
  if (body !== null) headers['content-type'] = 'application/json';
  return headers;
}
