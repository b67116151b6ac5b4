import { describe, expect, it } from 'vitest';
import { startSession } from './session.ts';

const hourMs = 3_600_000;

describe('a lease of the simulator', () => {
  it('counts anew from the instant the notebook runs, from its creation', async () => {
    const { call, notebook, pass } = await startSession();
    const id = await notebook();
    pass(25_000);
    expect((await call('GET', `{p}/notebooks/${id}/lease`)).body).toEqual({
      create_at: 1687656452470,
      duration: 20_000 + hourMs,
      enable: true,
      type: 'TIMING',
      update_at: 1687656472470,
    });
  });

  it('is renewed from now, not added up, and can be shortened', async () => {
    const { call, notebook, pass } = await startSession();
    const id = await notebook();
    pass(1_057_544);
    const renew = async (durationMs: number) =>
      (await call('PATCH', `{p}/notebooks/${id}/lease`, { body: { duration: durationMs, type: 'timing' } })).body;
    expect(await renew(hourMs)).toEqual({
      create_at: 1687656452470,
      duration: 4657544,
      enable: true,
      type: 'TIMING',
      update_at: 1687657510014,
    });
    expect((await renew(hourMs)).duration).toBe(4657544);
    expect((await renew(5 * hourMs)).duration).toBe(1_057_544 + 5 * hourMs);
    expect((await renew(hourMs)).duration).toBe(4657544);
  });

  it('takes the duration of the query over the body, as timing', async () => {
    const { call, notebook, pass } = await startSession();
    const id = await notebook();
    pass(30_000);
    const { body } = await call('PATCH', `{p}/notebooks/${id}/lease?duration=${2 * hourMs}`, {
      body: { duration: 3 * hourMs, type: 'idle' },
    });
    expect(body).toMatchObject({ duration: 30_000 + 2 * hourMs, type: 'TIMING' });
  });

  it('stops the notebook when it runs out, to the millisecond', async () => {
    const { notebook, pass, status } = await startSession();
    const id = await notebook({ lease: { duration: 2 * hourMs, type: 'timing' } });
    pass(20_000 + 2 * hourMs - 1);
    expect(await status(id)).toBe('RUNNING');
    pass(1);
    expect(await status(id)).toBe('STOPPING');
    pass(6_000);
    expect(await status(id)).toBe('STOPPED');
  });

  it('has run out in the past when nobody asked for long', async () => {
    const { call, notebook, pass } = await startSession({ tokenLifetimeMs: 1000 * hourMs });
    const id = await notebook();
    pass(100 * hourMs);
    const { body } = await call('GET', `{p}/notebooks/${id}`);
    expect(body).toMatchObject({ status: 'STOPPED', lease: { duration: 20_000 + hourMs } });
    expect(body.update_at).toBe(1687656452470 + 20_000);
  });

  it('does not stop a notebook whose auto stop is off', async () => {
    const { call, notebook, pass } = await startSession({ tokenLifetimeMs: 1000 * hourMs });
    const id = await notebook({ duration: -1 });
    pass(100 * hourMs);
    const { body } = await call('GET', `{p}/notebooks/${id}`);
    expect(body.status).toBe('RUNNING');
    expect(body.lease.enable).toBe(false);
  });

  it('waits for a snapshot to end before it stops the notebook', async () => {
    const { call, notebook, pass, status } = await startSession();
    const id = await notebook();
    pass(20_000 + hourMs - 10_000);
    await call('POST', `{p}/notebooks/${id}/create-image`, { body: { name: 'saved', namespace: 'team' } });
    pass(29_000);
    expect(await status(id)).toBe('SNAPSHOTTING');
    pass(1_000);
    expect(await status(id)).toBe('STOPPING');
  });

  it('grows over a restart, because creation stays its origin', async () => {
    const { call, notebook, pass } = await startSession({ tokenLifetimeMs: 10_000 * hourMs });
    const id = await notebook();
    pass(25 * 24 * hourMs);
    await call('POST', `{p}/notebooks/${id}/start`);
    pass(12_000);
    const { duration } = (await call('GET', `{p}/notebooks/${id}/lease`)).body;
    expect(duration).toBe(25 * 24 * hourMs + 12_000 + hourMs);
    expect(duration).toBeGreaterThan(2 ** 31);
  });

  it.each([
    [{ duration: hourMs - 1 }, '6349'],
    [{ duration: 73 * hourMs }, '6349'],
    [{ duration: 'long' }, '6332'],
    [{ type: 'sometimes' }, '6336'],
  ])('refuses to renew with %j', async (body, code) => {
    const { call, notebook, pass } = await startSession();
    const id = await notebook();
    pass(20_000);
    const answer = await call('PATCH', `{p}/notebooks/${id}/lease`, { body });
    expect(answer.body.error_code).toBe(`ModelArts.${code}`);
  });

  it('is for running notebooks only', async () => {
    const { call, notebook } = await startSession();
    const id = await notebook();
    for (const method of ['GET', 'PATCH'])
      expect((await call(method, `{p}/notebooks/${id}/lease`)).body.error_code).toBe('ModelArts.6327');
  });
});
