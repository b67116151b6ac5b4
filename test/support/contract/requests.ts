import { readFileSync } from 'node:fs';
import { parse } from 'yaml';

/** One request of an operation, made from what the contract says of it. */
export type RestRequest = {
  readonly operationId: string;
  /** upper case */
  readonly method: string;
  /** `/v1/{project_id}/…` with the query that is required; placeholders are left in it */
  readonly path: string;
  /** those that are required, with their first example */
  readonly headers: Readonly<Record<string, string>>;
  /** one of the contract's examples of its body; undefined: no body */
  readonly body?: unknown;
};

type Example = { readonly value: unknown };
type Parameter = { readonly $ref?: string; name: string; in: string; required?: boolean; schema: Schema };
type Schema = {
  readonly $ref?: string;
  readonly enum?: readonly unknown[];
  readonly examples?: readonly unknown[];
  readonly default?: unknown;
};
type Operation = {
  readonly operationId?: string;
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: {
    readonly required?: boolean;
    readonly content: { readonly 'application/json': { readonly examples?: Record<string, Example> } };
  };
};
type Contract = {
  readonly paths: Record<string, Record<string, Operation>>;
  readonly components: { readonly parameters: Record<string, Parameter>; readonly schemas: Record<string, Schema> };
};

const contract: Contract = parse(
  readFileSync(new URL('../../../contract/modelarts.openapi.yaml', import.meta.url), 'utf8'),
);

const lastOf = (reference: string): string => reference.slice(reference.lastIndexOf('/') + 1);

const headersOf = (parameters: readonly Parameter[]): Record<string, string> =>
  Object.fromEntries(
    parameters
      .filter((parameter) => parameter.in === 'header' && parameter.required === true)
      .map(({ name, schema }) => [name, String(schema.examples?.[0] ?? 'x')]),
  );

/** The required query with the first value each parameter may have. */
function queryOf(parameters: readonly Parameter[]): string {
  const query = new URLSearchParams();
  for (const given of parameters) {
    const parameter = given.$ref === undefined ? given : contract.components.parameters[lastOf(given.$ref)];
    if (parameter?.in !== 'query' || parameter.required !== true) continue;
    const { $ref } = parameter.schema;
    const schema = $ref === undefined ? parameter.schema : contract.components.schemas[lastOf($ref)];
    query.set(parameter.name, String(schema?.default ?? schema?.enum?.[0] ?? 'x'));
  }
  return query.size === 0 ? '' : `?${query}`;
}

function bodiesOf({ operationId, requestBody }: Operation): unknown[] {
  const examples = Object.values(requestBody?.content['application/json'].examples ?? {}).map(({ value }) => value);
  if (requestBody?.required !== true) return [undefined, ...examples];
  if (examples.length > 0) return examples;
  throw new Error(
    `${operationId} has no example of its body; write one under requestBody › examples in contract/modelarts.openapi.yaml`,
  );
}

/**
 * The requests of every operation of the contract: one for each example of a body, and one without where none is required.
 * @throws Error an operation that needs a body has no example of it
 */
export const restRequests = (): RestRequest[] =>
  Object.entries(contract.paths).flatMap(([path, { parameters = [], ...item }]) =>
    Object.entries(item).flatMap(([method, operation]) => {
      const { operationId } = operation;
      if (operationId === undefined) return [];
      const shared = Array.isArray(parameters) ? parameters : [];
      const query = queryOf([...shared, ...(operation.parameters ?? [])]);
      return bodiesOf(operation).map((body) => ({
        operationId,
        method: method.toUpperCase(),
        path: path + query,
        headers: headersOf(operation.parameters ?? []),
        ...(body !== undefined && { body }),
      }));
    }),
  );
