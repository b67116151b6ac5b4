import type { IncomingHttpHeaders } from 'node:http';

/** One request and what was answered. Observed just before the first byte of the answer is written. */
export type RecordedCall = {
  readonly request: {
    readonly method: string;
    readonly path: string;
    /** Of a repeated name the last value. */
    readonly query: Readonly<Record<string, string>>;
    readonly headers: IncomingHttpHeaders;
    readonly rawHeaders: readonly string[];
    readonly body: string;
  };
  /** null: cut by a fault. */
  readonly response: {
    readonly status: number;
    readonly headers: Readonly<Record<string, string>>;
    readonly body: string;
  } | null;
  readonly fault: string | null;
  /** null: no operation of the contract. */
  readonly operationId: string | null;
};
