import { type Answer, ok, type ProjectCall, queryChoice, queryInteger } from '../call.ts';
import { invalidParameter } from '../errors.ts';
import { pageEnvelope, sortBy } from '../paging.ts';
import { workspaceOf } from '../workspaces.ts';
import { billingItems, listedNotebook } from './answers.ts';
import { projectNotebooks } from './lifecycle.ts';
import { type Notebook, notebookStatuses } from './record.ts';
import { tagFilter } from './tags.ts';

type Filter = (notebook: Notebook) => boolean;

/** Own notebooks; an administrator may ask for another `owner`. */
export function listNotebooks(call: ProjectCall): Answer {
  const asked = call.user.isAdministrator ? call.query.get('owner') : null;
  return notebookPage(call, asked || call.user.id);
}

/** Every notebook of the project. */
export const listAllNotebooks = (call: ProjectCall): Answer => notebookPage(call, call.query.get('owner'));

function notebookPage(call: ProjectCall, owner: string | null): Answer {
  const { query, now } = call;
  const limit = queryInteger(query, 'limit', 1) ?? 10;
  if (![10, 20, 50].includes(limit)) throw invalidParameter();
  const filters = [documentedFilter(call), newerFilter(call), tagFilter(call)];
  const matching = projectNotebooks(call).filter(
    (notebook) => (!owner || notebook.owner.id === owner) && filters.every((passes) => passes(notebook)),
  );
  // Oldest first in the store; reversed, so that the newest of one millisecond leads.
  const sorted = sortBy(matching.reverse(), query.get('sort_key') || 'create_at', query.get('sort_dir'), {
    create_at: (notebook) => notebook.createAt,
    update_at: (notebook) => notebook.updateAt,
    name: (notebook) => notebook.name,
    status: (notebook) => notebook.status,
    flavor: (notebook) => notebook.flavor,
  });
  const items = sorted.map((notebook) => listedNotebook(notebook, now));
  return ok(pageEnvelope(items, { offset: queryInteger(query, 'offset', 0) ?? 0, limit }, { base: 0 }));
}

/** What both clouds filter by. The workspace has another name on each, and each passes over the other's. */
function documentedFilter(call: ProjectCall): Filter {
  const { query } = call;
  const workspace = query.get(call.state.settings.cloud === 'otc' ? 'workspaceId' : 'workspace_id') || null;
  if (workspace !== null) workspaceOf(call, workspace);
  const name = query.get('name') ?? '';
  const poolId = query.get('pool_id');
  const feature = queryChoice(query, 'feature', ['DEFAULT', 'NOTEBOOK']) ?? 'NOTEBOOK';
  const status = queryChoice(query, 'status', notebookStatuses);
  return (notebook) =>
    notebook.feature === feature &&
    notebook.name.includes(name) &&
    (workspace === null || notebook.workspaceId === workspace) &&
    (status === undefined || notebook.status === status) &&
    (!poolId || notebook.poolId === poolId);
}

/** What newer Huawei Cloud filters by besides. Open Telekom Cloud passes over it. */
function newerFilter({ query, state }: ProjectCall): Filter {
  if (state.settings.cloud !== 'huawei') return () => true;
  const [id, imageId] = [query.get('id'), query.get('image_id')];
  const flavor = query.get('flavor') ?? '';
  const billing = queryChoice(query, 'billing', ['COMPUTE', 'STORAGE', 'ALL']);
  return (notebook) =>
    (!id || notebook.id === id) &&
    notebook.flavor.includes(flavor) &&
    (!imageId || notebook.image.id === imageId) &&
    (billing === undefined || isBilledFor(notebook, billing));
}

/** ALL: both, as far as anything is billed. */
function isBilledFor(notebook: Notebook, billing: 'COMPUTE' | 'STORAGE' | 'ALL'): boolean {
  const items = billingItems(notebook);
  return billing === 'ALL' ? items.length === 2 : items.includes(billing);
}
