import { describe, expect, it } from 'vitest';
import { type Issued, startSession } from './session.ts';

const identity = (user: string, password = user, domain = 'acme') => ({
  methods: ['password'],
  password: { user: { name: user, password, domain: { name: domain } } },
});
const scope = { project: { name: 'eu-de' } };

describe('issueToken', () => {
  it('answers 201 with the token in the header and the project in the body', async () => {
    const { call, simulator } = await startSession();
    const { status, headers, body } = await call<Issued>('POST', '/v3/auth/tokens?nocatalog=true', {
      body: { auth: { identity: identity('demo'), scope } },
      token: '',
    });
    expect(status).toBe(201);
    expect(headers.get('x-subject-token')).toMatch(/^MII[A-Za-z0-9+-]{1533}$/);
    expect(body.token.project).toMatchObject({ id: simulator.demo.projectId, name: 'eu-de', domain: { name: 'acme' } });
    expect(body.token.expires_at).toBe('2023-06-26T01:27:32.470000Z');
    expect(body.token).not.toHaveProperty('catalog');
  });

  it('adds the catalog unless asked not to', async () => {
    const { call, simulator } = await startSession();
    const { body } = await call<Issued>('POST', '/v3/auth/tokens', {
      body: { auth: { identity: identity('demo'), scope } },
    });
    const [modelarts] = body.token.catalog;
    expect(modelarts?.endpoints[0]?.url).toBe(`${simulator.url}/v1/${simulator.demo.projectId}`);
  });

  it('can issue tokens of 32 KiB and accepts them back', async () => {
    const { call, simulator } = await startSession({ tokenLength: 32_768 });
    expect(simulator.demo.token).toHaveLength(32_768);
    expect((await call('GET', '{p}/images')).status).toBe(200);
  });

  it.each([
    ['a wrong password', identity('demo', 'guess'), 401],
    ['a wrong domain', identity('demo', 'demo', 'globex'), 401],
    ['a missing passcode', identity('careful'), 401],
    ['an unknown method', { methods: ['magic'] }, 400],
  ])('refuses %s in Keystone’s words', async (_what, wrong, status) => {
    const { call } = await startSession();
    const answer = await call('POST', '/v3/auth/tokens', { body: { auth: { identity: wrong, scope } } });
    expect(answer.status).toBe(status);
    expect(answer.body.error.code).toBe(status);
  });

  it('takes the passcode of a user with MFA, and only the right one', async () => {
    const { call } = await startSession();
    const attempt = (passcode: string) =>
      call('POST', '/v3/auth/tokens', {
        body: {
          auth: {
            identity: {
              ...identity('careful'),
              methods: ['password', 'totp'],
              totp: { user: { id: 'careful', passcode } },
            },
            scope,
          },
        },
      });
    expect((await attempt('000000')).status).toBe(401);
    expect((await attempt('123456')).status).toBe(201);
  });

  it('takes the id of a user in the place of name and domain', async () => {
    const { call } = await startSession();
    const attempt = (password: string) =>
      call('POST', '/v3/auth/tokens', {
        body: {
          auth: {
            identity: {
              methods: ['password'],
              password: { user: { id: '10000000000000000000000000000001', password } },
            },
            scope,
          },
        },
      });
    expect((await attempt('guess')).status).toBe(401);
    expect((await attempt('demo')).status).toBe(201);
  });

  it('exchanges a token for one of another project', async () => {
    const { call, simulator } = await startSession();
    const exchanged = await call<Issued>('POST', '/v3/auth/tokens', {
      body: {
        auth: {
          identity: { methods: ['token'], token: { id: simulator.demo.token } },
          scope: { project: { name: 'eu-de_team' } },
        },
      },
    });
    const projectId = exchanged.body.token.project.id;
    expect(projectId).not.toBe(simulator.demo.projectId);
    const token = exchanged.headers.get('x-subject-token') ?? '';
    expect((await call('GET', `/v1/${projectId}/notebooks`, { token })).status).toBe(200);
    expect((await call('GET', '{p}/notebooks', { token })).body.error_code).toBe('ModelArts.0210');
  });

  it('does not find a project of others', async () => {
    const { call } = await startSession();
    const { status } = await call('POST', '/v3/auth/tokens', {
      body: { auth: { identity: identity('colleague'), scope: { project: { name: 'eu-de_team' } } } },
    });
    expect(status).toBe(404);
  });
});

describe('a project name belongs to its domain', () => {
  const ask = async (wanted: object | string | undefined) => {
    const { call } = await startSession();
    const answer = await call<Issued>('POST', '/v3/auth/tokens', {
      body: { auth: { identity: identity('demo'), scope: wanted } },
    });
    return [answer.status, answer.body.token?.project?.id ?? null];
  };

  it('keeps a user of acme from a token for eu-de of globex, by the name or the id of the domain', async () => {
    expect(await ask({ project: { name: 'eu-de', domain: { name: 'globex' } } })).toEqual([404, null]);
    const domain = { id: 'd000000000000000000000000010bec5' };
    expect(await ask({ project: { name: 'eu-de', domain } })).toEqual([404, null]);
    expect(await ask({ project: { id: 'c6c7f6210ad6696fc44ef27fa19f8d11' } })).toEqual([404, null]);
    expect(await ask({ domain: { name: 'globex' } })).toEqual([404, null]);
  });

  it('gives him one for eu-de of his own, with the domain named or not', async () => {
    const own = 'a4a5d4098fb4474fa22cd05f897d6b99';
    expect(await ask({ project: { name: 'eu-de', domain: { name: 'acme' } } })).toEqual([201, own]);
    expect(await ask({ project: { name: 'eu-de', domain: { id: 'd0000000000000000000000000acee00' } } })).toEqual([
      201,
      own,
    ]);
    expect(await ask({ project: { name: 'eu-de' } })).toEqual([201, own]);
  });
});

describe('listProjects', () => {
  it('lists the projects of the user, by name if asked', async () => {
    const { call } = await startSession();
    const names = async (query: string) =>
      (await call('GET', `/v3/projects${query}`)).body.projects.map((project) => project.name);
    expect(await names('')).toEqual(['eu-de', 'eu-de_team']);
    expect(await names('?name=eu-de')).toEqual(['eu-de']);
    expect((await call('GET', '/v3/projects', { token: 'MIIwrong' })).body.error.code).toBe(401);
  });
});

describe('authentication of ModelArts calls', () => {
  it.each([
    ['no token', '', 'APIG.0301'],
    ['an unknown token', 'MIIunknown', 'APIGW.0301'],
  ])('answers 401 with a request id to %s', async (_what, token, code) => {
    const { call } = await startSession();
    const { status, body } = await call('GET', '{p}/images', { token });
    expect([status, body.error_code]).toEqual([401, code]);
    expect(body.request_id).toMatch(/^[0-9a-f]{32}$/);
  });

  it('lets a token expire after 24 hours', async () => {
    const { call, pass } = await startSession();
    pass(86_400_000 - 1);
    expect((await call('GET', '{p}/images')).status).toBe(200);
    pass(1);
    const { status, body } = await call('GET', '{p}/images');
    expect([status, body.error_code]).toEqual([401, 'APIGW.0301']);
  });

  it.each([
    ['domain scope', { domain: { name: 'acme' } }, 'ModelArts.0204'],
    ['no scope', undefined, 'ModelArts.0207'],
  ])('refuses a token with %s', async (_what, wrongScope, code) => {
    const { call } = await startSession();
    const issued = await call('POST', '/v3/auth/tokens', {
      body: { auth: { identity: identity('demo'), scope: wrongScope } },
    });
    const { status, body } = await call('GET', '{p}/images', { token: issued.headers.get('x-subject-token') ?? '' });
    expect([status, body.error_code]).toEqual([401, code]);
  });

  it('answers 403 when the project in the path is not the token’s', async () => {
    const { call } = await startSession();
    const { status, body } = await call('GET', '/v1/ffffffffffffffffffffffffffffffff/demanager/instances');
    expect(status).toBe(403);
    expect(Object.keys(body).sort()).toEqual(['error_code', 'error_message']);
    expect(body.error_code).toBe('ModelArts.0210');
  });
});
