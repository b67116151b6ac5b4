import { describe, expect, it } from 'vitest';
import { startSession, validNotebook } from './session.ts';

type Refused = { error_code: string; error_msg: string; error_message: string };

const environment = {
  name: 'legacy',
  profile_id: 'Multi-Engine 1.0 (python3)-cpu',
  flavor: 'modelarts.vm.cpu.2u',
  spec: { storage: { type: 'obs', location: { path: '/bucket/work/' } } },
};

/** Sentences of the error table of the API reference, with what stands in their gaps. */
describe('the simulator refuses in the words of the error table', () => {
  it.each([
    [{ name: 7 }, '6332', "Incorrect parameter type. The 'name' parameter must be of the 'string' type."],
    [
      { volume: { category: 'EVS', ownership: 'MANAGED', capacity: '5' } },
      '6332',
      "Incorrect parameter type. The 'capacity' parameter must be of the 'integer' type.",
    ],
    [{ image_id: undefined }, '6335', "'image_id' is a required property."],
    [{ volume: { category: 'EFS' } }, '6335', "'ownership' is a required property."],
    [{ feature: 'LARGE' }, '6336', "'feature' property value is incorrect."],
    [{ name: 'a&b' }, '6334', 'Invalid value for name or description. The character `&` is not allowed.'],
    [
      { volume: { category: 'EVS', ownership: 'MANAGED', capacity: 1 } },
      '6331',
      'The evs volume size ranges from 5 GB to 4096 GB.',
    ],
    [{ duration: 1 }, '6349', "The 'duration' parameter is incorrect. The value ranges from 3600000 to 259200000."],
    [{ image_id: 'x' }, '6797', 'Specified image x cannot be found.'],
    [{ flavor: 'x' }, '6323', 'The flavor is not supported, please check it.'],
    [
      { flavor: 'modelarts.vm.cpu.free' },
      '6870',
      'Specified flavor modelarts.vm.cpu.free does not support current instance feature NOTEBOOK.',
    ],
    [{ workspace_id: 'x' }, '0102', 'The workspace does not exist.'],
  ])('a notebook with %j', async (fields, code, sentence) => {
    const { call } = await startSession();
    const { status, body } = await call<Refused>('POST', '{p}/notebooks', { body: { ...validNotebook, ...fields } });
    expect([status, body]).toEqual([400, { error_code: `ModelArts.${code}`, error_msg: sentence }]);
  });

  it.each([
    [{ profile_id: 'none' }, '6336', "'profile_id' property value is incorrect."],
    [{ pool: {} }, '6335', "'id' is a required property."],
    [{ spec: {} }, '6316', "The param 'storage' is needed for creating notebook instance."],
    [{ spec: 'x' }, '6332', "Incorrect parameter type. The 'spec' parameter must be of the 'object' type."],
  ])('a legacy environment with %j', async (fields, code, sentence) => {
    const { call } = await startSession();
    const body = { ...environment, ...fields };
    const answer = await call<Refused>('POST', '{p}/demanager/instances', { body });
    expect(answer.body).toEqual({ error_code: `ModelArts.${code}`, error_message: sentence });
  });

  it('a parameter of a list, of which the table names none, and a body that is no JSON', async () => {
    const { call } = await startSession();
    const list = await call<Refused>('GET', '{p}/notebooks?limit=15');
    expect(list.body).toEqual({ error_code: 'ModelArts.0104', error_msg: 'Parameter error.' });
    const create = await call<Refused>('POST', '{p}/notebooks', { body: '{"name"' });
    expect(create.body).toEqual({
      error_code: 'ModelArts.6400',
      error_msg: 'Invalid request payload {"name", please check.',
    });
  });

  it('a change that the state of the notebook does not allow', async () => {
    const { call, notebook, pass } = await startSession();
    const id = await notebook();
    pass(20_000);
    const { body } = await call<Refused>('PUT', `{p}/notebooks/${id}`, { body: { flavor: 'modelarts.vm.cpu.8u' } });
    expect(body.error_msg).toBe(
      "When the instance is in the 'RUNNING' status, the 'flavor' parameter cannot be modified.",
    );
  });
});
