import { readFileSync } from 'node:fs';
import { isUnionType } from 'graphql/index.js';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { classify } from '../../src/modelarts/wire/error-codes.ts';
import { schema } from '../../src/schema/index.ts';

/** What the contract says an operation is refused with. */
const refusalsOf = new Map<string, readonly string[]>();
const contract: { paths: Record<string, Record<string, { operationId?: string; 'x-error-codes'?: string[] }>> } = parse(
  readFileSync(new URL('../../contract/modelarts.openapi.yaml', import.meta.url), 'utf8'),
);
for (const item of Object.values(contract.paths)) {
  for (const { operationId, 'x-error-codes': codes = [] } of Object.values(item)) {
    if (operationId !== undefined) refusalsOf.set(operationId, codes);
  }
}

/** Any call can end like this. */
const ofEveryCall = [
  ...['UnauthenticatedError', 'ForbiddenError', 'RateLimitedError', 'UpstreamSetupError', 'UpstreamTimeoutError'],
  ...['UpstreamUnavailableError', 'UpstreamInvalidError', 'BadUserInputError'],
];
/** Any change of ModelArts can end like this besides: its answer is lost, or the account is in arrears. */
const ofEveryChange = ['OutcomeUnknownError', 'BillingError'];

type Uses = {
  readonly operations: readonly string[];
  /** codes the contract does not list with these operations, and why they come */
  readonly besides?: Readonly<Record<string, string>>;
  /** codes the contract lists with these operations, and why they do not come here */
  readonly never?: Readonly<Record<string, string>>;
};

const uses: Readonly<Record<string, Uses>> = {
  createNotebook: {
    operations: ['createNotebook', 'showImage', 'listFlavors', 'listNotebooks', 'showNotebook'],
    besides: { 'ModelArts.6355': 'the dedicated pool is being initialised' },
  },
  startNotebook: { operations: ['startNotebook', 'showNotebook'] },
  stopNotebook: { operations: ['stopNotebook', 'showNotebook'] },
  renewLease: { operations: ['renewLease', 'showLease', 'showNotebook'] },
  updateNotebook: {
    operations: ['updateNotebook', 'showNotebook'],
    besides: { 'ModelArts.6329': 'the new flavor is sold out' },
  },
  deleteNotebook: { operations: ['deleteNotebook', 'showNotebook'] },
  saveNotebookImage: { operations: ['createImage', 'showNotebook'] },
  registerImage: { operations: ['registerImage'] },
  deleteImage: {
    operations: ['deleteImage'],
    besides: { 'ModelArts.6404': 'there is no such image', 'ModelArts.6357': 'a notebook uses the image' },
  },
  mountStorage: {
    operations: ['attachObs', 'showNotebook'],
    besides: { 'ModelArts.6302': 'the notebook has ten mounts' },
  },
  unmountStorage: {
    operations: ['cancelObs'],
    besides: { 'ModelArts.6404': 'there is no such mount', 'ModelArts.6357': 'it is still mounting' },
  },
  createDevEnvInstance: {
    operations: ['createDevEnvironment'],
    besides: { 'ModelArts.0102': 'there is no such workspace' },
  },
  updateDevEnvInstance: { operations: ['updateDevEnvironment', 'showDevEnvironment'] },
  startDevEnvInstance: { operations: ['actOnDevEnvironment', 'showDevEnvironment'] },
  stopDevEnvInstance: {
    operations: ['actOnDevEnvironment', 'showDevEnvironment'],
    never: { 'ModelArts.6360': 'a stop needs no resources' },
  },
  deleteDevEnvInstance: { operations: ['deleteDevEnvironment'] },
};

/** `NOT_FOUND` → `NotFoundError` */
const typeOf = (code: string): string =>
  `${classify(400, code)
    .toLowerCase()
    .replaceAll(/(?:^|_)([a-z])/g, (_, letter: string) => letter.toUpperCase())}Error`;

function errorsOf({ operations, besides = {}, never = {} }: Uses): string[] {
  const listed = operations.flatMap((operation) => refusalsOf.get(operation) ?? []);
  const codes = [...listed.filter((code) => !(code in never)), ...Object.keys(besides)];
  return [...new Set([...ofEveryCall, ...ofEveryChange, ...codes.map(typeOf)])].sort();
}

/** Error types in the union of a mutation. */
function declaredErrors(mutation: string): string[] {
  const union = schema.getType(`${mutation.charAt(0).toUpperCase()}${mutation.slice(1)}Result`);
  if (!isUnionType(union)) throw new Error(`${mutation} has no union of results`);
  const members = union.getTypes().map(({ name }) => name);
  return members.filter((name) => name.endsWith('Error')).sort();
}

describe('the result of a mutation', () => {
  const mutations = Object.keys(schema.getMutationType()?.getFields() ?? {});

  const ofIam = mutations.filter((name) => !(name in uses));

  it('is accounted for here', () => {
    expect(ofIam.filter((name) => !['issueToken', 'renewSession'].includes(name))).toEqual([]);
  });

  it.each(Object.entries(uses))('of %s has the errors it can give, and no others', (mutation, used) => {
    expect(declaredErrors(mutation)).toEqual(errorsOf(used));
  });

  it.each(Object.entries(uses))('of %s goes by operations and codes of the contract', (_, used) => {
    expect(used.operations.filter((operation) => !refusalsOf.has(operation))).toEqual([]);
    const listed = used.operations.flatMap((operation) => refusalsOf.get(operation) ?? []);
    expect(Object.keys(used.besides ?? {}).filter((code) => listed.includes(code))).toEqual([]);
    expect(Object.keys(used.never ?? {}).filter((code) => !listed.includes(code))).toEqual([]);
  });

  it.each(ofIam)('of %s has the errors of every call: it changes nothing of ModelArts', (mutation) => {
    // IAM answers 404 for a project that does not exist
    const own = mutation === 'issueToken' ? ['NotFoundError'] : [];
    expect(declaredErrors(mutation)).toEqual([...ofEveryCall, ...own].sort());
  });
});
