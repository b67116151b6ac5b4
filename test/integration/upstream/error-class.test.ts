import { beforeAll, describe, expect, it } from 'vitest';
import { sharedBed } from '../../support/bed.ts';
import {
  createNotebook,
  createNotebookMutation,
  notebookInput,
  operationsOf,
  withCalls,
} from '../../support/notebooks.ts';

const unknownId = '00000000-0000-4000-8000-000000000000';

const bed = sharedBed();
let runningId = '';
let stoppedId = '';
let frozenId = '';
let gpuId = '';

/** Inputs of mutations, by name; made late, when the notebooks are there. */
const inputs: Record<string, () => Record<string, unknown>> = {
  createNotebook: () => notebookInput('refused'),
  startNotebook: () => ({ id: stoppedId }),
  stopNotebook: () => ({ id: runningId }),
  renewLease: () => ({ id: runningId, durationSeconds: 7200 }),
  updateNotebook: () => ({ id: stoppedId, flavorId: 'modelarts.vm.cpu.8u' }),
  deleteNotebook: () => ({ id: stoppedId }),
  saveNotebookImage: () => ({ notebookId: runningId, name: 'saved', namespace: 'team' }),
  registerImage: () => ({ swrPath: 'swr.example.com/team/own:1' }),
  mountStorage: () => ({ notebookId: runningId, uri: 'obs://bucket/data/', mountPath: '/data/sets/' }),
  startDevEnvInstance: () => ({ id: `DE-${unknownId}` }),
  stopDevEnvInstance: () => ({ id: `DE-${unknownId}` }),
  issueToken: () => ({ domain: 'acme', user: 'demo', password: 'wrong', projectName: 'eu-de' }),
};

const capitalised = (name: string): string => name.charAt(0).toUpperCase() + name.slice(1);

/** The result of a mutation as its union gives it, and the calls it cost. */
async function change(name: string, input = inputs[name]?.(), headers: Record<string, string> = {}) {
  const document = `mutation($input: ${capitalised(name)}Input!) {
    result: ${name}(input: $input) {
      __typename
      ... on Error { message code remedy retryable upstreamCode requestId }
      ${name === 'issueToken' ? '' : '... on ConflictError { status allowedStatuses }'}
      ... on RateLimitedError { retryAfterSeconds }
    }
  }`;
  const { answer, calls } = await withCalls(bed, () => bed.ask(document, { input }, headers));
  expect(answer.errors).toBeUndefined();
  return { result: answer.data.result, calls };
}

type Refusal = { readonly status: number; readonly body: Record<string, unknown> };

/** The three bodies in which a refusal comes. */
const modelarts = (status: number, code: string): Refusal => ({
  status,
  body: { error_code: `ModelArts.${code}`, error_msg: 'as ModelArts says' },
});
const apiGateway = (status: number, code: string): Refusal => ({
  status,
  body: { error_code: code, error_msg: 'as the API gateway says', request_id: 'r-1' },
});
const demanager = (status: number, code: string): Refusal => ({
  status,
  body: { error_code: `ModelArts.${code}`, error_message: 'as demanager says' },
});

beforeAll(async () => {
  [runningId, stoppedId, frozenId] = [
    await createNotebook(bed, 'running'),
    await createNotebook(bed, 'stopped'),
    await createNotebook(bed, 'frozen'),
  ];
  await bed.force(runningId, { status: 'RUNNING' });
  await bed.force(stoppedId, { status: 'STOPPED' });
  await bed.force(frozenId, { status: 'FROZEN' });
  const gpu = { flavorId: 'modelarts.vm.gpu.v100', imageId: 'd937149a-785c-4d2d-a568-8dde7c06cca0' };
  const { data } = await bed.ask(createNotebookMutation, { input: { ...notebookInput('gpu'), ...gpu } });
  gpuId = data.createNotebook.notebook.notebookId;
  await bed.force(gpuId, { status: 'STOPPED' });
});

/** Union member, mutation, its one REST operation, refusal, whether the same request can succeed later, remedy. */
const refusals: [type: string, mutation: string, operation: string, Refusal, isRetryable: boolean, remedy: RegExp][] = [
  ['NotFoundError', 'deleteNotebook', 'deleteNotebook', modelarts(400, '6404'), false, /Check the id and the project/],
  ['NotFoundError', 'createNotebook', 'createNotebook', modelarts(400, '6797'), false, /status ACTIVE/],
  ['QuotaExceededError', 'createNotebook', 'createNotebook', modelarts(400, '0113'), false, /Delete an object/],
  ['CapacityError', 'createNotebook', 'createNotebook', modelarts(400, '6528'), true, /try again later/],
  ['CapacityError', 'startNotebook', 'startNotebook', modelarts(400, '6716'), true, /`flavors`/],
  ['CapacityError', 'startDevEnvInstance', 'actOnDevEnvironment', demanager(500, '6200'), true, /try again later/],
  ['BillingError', 'startNotebook', 'startNotebook', modelarts(403, '4116'), false, /Settle the account/],
  ['BillingError', 'renewLease', 'renewLease', modelarts(401, '6201'), false, /Settle the account/],
  ['BadUserInputError', 'renewLease', 'renewLease', modelarts(400, '6349'), false, /Correct the input/],
  ['BadUserInputError', 'createNotebook', 'createNotebook', modelarts(400, '6768'), false, /service SSH/],
  ['UpstreamSetupError', 'mountStorage', 'attachObs', modelarts(400, '6782'), false, /global settings/],
  ['UpstreamSetupError', 'createNotebook', 'createNotebook', modelarts(403, '2785'), false, /Authorise ModelArts/],
  ['UpstreamSetupError', 'stopNotebook', 'stopNotebook', apiGateway(404, 'APIG.0101'), false, /check its endpoints/],
  ['ForbiddenError', 'stopNotebook', 'stopNotebook', modelarts(403, '0108'), false, /administrator/],
  ['ForbiddenError', 'updateNotebook', 'updateNotebook', modelarts(400, '6789'), false, /administrator/],
  ['UnauthenticatedError', 'stopNotebook', 'stopNotebook', modelarts(401, '6401'), false, /`issueToken`/],
  ['UnauthenticatedError', 'stopDevEnvInstance', 'actOnDevEnvironment', demanager(401, '0203'), false, /`issueToken`/],
  ['UnauthenticatedError', 'deleteNotebook', 'deleteNotebook', apiGateway(401, 'APIG.0301'), false, /`issueToken`/],
  ['RateLimitedError', 'stopNotebook', 'stopNotebook', apiGateway(429, 'APIG.0308'), true, /Wait before/],
  ['RateLimitedError', 'registerImage', 'registerImage', modelarts(429, '2799'), true, /Wait before/],
  ['UpstreamUnavailableError', 'stopNotebook', 'stopNotebook', modelarts(500, '0010'), true, /Try again in a while/],
  [
    'UpstreamUnavailableError',
    'updateNotebook',
    'updateNotebook',
    modelarts(400, '6361'),
    true,
    /Try again in a while/,
  ],
  ['UpstreamInvalidError', 'stopNotebook', 'stopNotebook', { status: 418, body: {} }, false, /request id/],
  [
    'UpstreamSetupError',
    'stopNotebook',
    'stopNotebook',
    modelarts(401, '0428'),
    false,
    /another token changes nothing/,
  ],
  ['UpstreamSetupError', 'createNotebook', 'createNotebook', modelarts(400, '0428'), false, /Authorise ModelArts/],
  ['UpstreamSetupError', 'stopDevEnvInstance', 'actOnDevEnvironment', demanager(400, '0420'), false, /global settings/],
  ['UpstreamSetupError', 'stopNotebook', 'stopNotebook', apiGateway(404, 'APIGW.0104'), false, /check its endpoints/],
  ['BillingError', 'startNotebook', 'startNotebook', modelarts(403, '4106'), false, /Settle the account/],
  ['ForbiddenError', 'stopNotebook', 'stopNotebook', modelarts(403, '4126'), false, /administrator/],
  ['ForbiddenError', 'createNotebook', 'createNotebook', modelarts(400, '7003'), false, /administrator/],
  ['ConflictError', 'createNotebook', 'createNotebook', modelarts(400, '7004'), false, /Read the object again/],
  ['BadUserInputError', 'stopNotebook', 'stopNotebook', apiGateway(494, 'APIG.0201'), false, /nocatalog=true/],
  ['OutcomeUnknownError', 'stopNotebook', 'stopNotebook', apiGateway(504, 'APIG.0201'), false, /Read the object/],
  ['OutcomeUnknownError', 'renewLease', 'renewLease', modelarts(408, '6100'), false, /Read the object/],
  ['OutcomeUnknownError', 'saveNotebookImage', 'createImage', { status: 500, body: {} }, false, /Read the object/],
];

const codeOf = (type: string): string =>
  type
    .replace(/Error$/, '')
    .replaceAll(/(?<=[a-z])(?=[A-Z])/g, '_')
    .toUpperCase();

describe('a mutation that ModelArts refuses', () => {
  it.each(refusals)('is %s: %s, %s with %o', async (type, mutation, operation, refusal, isRetryable, remedy) => {
    await bed.fault({ name: 'error', operation, ...refusal });
    const { result, calls } = await change(mutation);
    expect(result).toMatchObject({
      __typename: type,
      code: codeOf(type),
      retryable: isRetryable,
      upstreamCode: refusal.body.error_code ?? null,
      remedy: expect.stringMatching(remedy),
      requestId: refusal.body.request_id ?? calls.at(-1)?.request.headers['x-request-id'],
    });
    const checks = mutation === 'createNotebook' ? ['listFlavors', 'showImage'] : [];
    expect(operationsOf(calls).sort()).toEqual([...checks, operation].sort());
  });

  it.each([
    ['startNotebook', () => ({ id: runningId }), 'RUNNING', ['STOPPED']],
    ['stopNotebook', () => ({ id: stoppedId }), 'STOPPED', ['RUNNING']],
    ['renewLease', () => ({ id: stoppedId }), 'STOPPED', ['RUNNING']],
    ['updateNotebook', () => ({ id: runningId, flavorId: 'modelarts.vm.cpu.8u' }), 'RUNNING', ['STOPPED']],
    ['saveNotebookImage', () => ({ ...inputs.saveNotebookImage?.(), notebookId: stoppedId }), 'STOPPED', ['RUNNING']],
    ['mountStorage', () => ({ ...inputs.mountStorage?.(), notebookId: stoppedId }), 'STOPPED', ['RUNNING']],
  ])('is ConflictError for its status, which one read more finds out: %s', async (mutation, input, status, allowed) => {
    const { result, calls } = await change(mutation, input());
    expect(result).toMatchObject({ __typename: 'ConflictError', code: 'CONFLICT', status, allowedStatuses: allowed });
    expect(result.message).toMatch(new RegExp(`^The notebook is ${status}; .* once it is ${allowed[0]}\\.$`));
    expect(result).toMatchObject({ upstreamCode: expect.stringMatching(/^ModelArts\.63/), retryable: false });
    expect(result.remedy).not.toBe('');
    expect(result.requestId).toBe(calls[0]?.request.headers['x-request-id']);
    expect(operationsOf(calls).slice(1)).toEqual(['showNotebook']);
  });

  it('is a ConflictError without statuses when another operation is in the way', async () => {
    await bed.fault({ name: 'error', operation: 'stopNotebook', ...modelarts(400, '6357') });
    const { result } = await change('stopNotebook');
    expect(result).toMatchObject({ message: 'as ModelArts says', status: 'RUNNING', allowedStatuses: [] });
  });

  it('is a ConflictError to retry while an instance is being restored', async () => {
    await bed.fault({ name: 'error', operation: 'startNotebook', ...modelarts(400, '6333') });
    const { result } = await change('startNotebook');
    expect(result).toMatchObject({ __typename: 'ConflictError', retryable: true, remedy: /Wait a minute/ });
  });

  it('is the conflict as it came when the notebook cannot be read after it', async () => {
    await bed.fault({ name: 'internal', operation: 'showNotebook' });
    const { result } = await change('stopNotebook', { id: stoppedId });
    expect(result).toMatchObject({ __typename: 'ConflictError', upstreamCode: 'ModelArts.6357', status: null });
  });

  it('names the seconds to wait', async () => {
    await bed.fault({ name: 'throttled', operation: 'stopNotebook', retryAfterSeconds: 17 });
    const { result } = await change('stopNotebook');
    expect(result).toMatchObject({ __typename: 'RateLimitedError', retryAfterSeconds: 17 });
  });

  it('quotes ModelArts to those it concerns, and never its inside', async () => {
    await bed.fault({ name: 'error', operation: 'stopNotebook', times: 1, ...modelarts(403, '0108') });
    expect((await change('stopNotebook')).result.message).toBe('as ModelArts says');
    await bed.fault({ name: 'error', operation: 'stopNotebook', times: 1, ...modelarts(500, '0010') });
    expect((await change('stopNotebook')).result.message).not.toContain('ModelArts says');
  });
});

describe('a refusal of the simulator itself', () => {
  it.each([
    ['NotFoundError', 'startNotebook', () => ({ id: unknownId }), 'ModelArts.6309'],
    ['NotFoundError', 'startDevEnvInstance', () => ({ id: `DE-${unknownId}` }), 'ModelArts.6309'],
    ['BillingError', 'startNotebook', () => ({ id: frozenId }), 'ModelArts.6326'],
    ['BadUserInputError', 'updateNotebook', () => ({ id: stoppedId, flavorId: 'modelarts.kat1.xlarge' }), '6792'],
    ['CapacityError', 'updateNotebook', () => ({ id: gpuId, flavorId: 'modelarts.bm.gpu.8v100' }), '6329'],
  ])('is %s: %s', async (type, mutation, input, upstreamCode) => {
    const { result, calls } = await change(mutation, input());
    expect(result).toMatchObject({ __typename: type, upstreamCode: expect.stringContaining(upstreamCode) });
    expect(calls).toHaveLength(1);
  });

  it('is UnauthenticatedError for a token nobody issued', async () => {
    const { result, calls } = await change('stopNotebook', { id: runningId }, { 'x-auth-token': 'MIInobody' });
    expect(result).toMatchObject({ __typename: 'UnauthenticatedError', upstreamCode: 'APIGW.0301' });
    expect(operationsOf(calls)).toEqual(['stopNotebook']);
  });

  it('is ForbiddenError for the project of another token', async () => {
    const headers = { 'x-project-id': 'b5b6e5109fc5585fb33de16f908e7c00' };
    const { result } = await change('stopNotebook', { id: runningId }, headers);
    expect(result).toMatchObject({ __typename: 'ForbiddenError', upstreamCode: 'ModelArts.0210' });
    expect(result.remedy).toContain('X-Project-Id');
  });
});

describe('a refusal of IAM', () => {
  it.each([
    ['UnauthenticatedError', { status: 401, body: { error: { code: 401, message: 'no', title: 'Unauthorized' } } }],
    ['UnauthenticatedError', { status: 401, body: { error_code: 'IAM.0061', error_msg: 'The user is locked.' } }],
    ['BadUserInputError', { status: 400, body: { error_code: 'IAM.0011', error_msg: 'no body' } }],
    ['ForbiddenError', { status: 403, body: { error: { code: 403, message: 'not you', title: 'Forbidden' } } }],
    ['RateLimitedError', { status: 429, body: { error_code: 'IAM.0012', error_msg: '5 times per minute' } }],
    ['UpstreamUnavailableError', { status: 500, body: { error: { code: 500, message: 'x', title: 'Error' } } }],
  ])('is %s: %o', async (type, refusal) => {
    await bed.fault({ name: 'error', operation: 'issueToken', ...refusal });
    const { result, calls } = await change('issueToken');
    expect(result).toMatchObject({
      __typename: type,
      code: codeOf(type),
      upstreamCode: 'error_code' in refusal.body ? refusal.body.error_code : null,
      requestId: calls[0]?.request.headers['x-request-id'],
    });
    expect(result.remedy).not.toBe('');
    expect(operationsOf(calls)).toEqual(['issueToken']);
  });

  it('does not say which of domain, user and password is wrong', async () => {
    const { result } = await change('issueToken');
    expect(result).toMatchObject({
      __typename: 'UnauthenticatedError',
      message: 'IAM does not accept these credentials.',
    });
    expect(result.remedy).toMatch(/domain, user and password/);
  });
});

/** Codes of the account and of the cloud's gateway, played by the simulator as the clouds answer them. */
const ofTheCloud: [code: string, upstreamCode: string][] = [
  ...Array.from({ length: 12 }, (_, index): [string, string] => ['UPSTREAM_SETUP', `ModelArts.0${420 + index}`]),
  ['BILLING', 'ModelArts.4106'],
  ['FORBIDDEN', 'ModelArts.4126'],
  ['FORBIDDEN', 'ModelArts.7003'],
  ['CONFLICT', 'ModelArts.7004'],
  ...['APIG', 'APIGW'].flatMap((prefix) =>
    ['0104', '0105', '0106'].map((code): [string, string] => ['UPSTREAM_SETUP', `${prefix}.${code}`]),
  ),
];

describe('a read that the account or the gateway of the cloud refuses', () => {
  const show = () => withCalls(bed, () => bed.ask('query($id: ID!) { notebook(id: $id) { name } }', { id: runningId }));

  it.each(ofTheCloud)('is %s, asked once: %s', async (code, upstreamCode) => {
    await bed.fault({ name: 'refused', operation: 'showNotebook', code: upstreamCode });
    const { answer, calls } = await show();
    expect(answer.errors).toMatchObject([{ extensions: { code, upstreamCode, retryable: false } }]);
    expect(operationsOf(calls)).toEqual(['showNotebook']);
  });

  it('says that the token is too long when the headers are, asked once', async () => {
    await bed.fault({ name: 'headers-too-large', operation: 'showNotebook' });
    const { answer, calls } = await show();
    expect(answer.errors).toMatchObject([
      {
        message: expect.stringContaining('`X-Auth-Token` is too long'),
        extensions: { code: 'BAD_USER_INPUT', remedy: expect.stringContaining('nocatalog=true') },
      },
    ]);
    expect(operationsOf(calls)).toEqual(['showNotebook']);
  });

  it.each([
    ['1 minute', 60],
    ['30 second', 30],
    ['6 seconds', 6],
    ['1 Hour', 3600],
    ['2 days', 172_800],
  ])('is not asked again within a window of %s, and says to wait %i s', async (window, retryAfterSeconds) => {
    await bed.fault({ name: 'rate-limited', operation: 'showNotebook', window });
    const { answer, calls } = await show();
    expect(answer.errors).toMatchObject([
      { extensions: { code: 'RATE_LIMITED', upstreamCode: 'APIG.0308', retryable: true, retryAfterSeconds } },
    ]);
    expect(operationsOf(calls)).toEqual(['showNotebook']);
  });

  it('is asked again after a window of a second', async () => {
    await bed.fault({ name: 'rate-limited', operation: 'showNotebook', window: '1 second', times: 1 });
    const { answer, calls } = await show();
    expect(answer.data).toEqual({ notebook: { name: 'running' } });
    expect(operationsOf(calls)).toEqual(['showNotebook', 'showNotebook']);
  });

  it('is not asked again where the limit does not say its window', async () => {
    await bed.fault({ name: 'error', operation: 'showNotebook', ...apiGateway(429, 'APIGW.0308') });
    const { answer, calls } = await show();
    expect(answer.errors?.[0].extensions).toMatchObject({ code: 'RATE_LIMITED', upstreamCode: 'APIGW.0308' });
    expect(answer.errors?.[0].extensions).not.toHaveProperty('retryAfterSeconds');
    expect(operationsOf(calls)).toEqual(['showNotebook']);
  });

  it('says to a change, which is sent once, how many seconds to wait', async () => {
    await bed.fault({ name: 'rate-limited', operation: 'stopNotebook', window: '1 minute' });
    const { result, calls } = await change('stopNotebook');
    expect(result).toMatchObject({ __typename: 'RateLimitedError', retryAfterSeconds: 60 });
    expect(operationsOf(calls)).toEqual(['stopNotebook']);
  });
});

describe('a read that ModelArts refuses', () => {
  it.each([
    ['FORBIDDEN', modelarts(403, '0112'), 1],
    ['UNAUTHENTICATED', modelarts(401, '0112'), 1],
    ['BILLING', modelarts(403, '4118'), 1],
    ['BAD_USER_INPUT', modelarts(400, '0104'), 1],
    ['CONFLICT', modelarts(400, '6357'), 1],
    ['UPSTREAM_SETUP', modelarts(403, '2785'), 1],
    ['RATE_LIMITED', modelarts(429, '6101'), 3],
    ['UPSTREAM_TIMEOUT', modelarts(408, '6100'), 1],
    ['UPSTREAM_UNAVAILABLE', modelarts(500, '7008'), 1],
    ['UPSTREAM_UNAVAILABLE', apiGateway(503, 'APIG.0202'), 3],
    ['UPSTREAM_INVALID', { status: 418, body: {} }, 1],
  ])('has an error with the code %s beside the null: %o', async (code, refusal, tries) => {
    await bed.fault({ name: 'error', operation: 'showNotebook', ...refusal });
    const { answer, calls } = await withCalls(bed, () =>
      bed.ask('query($id: ID!) { notebook(id: $id) { name } }', { id: runningId }),
    );
    expect(answer.data).toEqual({ notebook: null });
    expect(answer.errors).toMatchObject([
      { path: ['notebook'], extensions: { code, upstreamCode: refusal.body.error_code ?? null } },
    ]);
    expect(answer.errors?.[0].extensions.remedy).toMatch(/./);
    expect(operationsOf(calls)).toEqual(Array.from({ length: tries }, () => 'showNotebook'));
  });

  it.each(['6309', '6404'])('is null, without an error, when there is no such object: %s', async (code) => {
    await bed.fault({ name: 'error', operation: 'showNotebook', ...modelarts(400, code) });
    const { data, errors } = await bed.ask('query($id: ID!) { notebook(id: $id) { name } }', { id: runningId });
    expect({ data, errors }).toEqual({ data: { notebook: null }, errors: undefined });
  });
});
