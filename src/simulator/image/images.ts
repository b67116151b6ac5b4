import { type Answer, ok, type ProjectCall, queryChoice, queryInteger } from '../call.ts';
import { invalidParameter, refusal } from '../errors.ts';
import { pageEnvelope, sortBy } from '../paging.ts';
import { workspaceOf } from '../workspaces.ts';
import { type ImageBody, imageAt } from './record.ts';

export const imageServiceTypes = ['COMMON', 'INFERENCE', 'TRAIN', 'DEV', 'UNKNOWN'] as const;

export const visibleImages = (call: ProjectCall): ImageBody[] =>
  [...call.state.images.values()]
    .filter((image) => image.projectId === null || image.projectId === call.project.id)
    .map((image) => imageAt(image, call.now));

/** undefined when there is none, or when it belongs to another project */
export function visibleImage(call: ProjectCall, id: string): ImageBody | undefined {
  const image = call.state.images.get(id);
  if (image === undefined || (image.projectId !== null && image.projectId !== call.project.id)) return undefined;
  return imageAt(image, call.now);
}

export function showImage(call: ProjectCall): Answer {
  const image = visibleImage(call, call.params.id);
  if (image === undefined) throw refusal('6404');
  return ok(image);
}

/** Without `type` both types are answered. The upstream counts one built-in image that it never shows (39 for 38), so `total` is no end mark. */
export function listImage(call: ProjectCall): Answer {
  const { query } = call;
  const matching = filtered(call);
  const serviceType = queryChoice(query, 'service_type', imageServiceTypes);
  const images = matching.filter((image) => serviceType === undefined || image.service_type === serviceType);
  const sortKey = query.get('sort_key');
  const sorted = sortKey
    ? sortBy(images, sortKey, query.get('sort_dir'), {
        updateTime: (image) => numberOf(image.update_at),
        createTime: (image) => numberOf(image.create_at),
        name: (image) => image.name,
      })
    : images;
  const slice = {
    offset: queryInteger(query, 'offset', 0) ?? 0,
    limit: queryInteger(query, 'limit', 1) ?? 200,
  };
  const countsHidden =
    !serviceType && !query.get('name') && !query.get('namespace') && query.get('type') !== 'DEDICATED';
  return ok(pageEnvelope(sorted, slice, { base: 0, total: sorted.length + (countsHidden ? 1 : 0) }));
}

/** Own images counted by organisation and name. OTC has no paging here, only the envelope. */
export function listImageGroup(call: ProjectCall): Answer {
  const groups = new Map<string, Group>();
  for (const image of filtered(call, 'DEDICATED')) {
    const key = `${image.namespace ?? ''}/${image.name}`;
    const known = groups.get(key);
    groups.set(key, {
      create_at: Math.min(known?.create_at ?? Number.POSITIVE_INFINITY, numberOf(image.create_at)),
      name: image.name,
      ...(image.namespace !== undefined && { namespace: image.namespace }),
      update_at: Math.max(known?.update_at ?? 0, numberOf(image.update_at)),
      version_count: (known?.version_count ?? 0) + 1,
    });
  }
  return ok(pageEnvelope([...groups.values()], { offset: 0, limit: undefined }, { base: 1 }));
}

type Group = { create_at: number; name: string; namespace?: string; update_at: number; version_count: number };

function filtered(call: ProjectCall, defaultType?: 'DEDICATED'): ImageBody[] {
  const { query } = call;
  const workspace = query.get('workspace_id') || null;
  if (workspace !== null) workspaceOf(call, workspace);
  const type = queryChoice(query, 'type', ['BUILD_IN', 'DEDICATED']) ?? defaultType;
  const name = query.get('name') ?? '';
  const namespace = query.get('namespace') ?? '';
  const isFuzzy = queryBoolean(query, 'name_fuzzy_match') ?? true;
  return visibleImages(call).filter(
    (image) =>
      (type === undefined || image.type === type) &&
      // built-in ones are in every workspace
      (workspace === null || image.type === 'BUILD_IN' || image.workspace_id === workspace) &&
      (name === '' || (isFuzzy ? image.name.includes(name) : image.name === name)) &&
      (namespace === '' || image.namespace === namespace),
  );
}

export function queryBoolean(query: URLSearchParams, name: string): boolean | undefined {
  const text = query.get(name);
  if (text === null || text === '') return undefined;
  if (text !== 'true' && text !== 'false') throw invalidParameter();
  return text === 'true';
}

const numberOf = (value: unknown): number => (typeof value === 'number' ? value : 0);
