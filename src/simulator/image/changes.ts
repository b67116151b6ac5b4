import { randomUUID } from 'node:crypto';
import {
  type Answer,
  booleanField,
  choice,
  ok,
  type ProjectCall,
  readBody,
  requiredString,
  stringField,
  stringsField,
} from '../call.ts';
import { refusal, refusalSaying, refusalWith, wrongValue } from '../errors.ts';
import type { JsonObject } from '../json.ts';
import { change, checkIdle, findNotebook, projectNotebooks } from '../notebook/lifecycle.ts';
import { present } from '../paging.ts';
import { lasts } from '../state.ts';
import { workspaceOf } from '../workspaces.ts';
import { imageServiceTypes, queryBoolean, visibleImage, visibleImages } from './images.ts';
import { type ImageBody, imageAt } from './record.ts';

const registry = 'swr.com';

/** POST …/images: ACTIVE at once. The request says `resource_category` and `services`, the answer `resource_categories` and `dev_services`. */
export function registerImage(call: ProjectCall): Answer {
  const { now } = call;
  const body = readBody(call);
  const swrPath = requiredString(body, 'swr_path');
  if (swrPath.length < 16 || swrPath.length > 2048) throw wrongValue('swr_path');
  const [, namespace, name, tag] = /^[^/]+\/([^/]+)\/([^:]+):([^:/]+)$/.exec(swrPath) ?? [];
  if (namespace === undefined || name === undefined || tag === undefined) throw wrongValue('swr_path');
  const workspaceId = workspaceOf(call, stringField(body, 'workspace_id'));
  const categories = stringsField(body, 'resource_category') ?? ['CPU', 'GPU'];
  const services = stringsField(body, 'services') ?? ['NOTEBOOK', 'SSH'];
  const arch = choice(stringField(body, 'arch'), 'arch', ['X86_64', 'AARCH64']) ?? 'X86_64';
  const image: ImageBody = {
    arch: arch.toLowerCase(),
    create_at: now,
    description: describe(body),
    dev_services: services.map((service) => choice(service, 'services', ['NOTEBOOK', 'SSH']) ?? service),
    id: randomUUID(),
    name,
    namespace,
    origin: choice(stringField(body, 'origin'), 'origin', ['CUSTOMIZE', 'IMAGE_SAVE']) ?? 'CUSTOMIZE',
    resource_categories: categories.map(
      (category) => choice(category, 'resource_category', ['CPU', 'GPU', 'ASCEND']) ?? category,
    ),
    service_type: choice(stringField(body, 'service_type'), 'service_type', imageServiceTypes) ?? 'UNKNOWN',
    size: 2_308_736_380,
    status: 'ACTIVE',
    swr_path: swrPath,
    tag,
    tags: [],
    type: 'DEDICATED',
    update_at: now,
    visibility: choice(stringField(body, 'visibility'), 'visibility', ['PRIVATE', 'PUBLIC']) ?? 'PRIVATE',
    workspace_id: workspaceId,
  };
  checkTagIsFree(call, swrPath);
  if (call.state.emptiedPaths.has(swrPath)) throw refusal('6797', swrPath);
  call.state.images.set(image.id, { body: image, projectId: call.project.id });
  return ok(image);
}

/** DELETE …/images/{id}: gone at once; the answer shows it DELETED. By force its content goes too, and cannot be registered again. */
export function deleteImage(call: ProjectCall): Answer {
  const isForced =
    call.state.settings.cloud === 'otc' ? queryBoolean(call.query, 'force') : booleanField(readBody(call), 'is_force');
  const { id } = call.params;
  const image = visibleImage(call, id);
  if (image === undefined) throw refusal('6404');
  if (image.type === 'BUILD_IN') throw refusalWith(403, '0108', 'modelarts:image:delete');
  if (image.status === 'INIT' || image.status === 'CREATING') throw refusal('6357');
  if (projectNotebooks(call).some((notebook) => notebook.image.id === id))
    throw refusalSaying('6357', 'The image is being used by a notebook instance.');
  call.state.images.delete(id);
  if (isForced === true && typeof image.swr_path === 'string') call.state.emptiedPaths.add(image.swr_path);
  return ok({ ...image, status: 'DELETED' });
}

/** POST …/create-image: answers the image in INIT; the notebook is SNAPSHOTTING until the image is ACTIVE. */
export function createImage(call: ProjectCall): Answer {
  const { state, now } = call;
  const notebook = findNotebook(call);
  const body = readBody(call);
  const name = requiredString(body, 'name');
  if (!/^[a-z0-9]([a-z0-9._-]{0,510}[a-z0-9])?$/.test(name)) throw wrongValue('name');
  const namespace = requiredString(body, 'namespace');
  if (!/^[a-z][A-Za-z0-9._-]{0,63}$/.test(namespace)) throw wrongValue('namespace');
  const tag = stringField(body, 'tag') ?? new Date(now).toISOString().replace(/\D/g, '').slice(0, 14);
  if (!/^[A-Za-z0-9._-]{1,64}$/.test(tag)) throw wrongValue('tag');
  const workspaceId = workspaceOf(call, stringField(body, 'workspace_id'));
  const description = describe(body);
  checkIdle(notebook, now);
  if (notebook.status !== 'RUNNING') throw refusal('6327');
  const swrPath = `${registry}/${namespace}/${name}:${tag}`;
  checkTagIsFree(call, swrPath);
  const base = state.images.get(notebook.image.id)?.body;
  const durationMs = lasts(state, 'snapshot');
  const image: ImageBody = {
    ...present({ arch: base?.arch, dev_services: base?.dev_services, resource_categories: base?.resource_categories }),
    create_at: now,
    description,
    id: randomUUID(),
    name,
    namespace,
    origin: 'IMAGE_SAVE',
    service_type: 'COMMON',
    status: 'INIT',
    status_message: '',
    swr_path: swrPath,
    tag,
    tags: [],
    type: 'DEDICATED',
    update_at: now,
    visibility: 'PRIVATE',
    workspace_id: workspaceId,
  };
  state.emptiedPaths.delete(swrPath);
  const saving = { startsAt: now, endsAt: now + durationMs, finished: { size: 5_094_544_544 } };
  state.images.set(image.id, { body: image, projectId: call.project.id, saving });
  change(notebook, 'SNAPSHOTTING', 'RUNNING', { from: now, durationMs });
  return ok(imageAt({ body: image, projectId: call.project.id, saving }, now));
}

function describe(body: JsonObject): string {
  const description = stringField(body, 'description') ?? '';
  if (description.length > 512) throw wrongValue('description');
  return description;
}

function checkTagIsFree(call: ProjectCall, swrPath: string): void {
  const [image = '', tag = ''] = swrPath.split(/:(?=[^:/]*$)/);
  const isTaken = visibleImages(call).some((image) => image.type === 'DEDICATED' && image.swr_path === swrPath);
  if (isTaken) throw refusal('6737', tag, image);
}
