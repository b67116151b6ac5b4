import type { ContractOperation } from './contract.ts';
import type { ErrorStyle } from './errors.ts';

/** Path parameters; `{id}` and `{instance_id}` are the same thing under two names. Absent ones are empty. */
export type PathParameters = {
  projectId: string;
  id: string;
  storageId: string;
  userId: string;
  providerId: string;
  protocolId: string;
};

export type Match = {
  readonly operation: ContractOperation;
  readonly style: ErrorStyle;
  readonly params: PathParameters;
};

export type Routes = {
  /** those that are served, in the order of the contract */
  readonly operations: readonly ContractOperation[];
  /** null when no operation that is served has this method and path */
  match(method: string, path: string): Match | null;
};

/** Which parameter each placeholder of the contract's paths is. */
const placeholders: Readonly<Record<string, keyof PathParameters>> = {
  '{project_id}': 'projectId',
  '{id}': 'id',
  '{instance_id}': 'id',
  '{storage_id}': 'storageId',
  '{user_id}': 'userId',
  '{idp_id}': 'providerId',
  '{protocol_id}': 'protocolId',
};

type Handled = {
  /** operationIds that have a handler */
  readonly served: readonly string[];
  /** operationIds that have none, and why */
  readonly unserved?: Readonly<Record<string, string>>;
};

/**
 * Routes of the contract's operations. Literal segments (`all`, `flavors`, `group`) come before placeholders.
 * @throws Error that names every operation without a handler, handler without an operation, and unknown placeholder
 */
export function createRoutes(contract: readonly ContractOperation[], { served, unserved = {} }: Handled): Routes {
  const problems = [
    ...served.flatMap((operationId) => handlerProblems(operationId, contract, unserved)),
    ...contract.flatMap((operation) => operationProblems(operation, served, unserved)),
  ];
  if (problems.length > 0) throw new Error(`The simulator does not fit the contract:\n${problems.join('\n')}`);
  const operations = contract.filter(({ operationId }) => served.includes(operationId));
  const routes = operations
    .map((operation) => ({ operation, segments: operation.path.split('/'), style: styleOf(operation.path) }))
    // `{` sorts behind every letter and digit
    .sort((a, b) => (a.operation.path < b.operation.path ? -1 : 1));
  return {
    operations,
    match(asked, askedPath) {
      // IAM takes a slash behind its paths, and answers HEAD as it answers GET; what stands behind the API gateway does not
      const isOfIam = styleOf(askedPath) === 'iam';
      const method = isOfIam && asked === 'HEAD' ? 'GET' : asked;
      const path = isOfIam && askedPath !== '/' ? askedPath.replace(/\/$/, '') : askedPath;
      const given = path.split('/');
      for (const { operation, segments, style } of routes) {
        if (method !== operation.method || segments.length !== given.length) continue;
        const params = bind(segments, given);
        if (params) return { operation, style, params };
      }
      return null;
    },
  };
}

function handlerProblems(
  operationId: string,
  contract: readonly ContractOperation[],
  unserved: Readonly<Record<string, string>>,
): string[] {
  if (operationId in unserved)
    return [
      `${operationId} is served and listed as not served; take it out of \`unserved\` in src/simulator/operations.ts`,
    ];
  if (contract.some((operation) => operation.operationId === operationId)) return [];
  return [
    `${operationId} is no operation of contract/modelarts.openapi.yaml; write it there, or take its handler out of src/simulator/operations.ts`,
  ];
}

function operationProblems(
  { operationId, method, path }: ContractOperation,
  served: readonly string[],
  unserved: Readonly<Record<string, string>>,
): string[] {
  if (operationId in unserved) return [];
  if (!served.includes(operationId))
    return [
      `${operationId} (${method} ${path}) has no handler; write one into \`handlers\` in src/simulator/operations.ts, or a reason into \`unserved\` there`,
    ];
  return path
    .split('/')
    .filter((segment) => segment.includes('{') && !Object.hasOwn(placeholders, segment))
    .map(
      (segment) =>
        `${operationId}: nothing reads ${segment} of ${path}; name it in \`placeholders\` in src/simulator/routes.ts`,
    );
}

function styleOf(path: string): ErrorStyle {
  if (path === '/' || /^\/v3(\.0)?(\/|$)/.test(path)) return 'iam';
  return path.includes('/demanager/') ? 'demanager' : 'modelarts';
}

function bind(segments: readonly string[], given: readonly string[]): PathParameters | null {
  const params: PathParameters = {
    projectId: '',
    id: '',
    storageId: '',
    userId: '',
    providerId: '',
    protocolId: '',
  };
  for (const [index, segment] of segments.entries()) {
    const value = given[index] ?? '';
    const name = placeholders[segment];
    if (name === undefined) {
      if (segment !== value) return null;
    } else {
      if (value === '') return null;
      params[name] = decode(value);
    }
  }
  return params;
}

function decode(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}
