import { readdir, readFile } from 'node:fs/promises';
import { schema } from '../../../src/schema/index.ts';
import { readOperations } from '../../../src/simulator/contract.ts';
import { handlers } from '../../../src/simulator/operations.ts';
import { type RestMention, restMentions } from './rest-mentions.ts';

const routes = (await readOperations()).filter(({ operationId }) => operationId in handlers);

export type RestOperation = {
  readonly operationId: string;
  readonly method: string;
  readonly path: string;
  /** `clients`: no field makes the call, and tests of the simulator ask for it */
  readonly askedBy: 'gateway' | 'clients';
};

/** Fields, and values of arguments, whose description names the operation behind `REST:`. */
const servedBy = (operationId: string): RestMention[] =>
  restMentions.filter((mention) => mention.kind !== 'type' && mention.operationIds.includes(operationId));

/** A field of the schema, with whether it can be asked for without arguments. */
function fieldOf(coordinate: string): { readonly name: string; readonly needsArguments: boolean } | null {
  const [typename = '', name = ''] = coordinate.split('.');
  const type = schema.getType(typename);
  const field = type !== undefined && 'getFields' in type ? type.getFields()[name] : undefined;
  if (field === undefined) return null;
  const args = 'args' in field ? field.args : [];
  return { name, needsArguments: args.some((arg) => String(arg.type).endsWith('!') && arg.defaultValue === undefined) };
}

/**
 * How a document makes the call: by a value, or by a field that always makes it: with an argument, or, when it needs none,
 * with a selection.
 */
function asking(operationId: string, { coordinate, kind, operationIds }: RestMention): RegExp[] {
  if (kind === 'value') return [new RegExp(`: ${coordinate.split('.')[1]}\\b`, 'g')];
  const field = fieldOf(coordinate);
  if (field === null || operationIds[0] !== operationId) return [];
  return [new RegExp(`\\b${field.name}\\(\\w+:${field.needsArguments ? '' : `|\\b${field.name} \\{`}`, 'g')];
}

export type TestFile = { readonly name: string; readonly text: string };

/** Test files over real HTTP, those of units, and those of the simulator: `integration/lease`. */
export async function readTestFiles(): Promise<TestFile[]> {
  const root = new URL('../../', import.meta.url);
  const files = await Promise.all(
    ['integration', 'unit', 'simulator'].map(async (folder) => {
      const all = await readdir(new URL(`${folder}/`, root), { recursive: true });
      const names = all.filter((name) => name.endsWith('.test.ts')).sort();
      return names.map((name) => `${folder}/${name.replace(/\.test\.ts$/, '')}`);
    }),
  );
  return Promise.all(
    files.flat().map(async (name) => ({ name, text: await readFile(new URL(`${name}.test.ts`, root), 'utf8') })),
  );
}

const occurrences = (text: string, pattern: RegExp): number => text.match(pattern)?.length ?? 0;

/** The two test files that ask for an operation most often: those over HTTP, or, when there is none, those of units. */
function testsOf({ operationId, askedBy }: RestOperation, files: readonly TestFile[]): string[] {
  const mentions = servedBy(operationId);
  const named = new RegExp(`'${operationId}'`, 'g');
  const ranked = files
    .map(({ name, text }) => ({
      name,
      count: [named, ...mentions.flatMap((mention) => asking(operationId, mention))].reduce(
        (sum, pattern) => sum + occurrences(text, pattern),
        0,
      ),
    }))
    .filter(({ count }) => count > 0)
    .sort((a, b) => b.count - a.count);
  const kind = askedBy === 'gateway' ? 'integration/' : 'simulator/';
  const overHttp = ranked.filter(({ name }) => name.startsWith(kind));
  return (overHttp.length > 0 ? overHttp : ranked).slice(0, 2).map(({ name }) => name);
}

export type Coverage = {
  readonly operation: RestOperation;
  readonly fields: readonly string[];
  /** `GET /v1/…` as the simulator serves it; null: it does not */
  readonly route: string | null;
  readonly tests: readonly string[];
};

/** Fields that always make the call first, and of those the ones of roots. */
const rankOf = ({ operationId }: RestOperation, { coordinate, operationIds }: RestMention): number =>
  2 * Number(operationIds[0] === operationId) + Number(/^(Query|Mutation|Subscription)\./.test(coordinate));

/** What there is for each operation. */
export const coverageOf = (operations: readonly RestOperation[], files: readonly TestFile[]): Coverage[] =>
  operations.map((operation) => {
    const route = routes.find(({ operationId }) => operationId === operation.operationId);
    return {
      operation,
      fields: servedBy(operation.operationId)
        .filter(({ kind }) => kind === 'field')
        .sort((a, b) => rankOf(operation, b) - rankOf(operation, a))
        .map(({ coordinate }) => coordinate),
      route: route === undefined ? null : `${route.method} ${route.path}`,
      tests: testsOf(operation, files),
    };
  });

/** What is missing, one sentence for each hole, with what to write where. */
export const holesOf = (coverage: readonly Coverage[]): string[] =>
  coverage.flatMap(({ operation, fields, route, tests }) => {
    const { operationId } = operation;
    const name = `${operationId.charAt(0).toUpperCase()}${operationId.slice(1)}`;
    return [
      ...(operation.askedBy === 'clients' && fields.length > 0
        ? [`${operationId} serves a field: take \`x-asked-by\` from it in contract/modelarts.openapi.yaml`]
        : []),
      ...(operation.askedBy === 'gateway' && fields.length === 0
        ? [
            `${operationId} serves no field: end the description of the field in src/schema that asks it with \`REST: ${name}.\``,
          ]
        : []),
      ...(route === null
        ? [`${operationId} is not in the simulator: write its handler into \`handlers\` in src/simulator/operations.ts`]
        : []),
      ...(tests.length === 0
        ? [
            `${operationId} has no test: ask for ${fields[0] ?? 'its field'} in a file of test/${operation.askedBy === 'gateway' ? 'integration' : 'simulator'}, or expect the call by name there: '${operationId}'`,
          ]
        : []),
    ];
  });

const code = (text: string): string => `\`${text}\``;

const shownFields = 4;

/** The table of docs/coverage.md. */
export const tableOf = (coverage: readonly Coverage[]): string =>
  [
    '| REST operation | GraphQL fields, for example | route of the simulator | tests, for example |',
    '|---|---|---|---|',
    ...coverage.map(
      ({ operation, fields, route, tests }) =>
        `| ${operation.operationId} | ${operation.askedBy === 'clients' ? 'none: other clients of IAM ask it' : fields.slice(0, shownFields).map(code).join(' ')} | ${code(route ?? '')} | ${tests.join(', ')} |`,
    ),
  ].join('\n');
