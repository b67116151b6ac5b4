// by its file: Vitest takes `graphql` for the .mjs copy, and the schema is built by Pothos with the other one
import { graphql } from 'graphql/index.js';
import '../../../src/schema/dev-env/state.ts';
import '../../../src/schema/dev-env/mutations.ts';
import '../../../src/schema/dev-env/queries.ts';
import { schema } from '../../../src/schema/index.ts';
import { contextOf } from '../schema/context.ts';
import { projectId, type ScriptedUpstream } from '../wire/scripted-upstream.ts';

export { schema };

export const instancesPath = `/v1/${projectId}/demanager/instances`;

/** The answer to one operation of a caller, as JSON carries it. */
export async function ask(
  upstream: ScriptedUpstream,
  source: string,
  variableValues: Record<string, unknown> = {},
): Promise<unknown> {
  const contextValue = contextOf(upstream.session(), projectId);
  return JSON.parse(JSON.stringify(await graphql({ schema, source, variableValues, contextValue })));
}

/** Method, path and, when there is one, body of each request the upstream got. */
export const sentTo = (upstream: ScriptedUpstream): unknown[] =>
  upstream.received.map(({ method, url, body }) => (body === '' ? [method, url] : [method, url, JSON.parse(body)]));
