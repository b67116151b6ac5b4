import { isUnionType } from 'graphql/index.js';
import { describe, expect, it } from 'vitest';
import { classify } from '../../src/modelarts/wire/error-codes.ts';
import { schema } from '../../src/schema/index.ts';
import { mentionsAt, refusalsOf } from '../support/schema/rest-mentions.ts';

/** Any call can end like this. */
const ofEveryCall = [
  ...['UnauthenticatedError', 'ForbiddenError', 'RateLimitedError', 'UpstreamSetupError', 'UpstreamTimeoutError'],
  ...['UpstreamUnavailableError', 'UpstreamInvalidError', 'BadUserInputError'],
];
/** Any change of ModelArts can end like this besides: its answer is lost, or the account is in arrears. */
const ofEveryChange = ['OutcomeUnknownError', 'BillingError'];

type Exceptions = {
  /** codes the contract does not list with the operations of a mutation, and why they come */
  readonly besides?: Readonly<Record<string, string>>;
  /** codes the contract lists with them, and why they do not come here */
  readonly never?: Readonly<Record<string, string>>;
};

/** By mutation. What a mutation asks is told by its own description, behind `REST:`. */
const exceptions: Readonly<Record<string, Exceptions>> = {
  createNotebook: { besides: { 'ModelArts.6355': 'the dedicated pool is being initialised' } },
  updateNotebook: { besides: { 'ModelArts.6329': 'the new flavor is sold out' } },
  deleteImage: {
    besides: { 'ModelArts.6404': 'there is no such image', 'ModelArts.6357': 'a notebook uses the image' },
  },
  mountStorage: { besides: { 'ModelArts.6302': 'the notebook has ten mounts' } },
  unmountStorage: {
    besides: { 'ModelArts.6404': 'there is no such mount', 'ModelArts.6357': 'it is still mounting' },
  },
  createDevEnvInstance: { besides: { 'ModelArts.0102': 'there is no such workspace' } },
  stopDevEnvInstance: { never: { 'ModelArts.6360': 'a stop needs no resources' } },
  issueToken: { besides: { 'ModelArts.6309': 'IAM answers 404 for a project that does not exist' } },
};

/** `NOT_FOUND` → `NotFoundError` */
const typeOf = (code: string): string =>
  `${classify(400, code)
    .toLowerCase()
    .replaceAll(/(?:^|_)([a-z])/g, (_, letter: string) => letter.toUpperCase())}Error`;

const listedFor = (mutation: string): string[] =>
  mentionsAt(`Mutation.${mutation}`).flatMap((operationId) => refusalsOf.get(operationId) ?? []);

const isOfIam = (mutation: string): boolean => mentionsAt(`Mutation.${mutation}`)[0] === 'issueToken';

/** Errors a mutation can give, by the operations its description names and the codes the contract lists with them. */
function errorsOf(mutation: string): string[] {
  const { besides = {}, never = {} } = exceptions[mutation] ?? {};
  const codes = [...listedFor(mutation).filter((code) => !(code in never)), ...Object.keys(besides)];
  // a sign-in changes nothing of ModelArts
  const always = isOfIam(mutation) ? ofEveryCall : [...ofEveryCall, ...ofEveryChange];
  return [...new Set([...always, ...codes.map(typeOf)])].sort();
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

  it.each(mutations)('of %s has the errors it can give, and no others', (mutation) => {
    const hint = `the union of ${mutation} is its \`errors.types\` in src/schema; what it can be refused with is \`x-error-codes\` in contract/modelarts.openapi.yaml of the operations behind \`REST:\` in its description (${mentionsAt(`Mutation.${mutation}`).join(', ')}), and \`exceptions\` in test/contract/result-unions.test.ts`;
    expect(declaredErrors(mutation), hint).toEqual(errorsOf(mutation));
  });

  it.each(mutations)('of %s goes by operations its description names', (mutation) => {
    const hint = `end the description of ${mutation} in src/schema with \`REST: DoThing, tried once.\``;
    expect(mentionsAt(`Mutation.${mutation}`), hint).not.toEqual([]);
  });

  it('has an exception only where one is needed', () => {
    const needless = Object.entries(exceptions).flatMap(([mutation, { besides = {}, never = {} }]) => [
      ...(mutations.includes(mutation) ? [] : [mutation]),
      ...Object.keys(besides).filter((code) => listedFor(mutation).includes(code)),
      ...Object.keys(never).filter((code) => !listedFor(mutation).includes(code)),
    ]);
    expect(needless, 'take it out of `exceptions` in test/contract/result-unions.test.ts').toEqual([]);
  });
});
