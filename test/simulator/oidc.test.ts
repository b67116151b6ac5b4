import { exportJWK, generateKeyPair } from 'jose';
import { describe, expect, it } from 'vitest';
import { identityProvider } from '../support/identity-provider.ts';
import { type Body, type Reply, type Session, startSession } from './session.ts';

const corporate = identityProvider({ id: 'corporate', domain: 'acme', user: 'demo' });

type Issued = Body & {
  readonly token: { readonly project?: { readonly id: string }; readonly user: object; readonly methods: string[] };
};

async function startFederated(): Promise<Session & { readonly asked: (string | null)[] }> {
  const asked: (string | null)[] = [];
  const session = await startSession({
    identityProviders: [await corporate.provider()],
    observe: ({ operationId }) => asked.push(operationId),
  });
  return { ...session, asked };
}

const byIdToken = ({ call }: Session, idToken: string, scope?: object): Promise<Reply<Issued>> =>
  call('POST', '/v3.0/OS-AUTH/id-token/tokens', {
    token: '',
    headers: { 'X-Idp-Id': 'corporate' },
    body: { auth: { id_token: { id: idToken }, scope } },
  });

const byProtocol = ({ call }: Session, idToken: string, path = 'corporate/protocols/oidc'): Promise<Reply<Issued>> =>
  call('POST', `/v3/OS-FEDERATION/identity_providers/${path}/auth`, {
    token: '',
    headers: { Authorization: `Bearer ${idToken}` },
  });

const subjectToken = ({ headers }: Reply<Issued>): string => headers.get('x-subject-token') ?? '';

const euDe = { project: { name: 'eu-de' } };

describe('an ID token of OpenID Connect', () => {
  it('gives a token for a project in one call, as Open Telekom Cloud has it', async () => {
    const session = await startFederated();
    const answer = await byIdToken(session, await corporate.idToken(session.clock.now()), euDe);
    expect(answer.status).toBe(201);
    expect(answer.body.token).toMatchObject({
      methods: ['mapped'],
      project: { id: session.simulator.demo.projectId },
      user: { name: 'demo', 'OS-FEDERATION': { identity_provider: { id: 'corporate' }, protocol: { id: 'oidc' } } },
    });
    expect((await session.call('GET', '{p}/notebooks', { token: subjectToken(answer) })).status).toBe(200);
    expect(session.asked[0]).toBe('createTokenWithIdToken');
  });

  it('gives an unscoped token, which is exchanged for one of a project, as Huawei Cloud has it', async () => {
    const session = await startFederated();
    const unscoped = await byProtocol(session, await corporate.idToken(session.clock.now()));
    expect([unscoped.status, unscoped.body.token.project]).toEqual([201, undefined]);
    const id = subjectToken(unscoped);
    expect((await session.call('GET', '{p}/notebooks', { token: id })).status).toBe(401);
    const scoped = await session.call<Issued>('POST', '/v3/auth/tokens', {
      token: '',
      body: { auth: { identity: { methods: ['token'], token: { id } }, scope: euDe } },
    });
    expect(scoped.body.token).toMatchObject({ user: { 'OS-FEDERATION': { protocol: { id: 'oidc' } } } });
    expect((await session.call('GET', '{p}/notebooks', { token: subjectToken(scoped) })).status).toBe(200);
    expect(session.asked[0]).toBe('createUnscopedTokenWithIdToken');
  });

  it('is refused when anything of it does not hold, by either route', async () => {
    const session = await startFederated();
    const now = session.clock.now();
    const seconds = Math.floor(now / 1000);
    const good = await corporate.idToken(now);
    const [header, payload, signature] = good.split('.');
    const forged = Buffer.from(JSON.stringify({ sub: 'admin@example.com' })).toString('base64url');
    const unsigned = Buffer.from('{"alg":"none"}').toString('base64url');
    const wrong = {
      'another issuer': await corporate.idToken(now, { iss: 'https://evil.example.com' }),
      'another audience': await corporate.idToken(now, { aud: 'another-client' }),
      'an end that has passed': await corporate.idToken(now, { exp: seconds - 1 }),
      'a beginning to come': await corporate.idToken(now, { nbf: seconds + 60 }),
      'nobody who is known': await corporate.idToken(now, { sub: 'stranger@example.com' }),
      'an inherited name': await corporate.idToken(now, { sub: 'constructor' }),
      'no subject': await corporate.idToken(now, { sub: 17 as unknown as string }),
      'the key of another': await identityProvider({ id: 'corporate', domain: 'acme', user: 'demo' }).idToken(now),
      'another payload': `${header}.${forged}.${signature}`,
      'no signature': `${unsigned}.${payload}.`,
      'no JWT': 'nonsense',
      nothing: '',
    };
    for (const [what, idToken] of Object.entries(wrong)) {
      expect((await byIdToken(session, idToken, euDe)).status, what).toBe(401);
      expect((await byProtocol(session, idToken)).status, what).toBe(401);
    }
    expect((await byIdToken(session, good, euDe)).status).toBe(201);
  });

  it('gives no project that its user has not, and is of no provider or protocol that IAM does not know', async () => {
    const session = await startFederated();
    const idToken = await corporate.idToken(session.clock.now());
    const elsewhere = { project: { name: 'eu-de', domain: { name: 'globex' } } };
    expect((await byIdToken(session, idToken, elsewhere)).status).toBe(404);
    expect((await byProtocol(session, idToken, 'another/protocols/oidc')).status).toBe(404);
    expect((await byProtocol(session, idToken, 'corporate/protocols/saml')).status).toBe(404);
  });

  it('is taken of a provider registered while the simulator runs, until it is reset', async () => {
    const session = await startSession();
    const { id: _, ...config } = await corporate.provider();
    const idToken = await corporate.idToken(session.clock.now());
    expect((await byIdToken(session, idToken)).status).toBe(404);
    await session.call('PUT', '/_simulator/identity-providers/corporate', { body: config });
    expect((await byIdToken(session, idToken)).status).toBe(201);
    await session.call('POST', '/_simulator/reset');
    expect((await byIdToken(session, idToken)).status).toBe(404);
    const { body, status } = await session.call<{ error: string }>('PUT', '/_simulator/identity-providers/corporate', {
      body: { ...config, signingKey: 'none' },
    });
    expect([status, body.error]).toEqual([400, 'signingKey must be a JWKS: {"keys": […]}.']);
  });

  it('is checked by whichever key of the set it names, so that a provider can change its keys', async () => {
    const provider = await corporate.provider();
    const { publicKey } = await generateKeyPair('ES256');
    const other = { ...(await exportJWK(publicKey)), kid: 'two', alg: 'ES256', use: 'sig' };
    const session = await startSession({
      identityProviders: [{ ...provider, signingKey: { keys: [other, ...provider.signingKey.keys] } }],
    });
    expect((await byIdToken(session, await corporate.idToken(session.clock.now()))).status).toBe(201);
  });
});
