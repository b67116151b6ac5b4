import type { Image } from '../../modelarts/images.ts';
import { decodeListedNotebook, type Notebook } from '../../modelarts/notebooks.ts';
import type { ItemCodec } from '../../watch/watch-source.ts';
import { errorCodec, noDrift } from '../events/item-codec.ts';

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

/** How notebooks cross from the replica that read them to the others. */
export const notebookCodec: ItemCodec<Notebook> = {
  encode: wireNotebook,
  decode: (value) => decodeListedNotebook(value, noDrift),
  ...errorCodec,
};
