import {
  type Answer,
  noContent,
  objectsField,
  ok,
  type ProjectCall,
  readBody,
  requiredString,
  stringField,
} from '../call.ts';
import { invalidParameter, missing, wrongValue } from '../errors.ts';
import type { JsonObject } from '../json.ts';
import { workspaceOf } from '../workspaces.ts';
import { findNotebook, projectNotebooks } from './lifecycle.ts';
import type { Notebook } from './record.ts';

/** Resource tags of notebooks: newer Huawei Cloud only. They can be changed in every state. */

const tagsPerNotebook = 20;
const keyPattern = /^(?!_sys_)(?! )[\p{L}\p{N} _.:=+\-@]{1,128}(?<! )$/u;
const valuePattern = /^[\p{L}\p{N} _.:/=+\-@]{0,255}$/u;

/** POST …/tags/create: a key that is there gets the new value. */
export function createNotebookTags(call: ProjectCall): Answer {
  workspaceOf(call, call.query.get('workspace_id'));
  const { tags } = findNotebook(call);
  const added = tagsOf(call).map((tag) => [keyOf(tag), tagValueOf(tag)] as const);
  if (new Set([...tags.keys(), ...added.map(([key]) => key)]).size > tagsPerNotebook) throw wrongValue('tags');
  for (const [key, value] of added) tags.set(key, value);
  return noContent;
}

/** DELETE …/tags/delete: a key that is not there is passed over, and so is the value beside a key. */
export function deleteNotebookTags(call: ProjectCall): Answer {
  workspaceOf(call, call.query.get('workspace_id'));
  const { tags } = findNotebook(call);
  for (const key of tagsOf(call).map(keyOf)) tags.delete(key);
  return noContent;
}

/** GET …/notebooks/tags: of the whole project, each key with all its values. */
export function showNotebookTags(call: ProjectCall): Answer {
  const workspace = call.query.get('workspace_id') || null;
  if (workspace !== null) workspaceOf(call, workspace);
  const values = new Map<string, Set<string>>();
  for (const { tags, workspaceId } of projectNotebooks(call)) {
    if (workspace !== null && workspaceId !== workspace) continue;
    for (const [key, value] of tags) values.set(key, (values.get(key) ?? new Set()).add(value));
  }
  return ok({ tags: [...values].map(([key, those]) => ({ key, values: [...those] })) });
}

/** What `tags=key|value,key|value` of the lists lets pass: notebooks with all of them. Open Telekom Cloud passes over it. */
export function tagFilter({ query, state }: ProjectCall): (notebook: Notebook) => boolean {
  const text = query.get('tags');
  if (state.settings.cloud !== 'huawei' || text === null || text === '') return () => true;
  const wanted = text.split(',').map((pair) => pair.split('|'));
  if (wanted.some((pair) => pair.length !== 2 || pair.includes(''))) throw invalidParameter();
  return ({ tags }) => wanted.every(([key = '', value]) => tags.get(key) === value);
}

function tagsOf(call: ProjectCall): JsonObject[] {
  const tags = objectsField(readBody(call), 'tags') ?? [];
  if (tags.length === 0) throw missing('tags');
  return tags;
}

function keyOf(tag: JsonObject): string {
  const key = requiredString(tag, 'key');
  if (!keyPattern.test(key)) throw wrongValue('key');
  return key;
}

function tagValueOf(tag: JsonObject): string {
  const value = stringField(tag, 'value') ?? '';
  if (!valuePattern.test(value)) throw wrongValue('value');
  return value;
}
