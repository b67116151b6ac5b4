/**
 * Runs in the browser, before GraphiQL; it is sent as its source text, so it must not use anything from outside itself.
 * Wraps `fetch` so that tabs work without copying: `{{notebookId}}` in a request stands for the notebook last created
 * on the page, `{{token}}` in the headers pane for the token last issued on it. Both live in the page's memory only.
 */
export function fillPlaceholders(): void {
  const plainFetch = globalThis.fetch;
  let notebookId: string | null = null;
  let token: string | null = null;

  const filled = (init: RequestInit): RequestInit => {
    const headers = new Headers(init.headers);
    for (const [name, value] of [...headers]) {
      if (!value.includes('{{token}}')) continue;
      // without the header, the gateway's answer tells how to get a token
      if (token === null) headers.delete(name);
      else headers.set(name, value.replace('{{token}}', token));
    }
    const { body } = init;
    return typeof body === 'string' && notebookId !== null
      ? { ...init, headers, body: body.replaceAll('{{notebookId}}', notebookId) }
      : { ...init, headers };
  };

  const learn = (answer: string): void => {
    const { data } = JSON.parse(answer) as {
      data?: {
        issueToken?: { token?: string } | null;
        createNotebook?: { notebook?: { notebookId?: string } } | null;
      } | null;
    };
    token = data?.issueToken?.token ?? token;
    notebookId = data?.createNotebook?.notebook?.notebookId ?? notebookId;
  };

  globalThis.fetch = async (input, init = {}) => {
    const response = await plainFetch(input, filled(init));
    // a subscription's stream is left alone
    if (response.headers.get('content-type')?.includes('json') === true) {
      await response
        .clone()
        .text()
        .then(learn, () => {});
    }
    return response;
  };
}
