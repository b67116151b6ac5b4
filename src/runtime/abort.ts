/** What is used of an `AbortSignal`, to hear that a caller has gone; a real one will do. */
export type AbortSignalLike = {
  readonly aborted: boolean;
  addEventListener(type: 'abort', listener: AbortListener, options?: { readonly once?: boolean }): void;
  removeEventListener(type: 'abort', listener: AbortListener): void;
};

/** Both of what tells that a caller has gone. */
export type CallerSignal = AbortSignal | LazyAbortController;

/** As an object: one that waits for several things need not make a function for each. */
export type AbortListener = (() => void) | { handleEvent(): void };

/** Does what `AbortController` and its signal do without their 5 µs, and makes real ones only for who asks: a request and each of its reads have one. */
export class LazyAbortController implements AbortSignalLike {
  #isAborted = false;
  /** mostly there is one */
  #listener: AbortListener | null = null;
  #others: Set<AbortListener> | null = null;
  #controller: AbortController | null = null;

  get aborted(): boolean {
    return this.#isAborted;
  }

  /** Each listener is called once. */
  addEventListener(_type: 'abort', listener: AbortListener): void {
    if (this.#listener === null || this.#listener === listener) {
      this.#listener = listener;
      return;
    }
    this.#others ??= new Set();
    this.#others.add(listener);
  }

  removeEventListener(_type: 'abort', listener: AbortListener): void {
    if (this.#listener === listener) this.#listener = null;
    else this.#others?.delete(listener);
  }

  abort(): void {
    if (this.#isAborted) return;
    this.#isAborted = true;
    this.#controller?.abort();
    const listeners = [this.#listener, ...(this.#others ?? [])];
    this.#listener = null;
    this.#others = null;
    for (const listener of listeners) {
      if (typeof listener === 'function') listener();
      else listener?.handleEvent();
    }
  }

  /** The same as a real signal, for what takes no other. */
  get signal(): AbortSignal {
    if (this.#controller === null) {
      this.#controller = new AbortController();
      if (this.#isAborted) this.#controller.abort();
    }
    return this.#controller.signal;
  }
}

/** The caller is gone, and nobody is left to be told. */
export const isAbort = (error: unknown): boolean => error instanceof DOMException && error.name === 'AbortError';
