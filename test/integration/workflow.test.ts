import { expect, it } from 'vitest';
import { describeBed } from '../support/bed.ts';
import { seedImages } from '../support/contract/seed-images.ts';
import { collect, sse, websocket } from '../support/subscription.ts';

/** The eight steps of the workflow page, in its order, over one GraphQL endpoint. */
describeBed('the notebook workflow', { gateway: { projectId: null }, simulator: { speed: 40 } }, (bed) => {
  let token = '';
  let imageId = '';
  let id = '';
  const as = () => ({ 'x-auth-token': token });
  const watch =
    'subscription($id: ID!, $until: [NotebookStatus!]) { notebookStatusChanged(id: $id, until: $until) { kind status previousStatus isFinal notebook { name } } }';
  const statuses = (events: { data?: { notebookStatusChanged: { status: string } } }[]) =>
    events
      .map((event) => event.data?.notebookStatusChanged.status)
      .filter((status, index, all) => status !== all[index - 1]);

  it('1. signs in with a password and gets a token of the project', async () => {
    const { data } = await bed.ask(
      `mutation {
        issueToken(input: { domain: "acme", user: "demo", password: "demo", projectName: "eu-de" }) {
          ... on IssueTokenPayload { token expiresAt project { id name } user { name } }
        }
      }`,
      {},
      { 'x-auth-token': null },
    );
    expect(data.issueToken.project).toEqual({ id: bed.simulator.demo.projectId, name: 'eu-de' });
    expect(data.issueToken.user.name).toBe('demo');
    expect(Date.parse(data.issueToken.expiresAt) - Date.now()).toBeGreaterThan(23.9 * 3_600_000);
    token = data.issueToken.token;
    const { data: viewer } = await bed.ask('{ viewer { projectId user { name } tokenExpiresAt } }', {}, as());
    expect(viewer.viewer).toEqual({
      projectId: bed.simulator.demo.projectId,
      user: { name: 'demo' },
      tokenExpiresAt: data.issueToken.expiresAt,
    });
  });

  it('2. lists the images of the seed, whatever the total says, and picks one by name', async () => {
    const { data } = await bed.ask(
      '{ images(first: 50) { totalCount pageInfo { hasNextPage } nodes { imageId name status resourceCategories } } }',
      {},
      as(),
    );
    expect(data.images.nodes).toHaveLength(seedImages.count);
    expect(data.images.totalCount).toBe(seedImages.count);
    expect(data.images.pageInfo.hasNextPage).toBe(false);
    const image = data.images.nodes.find(
      (node: { name: string; resourceCategories: string[] }) =>
        node.name === 'notebook2.0-mul-kernel-cpu-cp36' && node.resourceCategories.includes('CPU'),
    );
    imageId = image.imageId;
    expect(imageId).toBe('e1a07296-22a8-4f05-8bc8-e936c8e54090');
  });

  it('3. creates a notebook with the request of the page', async () => {
    const { data } = await bed.ask(
      `mutation($imageId: ID!) {
        createNotebook(input: {
          name: "notebooks_test", feature: NOTEBOOK, workspaceId: "0", description: "api-test", flavorId: "modelarts.vm.cpu.2u",
          imageId: $imageId, volume: { category: EFS, ownership: MANAGED, capacityGiB: 50 }
        }) {
          __typename
          ... on CreateNotebookPayload { notebook { notebookId name description status feature workspaceId flavor { flavorId } image { imageId name } } }
          ... on Error { message }
        }
      }`,
      { imageId },
      as(),
    );
    expect(data.createNotebook.__typename).toBe('CreateNotebookPayload');
    const { notebookId, ...notebook } = data.createNotebook.notebook;
    id = notebookId;
    expect(notebook).toEqual({
      name: 'notebooks_test',
      description: 'api-test',
      status: 'CREATING',
      feature: 'NOTEBOOK',
      workspaceId: '0',
      flavor: { flavorId: 'modelarts.vm.cpu.2u' },
      image: { imageId, name: 'notebook2.0-mul-kernel-cpu-cp36' },
    });
  });

  it('4. watches the notebook become RUNNING, over SSE and over WebSocket at once', async () => {
    const variables = { id, until: ['RUNNING'] };
    const [overSse, overWebSocket] = await Promise.all([
      collect(sse(bed, watch, { token, variables })),
      collect(websocket(bed, watch, { token, variables })),
    ]);
    for (const events of [overSse, overWebSocket]) {
      expect(events[0]?.data.notebookStatusChanged).toMatchObject({
        kind: 'SNAPSHOT',
        status: 'CREATING',
        previousStatus: null,
      });
      expect(statuses(events)).toEqual(['CREATING', 'RUNNING']);
      expect(events.at(-1)?.data.notebookStatusChanged).toMatchObject({
        kind: 'MODIFIED',
        previousStatus: 'CREATING',
        isFinal: true,
      });
    }
  });

  it('4. shows the notebook with its url, storage and lease', async () => {
    const { data } = await bed.ask(
      `query($id: ID!) {
        notebook(id: $id) {
          id notebookId status url createdAt user { name } userId endpoints { service uri } volume { category ownership capacityGiB mountPath readOnly }
          lease { enabled expiresAt remainingSeconds type } jupyterToken billingItems
        }
      }`,
      { id },
      as(),
    );
    const { notebook } = data;
    expect(notebook).toMatchObject({
      notebookId: id,
      status: 'RUNNING',
      volume: {
        category: 'EFS',
        ownership: 'MANAGED',
        capacityGiB: 50,
        mountPath: '/home/ma-user/work/',
        readOnly: false,
      },
      lease: { enabled: true, type: 'TIMING' },
      billingItems: ['COMPUTE'],
    });
    expect(notebook.url).toContain(id);
    expect(notebook.endpoints[0]).toMatchObject({ service: 'NOTEBOOK', uri: notebook.url });
    expect(notebook.jupyterToken).toMatch(/^[0-9a-f-]{36}$/);
    const { data: node } = await bed.ask(
      'query($id: ID!) { node(id: $id) { __typename ... on Notebook { name } } }',
      { id: notebook.id },
      as(),
    );
    expect(node.node).toEqual({ __typename: 'Notebook', name: 'notebooks_test' });
  });

  it('5. renews the lease: the end moves, counted from now', async () => {
    const before = await bed.ask('query($id: ID!) { notebook(id: $id) { lease { expiresAt } } }', { id }, as());
    const askedAt = Date.now();
    const { data } = await bed.ask(
      `mutation($id: ID!) { renewLease(input: { id: $id, durationSeconds: 7200, type: TIMING }) {
        ... on RenewLeasePayload { lease { expiresAt remainingSeconds enabled } notebook { lease { expiresAt } } }
      } }`,
      { id },
      as(),
    );
    const { lease, notebook } = data.renewLease;
    expect(Date.parse(lease.expiresAt)).toBeGreaterThan(Date.parse(before.data.notebook.lease.expiresAt));
    expect(Math.abs(Date.parse(lease.expiresAt) - askedAt - 7_200_000)).toBeLessThan(60_000);
    expect(lease.remainingSeconds).toBeGreaterThan(7100);
    expect(notebook.lease.expiresAt).toBe(lease.expiresAt);
  });

  it('6. stops the notebook', async () => {
    const stopped = collect(sse(bed, watch, { token, variables: { id, until: ['STOPPED'] } }));
    const { data } = await bed.ask(
      'mutation($id: ID!) { stopNotebook(input: { id: $id }) { ... on StopNotebookPayload { notebook { status } } } }',
      { id },
      as(),
    );
    expect(data.stopNotebook.notebook.status).toBe('STOPPING');
    expect(statuses(await stopped).at(-1)).toBe('STOPPED');
  });

  it('7. starts the notebook again, by its global id', async () => {
    const { data: shown } = await bed.ask('query($id: ID!) { notebook(id: $id) { id jupyterToken } }', { id }, as());
    const { data } = await bed.ask(
      'mutation($id: ID!) { startNotebook(input: { id: $id, lease: { durationSeconds: 3600 } }) { ... on StartNotebookPayload { notebook { status jupyterToken } } } }',
      { id: shown.notebook.id },
      as(),
    );
    expect(data.startNotebook.notebook.status).toBe('STARTING');
    expect(data.startNotebook.notebook.jupyterToken).not.toBe(shown.notebook.jupyterToken);
    expect(statuses(await collect(sse(bed, watch, { token, variables: { id, until: ['RUNNING'] } })))).toEqual([
      'STARTING',
      'RUNNING',
    ]);
  });

  it('8. deletes the notebook, and the watch completes', async () => {
    const watching = collect(sse(bed, watch, { token, variables: { id } }));
    await expect.poll(() => bed.gateway.watchStats().listeners).toBe(1);
    const { data } = await bed.ask(
      'mutation($id: ID!) { deleteNotebook(input: { id: $id }) { ... on DeleteNotebookPayload { notebookId notebook { status } } } }',
      { id },
      as(),
    );
    expect(data.deleteNotebook).toEqual({ notebookId: id, notebook: { status: 'DELETING' } });
    const events = await watching;
    expect(statuses(events)).toEqual(['RUNNING', 'DELETING', 'DELETED']);
    expect(events.at(-1)?.data.notebookStatusChanged).toMatchObject({ kind: 'REMOVED', notebook: null, isFinal: true });
    const { data: gone } = await bed.ask('query($id: ID!) { notebook(id: $id) { id } }', { id }, as());
    expect(gone.notebook).toBeNull();
  });

  it('keeps to the upstream contract on both sides throughout', async () => {
    expect(bed.exchanges.length).toBeGreaterThan(20);
    expect(await bed.violations()).toEqual([]);
  });
});
