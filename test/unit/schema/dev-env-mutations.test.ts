import { afterEach, describe, expect, it } from 'vitest';
import { encodeGlobalId } from '../../../src/schema/relay/global-id.ts';
import { ask, instancesPath, sentTo } from '../../support/dev-env/gateway.ts';
import { type Reply, type ScriptedUpstream, sendJson, startUpstream } from '../../support/wire/scripted-upstream.ts';

const id = 'DE-7d558ef8-c73d-11ea-964c-0255ac100033';
const instance = { id, name: 'notebook-c6fd', status: 'RUNNING', flavor: 'modelarts.kat1.xlarge' };

let upstream: ScriptedUpstream;
afterEach(() => upstream.close());

async function askOf(reply: Reply, source: string, variables: Record<string, unknown>): Promise<unknown> {
  upstream = await startUpstream(reply);
  return ask(upstream, source, variables);
}

const refusal = (status: number, code: string, message: string): Reply => {
  const body = { error_code: `ModelArts.${code}`, error_message: message };
  return (response) => sendJson(response, body, { status });
};

const failure = '... on Error { code message upstreamCode } ... on BadUserInputError { issues { path message } }';

/** An upstream that holds one instance and moves it as asked. */
function stateful(): Reply {
  let current: Record<string, unknown> = { ...instance, status: 'STOPPED', description: 'before' };
  return (response, { method, body }) => {
    const request = body === '' ? {} : JSON.parse(body);
    if (method === 'GET') return sendJson(response, current);
    if (method === 'DELETE') return sendJson(response, { instance_id: id });
    if (method === 'PUT') {
      current = { ...current, ...request };
      return sendJson(response, { id, name: instance.name, status: current.status });
    }
    const [from, to] = [current.status, request.action === 'start' ? 'STARTING' : 'STOPPING'];
    current = { ...current, status: to };
    return sendJson(response, { current_status: to, previous_state: from });
  };
}

const act = (name: string, again: string) => `mutation ($id: ID!) {
  result: ${name}DevEnvInstance(input: { id: $id }) {
    __typename
    ... on ${again}DevEnvInstancePayload { devEnvInstanceId currentStatus previousStatus devEnvInstance { description status } }
    ${failure}
  }
}`;

describe('startDevEnvInstance and stopDevEnvInstance', () => {
  it.each([
    ['start', 'Start', 'STARTING'],
    ['stop', 'Stop', 'STOPPING'],
  ])('give the status before, and the instance as read after it (%s)', async (name, typename, status) => {
    expect(await askOf(stateful(), act(name, typename), { id: encodeGlobalId('DevEnvInstance', id) })).toEqual({
      data: {
        result: {
          __typename: `${typename}DevEnvInstancePayload`,
          devEnvInstanceId: id,
          currentStatus: status,
          previousStatus: 'STOPPED',
          devEnvInstance: { description: 'before', status },
        },
      },
    });
    expect(sentTo(upstream)).toEqual([
      ['POST', `${instancesPath}/${id}/action`, { action: name }],
      ['GET', `${instancesPath}/${id}`],
    ]);
  });

  it('read again after each of two changes in one operation', async () => {
    const payload = '{ devEnvInstance { status } }';
    const source = `mutation {
      a: startDevEnvInstance(input: { id: "${id}" }) { ... on StartDevEnvInstancePayload ${payload} }
      b: stopDevEnvInstance(input: { id: "${id}" }) { ... on StopDevEnvInstancePayload ${payload} }
    }`;
    expect(await askOf(stateful(), source, {})).toEqual({
      data: { a: { devEnvInstance: { status: 'STARTING' } }, b: { devEnvInstance: { status: 'STOPPING' } } },
    });
  });

  it('cost one call when the instance is not asked for', async () => {
    const source = `mutation { startDevEnvInstance(input: { id: "${id}" }) { __typename } }`;
    await askOf(stateful(), source, {});
    expect(sentTo(upstream)).toHaveLength(1);
  });

  it('say that the instance started even when reading it fails', async () => {
    const reply: Reply = (response, { method }) =>
      method === 'GET'
        ? refusal(400, '6309', 'The instance does not exist.')(response, { method, url: '', headers: {}, body: '' }, 1)
        : sendJson(response, { current_status: 'STARTING', previous_state: 'STOPPED' });
    expect(await askOf(reply, act('start', 'Start'), { id })).toMatchObject({
      data: { result: { previousStatus: 'STOPPED', devEnvInstance: null } },
      errors: [{ path: ['result', 'devEnvInstance'] }],
    });
  });

  it.each([
    ['6307', 'ConflictError'],
    ['6309', 'NotFoundError'],
    ['6360', 'CapacityError'],
    ['6326', 'BillingError'],
  ])('answer ModelArts.%s with %s', async (code, typename) => {
    const result = await askOf(refusal(400, code, 'No.'), act('start', 'Start'), { id });
    expect(result).toMatchObject({ data: { result: { __typename: typename } } });
  });
});

const update = `mutation ($input: UpdateDevEnvInstanceInput!) {
  result: updateDevEnvInstance(input: $input) {
    __typename ... on UpdateDevEnvInstancePayload { devEnvInstance { description flavor { flavorId } } } ${failure}
  }
}`;

describe('updateDevEnvInstance', () => {
  it('sends only what is given and gives the whole instance, which the answer lacks', async () => {
    const result = await askOf(stateful(), update, { input: { id, description: 'after' } });
    expect(result).toEqual({
      data: {
        result: {
          __typename: 'UpdateDevEnvInstancePayload',
          devEnvInstance: { description: 'after', flavor: { flavorId: instance.flavor } },
        },
      },
    });
    expect(sentTo(upstream)).toEqual([
      ['PUT', `${instancesPath}/${id}`, { description: 'after' }],
      ['GET', `${instancesPath}/${id}`],
    ]);
  });

  it('sends auto stop where the upstream has it', async () => {
    const autoStop = { enabled: true, durationSeconds: 7200, prompted: false };
    await askOf(stateful(), update, { input: { id, autoStop } });
    expect(sentTo(upstream)[0]).toEqual([
      'PUT',
      `${instancesPath}/${id}`,
      { spec: { auto_stop: { enable: true, duration: 7200, prompt: false } } },
    ]);
  });

  it.each([
    ['nothing to change', {}, ['input']],
    ['an empty auto stop', { autoStop: {} }, ['input']],
    ['auto stop without a duration', { autoStop: { enabled: true } }, ['input', 'autoStop', 'durationSeconds']],
    ['a description with an angle bracket', { description: '<b>' }, ['input', 'description']],
    ['the id of a notebook', { id: encodeGlobalId('Notebook', 'n'), description: 'd' }, ['input', 'id']],
  ])('refuses %s without a call', async (_what, fields, issuePath) => {
    const result = await askOf(stateful(), update, { input: { id, ...fields } });
    expect(result).toMatchObject({
      data: { result: { __typename: 'BadUserInputError', issues: [{ path: issuePath }] } },
    });
    expect(sentTo(upstream)).toEqual([]);
  });
});

describe('deleteDevEnvInstance', () => {
  const source = `mutation ($id: ID!) {
    result: deleteDevEnvInstance(input: { id: $id }) {
      __typename ... on DeleteDevEnvInstancePayload { devEnvInstanceId } ${failure}
    }
  }`;

  it('gives the id of what is gone', async () => {
    expect(await askOf(stateful(), source, { id })).toEqual({
      data: { result: { __typename: 'DeleteDevEnvInstancePayload', devEnvInstanceId: id } },
    });
    expect(sentTo(upstream)).toEqual([['DELETE', `${instancesPath}/${id}`]]);
  });

  it('is a conflict while the instance runs', async () => {
    const result = await askOf(refusal(400, '6304', 'Stop it first.'), source, { id });
    expect(result).toMatchObject({ data: { result: { __typename: 'ConflictError', upstreamCode: 'ModelArts.6304' } } });
  });
});
