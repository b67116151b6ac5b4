import { type Answer, integerField, ok, type ProjectCall, readBody, stringField } from '../call.ts';
import { refusal, refusalSaying } from '../errors.ts';
import type { Json, JsonObject } from '../json.ts';
import { lasts } from '../state.ts';
import { endpointBody, volumeBody } from './answers.ts';
import { findFlavor, switchableFlavors } from './flavors.ts';
import { checkIdle, findNotebook } from './lifecycle.ts';
import type { Notebook } from './record.ts';
import { checkDescription, checkName, embeddedImage, readEndpoints, usableFlavor, usableImage } from './requests.ts';

/** In which states each field may change: NOTES (b), as observed, not as the API page says. */
const changeableIn: Readonly<Record<string, readonly string[]>> = {
  name: ['STOPPED', 'RUNNING'],
  description: ['STOPPED', 'RUNNING'],
  flavor: ['STOPPED'],
  image_id: ['STOPPED'],
  endpoints: ['STOPPED'],
  hooks: ['STOPPED'],
  storage_new_size: ['RUNNING'],
};

type Change = { readonly answer: Record<string, Json>; readonly apply: () => void };

/**
 * PUT …/notebooks/{id}: changes the fields given, all or none, and answers only those, without id and status.
 * @throws Refusal ModelArts.6347 when a field cannot change in the notebook's state, ModelArts.6357 when it is busy
 */
export function updateNotebook(call: ProjectCall): Answer {
  const notebook = findNotebook(call);
  const body = readBody(call);
  const fields = Object.keys(changeableIn).filter((field) => (body[field] ?? null) !== null);
  if (fields.length === 0) throw refusal('6400', call.bodyText.slice(0, 100));
  checkIdle(notebook, call.now);
  const locked = fields.find((field) => !changeableIn[field]?.includes(notebook.status));
  if (locked !== undefined) throw refusal('6347', notebook.status, locked);
  const changes = fields.flatMap((field) => readers[field]?.(call, notebook, body) ?? []);
  for (const { apply } of changes) apply();
  notebook.updateAt = call.now;
  return ok(Object.assign({}, ...changes.map(({ answer }) => answer)));
}

type Reader = (call: ProjectCall, notebook: Notebook, body: JsonObject) => Change;

const readers: Readonly<Record<string, Reader>> = {
  name: (_call, notebook, body) => {
    const name = checkName(stringField(body, 'name') ?? '', 128);
    return { answer: { name }, apply: () => Object.assign(notebook, { name }) };
  },
  description: (_call, notebook, body) => {
    const description = checkDescription(stringField(body, 'description') ?? '', '&<>"/');
    return { answer: { description }, apply: () => Object.assign(notebook, { description }) };
  },
  flavor: (_call, notebook, body) => {
    const flavor = stringField(body, 'flavor') ?? '';
    if (flavor !== notebook.flavor) {
      if (!switchableFlavors(notebook.flavor).some(({ id }) => id === flavor)) {
        throw refusal('6792', notebook.id, flavor);
      }
      usableFlavor(flavor);
    }
    return { answer: { flavor }, apply: () => Object.assign(notebook, { flavor }) };
  },
  image_id: (call, notebook, body) => {
    const image = embeddedImage(
      usableImage(call, stringField(body, 'image_id') ?? '', {
        flavor: findFlavor(stringField(body, 'flavor') ?? notebook.flavor),
        endpoints: readEndpoints(body) ?? notebook.endpoints,
      }),
    );
    return { answer: { image }, apply: () => Object.assign(notebook, { image }) };
  },
  endpoints: (_call, notebook, body) => {
    const endpoints = readEndpoints(body) ?? [];
    return { answer: { endpoints: endpoints.map(endpointBody) }, apply: () => Object.assign(notebook, { endpoints }) };
  },
  // Start and stop scripts have no effect that anybody could see here.
  hooks: () => ({ answer: {}, apply: () => {} }),
  storage_new_size: (call, notebook, body) => {
    const capacityGiB = integerField(body, 'storage_new_size') ?? 0;
    const { category, capacityGiB: current } = notebook.volume;
    if (category !== 'EVS') throw refusalSaying('6331', 'Only EVS disks can grow.');
    if (capacityGiB <= current || capacityGiB > 4096) throw refusal('6331', current + 1, 4096);
    const volume = { ...notebook.volume, capacityGiB, resizesUntil: call.now + lasts(call.state, 'resize') };
    return {
      answer: { volume: volumeBody({ ...notebook, volume }, call.now) },
      apply: () => Object.assign(notebook, { volume }),
    };
  },
};
