import type { ErrorStyle } from './errors.ts';

const notebooks = '/v1/{project_id}/notebooks';
const images = '/v1/{project_id}/images';
const instances = '/v1/{project_id}/demanager/instances';

/** Every operation of the contract, named by its operationId. Literal segments (`all`, `flavors`, `group`) come before ids. */
export const operations = [
  { operationId: 'issueToken', method: 'POST', path: '/v3/auth/tokens' },
  { operationId: 'listProjects', method: 'GET', path: '/v3/projects' },
  { operationId: 'createNotebook', method: 'POST', path: notebooks },
  { operationId: 'listNotebooks', method: 'GET', path: notebooks },
  { operationId: 'listAllNotebooks', method: 'GET', path: `${notebooks}/all` },
  { operationId: 'listFlavors', method: 'GET', path: `${notebooks}/flavors` },
  { operationId: 'showNotebook', method: 'GET', path: `${notebooks}/{id}` },
  { operationId: 'updateNotebook', method: 'PUT', path: `${notebooks}/{id}` },
  { operationId: 'deleteNotebook', method: 'DELETE', path: `${notebooks}/{id}` },
  { operationId: 'startNotebook', method: 'POST', path: `${notebooks}/{id}/start` },
  { operationId: 'stopNotebook', method: 'POST', path: `${notebooks}/{id}/stop` },
  { operationId: 'showLease', method: 'GET', path: `${notebooks}/{id}/lease` },
  { operationId: 'renewLease', method: 'PATCH', path: `${notebooks}/{id}/lease` },
  { operationId: 'showSwitchableFlavors', method: 'GET', path: `${notebooks}/{id}/flavors` },
  { operationId: 'createImage', method: 'POST', path: `${notebooks}/{id}/create-image` },
  { operationId: 'listAttachableObss', method: 'GET', path: `${notebooks}/{instance_id}/storage` },
  { operationId: 'attachObs', method: 'POST', path: `${notebooks}/{instance_id}/storage` },
  { operationId: 'showAttachableObs', method: 'GET', path: `${notebooks}/{instance_id}/storage/{storage_id}` },
  { operationId: 'cancelObs', method: 'DELETE', path: `${notebooks}/{instance_id}/storage/{storage_id}` },
  { operationId: 'listImage', method: 'GET', path: images },
  { operationId: 'registerImage', method: 'POST', path: images },
  { operationId: 'listImageGroup', method: 'GET', path: `${images}/group` },
  { operationId: 'showImage', method: 'GET', path: `${images}/{id}` },
  { operationId: 'deleteImage', method: 'DELETE', path: `${images}/{id}` },
  { operationId: 'createDevEnvironment', method: 'POST', path: instances },
  { operationId: 'listDevEnvironments', method: 'GET', path: instances },
  { operationId: 'showDevEnvironment', method: 'GET', path: `${instances}/{instance_id}` },
  { operationId: 'updateDevEnvironment', method: 'PUT', path: `${instances}/{instance_id}` },
  { operationId: 'deleteDevEnvironment', method: 'DELETE', path: `${instances}/{instance_id}` },
  { operationId: 'actOnDevEnvironment', method: 'POST', path: `${instances}/{instance_id}/action` },
] as const;

export type OperationId = (typeof operations)[number]['operationId'];

/** Path parameters; `{id}` and `{instance_id}` are the same thing under two names. Absent ones are empty. */
export type PathParameters = { projectId: string; id: string; storageId: string };

export type Match = { readonly operationId: OperationId; readonly style: ErrorStyle; readonly params: PathParameters };

const parameterNames: Record<string, keyof PathParameters> = {
  '{project_id}': 'projectId',
  '{id}': 'id',
  '{instance_id}': 'id',
  '{storage_id}': 'storageId',
};

const routes = operations.map(({ operationId, method, path }) => ({
  operationId,
  method,
  segments: path.split('/'),
  style: styleOf(path),
}));

function styleOf(path: string): ErrorStyle {
  if (path.startsWith('/v3/')) return 'iam';
  return path.startsWith(instances) ? 'demanager' : 'modelarts';
}

/** @returns null when no operation has this method and path */
export function matchRoute(method: string, path: string): Match | null {
  const given = path.split('/');
  for (const { operationId, method: expected, segments, style } of routes) {
    if (method !== expected || segments.length !== given.length) continue;
    const params = bind(segments, given);
    if (params) return { operationId, style, params };
  }
  return null;
}

function bind(segments: readonly string[], given: readonly string[]): PathParameters | null {
  const params: PathParameters = { projectId: '', id: '', storageId: '' };
  for (const [index, segment] of segments.entries()) {
    const value = given[index] ?? '';
    const name = parameterNames[segment];
    if (name === undefined) {
      if (segment !== value) return null;
    } else {
      if (value === '') return null;
      params[name] = decode(value);
    }
  }
  return params;
}

function decode(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}
