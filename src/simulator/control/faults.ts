import { isObject, type Json, type JsonObject } from '../json.ts';
import { isUpstreamCode } from './refusals.ts';

/** Every fault, with the parameters it takes besides `operation` and `times`. */
export const faultNames = {
  slow: ['delayMs'],
  hang: [],
  reset: [],
  'reset-after': [],
  'lost-answer': ['status'],
  unavailable: ['retryAfterSeconds'],
  'bad-gateway': [],
  'gateway-timeout': [],
  throttled: ['retryAfterSeconds'],
  'rate-limited': ['limit', 'window'],
  refused: ['code'],
  'headers-too-large': [],
  unauthorised: [],
  internal: [],
  malformed: [],
  html: [],
  empty: [],
  'slow-drip': ['intervalMs'],
  oversize: [],
  'wrong-type': ['as'],
  'unknown-enum': [],
  'null-list': [],
  error: ['status', 'body'],
  merge: ['body', 'item'],
} as const satisfies Record<string, readonly string[]>;

export type FaultName = keyof typeof faultNames;

export type Fault = {
  readonly id: number;
  readonly name: FaultName;
  /** operationId, or `*` for all */
  readonly operation: string;
  /** How many more requests it hits; null: all of them. */
  readonly times: number | null;
  readonly delayMs?: number;
  readonly retryAfterSeconds?: number;
  readonly intervalMs?: number;
  readonly status?: number;
  /** calls a window */
  readonly limit?: number;
  /** length of the window of a rate limit, in the words of the API gateway: `1 minute` */
  readonly window?: string;
  /** the whole upstream code: `ModelArts.0428`, `APIG.0104` */
  readonly code?: string;
  readonly as?: string;
  readonly body?: Json;
  readonly item?: Json;
};

export type Faults = {
  /** @throws Error that says what is wrong with the request, for a 400 */
  add(request: JsonObject): Fault;
  list(): readonly Fault[];
  clear(): void;
  /** The fault that hits this request, if any: the oldest that matches. Counts it down. */
  take(operationId: string): Fault | null;
};

/** @param operationIds what a fault can be set for */
export function createFaults(operationIds: readonly string[]): Faults {
  let faults: Fault[] = [];
  let lastId = 0;
  return {
    add(request) {
      lastId += 1;
      const fault = readFault(request, { id: lastId, operationIds });
      faults.push(fault);
      return fault;
    },
    list: () => faults,
    clear: () => {
      faults = [];
    },
    take(operationId) {
      const hit = faults.find(({ operation }) => operation === '*' || operation === operationId);
      if (hit === undefined) return null;
      if (hit.times !== null) {
        const left = hit.times - 1;
        faults = faults.flatMap((fault) => (fault !== hit ? [fault] : left > 0 ? [{ ...hit, times: left }] : []));
      }
      return hit;
    },
  };
}

const isFaultName = (name: unknown): name is FaultName => typeof name === 'string' && Object.hasOwn(faultNames, name);

function readFault(request: JsonObject, { id, operationIds }: { id: number; operationIds: readonly string[] }): Fault {
  const { name, operation = '*', times = null, ...rest } = request;
  if (!isFaultName(name))
    throw new Error(`There is no fault ${JSON.stringify(name)}; known: ${Object.keys(faultNames).join(', ')}.`);
  if (typeof operation !== 'string' || !['*', ...operationIds].includes(operation))
    throw new Error(`There is no operation ${JSON.stringify(operation)}; give an operationId of the contract or "*".`);
  if (times !== null && !isCount(times, 1)) throw new Error('times must be a whole number from 1, or absent for ever.');
  const allowed: readonly string[] = faultNames[name];
  for (const key of Object.keys(rest))
    if (!allowed.includes(key))
      throw new Error(`${name} takes no ${key}; it takes: ${allowed.join(', ') || 'nothing'}.`);
  const { body, item, as, window, code } = rest;
  if (name === 'error' && !isCount(rest.status, 200)) throw new Error('error needs a status from 200.');
  if (name === 'lost-answer' && rest.status !== undefined && ![502, 504].includes(Number(rest.status)))
    throw new Error('lost-answer has status 502 or 504.');
  if (name === 'merge' && !isObject(body) && !isObject(item)) throw new Error('merge needs an object in body or item.');
  if (as !== undefined && as !== 'array' && as !== 'string') throw new Error('as must be "array" or "string".');
  if (window !== undefined && (typeof window !== 'string' || window === ''))
    throw new Error('window must be a text, for example "1 minute".');
  if (name === 'refused' && !isUpstreamCode(code))
    throw new Error('refused needs a code whose answer the simulator knows, for example "ModelArts.0428".');
  return {
    id,
    name,
    operation,
    times,
    ...counts(rest, ['delayMs', 'retryAfterSeconds', 'intervalMs', 'status', 'limit']),
    ...(typeof window === 'string' && { window }),
    ...(typeof code === 'string' && { code }),
    ...(as !== undefined && { as }),
    ...(body !== undefined && { body }),
    ...(item !== undefined && { item }),
  };
}

function counts(request: JsonObject, names: readonly string[]): Record<string, number> {
  const found: Record<string, number> = {};
  for (const name of names) {
    const value = request[name];
    if (value === undefined) continue;
    if (!isCount(value, 0)) throw new Error(`${name} must be a whole number from 0.`);
    found[name] = value;
  }
  return found;
}

const isCount = (value: unknown, minimum: number): value is number =>
  Number.isSafeInteger(value) && Number(value) >= minimum;
