import type { GraphQLError } from 'graphql';

type Refusal = { readonly message: string; readonly extensions?: Readonly<Record<string, unknown>> };

/** What graphql-sse answers with a bare status. */
const explanations: ReadonlyMap<number, string> = new Map([
  [405, 'Event streams take GET, POST, PUT and DELETE.'],
  [
    406,
    'A reservation (PUT) is answered with text/plain, an operation on a stream with application/json, a stream with text/event-stream: accept that.',
  ],
  [415, 'An operation comes as a POST of application/json, or in the URL of a GET.'],
]);

const codes: ReadonlyMap<number, string> = new Map([
  [406, 'NOT_ACCEPTABLE'],
  [415, 'UNSUPPORTED_MEDIA_TYPE'],
]);

/** A refusal of graphql-sse with what it lacks: a text where it is a bare status, and a code and the request id for programs. */
export async function explained(response: Response, requestId: string): Promise<Response> {
  const refusals = await refusalsOf(response);
  if (refusals === null) return response;
  const { status, statusText } = response;
  const headers = new Headers(response.headers);
  headers.set('content-type', 'application/json; charset=utf-8');
  headers.delete('content-length');
  const code = codes.get(status) ?? 'BAD_REQUEST';
  const errors = refusals.map((refusal) => ({ ...refusal, extensions: { code, ...refusal.extensions, requestId } }));
  return new Response(JSON.stringify({ errors }), { status, statusText, headers });
}

/** @returns null: it is none, or says all that there is to say */
async function refusalsOf(response: Response): Promise<readonly Refusal[] | null> {
  if (response.ok) return null;
  const message = response.body === null ? explanations.get(response.status) : undefined;
  if (message !== undefined) return [{ message }];
  if (response.headers.get('content-type')?.startsWith('application/json') !== true) return null;
  // made in this process, by yoga or graphql-sse
  const { errors } = (await response.json()) as { readonly errors: readonly Refusal[] };
  return errors;
}

/** A refusal to begin anything more on a stream that is not read. */
export function streamFull({ message, extensions: { http: _, ...extensions } }: GraphQLError): Response {
  const headers = { 'content-type': 'application/json; charset=utf-8', 'retry-after': '1' };
  return new Response(JSON.stringify({ errors: [{ message, extensions }] }), { status: 429, headers });
}
