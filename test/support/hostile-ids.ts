import { sampleInstanceInput } from './dev-env-input.ts';
import { cpuImageId, notebookInput } from './notebooks.ts';

const encoded = (text: string) => Buffer.from(text).toString('base64');

/** Forty-three texts where an id is expected that would reach another path, host or query, or break a line. */
export const hostileIds: readonly string[] = [
  '',
  '.',
  '..',
  'all',
  'flavors',
  'group',
  'tags',
  'practices',
  'resource-instances',
  '/',
  '//',
  '\\',
  '../images',
  '..\\images',
  '../../../v3/projects',
  '..%2fimages',
  '%2e%2e',
  '%2e%2e%2fimages',
  '..%252fimages',
  '..;/images',
  'a/../all',
  'x/storage',
  'x/start',
  'x?limit=1',
  'x#fragment',
  'x&offset=1',
  'x;y',
  '@evil.example.com',
  '//evil.example.com/x',
  'http://evil.example.com/x',
  'x:80',
  'x y',
  'x\ty',
  'x\r\nX-Auth-Token: y',
  'x\nGET /v3/projects HTTP/1.1',
  'x\u0000',
  '\u202Ex',
  'ａｌｌ',
  'x'.repeat(129),
  '\uD800',
  '{"$ne":null}',
  encoded('Notebook:..'),
  encoded('Image:../x'),
];

const result = '__typename ... on Error { code }';
const mutation = (name: string, type: string, field: string, rest: Record<string, unknown> = {}) => ({
  name,
  query: `mutation($input: ${type}!) { ${name}(input: $input) { ${result} } }`,
  variables: (id: string) => ({ input: { ...rest, [field]: id } }),
});
const byId = (kind: string, name: string, selection: string) => ({
  name,
  query: `${kind}($id: ID!) { ${name}(id: $id) { ${selection} } }`,
  variables: (id: string): Record<string, unknown> => ({ id }),
});
const good = '7de26f3e-ab8f-4b0f-8b3c-0c7a5b2d1e4f';
const mounted =
  'subscription($id: ID!, $notebook: ID) { storageMountStatusChanged(id: $id, notebookId: $notebook) { kind } }';

/** Every field of the schema that takes an id, and each place of one in it. */
export const operationsWithId = [
  byId('query', 'devEnvInstance', 'name'),
  byId('query', 'flavor', 'name'),
  byId('query', 'image', 'name'),
  byId('query', 'notebook', 'name'),
  byId('query', 'node', 'id'),
  {
    name: 'nodes',
    query: 'query($ids: [ID!]!) { nodes(ids: $ids) { id } }',
    variables: (id: string): Record<string, unknown> => ({ ids: [id, id] }),
  },
  {
    name: 'validateCreateNotebook',
    query:
      'query($input: CreateNotebookInput!) { validateCreateNotebook(input: $input) { problems { path message } } }',
    variables: (id: string) => ({ input: { ...notebookInput('nb'), imageId: id } }),
  },
  mutation('createNotebook', 'CreateNotebookInput', 'imageId', notebookInput('nb')),
  mutation('createNotebook', 'CreateNotebookInput', 'flavorId', notebookInput('nb')),
  mutation('createDevEnvInstance', 'CreateDevEnvInstanceInput', 'flavorId', sampleInstanceInput),
  mutation('deleteDevEnvInstance', 'DeleteDevEnvInstanceInput', 'id'),
  mutation('deleteImage', 'DeleteImageInput', 'id'),
  mutation('deleteNotebook', 'DeleteNotebookInput', 'id'),
  mutation('mountStorage', 'MountStorageInput', 'notebookId', { mountPath: '/data/x/', uri: 'obs://bucket/x/' }),
  mutation('renewLease', 'RenewLeaseInput', 'id', { durationSeconds: 3600 }),
  mutation('saveNotebookImage', 'SaveNotebookImageInput', 'notebookId', { name: 'saved', namespace: 'demo' }),
  mutation('startDevEnvInstance', 'StartDevEnvInstanceInput', 'id'),
  mutation('startNotebook', 'StartNotebookInput', 'id'),
  mutation('stopDevEnvInstance', 'StopDevEnvInstanceInput', 'id'),
  mutation('stopNotebook', 'StopNotebookInput', 'id'),
  mutation('unmountStorage', 'UnmountStorageInput', 'storageMountId', { notebookId: good }),
  mutation('unmountStorage', 'UnmountStorageInput', 'notebookId', { storageMountId: good }),
  mutation('updateDevEnvInstance', 'UpdateDevEnvInstanceInput', 'id', { description: 'x' }),
  mutation('updateNotebook', 'UpdateNotebookInput', 'id', { name: 'x' }),
  mutation('updateNotebook', 'UpdateNotebookInput', 'imageId', { id: good, flavorId: 'modelarts.vm.cpu.2u' }),
  mutation('updateNotebook', 'UpdateNotebookInput', 'flavorId', { id: good, imageId: cpuImageId }),
  byId('subscription', 'devEnvInstanceStatusChanged', 'kind'),
  byId('subscription', 'imageStatusChanged', 'kind'),
  byId('subscription', 'leaseExpiring', 'kind'),
  byId('subscription', 'notebookStatusChanged', 'kind'),
  {
    name: 'storageMountStatusChanged',
    query: mounted,
    variables: (id: string): Record<string, unknown> => ({ id, notebook: good }),
  },
  {
    name: 'storageMountStatusChanged',
    query: mounted,
    variables: (id: string): Record<string, unknown> => ({ id: good, notebook: id }),
  },
] as const;
