/** Tells that a caller has left, in the words of `AbortSignal`, which is one. */
export type Leaving = {
  readonly aborted: boolean;
  addEventListener(type: 'abort', listener: LeaveListener, options?: { readonly once?: boolean }): void;
  removeEventListener(type: 'abort', listener: LeaveListener): void;
};

/** As an object: one that waits for several things need not make a function for each. */
export type LeaveListener = (() => void) | { handleEvent(): void };

/** What `AbortController` and its signal do for one caller, without their 5 µs: a request and each of its reads make one. */
export class Departure implements Leaving {
  #hasLeft = false;
  /** mostly there is one */
  #listener: LeaveListener | null = null;
  #others: Set<LeaveListener> | null = null;
  #controller: AbortController | null = null;

  get aborted(): boolean {
    return this.#hasLeft;
  }

  /** Each listener is called once. */
  addEventListener(_type: 'abort', listener: LeaveListener): void {
    if (this.#listener === null || this.#listener === listener) {
      this.#listener = listener;
      return;
    }
    this.#others ??= new Set();
    this.#others.add(listener);
  }

  removeEventListener(_type: 'abort', listener: LeaveListener): void {
    if (this.#listener === listener) this.#listener = null;
    else this.#others?.delete(listener);
  }

  abort(): void {
    if (this.#hasLeft) return;
    this.#hasLeft = true;
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
      if (this.#hasLeft) this.#controller.abort();
    }
    return this.#controller.signal;
  }
}
