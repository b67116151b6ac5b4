import { readFile } from 'node:fs/promises';
import { Ajv2020 } from 'ajv/dist/2020.js';
import formats from 'ajv-formats';
import { parse } from 'yaml';

/** Says what is wrong with a value, one message per fault; empty when the value is valid. Messages never quote the value. */
export type Check = (value: unknown) => string[];

export type Parameter = { name: string; in: string; isRequired: boolean; check: Check };

/** One documented answer. `body` is null where the contract describes none; `headers` are keyed as the contract spells them. */
export type Answer = { body: Check | null; headers: ReadonlyMap<string, { isRequired: boolean; check: Check }> };

export type Operation = {
  operationId: string;
  /** Upper case. */
  method: string;
  /** Template, `/v1/{project_id}/notebooks/{id}`. */
  path: string;
  /** Whether `security` admits an X-Auth-Token. The gateway knows no other scheme. */
  needsToken: boolean;
  /** `clients`: the gateway has no use for it, and the simulator has it for others. */
  askedBy: 'gateway' | 'clients';
  parameters: readonly Parameter[];
  requestBody: { isRequired: boolean; check: Check } | null;
  /** Keyed by status or status range: `200`, `5XX`. */
  answers: ReadonlyMap<string, Answer>;
};

type Ref = { $ref: string };
type Schema = Record<string, unknown>;
type Content = { 'application/json'?: { schema: Schema } };
type ParameterObject = { name: string; in: string; required?: boolean; schema: Schema };
type ResponseObject = { headers?: Record<string, { required?: boolean; schema: Schema }>; content?: Content };
type OperationObject = {
  operationId: string;
  'x-asked-by'?: 'clients';
  security?: Record<string, string[]>[];
  parameters?: (ParameterObject | Ref)[];
  requestBody?: { required?: boolean; content: Content };
  responses: Record<string, ResponseObject | Ref>;
};
type PathItem = { parameters?: (ParameterObject | Ref)[] } & Partial<Record<Method, OperationObject>>;
type OpenApi = {
  security: Record<string, string[]>[];
  paths: Record<string, PathItem>;
  components: { parameters: Record<string, ParameterObject>; responses: Record<string, ResponseObject> };
};
type Method = (typeof METHODS)[number];

const METHODS = ['get', 'put', 'post', 'delete', 'patch'] as const;
const DOCUMENT = new URL('../../../contract/modelarts.openapi.yaml', import.meta.url);
const DOCUMENT_ID = 'contract:modelarts';

/**
 * Reads `contract/modelarts.openapi.yaml` and compiles every schema an operation uses.
 * @throws Error the document has a schema that does not compile or a reference to nothing
 */
export async function loadOperations(): Promise<Operation[]> {
  const document: OpenApi = parse(await readFile(DOCUMENT, 'utf8'), strictly);
  const { parameters, responses } = document.components;
  const ajv = new Ajv2020({ strict: false, allErrors: true });
  formats.default(ajv);
  ajv.addSchema({ components: document.components }, DOCUMENT_ID);

  function compile(schema: Schema): Check {
    const validate = ajv.compile(schema);
    return (value) =>
      validate(value)
        ? []
        : (validate.errors ?? []).map((e) => `${e.instancePath} ${e.message} ${JSON.stringify(e.params)}`.trim());
  }

  const parameterOf = ({ name, in: place, required = false, schema }: ParameterObject): Parameter => ({
    name,
    in: place,
    isRequired: required,
    check: compile(schema),
  });

  function answerOf({ headers = {}, content }: ResponseObject): Answer {
    const json = content?.['application/json'];
    return {
      body: json ? compile(json.schema) : null,
      headers: new Map(
        Object.entries(headers).map(([name, { required = false, schema }]) => [
          name,
          { isRequired: required, check: compile(schema) },
        ]),
      ),
    };
  }

  function operationOf(
    path: string,
    method: Method,
    shared: (ParameterObject | Ref)[],
    source: OperationObject,
  ): Operation {
    const json = source.requestBody?.content['application/json'];
    return {
      operationId: source.operationId,
      method: method.toUpperCase(),
      path,
      needsToken: (source.security ?? document.security).some((scheme) => 'token' in scheme),
      askedBy: source['x-asked-by'] ?? 'gateway',
      parameters: [...shared, ...(source.parameters ?? [])].map((p) => parameterOf(resolve(p, parameters))),
      requestBody: json ? { isRequired: source.requestBody?.required ?? false, check: compile(json.schema) } : null,
      answers: new Map(
        Object.entries(source.responses).map(([status, response]) => [status, answerOf(resolve(response, responses))]),
      ),
    };
  }

  return Object.entries(document.paths).flatMap(([path, item]) =>
    METHODS.flatMap((method) => {
      const source = item[method];
      return source ? [operationOf(path, method, item.parameters ?? [], source)] : [];
    }),
  );
}

/**
 * YAML reviver, the document's own recipe for a strict check: an open enum keeps only its known values.
 * References become absolute, so that a schema taken out of the document still finds its components.
 */
function strictly(key: unknown, value: unknown): unknown {
  if (key === '$ref' && typeof value === 'string') return DOCUMENT_ID + value;
  if (!isSchema(value) || value['x-open-enum'] !== true) return value;
  const { anyOf, ...rest } = value;
  const known = Array.isArray(anyOf) ? anyOf.find((branch) => 'enum' in branch) : undefined;
  if (known === undefined) throw new Error(`x-open-enum without known values: ${JSON.stringify(value)}`);
  return { ...rest, enum: known.enum };
}

function isSchema(value: unknown): value is Schema {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function resolve<T extends object>(target: T | Ref, components: Record<string, T>): T {
  if (!('$ref' in target)) return target;
  const found = components[target.$ref.slice(target.$ref.lastIndexOf('/') + 1)];
  if (found === undefined) throw new Error(`The contract refers to ${target.$ref}, which it does not define.`);
  return found;
}
