import { randomUUID } from 'node:crypto';
import type { Clock, Timer } from '../clock.ts';
import type { KeyLink } from './replica-link.ts';

export type KeyLeaseOptions = {
  readonly link: KeyLink;
  readonly clock: Clock;
  readonly durationMs: number;
};

/** The right to poll for all replicas. It runs out by itself when its holder dies, and is renewed as long as it does not. */
export class KeyLease {
  readonly #link: KeyLink;
  readonly #clock: Clock;
  readonly #renewalMs: number;
  /** null: not held, as far as is known here */
  #token: string | null = null;
  #timer: Timer | null = null;

  constructor({ link, clock, durationMs }: KeyLeaseOptions) {
    this.#link = link;
    this.#clock = clock;
    this.#renewalMs = durationMs / 3;
  }

  get isHeld(): boolean {
    return this.#token !== null;
  }

  /**
   * Takes or keeps the lease.
   * @returns null: another replica holds it
   */
  async take(): Promise<{ readonly token: string; readonly writes: number } | null> {
    const token = this.#token ?? randomUUID();
    const writes = await this.#link.take(token);
    if (writes === null) {
      this.forget();
      return null;
    }
    this.#token = token;
    if (this.#timer === null) this.#renewLater(token);
    return { token, writes };
  }

  /** Gives it back at once. */
  release(): void {
    if (this.#token !== null) this.#link.release(this.#token);
    this.forget();
  }

  /** It is lost, or given back. */
  forget(): void {
    this.#token = null;
    if (this.#timer !== null) this.#clock.clearTimeout(this.#timer);
    this.#timer = null;
  }

  #renewLater(token: string): void {
    this.#timer = this.#clock.setTimeout(() => void this.#renew(token), this.#renewalMs);
  }

  /** A lease that ran out is not taken again here: what is being polled under it may be outdated by now. */
  async #renew(token: string): Promise<void> {
    const isInForce = await this.#link.renew(token).catch(() => false);
    if (token !== this.#token) return;
    if (isInForce) this.#renewLater(token);
    else this.forget();
  }
}
