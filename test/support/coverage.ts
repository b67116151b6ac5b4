import { readdir, readFile } from 'node:fs/promises';
import { schema } from '../../src/schema/index.ts';
import { readOperations } from '../../src/simulator/contract.ts';
import { handlers } from '../../src/simulator/operations.ts';

const routes = (await readOperations()).filter(({ operationId }) => operationId in handlers);

export type RestOperation = { readonly operationId: string; readonly method: string; readonly path: string };

type Served = {
  /** fields of the schema that make the call */
  readonly fields: readonly string[];
  /** what a test must hold when asking for one of the fields does not show that the call is made */
  readonly sign?: RegExp;
};

/** Which fields of the schema each REST operation serves. */
export const served: Readonly<Record<string, Served>> = {
  issueToken: { fields: ['Mutation.issueToken', 'Mutation.renewSession'] },
  listProjects: { fields: ['Viewer.projects'] },
  createNotebook: { fields: ['Mutation.createNotebook'] },
  listNotebooks: { fields: ['Query.notebooks', 'Subscription.notebooksChanged', 'Subscription.notebookStatusChanged'] },
  listAllNotebooks: { fields: ['Query.notebooks'], sign: /scope: PROJECT/ },
  listFlavors: { fields: ['Query.flavors', 'Query.flavor', 'Notebook.flavor'] },
  showNotebook: { fields: ['Query.notebook', 'Subscription.notebookStatusChanged', 'Subscription.leaseExpiring'] },
  updateNotebook: { fields: ['Mutation.updateNotebook'] },
  deleteNotebook: { fields: ['Mutation.deleteNotebook'] },
  startNotebook: { fields: ['Mutation.startNotebook'] },
  stopNotebook: { fields: ['Mutation.stopNotebook'] },
  // read only when ModelArts answers a renewal without a body
  showLease: { fields: ['Notebook.lease', 'Mutation.renewLease'], sign: /'showLease'/ },
  renewLease: { fields: ['Mutation.renewLease'] },
  showSwitchableFlavors: { fields: ['Notebook.switchableFlavors'] },
  createImage: { fields: ['Mutation.saveNotebookImage'] },
  listAttachableObss: { fields: ['Notebook.storageMounts', 'Subscription.storageMountStatusChanged'] },
  attachObs: { fields: ['Mutation.mountStorage'] },
  showAttachableObs: { fields: ['Notebook.storageMount'] },
  cancelObs: { fields: ['Mutation.unmountStorage'] },
  listImage: { fields: ['Query.images', 'Subscription.imageStatusChanged'] },
  registerImage: { fields: ['Mutation.registerImage'] },
  listImageGroup: { fields: ['Query.imageGroups'] },
  showImage: { fields: ['Query.image', 'Notebook.image', 'Subscription.imageStatusChanged'] },
  deleteImage: { fields: ['Mutation.deleteImage'] },
  createDevEnvironment: { fields: ['Mutation.createDevEnvInstance'] },
  listDevEnvironments: { fields: ['Query.devEnvInstances', 'Subscription.devEnvInstanceStatusChanged'] },
  showDevEnvironment: { fields: ['Query.devEnvInstance', 'Subscription.devEnvInstanceStatusChanged'] },
  updateDevEnvironment: { fields: ['Mutation.updateDevEnvInstance'] },
  deleteDevEnvironment: { fields: ['Mutation.deleteDevEnvInstance'] },
  actOnDevEnvironment: { fields: ['Mutation.startDevEnvInstance', 'Mutation.stopDevEnvInstance'] },
};

/** A field of the schema, with whether it can be asked for without arguments. */
function fieldOf(coordinate: string): { readonly name: string; readonly needsArguments: boolean } | null {
  const [typename = '', name = ''] = coordinate.split('.');
  const type = schema.getType(typename);
  const field = type !== undefined && 'getFields' in type ? type.getFields()[name] : undefined;
  if (field === undefined) return null;
  const args = 'args' in field ? field.args : [];
  return { name, needsArguments: args.some((arg) => String(arg.type).endsWith('!') && arg.defaultValue === undefined) };
}

/** How a document asks for a field: with an argument, or, when it needs none, with a selection. */
function asking(coordinate: string): RegExp[] {
  const field = fieldOf(coordinate);
  if (field === null) return [];
  return [new RegExp(`\\b${field.name}\\(\\w+:${field.needsArguments ? '' : `|\\b${field.name} \\{`}`, 'g')];
}

export type TestFile = { readonly name: string; readonly text: string };

/** Test files over real HTTP, and those of units: `integration/lease`. */
export async function readTestFiles(): Promise<TestFile[]> {
  const root = new URL('../', import.meta.url);
  const files = await Promise.all(
    ['integration', 'unit'].map(async (folder) => {
      const all = await readdir(new URL(`${folder}/`, root), { recursive: true });
      const names = all.filter((name) => name.endsWith('.test.ts')).sort();
      return names.map((name) => `${folder}/${name.replace(/\.test\.ts$/, '')}`);
    }),
  );
  return Promise.all(
    files.flat().map(async (name) => ({ name, text: await readFile(new URL(`${name}.test.ts`, root), 'utf8') })),
  );
}

const mentions = (text: string, pattern: RegExp): number => text.match(pattern)?.length ?? 0;

/** The two test files that ask for an operation most often: those over HTTP, or, when there is none, those of units. */
function testsOf({ operationId }: RestOperation, files: readonly TestFile[]): string[] {
  const { fields, sign } = served[operationId] ?? { fields: [] };
  const named = new RegExp(`'${operationId}'`, 'g');
  const ranked = files
    .filter(({ text }) => sign === undefined || sign.test(text))
    .map(({ name, text }) => ({
      name,
      count: [named, ...fields.flatMap(asking)].reduce((sum, pattern) => sum + mentions(text, pattern), 0),
    }))
    .filter(({ count }) => count > 0)
    .sort((a, b) => b.count - a.count);
  const overHttp = ranked.filter(({ name }) => name.startsWith('integration/'));
  return (overHttp.length > 0 ? overHttp : ranked).slice(0, 2).map(({ name }) => name);
}

export type Coverage = {
  readonly operation: RestOperation;
  readonly fields: readonly string[];
  /** `GET /v1/…` as the simulator serves it; null: it does not */
  readonly route: string | null;
  readonly tests: readonly string[];
};

/** What there is for each operation. Fields the schema does not have are left out. */
export const coverageOf = (operations: readonly RestOperation[], files: readonly TestFile[]): Coverage[] =>
  operations.map((operation) => {
    const route = routes.find(({ operationId }) => operationId === operation.operationId);
    return {
      operation,
      fields: (served[operation.operationId]?.fields ?? []).filter((field) => fieldOf(field) !== null),
      route: route === undefined ? null : `${route.method} ${route.path}`,
      tests: testsOf(operation, files),
    };
  });

/** What is missing, one sentence for each hole. */
export const holesOf = (coverage: readonly Coverage[]): string[] =>
  coverage.flatMap(({ operation, fields, route, tests }) => {
    const { operationId, method, path } = operation;
    const wanted = served[operationId]?.fields ?? [];
    return [
      ...(wanted.length === 0 ? [`${operationId} serves no field of the schema (test/support/coverage.ts)`] : []),
      ...wanted.filter((field) => !fields.includes(field)).map((field) => `${operationId}: there is no field ${field}`),
      ...(route === `${method} ${path}` ? [] : [`${operationId} is ${route ?? 'not there'} in the simulator`]),
      ...(tests.length === 0 ? [`${operationId} has no test`] : []),
    ];
  });

const code = (text: string): string => `\`${text}\``;

/** The table of docs/coverage.md. */
export const tableOf = (coverage: readonly Coverage[]): string =>
  [
    '| REST operation | GraphQL field | route of the simulator | tests, for example |',
    '|---|---|---|---|',
    ...coverage.map(
      ({ operation, fields, route, tests }) =>
        `| ${operation.operationId} | ${fields.map(code).join(' ')} | ${code(route ?? '')} | ${tests.join(', ')} |`,
    ),
  ].join('\n');
