import { afterEach, expect, it } from 'vitest';
import type { Session } from '../../../src/modelarts/client/client.ts';
import {
  actOnDevEnvironment,
  createDevEnvironment,
  deleteDevEnvironment,
  updateDevEnvironment,
} from '../../../src/modelarts/dev-environment-changes.ts';
import { listDevEnvironments, showDevEnvironment } from '../../../src/modelarts/dev-environments.ts';
import { listFlavors, showSwitchableFlavors } from '../../../src/modelarts/flavors.ts';
import { createImage, deleteImage, registerImage } from '../../../src/modelarts/image-changes.ts';
import { listImageGroup } from '../../../src/modelarts/image-groups.ts';
import { listImage, showImage } from '../../../src/modelarts/images.ts';
import { renewLease, showLease } from '../../../src/modelarts/leases.ts';
import {
  createNotebook,
  deleteNotebook,
  startNotebook,
  stopNotebook,
  updateNotebook,
} from '../../../src/modelarts/notebook-changes.ts';
import { createNotebookTags, deleteNotebookTags, showNotebookTags } from '../../../src/modelarts/notebook-tags.ts';
import { listAllNotebooks, listNotebooks, showNotebook } from '../../../src/modelarts/notebooks.ts';
import { listProjects } from '../../../src/modelarts/projects.ts';
import { attachObs, cancelObs, listAttachableObss, showAttachableObs } from '../../../src/modelarts/storage-mounts.ts';
import { exchangeToken, issueToken } from '../../../src/modelarts/tokens.ts';
import { listWorkspaces } from '../../../src/modelarts/workspaces.ts';
import { loadContract } from '../../support/contract/contract.ts';
import {
  notebookId,
  projectId,
  type ScriptedUpstream,
  sendJson,
  startUpstream,
} from '../../support/wire/scripted-upstream.ts';

let upstream: ScriptedUpstream;
afterEach(() => upstream.close());

const devId = `DE-${notebookId}`;
const workspaceId = '0';
const hooks = {
  preStart: { script: '/home/a.sh', type: 'SCRIPT' },
  postStart: { script: 'ZWNobw==', type: 'COMMAND' },
} as const;
const endpoints = [{ service: 'SSH', keyPairNames: ['k'], allowedAccessIps: ['192.0.2.1'] }] as const;
const autoStop = { isEnabled: true, durationSeconds: 3600, isPrompted: false };
const notebookList = {
  offset: 20,
  limit: 20,
  name: 'n',
  status: 'RUNNING',
  feature: 'NOTEBOOK',
  poolId: 'pool-1',
  ownerId: projectId,
  workspaceId,
  sortKey: 'name',
  sortDirection: 'ASC',
  tags: [
    { key: 'team', value: 'vision' },
    { key: 'stage', value: 'a/b' },
  ],
  id: notebookId,
  flavorId: 'cpu.2u',
  imageId: notebookId,
  billing: 'COMPUTE',
} as const;
const imageFilter = { name: 'n', isNameFuzzy: false, namespace: 's', type: 'BUILD_IN', workspaceId } as const;

/** Each operation with everything it can be given. */
const operations: Record<string, (session: Session) => Promise<unknown>> = {
  createNotebook: (session) =>
    createNotebook(session, projectId, {
      name: 'n',
      description: 'd',
      feature: 'NOTEBOOK',
      flavorId: 'modelarts.vm.cpu.2u',
      imageId: notebookId,
      volume: { category: 'EFS', ownership: 'DEDICATED', capacityGib: 50, uri: '192.0.2.1:/', id: notebookId },
      workspaceId,
      poolId: 'p',
      endpoints,
      lease: { durationMs: 3_600_000, type: 'TIMING' },
      hooks,
    }),
  listNotebooks: (session) => listNotebooks(session, projectId, notebookList),
  listAllNotebooks: (session) => listAllNotebooks(session, projectId, notebookList),
  showNotebook: (session) => showNotebook(session, projectId, notebookId),
  updateNotebook: (session) =>
    updateNotebook(session, projectId, notebookId, {
      name: 'n',
      description: 'd',
      flavorId: 'f',
      imageId: notebookId,
      capacityGib: 60,
      endpoints,
      hooks,
    }),
  deleteNotebook: (session) => deleteNotebook(session, projectId, notebookId),
  startNotebook: (session) => startNotebook(session, projectId, notebookId, { durationMs: 3_600_000, type: 'IDLE' }),
  stopNotebook: (session) => stopNotebook(session, projectId, notebookId),
  showLease: (session) => showLease(session, projectId, notebookId),
  renewLease: (session) => renewLease(session, projectId, notebookId, { durationMs: 3_600_000, type: 'IDLE' }),
  showNotebookTags: (session) => showNotebookTags(session, projectId, workspaceId),
  createNotebookTags: (session) =>
    createNotebookTags(session, projectId, notebookId, { tags: [{ key: 'team', value: '' }], workspaceId }),
  deleteNotebookTags: (session) => deleteNotebookTags(session, projectId, notebookId, { keys: ['team'], workspaceId }),
  listFlavors: (session) =>
    listFlavors(session, projectId, {
      offset: 0,
      limit: 10,
      category: 'CPU',
      type: 'MANAGED',
      feature: 'NOTEBOOK',
      sortKey: 'name',
      sortDirection: 'DESC',
    }),
  showSwitchableFlavors: (session) => showSwitchableFlavors(session, projectId, notebookId, { offset: 0, limit: 10 }),
  createImage: (session) =>
    createImage(session, projectId, notebookId, { name: 'n', namespace: 's', tag: '1', description: 'd', workspaceId }),
  listAttachableObss: (session) => listAttachableObss(session, projectId, notebookId),
  attachObs: (session) => attachObs(session, projectId, notebookId, { mountPath: '/data/a/', uri: 'obs://bucket/a/' }),
  showAttachableObs: (session) => showAttachableObs(session, projectId, notebookId, notebookId),
  cancelObs: (session) => cancelObs(session, projectId, notebookId, notebookId),
  listImage: (session) =>
    listImage(session, projectId, {
      ...imageFilter,
      offset: 0,
      limit: 200,
      serviceType: 'COMMON',
      sortKey: 'updateTime',
      sortDirection: 'ASC',
    }),
  listImageGroup: (session) => listImageGroup(session, projectId, imageFilter),
  listWorkspaces: (session) =>
    listWorkspaces(session, projectId, {
      offset: 0,
      limit: 200,
      name: 'research',
      enterpriseProjectId: '0',
      isAccessibleOnly: true,
    }),
  showImage: (session) => showImage(session, projectId, notebookId),
  registerImage: (session) =>
    registerImage(session, projectId, {
      swrPath: 'swr.example/a/b:1',
      arch: 'AARCH64',
      description: 'd',
      origin: 'CUSTOMIZE',
      resourceCategories: ['CPU', 'ASCEND'],
      serviceType: 'DEV',
      devServices: ['SSH'],
      visibility: 'PRIVATE',
      workspaceId,
    }),
  deleteImage: (session) => deleteImage(session, projectId, notebookId, { isForced: true }),
  createDevEnvironment: (session) =>
    createDevEnvironment(session, projectId, {
      name: 'n',
      profileId: 'Multi-Engine 1.0 (python3)-cpu',
      flavorId: 'modelarts.vm.cpu.2u',
      description: 'd',
      spec: {
        storage: { type: 'OBS', location: { path: '/bucket/a/', volumeSizeGib: 5 } },
        extendStorage: [{ type: 'OBSFS', location: { path: '/bucket/b/' } }],
        autoStop,
        annotations: [{ key: 'k', value: 'v' }],
      },
      workspaceId,
      pool: { id: 'p', type: 'USER_DEFINED', name: 'n', ownerProjectId: projectId },
      aiProjectId: 'a',
    }),
  listDevEnvironments: (session) =>
    listDevEnvironments(session, projectId, {
      offset: 0,
      limit: 0,
      status: 'READY_TO_START',
      provisionType: 'DOCKER',
      workspaceId,
      isOwnOnly: false,
      aiProjectId: 'a',
      poolId: 'p',
      sortBy: 'CREATION_TIMESTAMP',
      sortDirection: 'DESC',
    }),
  showDevEnvironment: (session) => showDevEnvironment(session, projectId, devId),
  updateDevEnvironment: (session) => updateDevEnvironment(session, projectId, devId, { description: 'd', autoStop }),
  deleteDevEnvironment: (session) => deleteDevEnvironment(session, projectId, devId),
  actOnDevEnvironment: (session) => actOnDevEnvironment(session, projectId, devId, 'START'),
  listProjects: (session) => listProjects(session, 'eu-de'),
  issueToken: (session) =>
    issueToken(
      session,
      { domainName: 'd', userName: 'u', password: 'p', passcode: '123456', userId: 'i' },
      { projectName: 'eu-de', domainName: 'd' },
    ),
  exchangeToken: (session) => exchangeToken(session, 'token-1', { projectId }),
};

/** Query parameters that are never sent: the lease goes in the body, which the query form would override. */
const unused: Record<string, readonly string[]> = { renewLease: ['duration'] };

it('there is a function for every operation of the contract that is not for other clients', async () => {
  upstream = await startUpstream((response) => sendJson(response, {}));
  const { operations: documented } = await loadContract();
  // exchanging a token is issueToken with another method
  const { exchangeToken: _, ...named } = operations;
  const hint =
    'write the function, named by its operationId, into src/modelarts/<what it returns>.ts, and ask it with everything it can be given in `operations` of test/unit/modelarts/operations.test.ts';
  const asked = documented.filter(({ askedBy }) => askedBy === 'gateway');
  expect(Object.keys(named).sort(), hint).toEqual(asked.map(({ operationId }) => operationId).sort());
});

it.each(Object.entries(operations))(
  '%s sends one request as the contract has it, with every parameter',
  async (name, ask) => {
    upstream = await startUpstream((response) => sendJson(response, {}));
    // what the answer is worth is another test's matter
    await ask(upstream.session()).catch(() => {});
    const contract = await loadContract();
    expect(upstream.received).toHaveLength(1);
    for (const { method, url, headers, body } of upstream.received) {
      const [path = '', query = ''] = url.split('?');
      const exchange = { request: { method, path, query, headers, body }, response: null, fault: null };
      expect(contract.checkRequest(exchange)).toEqual([]);
      const operation = contract.operationOf(method, path);
      expect(operation?.operationId).toBe(name.replace('exchangeToken', 'issueToken'));
      const documented = operation?.parameters.flatMap((parameter) =>
        parameter.in === 'query' ? [parameter.name] : [],
      );
      expect([...new URLSearchParams(query).keys(), ...(unused[name] ?? [])].sort()).toEqual(documented?.sort());
    }
  },
);
