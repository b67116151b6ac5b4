declare const localStorage: { getItem(key: string): string | null; setItem(key: string, value: string): void };
declare const history: { replaceState(): void };

/**
 * Runs in the browser, before GraphiQL; it is sent as its source text, so it must not use anything from outside itself.
 * It wraps `fetch` so that the tabs work without copying: `{{notebookId}}` in variables stands for the notebook last
 * created on the page, `{{token}}` in the headers pane for the token last issued on it. The page forgets both when it is left.
 * @param firstVariables JSON text of the variables of the first tab
 */
export function prepareGraphiql(firstVariables: string): void {
  const tabState = localStorage.getItem('graphiql:tabState');
  if (tabState === null) {
    // GraphiQL gives the first of its default tabs no variables but stored ones
    localStorage.setItem('graphiql:variables', firstVariables);
  } else {
    // GraphiQL finds the open tab again by the texts of its editors, which it stores at another moment: a miss opens one tab more
    const {
      tabs,
      activeTabIndex,
    }: { tabs: { query: string | null; variables: string | null }[]; activeTabIndex: number } = JSON.parse(tabState);
    localStorage.setItem('graphiql:query', tabs[activeTabIndex]?.query ?? '');
    localStorage.setItem('graphiql:variables', tabs[activeTabIndex]?.variables ?? '');
  }

  // GraphiQL copies the document into the address, from where a password in it would get into logs; tabs are kept without that
  history.replaceState = () => {};

  const plainFetch = globalThis.fetch;
  let notebookId: string | null = null;
  let token: string | null = null;

  const filled = (init: RequestInit): RequestInit => {
    const headers = new Headers(init.headers);
    for (const [name, value] of [...headers]) {
      if (!value.includes('{{token}}')) continue;
      // without the header, the gateway answers how to get a token
      if (token === null) headers.delete(name);
      else headers.set(name, value.replace('{{token}}', token));
    }
    const { body } = init;
    return typeof body === 'string' && notebookId !== null
      ? { ...init, headers, body: body.replaceAll('{{notebookId}}', notebookId) }
      : { ...init, headers };
  };

  const learn = (answer: string): void => {
    const {
      data,
    }: {
      data?: {
        issueToken?: { token?: string } | null;
        createNotebook?: { notebook?: { notebookId?: string } } | null;
      } | null;
    } = JSON.parse(answer);
    token = data?.issueToken?.token ?? token;
    notebookId = data?.createNotebook?.notebook?.notebookId ?? notebookId;
  };

  globalThis.fetch = async (input, init = {}) => {
    const response = await plainFetch(input, filled(init));
    // a copy of a subscription's stream would only fill memory
    if (response.headers.get('content-type')?.includes('json') === true) {
      await response
        .clone()
        .text()
        .then(learn)
        .catch(() => {});
    }
    return response;
  };
}
