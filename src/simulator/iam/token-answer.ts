import type { Answer, Call } from '../call.ts';
import type { JsonObject } from '../json.ts';
import type { Project } from './accounts.ts';
import type { Entitlement, Grant } from './tokens.ts';

/** 201 with a new token in X-Subject-Token. */
export function issued(call: Call, entitlement: Entitlement): Answer {
  const { token, grant } = call.state.tokens.issue(entitlement);
  return { status: 201, headers: { 'X-Subject-Token': token }, body: describe(call, grant) };
}

/** 200 with what is known of a token that was issued before. */
export const described = (call: Call, token: string, grant: Grant): Answer => ({
  status: 200,
  headers: { 'X-Subject-Token': token },
  body: describe(call, grant),
});

function describe({ state, query }: Call, grant: Grant): JsonObject {
  const { user, scope, methods, federation, issuedAt, expiresAt } = grant;
  return {
    token: {
      methods,
      expires_at: microseconds(expiresAt),
      issued_at: microseconds(issuedAt),
      mfa_authn_at: methods.includes('totp') ? microseconds(issuedAt) : undefined,
      ...describeScope(grant),
      roles:
        scope.kind === 'none' ? undefined : [{ id: '0', name: user.isAdministrator ? 'te_admin' : 'modelarts_user' }],
      user: {
        id: user.id,
        name: user.user,
        password_expires_at: federation === undefined ? '' : undefined,
        domain: user.domain,
        'OS-FEDERATION': federation && {
          identity_provider: { id: federation.providerId },
          protocol: { id: federation.protocolId },
          groups: [],
        },
      },
      catalog: query.get('nocatalog') || scope.kind === 'none' ? undefined : catalogOf(state.url(), grant),
    },
  };
}

function describeScope({ user, scope }: Grant): JsonObject {
  if (scope.kind === 'project') return { project: { ...scope.project, domain: user.domain } };
  return scope.kind === 'domain' ? { domain: user.domain } : {};
}

/** Services in reach of a token: ModelArts belongs to a project, IAM to no region. */
export function catalogOf(url: string, { scope }: Pick<Grant, 'scope'>): JsonObject[] {
  if (scope.kind === 'none') return [];
  const iam = entry('iam', 'identity', {
    url: `${url}/v3`,
    region: scope.kind === 'project' ? regionOf(scope.project) : '*',
  });
  if (scope.kind === 'domain') return [iam];
  const region = regionOf(scope.project);
  return [entry('modelarts', 'modelarts', { url: `${url}/v1/${scope.project.id}`, region }), iam];
}

const regionOf = ({ name }: Project): string => name.split('_')[0] ?? name;

const entry = (name: string, type: string, { url, region }: { url: string; region: string }): JsonObject => ({
  id: `catalog-${name}`,
  name,
  type,
  endpoints: [{ id: `endpoint-${name}`, interface: 'public', region, region_id: region, url }],
});

/** ISO 8601 with six digits after the second, as IAM prints times. */
const microseconds = (epochMs: number): string => new Date(epochMs).toISOString().replace('Z', '000Z');
