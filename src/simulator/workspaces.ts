import { type Answer, ok, type ProjectCall, queryInteger } from './call.ts';
import { invalidParameter, refusal } from './errors.ts';
import type { JsonObject } from './json.ts';

type Workspace = JsonObject & {
  readonly id: string;
  readonly name: string;
  readonly update_time: number;
  readonly status: string;
  readonly auth_type: string;
  readonly owner: string;
  readonly enterprise_project_id: string;
  readonly grants: readonly { readonly user_id: string; readonly user_name: string }[];
};

const madeAt = 1_668_482_562_290;

/** The default workspace that every project has, and two that users have made. */
const workspaces: readonly Workspace[] = [
  workspace({ id: '0', name: 'default', owner: '', auth_type: 'PUBLIC' }),
  workspace({
    id: '878991804cdc4ba597f2bbdbf7e59dd9',
    name: 'research',
    owner: 'colleague',
    auth_type: 'INTERNAL',
    description: 'For papers',
    grants: [{ user_id: '10000000000000000000000000000001', user_name: 'demo' }],
  }),
  workspace({ id: '99250e439b33431081c15bf6a52da885', name: 'sandbox', owner: 'colleague', auth_type: 'PRIVATE' }),
];

function workspace(given: JsonObject): Workspace {
  // the three above give what is not here
  return {
    description: '',
    create_time: madeAt,
    update_time: madeAt,
    enterprise_project_id: '0',
    enterprise_project_name: 'default',
    status: 'NORMAL',
    status_info: '',
    grants: [],
    ...given,
  } as unknown as Workspace;
}

const mayEnter = ({ user }: ProjectCall, { auth_type, owner, grants }: Workspace): boolean =>
  auth_type === 'PUBLIC' ||
  user.isAdministrator ||
  owner === user.user ||
  (auth_type === 'INTERNAL' && grants.some((grant) => grant.user_id === user.id));

/**
 * The id of the workspace, `0` where none is given.
 * @throws Refusal ModelArts.0102 there is none, or none that the caller may enter
 */
export function workspaceOf(call: ProjectCall, id: string | null | undefined): string {
  const found = workspaces.find((workspace) => workspace.id === (id || '0'));
  if (found === undefined || !mayEnter(call, found)) throw refusal('0102');
  return found.id;
}

export function listWorkspaces(call: ProjectCall): Answer {
  const { query } = call;
  const name = query.get('name')?.toLowerCase() ?? '';
  const enterpriseProject = query.get('enterprise_project_id');
  const matching = workspaces.filter(
    (one) =>
      one.name.toLowerCase().includes(name) &&
      (enterpriseProject === null || one.enterprise_project_id === enterpriseProject) &&
      (query.get('filter_accessible') !== 'true' || mayEnter(call, one)),
  );
  const sorted = sortedBy(matching, query.get('sort_by') ?? 'name', query.get('order') ?? 'desc');
  const offset = queryInteger(query, 'offset', 0) ?? 0;
  const page = sorted.slice(offset, offset + (queryInteger(query, 'limit', 1) ?? 1000));
  return ok({ total_count: sorted.length, count: page.length, workspaces: page });
}

const sortKeys = new Map<string, (one: Workspace) => string | number>([
  ['name', (one) => one.name],
  ['update_time', (one) => one.update_time],
  ['status', (one) => one.status],
]);

function sortedBy(list: readonly Workspace[], key: string, order: string): Workspace[] {
  const read = sortKeys.get(key);
  if (read === undefined) throw invalidParameter();
  if (order !== 'asc' && order !== 'desc') throw invalidParameter();
  const sign = order === 'asc' ? 1 : -1;
  return [...list].sort((a, b) => (read(a) < read(b) ? -sign : read(a) > read(b) ? sign : 0));
}
