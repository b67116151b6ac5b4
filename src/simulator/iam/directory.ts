import { type Answer, type Call, ok } from '../call.ts';
import type { JsonObject } from '../json.ts';
import type { Account, Project } from './accounts.ts';
import { checkAccess, grantOf, notFound } from './caller.ts';
import { catalogOf } from './token-answer.ts';

/** GET /v3/projects: the projects of the token's user, whatever the token is scoped to. */
export function listProjects(call: Call): Answer {
  const { user } = grantOf(call);
  const name = call.query.get('name');
  const domainId = call.query.get('domain_id');
  const projects = user.projects.filter(
    (project) => (name === null || project.name === name) && (domainId === null || domainId === user.domain.id),
  );
  return projectList(call, '/v3/projects', { user, projects });
}

/** GET /v3/projects/{project_id} */
export function keystoneShowProject(call: Call): Answer {
  const { user } = grantOf(call);
  const project = user.projects.find(({ id }) => id === call.params.projectId);
  if (project === undefined) throw notFound('project', call.params.projectId);
  return ok({ project: projectItem(call, user, project) });
}

/** GET /v3/auth/projects */
export function keystoneListAuthProjects(call: Call): Answer {
  const { user } = grantOf(call);
  return projectList(call, '/v3/auth/projects', { user, projects: user.projects });
}

/** GET /v3/users/{user_id}/projects */
export function keystoneListProjectsForUser(call: Call): Answer {
  const owner = userOf(call);
  return projectList(call, `/v3/users/${owner.id}/projects`, { user: owner, projects: owner.projects });
}

/** GET /v3/auth/domains */
export function keystoneListAuthDomains(call: Call): Answer {
  const { domain } = grantOf(call).user;
  const self = `${call.state.url()}/v3/domains/${domain.id}`;
  return ok({
    domains: [{ ...domain, enabled: true, description: '', links: { self } }],
    links: linksTo(call, '/v3/auth/domains'),
  });
}

/** GET /v3/auth/catalog */
export const keystoneShowCatalog = (call: Call): Answer =>
  ok({
    catalog: catalogOf(call.state.url(), grantOf(call)),
    links: { self: `${call.state.url()}/v3/auth/catalog` },
  });

/** GET /v3/users: all of the domain for an administrator; anybody else sees himself. */
export function keystoneListUsers(call: Call): Answer {
  const { user } = grantOf(call);
  const name = call.query.get('name');
  const domainId = call.query.get('domain_id') ?? user.domain.id;
  const users = call.state.settings.accounts.filter(
    (account) =>
      account.domain.id === user.domain.id &&
      account.domain.id === domainId &&
      (user.isAdministrator || account.id === user.id) &&
      (name === null || account.user === name) &&
      call.query.get('enabled') !== 'false',
  );
  return ok({ users: users.map((account) => userItem(call, account)), links: linksTo(call, '/v3/users') });
}

/** GET /v3/users/{user_id} */
export const keystoneShowUser = (call: Call): Answer => ok({ user: userItem(call, userOf(call)) });

/** @throws Refusal 404 nobody of the domain has the id; 403 it is not for the asking */
function userOf(call: Call): Account {
  const { user } = grantOf(call);
  const owner = call.state.settings.accounts.find(
    ({ id, domain }) => id === call.params.userId && domain.id === user.domain.id,
  );
  if (owner === undefined) throw notFound('user', call.params.userId);
  checkAccess(user, owner);
  return owner;
}

const linksTo = (call: Call, path: string): JsonObject => ({
  self: `${call.state.url()}${path}`,
  previous: null,
  next: null,
});

type Owned = { readonly user: Account; readonly projects: readonly Project[] };

const projectList = (call: Call, path: string, { user, projects }: Owned): Answer =>
  ok({ links: linksTo(call, path), projects: projects.map((project) => projectItem(call, user, project)) });

const projectItem = (call: Call, { domain }: Account, { id, name }: Project): JsonObject => ({
  id,
  name,
  domain_id: domain.id,
  parent_id: domain.id,
  is_domain: false,
  enabled: true,
  description: '',
  links: { self: `${call.state.url()}/v3/projects/${id}` },
});

const userItem = (call: Call, { id, user, domain }: Account): JsonObject => ({
  id,
  name: user,
  domain_id: domain.id,
  enabled: true,
  description: '',
  password_expires_at: null,
  pwd_status: true,
  links: { self: `${call.state.url()}/v3/users/${id}` },
});
