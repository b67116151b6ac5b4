import { expect, it } from 'vitest';
import { describeBed } from '../../support/bed.ts';
import { operationsOf, withCalls } from '../../support/notebooks.ts';

describeBed('workspaces', {}, (bed) => {
  const namesFor = async (filter: string, headers = {}) => {
    const { data, errors } = await bed.ask(`{ workspaces(filter: ${filter}) { nodes { name } } }`, {}, headers);
    if (errors !== undefined) throw new Error(JSON.stringify(errors));
    return data.workspaces.nodes.map(({ name }: { name: string }) => name);
  };

  it('are listed by name in one call, with who may enter them', async () => {
    const { answer, calls } = await withCalls(bed, () =>
      bed.ask(
        '{ workspaces { totalCount nodes { workspaceId name description owner createdAt access accessRaw status statusRaw statusMessage enterpriseProject { id name } users { id name } } } }',
      ),
    );
    expect(operationsOf(calls)).toEqual(['listWorkspaces']);
    expect(answer.data.workspaces.totalCount).toBe(3);
    const [first, research, sandbox] = answer.data.workspaces.nodes;
    expect([first.workspaceId, first.access, first.users]).toEqual(['0', 'PUBLIC', []]);
    expect(research).toEqual({
      workspaceId: '878991804cdc4ba597f2bbdbf7e59dd9',
      name: 'research',
      description: 'For papers',
      owner: 'colleague',
      createdAt: '2022-11-15T03:22:42.290Z',
      access: 'INTERNAL',
      accessRaw: 'INTERNAL',
      status: 'NORMAL',
      statusRaw: 'NORMAL',
      statusMessage: '',
      enterpriseProject: { id: '0', name: 'default' },
      users: [{ id: '10000000000000000000000000000001', name: 'demo' }],
    });
    expect(sandbox.name).toBe('sandbox');
  });

  it('are filtered by ModelArts: by a part of the name, by enterprise project and by who asks', async () => {
    expect(await namesFor('{ name: "SEAR" }')).toEqual(['research']);
    expect(await namesFor('{ enterpriseProjectId: "1" }')).toEqual([]);
    expect(await namesFor('{ accessibleOnly: true }')).toEqual(['default', 'research']);
    const { headers } = await bed.signIn('colleague');
    expect(await namesFor('{ accessibleOnly: true }', headers)).toEqual(['default', 'research', 'sandbox']);
  });

  it('with a filter that cannot be right are refused before a call, with every issue', async () => {
    const { answer, calls } = await withCalls(bed, () =>
      bed.ask(`{ workspaces(filter: { name: "", enterpriseProjectId: "${'x'.repeat(65)}" }) { totalCount } }`),
    );
    expect(calls).toEqual([]);
    expect(answer.errors?.[0]?.extensions.issues.map(({ path }: { path: string[] }) => path.join('.'))).toEqual([
      'filter.name',
      'filter.enterpriseProjectId',
    ]);
  });
});
