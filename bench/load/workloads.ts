import * as samples from '../upstream/samples.ts';
import { type Expected, expectBytes, expectJson } from './expected.ts';
import type { Step } from './load.ts';

/** How a system is asked: the gateway's schema, the queries of it, paths of the raw proxy, or the schema a system makes of the contract itself. */
export type Dialect = 'gateway' | 'reads' | 'path' | 'tailcall' | 'hive';
export const workloadNames = ['W1', 'W2', 'W3', 'W4', 'W6'] as const;
export type WorkloadName = (typeof workloadNames)[number];

export const titles: Readonly<Record<WorkloadName, string>> = {
  W1: 'one notebook, 15 fields',
  W2: '50 notebooks, 10 fields',
  W3: '38 images, 12 fields',
  W4: '`{ __typename }`',
  W6: 'create, renew, stop, delete',
};

/**
 * Requests a second at which CPU is compared: all systems that matter can keep up, so that none pays less for a request
 * only because it is too busy to sleep in between.
 */
export const ratesPerSecond: Readonly<Record<WorkloadName, number>> = { W1: 1500, W2: 100, W3: 500, W4: 3000, W6: 800 };

const { notebook, notebooks, images, flavors, notebookId, createRequest } = samples;
const imageById = new Map(images.map((image) => [image.id, image]));
const flavorById = new Map(flavors.map((flavor) => [flavor.id, flavor]));
const texts = (object: object, names: string): string[] =>
  names.split(' ').map((name) => String((object as Record<string, unknown>)[name]));

/** What an answer must hold, whatever its fields are called. */
const expected: Readonly<Record<'W1' | 'W2' | 'W3' | 'W4', Expected>> = {
  W1: {
    leaves: 15,
    rows: [[...texts(notebook, 'id name description status url'), ...texts(notebook.image as object, 'id name tag')]],
  },
  W2: {
    leaves: 500,
    rows: notebooks.map(({ id, name, image, flavor }) => {
      const { arch, name: imageName } = imageById.get((image as { id: string }).id) as samples.ImageWire;
      return [id, name as string, arch, imageName, flavorById.get(flavor as string)?.name ?? ''];
    }),
  },
  W3: {
    leaves: 12 * images.length,
    rows: images.map(({ id, name, swr_path, tag, arch }) => [id, name, swr_path, tag, arch]),
  },
  W4: { leaves: 1, rows: [['Query']] },
};

const host = 'host: 127.0.0.1\r\n';

const post = (token: string, query: string, variables?: unknown, path = '/graphql'): Buffer => {
  const body = JSON.stringify({ query, variables });
  return Buffer.from(
    `POST ${path} HTTP/1.1\r\n${host}accept: application/json\r\ncontent-type: application/json\r\nx-auth-token: ${token}\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  );
};

type Asked = readonly [query: string, variables?: object];

const typename: Asked = ['{ __typename }'];

const documents: Readonly<
  Record<Exclude<Dialect, 'path' | 'reads'>, Readonly<Record<'W1' | 'W2' | 'W3' | 'W4', Asked>>>
> = {
  gateway: {
    W1: [
      `query($id: ID!) { notebook(id: $id) { notebookId name description status feature workspaceId url createdAt updatedAt
        image { imageId name tag } lease { enabled createdAt durationSeconds } } }`,
      { id: notebookId },
    ],
    W2: [
      `{ notebooks(first: 50) { nodes { notebookId name status image { name arch status serviceType } flavor { name vcpus soldOut } } } }`,
    ],
    W3: [
      `{ images(first: 50) { nodes { imageId name status type arch serviceType swrPath tag workspaceId description devServices resourceCategories } } }`,
    ],
    W4: typename,
  },
  // names of the wire: its config says what each is, and renames nothing
  tailcall: {
    W1: [
      `query($id: ID!) { notebook(id: $id) { id name description status feature workspace_id url create_at update_at
        image { id name tag } lease { enable create_at duration } } }`,
      { id: notebookId },
    ],
    W2: [
      `{ notebooks { data { id name status image_details { name arch status service_type } flavor_details { name vcpus sold_out } } } }`,
    ],
    W3: [
      `{ images { data { id name status type arch service_type swr_path tag workspace_id description dev_services resource_categories } } }`,
    ],
    W4: typename,
  },
  // names its OpenAPI handler makes of the contract
  hive: {
    W1: [
      `query($project: ProjectId_parameter!, $id: Uuid!) { showNotebook(project_id: $project, id: $id) { id name description status feature
        workspace_id url create_at update_at image { id name tag } lease { enable create_at duration } } }`,
      { project: samples.projectId, id: notebookId },
    ],
    W2: [
      `query($project: ProjectId_parameter!) { listNotebooks(project_id: $project, limit: _50) { data { id name status
        image_details { name arch status service_type } flavor_details { name vcpus sold_out } } } }`,
      { project: samples.projectId },
    ],
    W3: [
      `query($project: ProjectId_parameter!) { listImage(project_id: $project, limit: 50) { data { id name status type arch service_type
        swr_path tag workspace_id description dev_services resource_categories } } }`,
      { project: samples.projectId },
    ],
    W4: typename,
  },
};

/** The requests of a workload; null: this system is not asked it. */
export function stepsOf(name: WorkloadName, dialect: Dialect): readonly Step[] | null {
  if (name === 'W6') return dialect === 'gateway' ? lifeOfNotebook : null;
  if (dialect === 'path') {
    const [query, variables] = documents.gateway[name];
    const request = (token: string): Buffer => post(token, query, variables, `/${name}`);
    return [{ request, check: expectBytes(expected[name], name === 'W4') }];
  }
  const [query, variables] = documents[dialect === 'reads' ? 'gateway' : dialect][name];
  return [{ request: (token) => post(token, query, variables), check: expectJson(expected[name]) }];
}

const create = `mutation($input: CreateNotebookInput!) { createNotebook(input: $input) {
  ... on CreateNotebookPayload { notebook { notebookId name status } } ... on Error { code message } } }`;
const renew = `mutation($id: ID!) { renewLease(input: { id: $id, durationSeconds: 7200 }) {
  ... on RenewLeasePayload { notebookId lease { enabled expiresAt } } ... on Error { code message } } }`;
const stop = `mutation($id: ID!) { stopNotebook(input: { id: $id }) {
  ... on StopNotebookPayload { notebook { notebookId status } } ... on Error { code message } } }`;
const remove = `mutation($id: ID!) { deleteNotebook(input: { id: $id }) {
  ... on DeleteNotebookPayload { notebookId notebook { status } } ... on Error { code message } } }`;

const input = {
  name: createRequest.name,
  flavorId: createRequest.flavor,
  imageId: createRequest.image_id,
  volume: { category: 'EFS', ownership: 'MANAGED', capacityGiB: 50 },
};

const idPattern = /"notebookId":"([0-9a-f-]{36})"/;

const withId = (query: string, leaves: number, row: readonly string[]): Step => ({
  request: (token, previous) => post(token, query, { id: idPattern.exec(previous?.toString('latin1') ?? '')?.[1] }),
  check: expectJson({ leaves, rows: [row] }),
});

/** A notebook from its creation to its end; the id comes from the first answer. */
const lifeOfNotebook: readonly Step[] = [
  {
    request: (token) => post(token, create, { input }),
    check: expectJson({ leaves: 3, rows: [['notebooks_test']] }),
  },
  withId(renew, 3, []),
  withId(stop, 2, ['STOPPING']),
  withId(remove, 2, ['DELETING']),
];
