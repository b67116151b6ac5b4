import type { Answer } from '../call.ts';
import { type ErrorStyle, errorBody, Refusal, refusalWith } from '../errors.ts';
import { isObject, type Json, type JsonObject, mergePatch } from '../json.ts';
import type { Fault } from './faults.ts';
import { refusalOf } from './refusals.ts';

/** What goes over the wire for one request. */
export type Delivery =
  | { readonly kind: 'hang' }
  | { readonly kind: 'reset' }
  | {
      readonly kind: 'answer';
      readonly status: number;
      readonly headers: Record<string, string>;
      readonly text: string;
      /** Wait before the first byte. */
      readonly delayMs?: number;
      /** One byte at a time, this far apart. */
      readonly byteIntervalMs?: number;
      /** No Content-Length: chunked. */
      readonly isStreamed?: boolean;
    };

type Context = { readonly style: ErrorStyle; readonly requestId: string };

const jsonType = 'application/json;charset=UTF-8';
const badGateway =
  '<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body><center><h1>502 Bad Gateway</h1></center></body>\r\n</html>\r\n';
const loginPage =
  '<!DOCTYPE html><html><head><title>Sign in</title></head><body><form method="post"></form></body></html>';
const backendTimeout = new Refusal(504, 'APIG.0201', 'Backend timeout');
const oversizeBytes = 9 * 1024 * 1024;
const listKeys = ['data', 'instances', 'flavors', 'projects'];

export const deliver = ({ status, headers, body }: Answer): Extract<Delivery, { kind: 'answer' }> => ({
  kind: 'answer',
  status,
  headers: status === 204 ? { ...headers } : { 'Content-Type': jsonType, ...headers },
  text: status === 204 ? '' : JSON.stringify(body),
});

const html = (status: number, text: string): Delivery => ({
  kind: 'answer',
  status,
  headers: { 'Content-Type': 'text/html' },
  text,
});

/**
 * The delivery under a fault.
 * @param work does what the request asks for; faults that strike before it never call it
 */
export async function strike(fault: Fault, work: () => Promise<Answer>, context: Context): Promise<Delivery> {
  const refuse = (refused: Refusal, headers: Record<string, string> = {}): Delivery =>
    deliver({ status: refused.status, headers, body: errorBody(refused, context.style, context.requestId) });
  const altered = async (alter: (body: Json) => Json): Promise<Delivery> => {
    const answer = await work();
    return deliver(answer.status < 300 && answer.status !== 204 ? { ...answer, body: alter(answer.body) } : answer);
  };
  switch (fault.name) {
    case 'hang':
      return { kind: 'hang' };
    case 'reset':
      return { kind: 'reset' };
    case 'reset-after':
      await work();
      return { kind: 'reset' };
    case 'lost-answer':
      await work();
      return fault.status === 504 ? refuse(backendTimeout) : html(502, badGateway);
    case 'slow':
      return { ...deliver(await work()), delayMs: fault.delayMs ?? 1000 };
    case 'slow-drip':
      return { ...deliver(await work()), byteIntervalMs: fault.intervalMs ?? 200 };
    case 'unavailable':
      return refuse(
        new Refusal(503, 'APIG.0202', 'Backend unavailable'),
        fault.retryAfterSeconds === undefined ? {} : { 'Retry-After': String(fault.retryAfterSeconds) },
      );
    case 'bad-gateway':
      return html(502, badGateway);
    case 'gateway-timeout':
      return refuse(backendTimeout);
    case 'throttled':
      return refuse(refusalWith(429, '6101'), { 'Retry-After': String(fault.retryAfterSeconds ?? 1) });
    case 'rate-limited': {
      const { limit = 60, window = '1 minute' } = fault;
      const overrun = `policy user over ratelimit,limit:${limit},time:${window}`;
      return refuse(new Refusal(429, 'APIG.0308', `The throttling threshold has been reached: ${overrun}`));
    }
    case 'refused':
      return refuse(refusalOf(fault.code ?? ''));
    case 'headers-too-large':
      return refuse(new Refusal(494, 'APIG.0201', 'Request headers too large'));
    case 'unauthorised':
      return refuse(new Refusal(401, 'APIGW.0301', 'Incorrect IAM authentication information: decrypt token fail'));
    case 'internal':
      return refuse(refusalWith(500, '0010'));
    case 'html':
      return html(200, loginPage);
    case 'error':
      return deliver({ status: fault.status ?? 500, body: fault.body ?? {} });
    case 'oversize':
      return {
        ...deliver({ status: 200, body: { data: [], total: 0, padding: 'x'.repeat(oversizeBytes) } }),
        isStreamed: true,
      };
    case 'empty':
      return { ...deliver(await work()), text: '' };
    case 'malformed': {
      const whole = deliver(await work());
      return { ...whole, text: whole.text.slice(0, Math.ceil(whole.text.length / 2)) };
    }
    case 'wrong-type':
      return altered((body) => (fault.as === 'string' ? 'unexpected' : [body]));
    case 'unknown-enum':
      return altered((body) => inItems(migrating(body), migrating));
    case 'null-list':
      return altered((body) => (isObject(body) ? withoutLists(body) : body));
    case 'merge':
      return altered((body) => {
        const merged = fault.body === undefined ? body : mergePatch(body, fault.body);
        return inItems(merged, (item) => (fault.item === undefined ? item : mergePatch(item, fault.item)));
      });
  }
}

/** A status that no document knows, where there is a status. */
const migrating = (body: Json): Json => {
  if (!isObject(body)) return body;
  const changed: Record<string, Json | undefined> = { ...body };
  for (const key of ['status', 'current_status']) if (key in changed) changed[key] = 'MIGRATING';
  return changed;
};

function inItems(body: Json, alter: (item: Json) => Json): Json {
  if (!isObject(body)) return body;
  const changed: Record<string, Json | undefined> = { ...body };
  for (const key of listKeys) {
    const items = changed[key];
    if (Array.isArray(items)) changed[key] = items.map(alter);
  }
  return changed;
}

const withoutLists = (body: JsonObject): JsonObject =>
  Object.fromEntries(Object.entries(body).map(([key, value]) => [key, listKeys.includes(key) ? null : value]));
