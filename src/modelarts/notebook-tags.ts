import type { Session } from './client/client.ts';
import { notebookPath, notebooksPath } from './notebooks.ts';
import { errorOf } from './wire/error-body.ts';
import { NotFoundError } from './wire/errors.ts';
import { objectCheck } from './wire/known-fields.ts';
import { call, type Decoder, ignored, pageOf } from './wire/operation.ts';
import { object, text, texts } from './wire/read.ts';

/** A key of tags, with every value it has somewhere. */
export type TagValues = { readonly key: string; readonly values: readonly string[] };

const checkTagValues = objectCheck('TagValues', 'key values');

const decodeTagValues: Decoder<TagValues> = (body, drift) => {
  const wire = object(body);
  const key = wire && text(wire.key);
  if (wire === null || key === null) return null;
  checkTagValues(wire, drift);
  return { key, values: texts(wire.values) };
};

// not paged, but a list of items that can be unreadable one by one
const decodeTags = pageOf('TagValues', decodeTagValues, { items: 'tags', total: 'total' });

/** A list cannot be absent: a cloud without it took `tags` for the id of a notebook. */
function unknownWhereAbsent(error: unknown): never {
  if (!(error instanceof NotFoundError) || !isNoNotebook.has(error.upstreamCode)) throw error;
  throw errorOf('UPSTREAM_SETUP', {
    operationId: 'showNotebookTags',
    ...(error.requestId !== null && { requestId: error.requestId }),
    cause: error,
  });
}

const isNoNotebook: ReadonlySet<string | null> = new Set(['ModelArts.6309', 'ModelArts.6404']);

/**
 * The tags of all notebooks of the project that the caller may see. Newer clouds only.
 * REST: `GET /v1/{project_id}/notebooks/tags` (ShowNotebookTags).
 * @param workspaceId left out: of all workspaces
 * @throws UpstreamSetupError the cloud does not have this API
 */
export async function showNotebookTags(
  session: Session,
  projectId: string,
  workspaceId?: string | null,
): Promise<readonly TagValues[]> {
  const { items } = await call(
    session,
    {
      operationId: 'showNotebookTags',
      method: 'GET',
      service: 'modelarts',
      path: `${notebooksPath(projectId)}/tags`,
      query: { workspace_id: workspaceId },
    },
    decodeTags,
  ).catch(unknownWhereAbsent);
  return items;
}

export type CreateNotebookTagsRequest = {
  readonly tags: readonly { readonly key: string; readonly value: string }[];
  /** that of the notebook; left out: the default one */
  readonly workspaceId?: string | undefined;
};

/**
 * Add tags to a notebook; a key it has already gets the new value. Newer clouds only.
 * REST: `POST /v1/{project_id}/notebooks/{id}/tags/create` (CreateNotebookTags). Tried once.
 * @throws NotFoundError there is none; UpstreamSetupError the cloud does not have this API
 */
export async function createNotebookTags(
  session: Session,
  projectId: string,
  id: string,
  { tags, workspaceId }: CreateNotebookTagsRequest,
): Promise<void> {
  await call(
    session,
    {
      operationId: 'createNotebookTags',
      method: 'POST',
      service: 'modelarts',
      path: `${notebookPath(projectId, id)}/tags/create`,
      query: { workspace_id: workspaceId },
      body: { tags },
    },
    ignored,
  );
}

export type DeleteNotebookTagsRequest = {
  readonly keys: readonly string[];
  /** that of the notebook; left out: the default one */
  readonly workspaceId?: string | undefined;
};

/**
 * Remove tags from a notebook. Newer clouds only.
 * REST: `DELETE /v1/{project_id}/notebooks/{id}/tags/delete` (DeleteNotebookTags). Tried once.
 * @throws NotFoundError there is none; UpstreamSetupError the cloud does not have this API
 */
export async function deleteNotebookTags(
  session: Session,
  projectId: string,
  id: string,
  { keys, workspaceId }: DeleteNotebookTagsRequest,
): Promise<void> {
  await call(
    session,
    {
      operationId: 'deleteNotebookTags',
      method: 'DELETE',
      service: 'modelarts',
      path: `${notebookPath(projectId, id)}/tags/delete`,
      query: { workspace_id: workspaceId },
      body: { tags: keys.map((key) => ({ key })) },
    },
    ignored,
  );
}
