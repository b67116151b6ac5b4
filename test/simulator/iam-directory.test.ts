import { describe, expect, it } from 'vitest';
import { type Body, type Issued, type Session, startSession } from './session.ts';

const demoId = '10000000000000000000000000000001';
const colleagueId = '10000000000000000000000000000002';
const strangerId = '20000000000000000000000000000001';

type Directory = Body & {
  readonly users: { readonly name: string }[];
  readonly user: { readonly name: string };
  readonly domains: { readonly name: string }[];
  readonly catalog: { readonly type: string }[];
  readonly project: { readonly name: string };
  readonly versions: { readonly values: { readonly links: { readonly href: string }[] }[] };
  readonly version: { readonly id: string };
};

/** A session, and the operations that were asked for in it, each once. */
async function startAsked(): Promise<Session & { readonly asked: Set<string | null> }> {
  const asked = new Set<string | null>();
  return { ...(await startSession({ observe: ({ operationId }) => asked.add(operationId) })), asked };
}

const subject = (token: string): { headers: Record<string, string> } => ({ headers: { 'X-Subject-Token': token } });

describe('the versions of IAM', () => {
  it('are listed under the bare address with 300, and shown under /v3, with or without a slash, to whoever asks', async () => {
    const { call, simulator, asked } = await startAsked();
    const list = await call<Directory>('GET', '/', { token: '' });
    expect(list.status).toBe(300);
    expect(list.body.versions.values[0]?.links[0]?.href).toBe(`${simulator.url}/v3/`);
    for (const path of ['/v3', '/v3/']) {
      const { status, body } = await call<Directory>('GET', path, { token: '' });
      expect([status, body.version.id]).toEqual([200, 'v3.6']);
    }
    expect([...asked]).toEqual(['keystoneListVersions', 'keystoneShowVersion']);
  });
});

describe('a token that is asked about', () => {
  it('is described as when it was issued', async () => {
    const { call, token, asked } = await startAsked();
    const own = await token('demo');
    const { status, headers, body } = await call<Issued>('GET', '/v3/auth/tokens', { token: own, ...subject(own) });
    expect([status, headers.get('x-subject-token')]).toEqual([200, own]);
    expect(body.token).toMatchObject({ methods: ['password'], project: { name: 'eu-de' }, user: { name: 'demo' } });
    expect(body.token.catalog).toHaveLength(2);
    expect([...asked]).toContain('keystoneValidateToken');
    const head = await call('HEAD', '/v3/auth/tokens', { token: own, ...subject(own) });
    expect([head.status, head.text]).toEqual([200, '']);
  });

  it('is a secret of its user, and of administrators of his domain', async () => {
    const { call, token } = await startSession();
    const [own, other] = [await token('demo'), await token('colleague')];
    const foreign = await token('stranger', 'eu-de', 'globex');
    const validate = async (by: string, about: string) =>
      (await call('GET', '/v3/auth/tokens', { token: by, ...subject(about) })).status;
    expect(await validate(other, own)).toBe(403);
    expect(await validate(foreign, own)).toBe(403);
    expect(await validate(await token('admin'), own)).toBe(200);
    expect(await validate(await token('admin'), foreign)).toBe(403);
    expect(await validate('MIIunknown', own)).toBe(401);
    expect(await validate(own, 'MIIunknown')).toBe(404);
    expect((await call('GET', '/v3/auth/tokens', { token: own })).status).toBe(400);
  });

  it('is not found any more once it has expired', async () => {
    const { call, token, pass } = await startSession();
    const old = await token('demo');
    pass(86_400_000);
    const { status, text } = await call('GET', '/v3/auth/tokens', { token: await token('demo'), ...subject(old) });
    expect([status, text.includes(old)]).toEqual([404, false]);
  });
});

describe('a token that is revoked', () => {
  it('is refused everywhere from then on, and others of its user are not', async () => {
    const { call, token, asked } = await startAsked();
    const [own, spare] = [await token('demo'), await token('demo')];
    const revoked = await call('DELETE', '/v3/auth/tokens', { token: own, ...subject(own) });
    expect([revoked.status, revoked.text]).toEqual([204, '']);
    for (const path of ['{p}/notebooks', '{p}/images', '/v3/projects', '/v3/auth/projects', '/v3/auth/catalog'])
      expect([path, (await call('GET', path, { token: own })).status]).toEqual([path, 401]);
    const identity = { methods: ['token'], token: { id: own } };
    const scope = { project: { name: 'eu-de' } };
    expect((await call('POST', '/v3/auth/tokens', { body: { auth: { identity, scope } } })).status).toBe(401);
    expect((await call('GET', '/v3/auth/tokens', { token: spare, ...subject(own) })).status).toBe(404);
    expect((await call('GET', '{p}/notebooks', { token: spare })).status).toBe(200);
    expect([...asked]).toContain('deleteUserToken');
  });

  it('is not revoked by anybody else but an administrator of the domain', async () => {
    const { call, token } = await startSession();
    const own = await token('demo');
    const revoke = async (by: string) =>
      (await call('DELETE', '/v3/auth/tokens', { token: by, ...subject(own) })).status;
    expect(await revoke(await token('colleague'))).toBe(403);
    expect(await revoke(await token('stranger', 'eu-de', 'globex'))).toBe(403);
    expect((await call('GET', '{p}/notebooks', { token: own })).status).toBe(200);
    expect(await revoke(await token('admin'))).toBe(204);
    expect((await call('GET', '{p}/notebooks', { token: own })).status).toBe(401);
  });
});

describe('what a token without scope', () => {
  const unscoped = async ({ call }: Session, scope?: string): Promise<string> => {
    const user = { name: 'demo', password: 'demo', domain: { name: 'acme' } };
    const issued = await call<Issued>('POST', '/v3/auth/tokens', {
      body: { auth: { identity: { methods: ['password'], password: { user } }, scope } },
    });
    expect(issued.body.token).not.toHaveProperty('project');
    expect(issued.body.token).not.toHaveProperty('catalog');
    return issued.headers.get('x-subject-token') ?? '';
  };

  it.each([undefined, 'unscoped'])(
    'asked for by %s can do is to find its projects and become a token of one',
    async (scope) => {
      const session = await startAsked();
      const token = await unscoped(session, scope);
      const { body } = await session.call('GET', '/v3/auth/projects', { token });
      expect(body.projects.map(({ name }) => name)).toEqual(['eu-de', 'eu-de_team']);
      const domains = await session.call<Directory>('GET', '/v3/auth/domains', { token });
      expect(domains.body.domains.map(({ name }) => name)).toEqual(['acme']);
      expect((await session.call<Directory>('GET', '/v3/auth/catalog', { token })).body.catalog).toEqual([]);
      expect((await session.call('GET', '{p}/notebooks', { token })).status).toBe(401);
      expect([...session.asked]).toEqual(
        expect.arrayContaining(['keystoneListAuthProjects', 'keystoneListAuthDomains', 'keystoneShowCatalog']),
      );
    },
  );

  it('asked for by a scope of another kind is refused', async () => {
    const { call } = await startSession();
    const user = { name: 'demo', password: 'demo', domain: { name: 'acme' } };
    for (const scope of ['scoped', {}, [], 17, { system: { all: true } }]) {
      const auth = { identity: { methods: ['password'], password: { user } }, scope };
      expect((await call('POST', '/v3/auth/tokens', { body: { auth } })).status).toBe(400);
    }
  });
});

describe('the users of a domain', () => {
  it('are found by name: all by an administrator, oneself by anybody', async () => {
    const { call, token, asked } = await startAsked();
    const names = async (by: string, query = '') =>
      (await call<Directory>('GET', `/v3/users${query}`, { token: by })).body.users.map(({ name }) => name);
    expect(await names(await token('demo'))).toEqual(['demo']);
    expect(await names(await token('demo'), '?name=colleague')).toEqual([]);
    expect(await names(await token('admin'))).toEqual(['demo', 'colleague', 'careful', 'admin']);
    expect(await names(await token('admin'), '?name=colleague')).toEqual(['colleague']);
    expect(await names(await token('admin'), '?domain_id=d000000000000000000000000010bec5')).toEqual([]);
    expect([...asked]).toContain('keystoneListUsers');
  });

  it('are shown with their projects to themselves and to administrators, by id', async () => {
    const { call, token, asked } = await startAsked();
    const [own, admin] = [await token('demo'), await token('admin')];
    const status = async (by: string, path: string) => (await call('GET', `/v3/users/${path}`, { token: by })).status;
    const { body } = await call('GET', `/v3/users/${demoId}/projects`, { token: own });
    expect(body.projects.map(({ name }) => name)).toEqual(['eu-de', 'eu-de_team']);
    expect((await call<Directory>('GET', `/v3/users/${demoId}`, { token: own })).body.user.name).toBe('demo');
    for (const suffix of ['', '/projects']) {
      expect(await status(own, `${colleagueId}${suffix}`)).toBe(403);
      expect(await status(admin, `${colleagueId}${suffix}`)).toBe(200);
      expect(await status(admin, `${strangerId}${suffix}`)).toBe(404);
    }
    expect([...asked]).toEqual(expect.arrayContaining(['keystoneShowUser', 'keystoneListProjectsForUser']));
  });

  it('have projects that are shown by id to who may enter them', async () => {
    const { call, token, simulator, asked } = await startAsked();
    const own = await call<Directory>('GET', `/v3/projects/${simulator.demo.projectId}`);
    expect([own.status, own.body.project.name]).toEqual([200, 'eu-de']);
    const foreign = await token('stranger', 'eu-de', 'globex');
    expect((await call('GET', `/v3/projects/${simulator.demo.projectId}`, { token: foreign })).status).toBe(404);
    expect([...asked]).toContain('keystoneShowProject');
  });
});
