import type { Session } from './client/client.ts';
import { call, type Decoder, type Page, pageOf } from './wire/operation.ts';
import { flag, object, text } from './wire/read.ts';

/** A project: the region, or a part of one, that objects belong to. */
export type Project = {
  readonly id: string;
  readonly name: string;
  readonly domainId: string | null;
  readonly parentId: string | null;
  readonly isEnabled: boolean | null;
  readonly description: string | null;
};

const decodeProject: Decoder<Project> = (body) => {
  const wire = object(body);
  const id = wire && text(wire.id);
  if (wire === null || id === null || id === '') return null;
  return {
    id,
    name: text(wire.name) ?? '',
    domainId: text(wire.domain_id),
    parentId: text(wire.parent_id),
    isEnabled: flag(wire.enabled),
    description: text(wire.description),
  };
};

const decodeProjects = pageOf('Project', decodeProject, { items: 'projects', total: 'total' });

/**
 * Projects the token's user can enter.
 * REST: `GET /v3/projects` on the IAM host.
 * @throws UnauthenticatedError the token is expired or invalid
 */
export const listProjects = async (session: Session, name?: string): Promise<Page<Project>> =>
  call(
    session,
    { operationId: 'listProjects', method: 'GET', service: 'iam', path: '/v3/projects', query: { name } },
    decodeProjects,
  );
