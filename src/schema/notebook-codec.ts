import { errorOf } from '../modelarts/error-body.ts';
import { knownErrorCodes } from '../modelarts/error-codes.ts';
import { type ErrorCode, type ErrorOrigin, ModelArtsError } from '../modelarts/errors.ts';
import type { Image } from '../modelarts/images.ts';
import { decodeNotebook, type Notebook } from '../modelarts/notebooks.ts';
import { integer, object, text } from '../modelarts/read.ts';
import type { ItemCodec } from '../watch/watch-source.ts';

const wireImage = (image: Image) => ({
  id: image.id,
  name: image.name,
  type: image.typeRaw,
  tag: image.tag,
  description: image.description,
});

/**
 * What of a notebook other replicas may be told, under ModelArts' own names. Left out: the credential, addresses, the owner's
 * names, paths of the registry. What a list leaves out, too, is read again when a client selects it, and so is the credential.
 */
const wireNotebook = (notebook: Notebook) => ({
  id: notebook.id,
  name: notebook.name,
  description: notebook.description,
  status: notebook.statusRaw,
  feature: notebook.featureRaw,
  flavor: notebook.flavorId,
  image: notebook.image && wireImage(notebook.image),
  lease: notebook.lease && {
    enable: notebook.lease.isEnabled,
    create_at: notebook.lease.createdAtMs,
    duration: notebook.lease.durationMs,
    update_at: notebook.lease.updatedAtMs,
    type: notebook.lease.typeRaw,
  },
  workspace_id: notebook.workspaceId,
  create_at: notebook.createdAtMs,
  update_at: notebook.updatedAtMs,
  user_id: notebook.userId,
  action_progress: notebook.actionProgress?.map(({ step, statusRaw, description }) => ({
    step,
    status: statusRaw,
    description,
  })),
  billing_items: notebook.billingItems,
  tags: notebook.tags,
  fail_reason: notebook.failReason,
  pool: notebook.pool,
});

/** The sender has told the operator of the values it did not know. */
const noDrift = (): void => {};

/** How notebooks cross from the replica that read them to the others. */
export const notebookCodec: ItemCodec<Notebook> = {
  encode: wireNotebook,
  decode(value) {
    const notebook = decodeNotebook(value, noDrift);
    return notebook && { ...notebook, isListItem: true };
  },
  // sentences stay behind: the upstream's may quote anything
  encodeError: (error) =>
    error instanceof ModelArtsError
      ? {
          code: error.code,
          operationId: error.operationId,
          upstreamCode: error.upstreamCode,
          upstreamStatus: error.upstreamStatus,
          requestId: error.requestId,
          retryAfterSeconds: error.retryAfterSeconds,
        }
      : null,
  decodeError: (value) => errorOf(codeOf(value), originOf(value)),
};

/** Of reads only, so whatever is not in the table of upstream codes is an answer that could not be read. */
const codeOf = (value: unknown): ErrorCode =>
  [...knownErrorCodes.values()].find((code) => code === object(value)?.code) ?? 'UPSTREAM_INVALID';

function originOf(value: unknown): ErrorOrigin {
  const wire = object(value) ?? {};
  const [operationId, upstreamCode, requestId] = [wire.operationId, wire.upstreamCode, wire.requestId].map(text);
  const [upstreamStatus, retryAfterSeconds] = [wire.upstreamStatus, wire.retryAfterSeconds].map(integer);
  return {
    ...(operationId != null && { operationId }),
    ...(upstreamCode != null && { upstreamCode }),
    ...(requestId != null && { requestId }),
    ...(upstreamStatus != null && { upstreamStatus }),
    ...(retryAfterSeconds != null && { retryAfterSeconds }),
  };
}
