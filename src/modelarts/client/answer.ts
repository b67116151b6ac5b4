import { hash } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import type { Drift } from '../wire/read.ts';

/** Turns one upstream object into ours; null when it is not what it should be. */
export type Decoder<T> = (wire: unknown, drift: Drift) => T | null;

/** What the upstream answered to one call. Read, and decoded, once for all who share it: what it gives must not be changed. */
export class Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly #bytes: Buffer;
  #body: { readonly json: unknown } | null = null;
  #digest: string | null = null;
  readonly #decoded = new Map<Decoder<unknown>, unknown>();

  constructor(response: { readonly status: number; readonly headers: IncomingHttpHeaders; readonly body: Buffer }) {
    this.status = response.status;
    this.headers = response.headers;
    this.#bytes = response.body;
  }

  /** length of the body as it came */
  get byteLength(): number {
    return this.#bytes.length;
  }

  /**
   * JSON of the body; null when there is none (204).
   * @throws SyntaxError it is no JSON; the client asks first and hands out no such answer
   */
  get body(): unknown {
    this.#body ??= { json: this.#bytes.length === 0 ? null : JSON.parse(this.#bytes.toString('utf8')) };
    return this.#body.json;
  }

  /** Stands for the body as it came: equal digests, equal bytes. Safe to keep where the body, which may hold secrets, is not. */
  get digest(): string {
    this.#digest ??= hash('sha256', this.#bytes, 'base64url');
    return this.#digest;
  }

  /** The body as the decoder reads it. Each decoder reads it once, so drift is told once. */
  decoded<T>(decode: Decoder<T>, drift: Drift): T | null {
    const known = this.#decoded.get(decode);
    // put there for the same decoder
    if (known !== undefined) return known as T | null;
    const decoded = decode(this.body, drift);
    // read anew by another decoder, of which there is none for most answers
    this.#body = null;
    this.#decoded.set(decode, decoded);
    return decoded;
  }
}
