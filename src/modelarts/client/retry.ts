/** Reads are tried at most this often. Writes are tried once, always: names repeat and there is no idempotency key. */
export const maxAttempts = 3;

const baseDelayMs = 100;

/** A date as far away as the calendar goes is no longer a number of seconds that fits 32 bits. */
export const longestAskedMs = 999_999_999_000;

/** Statuses that say "not now" rather than "no". */
export const isPassingStatus = (status: number): boolean =>
  status === 429 || status === 502 || status === 503 || status === 504;

/**
 * `Retry-After` in ms: seconds or an HTTP date.
 * @returns null when the header is absent or unreadable
 */
export function retryAfterMs(header: string | string[] | undefined, nowMs: number): number | null {
  const value = Array.isArray(header) ? header[0] : header;
  if (value === undefined) return null;
  if (/^\d{1,9}$/.test(value.trim())) return Number(value) * 1000;
  const date = Date.parse(value);
  return Number.isNaN(date) ? null : Math.min(longestAskedMs, Math.max(0, date - nowMs));
}

/** Wait before attempt `tried + 1`: full jitter over an exponentially growing span, never under what the upstream asked for. */
export function retryDelayMs(tried: number, askedMs: number | null, random: () => number): number {
  const spanMs = baseDelayMs * 2 ** tried;
  return Math.max(askedMs ?? 0, Math.round(random() * spanMs));
}

/**
 * Keeps retries under a tenth of the reads, so that a failing upstream is not hit three times as hard.
 * A short burst (`reserve`) is free, for a gateway that has just started.
 */
export class RetryBudget {
  readonly #ratio: number;
  readonly #reserve: number;
  #balance: number;

  constructor(options: { readonly ratio: number; readonly reserve: number }) {
    this.#ratio = options.ratio;
    this.#reserve = options.reserve;
    this.#balance = options.reserve;
  }

  earn(): void {
    this.#balance = Math.min(this.#reserve, this.#balance + this.#ratio);
  }

  /** Takes one retry out of the budget, or says there is none left. */
  spend(): boolean {
    if (this.#balance < 1) return false;
    this.#balance -= 1;
    return true;
  }
}
