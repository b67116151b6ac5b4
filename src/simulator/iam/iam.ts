import { type Answer, type Call, objectField, readBody, stringField, stringsField } from '../call.ts';
import { Refusal } from '../errors.ts';
import type { JsonObject } from '../json.ts';
import type { Account, Project } from './accounts.ts';
import type { Grant, Scope } from './tokens.ts';

const unauthorised = (message: string): Refusal => new Refusal(401, 'IAM.0001', message);

/** POST /v3/auth/tokens: the token is in X-Subject-Token, the body describes it. */
export function issueToken(call: Call): Answer {
  const { state, now } = call;
  const auth = section(readBody(call), 'auth');
  const identity = section(auth, 'identity');
  const methods = stringsField(identity, 'methods') ?? [];
  const user = identify(call, methods, identity);
  const scope = scopeOf(user, objectField(auth, 'scope'));
  const { token, grant } = state.tokens.issue(user, scope);
  const withCatalog = !call.query.get('nocatalog') && scope.kind === 'project';
  return {
    status: 201,
    headers: { 'X-Subject-Token': token },
    body: {
      token: {
        methods,
        expires_at: microseconds(grant.expiresAt),
        issued_at: microseconds(now),
        mfa_authn_at: methods.includes('totp') ? microseconds(now) : undefined,
        ...describeScope(grant),
        roles: [{ id: '0', name: user.isAdministrator ? 'te_admin' : 'modelarts_user' }],
        user: { id: user.id, name: user.user, password_expires_at: '', domain: user.domain },
        catalog: withCatalog ? catalog(state.url(), scope.project) : undefined,
      },
    },
  };
}

/** GET /v3/projects: the projects of the token's user, whatever the token is scoped to. */
export function listProjects(call: Call): Answer {
  const grant = call.token === undefined ? undefined : call.state.tokens.find(call.token);
  if (grant === undefined) throw unauthorised('The request you have made requires authentication.');
  if (grant.expiresAt <= call.now) throw unauthorised('The token has expired.');
  const name = call.query.get('name');
  const self = `${call.state.url()}/v3/projects`;
  const projects = grant.user.projects.filter((project) => name === null || project.name === name);
  return {
    status: 200,
    body: {
      links: { next: null, previous: null, self },
      projects: projects.map((project) => ({
        id: project.id,
        name: project.name,
        domain_id: grant.user.domain.id,
        parent_id: grant.user.domain.id,
        is_domain: false,
        enabled: true,
        description: '',
        links: { self: `${self}/${project.id}` },
      })),
    },
  };
}

function identify(call: Call, methods: readonly string[], identity: JsonObject): Account {
  if (methods.includes('token')) return byToken(call, stringField(section(identity, 'token'), 'id') ?? '');
  if (!methods.includes('password')) throw new Refusal(400, 'IAM.0011', 'The method must be password or token.');
  const claimed = section(section(identity, 'password'), 'user');
  const domain = objectField(claimed, 'domain');
  const user = call.state.settings.accounts.find(
    (account) =>
      (account.id === stringField(claimed, 'id') ||
        (account.user === stringField(claimed, 'name') &&
          (account.domain.name === (domain && stringField(domain, 'name')) ||
            account.domain.id === (domain && stringField(domain, 'id'))))) &&
      account.password === stringField(claimed, 'password'),
  );
  if (user === undefined) throw unauthorised('The username or password is wrong.');
  if (user.passcode !== undefined) checkPasscode(user, methods, identity);
  return user;
}

function checkPasscode(user: Account, methods: readonly string[], identity: JsonObject): void {
  if (!methods.includes('totp')) throw unauthorised('The account requires multi-factor authentication.');
  const claimed = section(section(identity, 'totp'), 'user');
  const isSameUser = [user.id, user.user].includes(stringField(claimed, 'id') ?? stringField(claimed, 'name') ?? '');
  if (!isSameUser || stringField(claimed, 'passcode') !== user.passcode)
    throw unauthorised('The verification code is wrong.');
}

function byToken(call: Call, token: string): Account {
  const grant = call.state.tokens.find(token);
  if (grant === undefined || grant.expiresAt <= call.now) throw unauthorised('The token is invalid or has expired.');
  return grant.user;
}

/** Project wins over domain when both are asked for. */
function scopeOf(user: Account, scope: JsonObject | undefined): Scope {
  if (scope === undefined) return { kind: 'none' };
  const wanted = objectField(scope, 'project');
  if (wanted === undefined) return objectField(scope, 'domain') ? { kind: 'domain' } : { kind: 'none' };
  const [id, name] = [stringField(wanted, 'id'), stringField(wanted, 'name')];
  const project = user.projects.find((candidate) => (id === undefined ? candidate.name === name : candidate.id === id));
  if (project === undefined) throw new Refusal(404, 'IAM.0004', `Could not find project: ${id ?? name ?? ''}.`);
  return { kind: 'project', project };
}

function describeScope({ user, scope }: Grant): JsonObject {
  if (scope.kind === 'project') return { project: { ...scope.project, domain: user.domain } };
  return scope.kind === 'domain' ? { domain: user.domain } : {};
}

function catalog(url: string, project: Project): JsonObject[] {
  const region = project.name.split('_')[0] ?? project.name;
  const entry = (name: string, type: string, address: string): JsonObject => ({
    id: `catalog-${name}`,
    name,
    type,
    endpoints: [{ id: `endpoint-${name}`, interface: 'public', region, region_id: region, url: address }],
  });
  return [entry('modelarts', 'modelarts', `${url}/v1/${project.id}`), entry('iam', 'identity', `${url}/v3`)];
}

const section = (body: JsonObject, name: string): JsonObject => {
  const value = objectField(body, name);
  if (value === undefined) throw new Refusal(400, 'IAM.0011', `The request body lacks ${name}.`);
  return value;
};

/** ISO 8601 with six digits after the second, as IAM prints times. */
const microseconds = (epochMs: number): string => new Date(epochMs).toISOString().replace('Z', '000Z');
