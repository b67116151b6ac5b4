import { beforeAll, expect, it } from 'vitest';
import { describeBed } from '../../support/bed.ts';
import type { SignedIn } from '../../support/gateway.ts';
import {
  createNotebook,
  createNotebookMutation,
  notebookInput,
  operationsOf,
  withCalls,
} from '../../support/notebooks.ts';

// at speed 1 and without advance, nothing changes by itself
describeBed('notebooks', { gateway: { projectId: null }, simulator: { speed: 1 } }, (bed) => {
  let demo: SignedIn;
  let colleague: SignedIn;
  let admin: SignedIn;
  const list = async (args: string, { headers }: SignedIn = demo) => {
    const field = args === '' ? 'notebooks' : `notebooks(${args})`;
    const { answer, calls } = await withCalls(bed, () =>
      bed.ask(`{ ${field} { totalCount nodes { notebookId name user { id } } } }`, {}, headers),
    );
    const nodes: { notebookId: string; name: string; user: { id: string } | null }[] =
      answer.data?.notebooks?.nodes ?? [];
    return { nodes, names: nodes.map(({ name }) => name), calls, errors: answer.errors };
  };

  beforeAll(async () => {
    demo = await bed.signIn('demo');
    colleague = await bed.signIn('colleague');
    admin = await bed.signIn('admin');
    for (const name of ['bravo', 'alpha', 'charlie']) {
      const id = await createNotebook(bed, name, demo.headers);
      await bed.force(id, { status: name === 'alpha' ? 'STOPPED' : 'RUNNING' });
      await bed.advance(1000);
    }
    const [bravo] = (await list('filter: { name: "bravo" }')).nodes;
    await bed.ask(
      'mutation($id: ID!) { updateNotebook(input: { id: $id, description: "later" }) { __typename } }',
      { id: bravo?.notebookId },
      demo.headers,
    );
    const codelab = { ...notebookInput('codelab'), flavorId: 'modelarts.vm.cpu.free', feature: 'DEFAULT' };
    await bed.ask(createNotebookMutation, { input: codelab }, demo.headers);
    await bed.ask(
      createNotebookMutation,
      { input: { ...notebookInput('pooled'), poolId: 'pool-1' } },
      colleague.headers,
    );
  });

  it('are the own ones, newest first', async () => {
    expect((await list('')).names).toEqual(['charlie', 'alpha', 'bravo']);
    expect((await list('scope: OWN', colleague)).names).toEqual(['pooled']);
  });

  it('of the PROJECT are those of everybody in it', async () => {
    const { names, calls } = await list('scope: PROJECT', colleague);
    expect(names).toEqual(['pooled', 'charlie', 'alpha', 'bravo']);
    expect(operationsOf(calls)[0]).toBe('listAllNotebooks');
  });

  it('of the PROJECT are FORBIDDEN to those who lack the permission', async () => {
    const body = { error_code: 'ModelArts.0108', error_msg: 'You do not have permission.' };
    await bed.fault({ name: 'error', operation: 'listAllNotebooks', status: 403, body });
    const { errors } = await list('scope: PROJECT', colleague);
    await bed.clearFaults();
    expect(errors?.[0].extensions).toMatchObject({ code: 'FORBIDDEN', upstreamCode: 'ModelArts.0108' });
  });

  it.each([
    ['name: "a"', ['charlie', 'alpha', 'bravo']],
    ['name: "alp"', ['alpha']],
    ['status: STOPPED', ['alpha']],
    ['status: RUNNING', ['charlie', 'bravo']],
    ['status: RUNNING, name: "brav"', ['bravo']],
    ['status: FROZEN', []],
    ['feature: DEFAULT', ['codelab']],
    ['feature: NOTEBOOK, workspaceId: "0"', ['charlie', 'alpha', 'bravo']],
    ['poolId: "pool-1"', []],
  ])('with %s are %j', async (filter, names) => {
    expect((await list(`filter: { ${filter} }`)).names).toEqual(names);
  });

  it('of a pool are those of everybody in it, in the PROJECT', async () => {
    expect((await list('scope: PROJECT, filter: { poolId: "pool-1" }')).names).toEqual(['pooled']);
  });

  it('of an owner are shown to an administrator', async () => {
    const [{ user } = { user: null }] = (await list('scope: PROJECT, filter: { name: "pooled" }', admin)).nodes;
    expect((await list(`filter: { ownerId: "${user?.id}" }`, admin)).names).toEqual(['pooled']);
    expect((await list(`filter: { ownerId: "${user?.id}" }`, demo)).names).toEqual(['charlie', 'alpha', 'bravo']);
  });

  it.each([
    ['sortKey: CREATED_AT, sortDirection: ASC', ['bravo', 'alpha', 'charlie']],
    ['sortKey: CREATED_AT', ['charlie', 'alpha', 'bravo']],
    ['sortKey: NAME, sortDirection: ASC', ['alpha', 'bravo', 'charlie']],
    ['sortKey: NAME, sortDirection: DESC', ['charlie', 'bravo', 'alpha']],
    ['sortKey: UPDATED_AT, sortDirection: DESC', ['bravo', 'charlie', 'alpha']],
    ['sortKey: STATUS, sortDirection: DESC', ['alpha', 'charlie', 'bravo']],
  ])('sorted by %s are %j', async (sorting, names) => {
    expect((await list(sorting)).names).toEqual(names);
  });

  it('cannot be sorted by a key the cloud does not take: BAD_USER_INPUT says so', async () => {
    const body = { error_code: 'ModelArts.6303', error_msg: 'The sorting field is not supported.' };
    await bed.fault({ name: 'error', operation: 'listNotebooks', status: 400, body });
    const { errors } = await list('sortKey: STATUS');
    await bed.clearFaults();
    expect(errors?.[0].extensions).toMatchObject({ code: 'BAD_USER_INPUT', upstreamCode: 'ModelArts.6303' });
  });

  it('keep to the upstream contract', async () => {
    expect(await bed.violations()).toEqual([]);
  });
});
