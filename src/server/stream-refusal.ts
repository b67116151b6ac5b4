type Refusal = { readonly message: string; readonly extensions?: Readonly<Record<string, unknown>> };

/** What graphql-sse itself refuses it says in words alone: the same response, with a code and the request id for programs. */
export async function streamRefusal(response: Response, requestId: string): Promise<Response> {
  const { status, statusText, headers } = response;
  if (response.ok || headers.get('content-type')?.startsWith('application/json') !== true) return response;
  const { errors } = (await response.json()) as { readonly errors: readonly Refusal[] };
  const told = errors.map((error) => ({
    ...error,
    extensions: { code: 'BAD_REQUEST', ...error.extensions, requestId },
  }));
  headers.delete('content-length');
  return new Response(JSON.stringify({ errors: told }), { status, statusText, headers });
}
