import {
  type Carrier,
  getCarrier,
  postCarrier,
  type Reply,
  requestId,
  type Sent,
  sseCarrier,
} from './carriers/carrier.ts';
import { socketCarrier } from './carriers/socket.ts';
import { streamCarrier } from './carriers/stream.ts';

const carriers = {
  POST: postCarrier,
  GET: getCarrier,
  SSE: sseCarrier,
  WebSocket: socketCarrier,
  'graphql-sse': streamCarrier,
} as const;

export type Transport = keyof typeof carriers;
export const transportNames = Object.keys(carriers) as Transport[];

/** What a gateway did for one operation, without what may differ: how many calls it took, for equal ones on their way are shared. */
export type Seen = {
  readonly reply: Reply;
  /** its lines in the log, without request id, time and duration */
  readonly logged: readonly LoggedOperation[];
  /** what was logged as unexpected, with its stack: nothing ever should be */
  readonly unexpected: readonly string[];
};

export type LoggedOperation = {
  readonly operation: string | null;
  readonly kind: string | null;
  readonly outcome: string;
  readonly codes: readonly string[];
  readonly upstreamCodes: readonly string[];
};

/** Promises of this process that failed and that nobody waits for: the end of a gateway by itself. */
const unhandled: string[] = [];
process.on('unhandledRejection', (error) => {
  unhandled.push(error instanceof Error ? (error.stack ?? error.message) : String(error));
});

/** One of the gateways that are compared, and how it is reached. */
export type Side = {
  readonly url: string;
  ask(transport: Transport, sent: Sent): Promise<Seen>;
  /** operations that ended, by kind and outcome: those counted at first, and those seen in the log since */
  readonly ended: ReadonlyMap<string, number>;
  close(): void;
};

/** @param logLines where the gateway writes; lines are taken out as they are read */
export async function sideOf(url: string, logLines: string[]): Promise<Side> {
  const opened = new Map<Transport, Carrier>();
  const ended = new Map((await countersOf(url)).ended);

  const carrierOf = (transport: Transport): Carrier => {
    const carrier = opened.get(transport) ?? carriers[transport](url);
    opened.set(transport, carrier);
    return carrier;
  };

  return {
    url,
    ended,
    async ask(transport, sent) {
      logLines.length = 0;
      const reply = await carrierOf(transport).ask(sent);
      const lines = logLines.splice(0).map((line) => JSON.parse(line) as Line);
      const operations = lines.filter(({ msg }) => msg === 'operation');
      for (const { kind, outcome } of operations) {
        const key = `${kind ?? 'unread'} ${outcome}`;
        ended.set(key, (ended.get(key) ?? 0) + 1);
      }
      return {
        reply: masked(reply, operations[0]?.requestId ?? requestId),
        logged: operations.map(loggedOf),
        unexpected: [
          ...lines.filter(({ level }) => level >= errorLevel).map((line) => line.err?.stack ?? line.msg),
          ...unhandled.splice(0),
        ],
      };
    },
    close() {
      for (const carrier of opened.values()) carrier.close();
    },
  };
}

type Line = Partial<Omit<LoggedOperation, 'operation' | 'kind'>> & {
  readonly level: number;
  readonly msg: string;
  readonly requestId?: string;
  readonly operation?: string | null;
  readonly kind?: string | null;
  readonly err?: { readonly stack: string };
};

const errorLevel = 50;

const loggedOf = (line: Line): LoggedOperation => ({
  operation: line.operation ?? null,
  kind: line.kind ?? null,
  outcome: line.outcome ?? '',
  codes: line.codes ?? [],
  upstreamCodes: [...(line.upstreamCodes ?? [])].sort(),
});

/** What counts down while answers are made, ids made up for requests without one, and the delay that spreads reconnects. */
const masked = ({ body, ...rest }: Reply, madeUpId: string): Reply => ({
  ...rest,
  body: body
    .replace(/"(remainingSeconds\w*)":\d+/g, '"$1":"masked"')
    .replaceAll(madeUpId, requestId)
    .replace(/^retry: \d+$/m, 'retry: masked'),
});

/** Of `/metrics`: operations by kind and outcome, how many run, and kept answers that still held. */
export async function countersOf(url: string): Promise<Counters> {
  const text = await (await fetch(new URL('/metrics', url))).text();
  const ended = new Map<string, number>();
  for (const [, kind, outcome, count] of text.matchAll(/operations_total\{kind="(\w+)",outcome="(\w+)"\} (\d+)/g)) {
    ended.set(`${kind} ${outcome}`, Number(count));
  }
  const gauges = [...text.matchAll(/operations_running\{[^}]*\} (-?\d+)/g)].map(([, value]) => Math.abs(Number(value)));
  const replays = Number(/replays_total\{outcome="same"\} (\d+)/.exec(text)?.[1] ?? 0);
  return { ended, replays, running: gauges.reduce((sum, one) => sum + one, 0) };
}

type Counters = {
  readonly ended: ReadonlyMap<string, number>;
  readonly replays: number;
  readonly running: number;
};
