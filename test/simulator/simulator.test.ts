import { describe, expect, it } from 'vitest';
import { startSimulator } from '../../src/simulator/simulator.ts';
import { seedImages } from '../support/contract/seed-images.ts';
import { startSession } from './session.ts';

describe('the simulator', () => {
  it('says what it is, with its accounts and faults', async () => {
    const { call } = await startSession();
    const { text } = await call('GET', '/_simulator', { token: '' });
    for (const word of ['simulated', '"user":"demo"', 'listNotebooks', 'slow-drip']) expect(text).toContain(word);
  });

  it('echoes the request id, or makes one', async () => {
    const { call } = await startSession();
    const sent = await call('GET', '{p}/images', { headers: { 'X-Request-Id': 'my-request' } });
    expect(sent.headers.get('x-request-id')).toBe('my-request');
    expect((await call('GET', '{p}/images')).headers.get('x-request-id')).toMatch(/^[0-9a-f]{32}$/);
  });

  it.each(['/v1', '/v1/p//notebooks', '/v2/p/notebooks', '{p}/notebooks/x/y/z'])('answers 404 to %s', async (path) => {
    const { call } = await startSession();
    const { status, body } = await call('GET', path);
    expect([status, body.error_code]).toEqual([404, 'APIG.0101']);
  });

  it.each(['[]', '"text"', '{"name":'])('refuses the body %s', async (body) => {
    const { call } = await startSession();
    expect((await call('POST', '{p}/notebooks', { body })).body.error_code).toBe('ModelArts.6400');
  });

  it('moves its clock over HTTP, real or not', async () => {
    const { call, notebook, simulator, status } = await startSession();
    const id = await notebook();
    const before = simulator.clock.now();
    await call('POST', '/_simulator/clock', { body: { advanceMs: 20_000 } });
    expect(simulator.clock.now() - before).toBe(20_000);
    expect(await status(id)).toBe('RUNNING');
    expect((await call('POST', '/_simulator/clock', { body: { advanceMs: -1 } })).status).toBe(400);
  });

  it('goes back to the start, faults included, with the demo token valid anew', async () => {
    const { call, fault, notebook, pass } = await startSession();
    await notebook();
    await call('DELETE', '{p}/images/df78b3f7-98a4-4616-aef0-71cfff4195c9');
    await call('POST', '{p}/demanager/instances/DE-7d558ef8-c73d-11ea-964c-0255ac100033/action', {
      body: { action: 'stop' },
    });
    await fault({ name: 'internal' });
    pass(2 * 86_400_000);
    await call('POST', '/_simulator/reset');
    expect((await call('GET', '{p}/notebooks')).body.total).toBe(0);
    expect((await call('GET', '{p}/images')).body.data).toHaveLength(seedImages.count);
    const { body } = await call('GET', '{p}/demanager/instances?de_type=Notebook&status=RUNNING');
    expect(body.total_count).toBe(1);
  });

  it('puts a notebook into a failed or frozen state on request', async () => {
    const { call, notebook } = await startSession();
    const id = await notebook();
    const force = (body: object) => call('PATCH', `/_simulator/notebooks/${id}`, { body });
    await force({ status: 'CREATE_FAILED', fail_reason: 'no node left' });
    expect((await call('GET', `{p}/notebooks/${id}`)).body).toMatchObject({
      status: 'CREATE_FAILED',
      fail_reason: 'no node left',
    });
    await force({ status: 'FROZEN' });
    expect((await call('POST', `{p}/notebooks/${id}/start`)).body.error_code).toBe('ModelArts.6326');
    expect((await force({ status: 'MELTED' })).status).toBe(400);
  });

  it('plays another cloud on request, until it is reset', async () => {
    const { call } = await startSession();
    const turn = (cloud: string) => call('PATCH', '/_simulator/settings', { body: { cloud } });
    const status = async () => (await call('GET', '{p}/notebooks?workspace_id=1')).status;
    expect(await status()).toBe(200);
    expect((await turn('huawei')).status).toBe(200);
    expect(await status()).toBe(400);
    expect((await turn('nimbus')).status).toBe(400);
    await call('POST', '/_simulator/reset');
    expect(await status()).toBe(200);
  });

  it('closes with a request hanging and another dripping', async () => {
    const simulator = await startSimulator();
    const faults = `${simulator.url}/_simulator/faults`;
    const url = `${simulator.url}/v1/${simulator.demo.projectId}`;
    const headers = { 'X-Auth-Token': simulator.demo.token };
    await fetch(faults, { method: 'POST', body: JSON.stringify({ name: 'hang', operation: 'listNotebooks' }) });
    await fetch(faults, { method: 'POST', body: JSON.stringify({ name: 'slow-drip', operation: 'listImage' }) });
    const hanging = expect(fetch(`${url}/notebooks`, { headers })).rejects.toThrow('fetch failed');
    const dripping = await fetch(`${url}/images`, { headers });
    await simulator.close();
    await hanging;
    await expect(dripping.text()).rejects.toThrow('terminated');
    await expect(fetch(simulator.url)).rejects.toThrow('fetch failed');
  });

  it('rejects when the port is taken', async () => {
    const { simulator } = await startSession();
    await expect(startSimulator({ port: Number(new URL(simulator.url).port) })).rejects.toThrow('EADDRINUSE');
  });
});
