import { objectField, stringField } from '../call.ts';
import { Refusal } from '../errors.ts';
import { isObject, type Json, type JsonObject } from '../json.ts';
import type { Account, Domain } from './accounts.ts';
import { notFound } from './caller.ts';
import type { Scope } from './tokens.ts';

/**
 * The scope asked for. Project wins over domain when both are asked for; a name is looked for in the domain that is given with
 * it, by default the user's own.
 * @throws Refusal 404 the user has no such project, or is of another domain
 */
export function scopeOf(user: Account, wanted: Json | undefined): Scope {
  if (wanted === undefined || wanted === null || wanted === 'unscoped') return { kind: 'none' };
  if (!isObject(wanted)) throw new Refusal(400, 'IAM.0011', 'The scope must be an object, or unscoped.');
  const project = objectField(wanted, 'project');
  if (project !== undefined) return projectScope(user, project);
  const domain = objectField(wanted, 'domain');
  if (domain === undefined) throw new Refusal(400, 'IAM.0011', 'The scope must name a project or a domain.');
  checkDomain(user, domain);
  return { kind: 'domain' };
}

function projectScope(user: Account, wanted: JsonObject): Scope {
  const [id, name] = [stringField(wanted, 'id'), stringField(wanted, 'name')];
  const domain = objectField(wanted, 'domain');
  if (domain !== undefined && !isDomain(user.domain, domain)) throw notFound('project', id ?? name ?? '');
  const project = user.projects.find((candidate) => (id === undefined ? candidate.name === name : candidate.id === id));
  if (project === undefined) throw notFound('project', id ?? name ?? '');
  return { kind: 'project', project };
}

function checkDomain({ domain }: Account, wanted: JsonObject): void {
  if (!isDomain(domain, wanted))
    throw notFound('domain', stringField(wanted, 'id') ?? stringField(wanted, 'name') ?? '');
}

/** Whether an object with the id or the name of a domain means this one. */
export const isDomain = (domain: Domain, wanted: JsonObject): boolean => {
  const [id, name] = [stringField(wanted, 'id'), stringField(wanted, 'name')];
  return id === undefined ? name === domain.name : id === domain.id;
};
