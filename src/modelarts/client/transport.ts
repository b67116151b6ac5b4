import type { IncomingHttpHeaders } from 'node:http';
import { type Dispatcher, Pool } from 'undici';
import type { AbortSignalLike } from '../../runtime/abort.ts';
import { writeTogether } from '../../runtime/batched-writes.ts';

export type TransportRequest = {
  readonly origin: string;
  /** name of the API called: each has sockets of its own, so that images answer while notebooks hang */
  readonly api: string;
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** path and query, percent-encoded */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | null;
  /** ms from now until the call is given up, headers and body together */
  readonly timeoutMs: number;
  readonly signal?: AbortSignalLike | undefined;
};

export type TransportResponse = {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
};

export type TransportFailure = 'UNREACHABLE' | 'CUT' | 'TIMEOUT' | 'TOO_LARGE' | 'ABORTED';

/** The exchange did not come to its end. */
export class TransportError extends Error {
  readonly failure: TransportFailure;
  /** false: no byte of the request was written, so the upstream cannot have acted on it */
  readonly wasSent: boolean;

  constructor(failure: TransportFailure, wasSent: boolean, cause?: unknown) {
    super(`upstream exchange failed: ${failure}`, { cause });
    this.name = 'TransportError';
    this.failure = failure;
    this.wasSent = wasSent;
  }
}

export type Transport = {
  /** @throws TransportError */
  send(request: TransportRequest): Promise<TransportResponse>;
  close(): Promise<void>;
};

export type TransportOptions = {
  /** sockets per origin and API; 64 without pipelining is as fast as any other setting measured */
  readonly connections: number;
  /** largest answer taken, bytes */
  readonly maxBodyBytes: number;
};

/** IAM tokens run to 32 KiB in one header; Node's and undici's default limit is 16 KiB for all of them. */
export const maxHeaderBytes = 64 * 1024;

/** HTTP exchanges over one undici pool per origin and API; the only place that knows the HTTP client. */
export function createTransport(options: TransportOptions): Transport {
  const pools = new Map<string, Pool>();
  let isClosed = false;

  function poolOf({ origin, api }: TransportRequest): Pool {
    const key = `${origin} ${api}`;
    let pool = pools.get(key);
    if (pool === undefined) {
      pool = new Pool(origin, {
        connections: options.connections,
        pipelining: 1,
        maxHeaderSize: maxHeaderBytes,
        // one deadline per call covers connecting, headers and body (undici's own limits let a slow drip run for ever)
        headersTimeout: 0,
        bodyTimeout: 0,
      });
      pools.set(key, pool);
    }
    return pool;
  }

  return {
    send: (request) =>
      new Promise((resolve, reject) => {
        if (isClosed) throw new TransportError('ABORTED', false);
        const sent = new UpstreamRequest(request, options.maxBodyBytes, resolve, reject);
        if (sent.isOver) return;
        writeTogether(() => {
          // its method is text for undici as well, which declares a list of known ones
          poolOf(request).dispatch(request as Dispatcher.DispatchOptions, sent);
        });
      }),
    async close() {
      isClosed = true;
      await Promise.all([...pools.values()].map((pool) => pool.destroy()));
    },
  };
}

class UpstreamRequest implements Dispatcher.DispatchHandler {
  isOver = false;
  #controller: Dispatcher.DispatchController | null = null;
  #status = 0;
  #headers: IncomingHttpHeaders = {};
  #chunks: Buffer[] = [];
  #size = 0;
  readonly #timer: NodeJS.Timeout;
  readonly #signal: AbortSignalLike | undefined;
  readonly #maxBodyBytes: number;
  readonly #resolve: (response: TransportResponse) => void;
  readonly #reject: (error: TransportError) => void;

  constructor(
    request: TransportRequest,
    maxBodyBytes: number,
    resolve: (response: TransportResponse) => void,
    reject: (error: TransportError) => void,
  ) {
    this.#maxBodyBytes = maxBodyBytes;
    this.#resolve = resolve;
    this.#reject = reject;
    this.#signal = request.signal;
    this.#timer = setTimeout(() => this.#fail('TIMEOUT'), Math.max(0, request.timeoutMs));
    if (this.#signal?.aborted) this.#fail('ABORTED');
    else this.#signal?.addEventListener('abort', this, { once: true });
  }

  /** The caller leaves. */
  handleEvent(): void {
    this.#fail('ABORTED');
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    if (this.isOver) controller.abort(new Error('given up before it was sent'));
  }

  onResponseStart(_controller: Dispatcher.DispatchController, status: number, headers: IncomingHttpHeaders): void {
    this.#status = status;
    this.#headers = headers;
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    this.#size += chunk.length;
    if (this.#size > this.#maxBodyBytes) this.#fail('TOO_LARGE');
    else this.#chunks.push(chunk);
  }

  onResponseEnd(): void {
    if (this.isOver) return;
    this.#settle();
    const [first] = this.#chunks;
    const body = this.#chunks.length === 1 && first !== undefined ? first : Buffer.concat(this.#chunks, this.#size);
    this.#resolve({ status: this.#status, headers: this.#headers, body });
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    this.#fail(this.#controller === null ? 'UNREACHABLE' : 'CUT', error);
  }

  #fail(failure: TransportFailure, cause?: unknown): void {
    if (this.isOver) return;
    this.#settle();
    const error = new TransportError(failure, this.#controller !== null, cause);
    this.#controller?.abort(error);
    this.#chunks = [];
    this.#reject(error);
  }

  #settle(): void {
    this.isOver = true;
    clearTimeout(this.#timer);
    this.#signal?.removeEventListener('abort', this);
  }
}
