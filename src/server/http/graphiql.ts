import { createHash } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { prepareGraphiql } from './graphiql-script.ts';

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
    page ??= render(options).catch((error: unknown) => {
      page = null;
      throw error;
    });
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
  const rendered = renderGraphiQL({
    endpoint: path,
    title: 'ModelArts',
    headers,
    defaultTabs: tabs.map((tab) => ({ ...tab, headers })),
    defaultQuery: tabs[0]?.query ?? '',
    // a stored token outlives its session, and the simulator's dies with the simulator
    shouldPersistHeaders: false,
    subscriptionsProtocol: 'SSE',
    // for subscriptions too, whose variables would otherwise stand in the URL
    method: 'POST',
  });
  const script = `(${prepareGraphiql})(${JSON.stringify(tabs[0]?.variables ?? '')})`;
  const html = rendered.replace('<script>', () => `<style>${unmovedTabs}</style><script>${script}</script><script>`);
  const policy = [
    "default-src 'self'",
    `script-src ${inlineScripts(html).map(sourceOf).join(' ')}`,
    // Monaco writes style elements and attributes, and starts its workers from blobs
    "style-src 'self' 'unsafe-inline'",
    'worker-src blob:',
    "img-src 'self' data:",
    "font-src 'self' data:",
    "frame-ancestors 'none'",
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');
  return { html: await promisify(gzip)(html), policy };
}

// GraphiQL places default tabs with an offset that shows once a tab has the focus: it jumps away from under the mouse
// and the click is lost. The price: a tab no longer follows the mouse while it is dragged to another place.
const unmovedTabs = '.graphiql-tab { transform: none !important }';

const inlineScripts = (html: string): string[] =>
  [...html.matchAll(/<script>(.*?)<\/script>/gs)].map(([, script = '']) => script);

/** How a policy names a script by its content. */
const sourceOf = (script: string): string => `'sha256-${createHash('sha256').update(script).digest('base64')}'`;
