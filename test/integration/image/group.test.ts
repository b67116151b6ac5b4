import { beforeAll, expect, it } from 'vitest';
import { describeBed } from '../../support/bed.ts';
import { operationsOf, withCalls } from '../../support/notebooks.ts';

describeBed('imageGroups', {}, (bed) => {
  beforeAll(async () => {
    for (const path of ['swr.com/team/engine:1', 'swr.com/team/engine:2', 'swr.com/other/engine:1']) {
      await bed.ask('mutation($input: RegisterImageInput!) { registerImage(input: $input) { __typename } }', {
        input: { swrPath: path },
      });
    }
  });

  const names = async (filter: string) => {
    const { data } = await bed.ask(`{ imageGroups(filter: ${filter}, first: 200) { nodes { namespace name } } }`);
    return data.imageGroups.nodes.map(
      (group: { namespace: string; name: string }) => `${group.namespace}/${group.name}`,
    );
  };

  it('counts the versions of one organisation and name', async () => {
    const { data } = await bed.ask(
      '{ imageGroups(filter: { name: "engine" }) { totalCount nodes { namespace name versionCount createdAt updatedAt } } }',
    );
    expect(data.imageGroups.totalCount).toBe(2);
    const [team, other] = data.imageGroups.nodes;
    expect([team.namespace, team.name, team.versionCount]).toEqual(['team', 'engine', 2]);
    expect([other.namespace, other.name, other.versionCount]).toEqual(['other', 'engine', 1]);
    expect(Date.parse(team.updatedAt)).toBeGreaterThan(Date.parse(team.createdAt));
  });

  it('shows the times of the documented group', async () => {
    const { data } = await bed.ask(
      '{ imageGroups(filter: { name: "pytorch_1_8", nameExact: true, namespace: "atelier" }) { nodes { createdAt updatedAt versionCount } } }',
    );
    const time = '2022-11-15T03:22:42.290Z';
    expect(data.imageGroups.nodes).toEqual([{ createdAt: time, updatedAt: time, versionCount: 1 }]);
  });

  it('filters by name, organisation and type', async () => {
    expect(await names('{ name: "engin", namespace: "team" }')).toEqual(['team/engine']);
    expect(await names('{ name: "engin", nameExact: true }')).toEqual([]);
    expect(await names('{ namespace: "other", type: DEDICATED, workspaceId: "0" }')).toEqual(['other/engine']);
    expect(await names('{ namespace: "other", type: BUILD_IN }')).toEqual([]);
  });

  it('pages in the gateway, for ModelArts gives all at once', async () => {
    const page = 'pageInfo { hasNextPage endCursor } nodes { name }';
    const { answer: first, calls } = await withCalls(bed, () => bed.ask(`{ imageGroups(first: 4) { ${page} } }`));
    expect(operationsOf(calls)).toEqual(['listImageGroup']);
    expect(first.data.imageGroups.nodes).toHaveLength(4);
    expect(first.data.imageGroups.pageInfo.hasNextPage).toBe(true);
    const { data } = await bed.ask(`query($after: String) { imageGroups(after: $after) { ${page} } }`, {
      after: first.data.imageGroups.pageInfo.endCursor,
    });
    expect(data.imageGroups.nodes).toHaveLength(3);
    expect(data.imageGroups.pageInfo.hasNextPage).toBe(false);
  });

  it('refuses a name no image can have, without a call', async () => {
    const { answer, calls } = await withCalls(bed, () =>
      bed.ask('{ imageGroups(filter: { name: "A" }) { totalCount } }'),
    );
    expect(answer.errors?.[0].extensions).toMatchObject({
      code: 'BAD_USER_INPUT',
      issues: [{ path: ['filter', 'name'] }],
    });
    expect(calls).toEqual([]);
  });

  it('keeps to the upstream contract on both sides throughout', async () => {
    expect(bed.exchanges.length).toBeGreaterThan(8);
    expect(await bed.violations()).toEqual([]);
  });
});
