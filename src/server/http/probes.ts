import type { ServerResponse } from 'node:http';
import type { Metrics } from '../telemetry/metrics.ts';
import type { Readiness } from './readiness.ts';

/** What the operator's programs ask, by path. No token is needed, and nothing is asked upstream to answer. */
export type Probes = ReadonlyMap<string, (response: ServerResponse) => void | Promise<void>>;

export type ProbesOptions = {
  /** what /health says beside `"status": "alive"` */
  readonly health: () => object;
  readonly readiness: Readiness;
  /** null: there is no /metrics */
  readonly metrics: Metrics | null;
};

export function createProbes({ health, readiness, metrics }: ProbesOptions): Probes {
  const probes = new Map<string, (response: ServerResponse) => void | Promise<void>>([
    ['/health', (response) => json(response, 200, { status: 'alive', ...health() })],
    [
      '/ready',
      (response) => {
        const report = readiness.report();
        json(response, report.status === 'ready' ? 200 : 503, report);
      },
    ],
  ]);
  if (metrics !== null) {
    probes.set('/metrics', async (response) => {
      const text = await metrics.text();
      response.writeHead(200, { 'content-type': metrics.contentType, 'cache-control': 'no-store' });
      response.end(text);
    });
  }
  return probes;
}

function json(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json; charset=utf-8', 'cache-control': 'no-store' });
  response.end(`${JSON.stringify(body)}\n`);
}
