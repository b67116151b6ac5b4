import { createHash } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';

export type GraphiqlTab = { readonly query: string; readonly variables?: string };

export type GraphiqlOptions = {
  readonly path: string;
  readonly tabs: readonly GraphiqlTab[];
  /** JSON text of the headers pane */
  readonly headers: string;
};

type Page = { readonly html: Buffer; readonly policy: string };

/** GraphiQL as one page: everything in it comes from this server, and its policy lets the browser talk to nobody else. */
export function createGraphiql(options: GraphiqlOptions): (response: ServerResponse) => Promise<void> {
  let page: Promise<Page> | null = null;
  return async (response) => {
    page ??= render(options);
    const { html, policy } = await page;
    response.writeHead(200, {
      'content-type': 'text/html; charset=utf-8',
      'content-encoding': 'gzip',
      'content-length': html.length,
      'content-security-policy': policy,
      'cache-control': 'no-store',
      'referrer-policy': 'no-referrer',
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
    });
    response.end(html);
  };
}

async function render({ path, tabs, headers }: GraphiqlOptions): Promise<Page> {
  // 9 MB of JavaScript: loaded at the first visit, not at the start
  const { renderGraphiQL } = await import('@graphql-yoga/render-graphiql');
  const html = String(
    renderGraphiQL({
      endpoint: path,
      title: 'ModelArts GraphQL gateway',
      headers,
      defaultTabs: tabs.map((tab) => ({ ...tab, headers })),
      defaultQuery: tabs[0]?.query ?? '',
      shouldPersistHeaders: false,
      subscriptionsProtocol: 'SSE',
    }),
  );
  const script = html.slice(html.indexOf('<script>') + '<script>'.length, html.lastIndexOf('</script>'));
  const scriptHash = createHash('sha256').update(script).digest('base64');
  const policy = [
    "default-src 'self'",
    `script-src 'self' 'sha256-${scriptHash}' blob:`,
    "style-src 'self' 'unsafe-inline'",
    "img-src 'self' data:",
    "font-src 'self' data:",
    'worker-src blob:',
    "connect-src 'self'",
    "frame-ancestors 'none'",
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');
  return { html: await promisify(gzip)(html), policy };
}
