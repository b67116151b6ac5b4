import { afterAll, describe, expect, it } from 'vitest';
import { sharedBed } from '../../support/bed.ts';
import { operationsOf, withCalls } from '../../support/notebooks.ts';

const register = `mutation($swrPath: String!) {
  registerImage(input: { swrPath: $swrPath }) {
    __typename
    ... on RegisterImagePayload { image { imageId } }
    ... on Error { code upstreamCode }
  }
}`;
const remove = 'mutation($input: DeleteImageInput!) { deleteImage(input: $input) { __typename } }';

describe.each(['otc', 'huawei'] as const)('the cloud %s', (cloud) => {
  const bed = sharedBed({ simulator: { cloud } });
  afterAll(async () => {
    expect(await bed.violations()).toEqual([]);
  });

  const registered = async (swrPath: string) => (await bed.ask(register, { swrPath })).data.registerImage;

  it.each([
    ['OWN', 'listNotebooks'],
    ['PROJECT', 'listAllNotebooks'],
  ])('filters the notebooks of %s by workspace', async (scope, operationId) => {
    const list = (workspaceId: string) =>
      withCalls(bed, () =>
        bed.ask(
          `query($scope: NotebookScope, $filter: NotebookFilter) { notebooks(scope: $scope, filter: $filter) { totalCount } }`,
          { scope, filter: { workspaceId } },
        ),
      );
    const own = await list('0');
    expect(own.answer.data).toEqual({ notebooks: { totalCount: 0 } });
    // the simulated accounts have no other workspace: had the filter not been heard, this would be the empty list as well
    const other = await list('1');
    expect(other.answer.errors).toMatchObject([{ extensions: { upstreamCode: 'ModelArts.0102' } }]);
    expect(operationsOf([...own.calls, ...other.calls])).toEqual([operationId, operationId]);
  });

  it('leaves the workspace out where no filter names one', async () => {
    const { calls } = await withCalls(bed, () => bed.ask('{ notebooks { totalCount } }'));
    expect(Object.keys(calls[0]?.request.query ?? {}).filter((name) => /workspace/i.test(name))).toEqual([]);
  });

  it('takes the content of an image away by force, and leaves it otherwise', async () => {
    for (const [force, next] of [
      [undefined, 'RegisterImagePayload'],
      [false, 'RegisterImagePayload'],
      [true, 'NotFoundError'],
    ] as const) {
      const swrPath = `swr.com/team/engine:${force}`;
      const { image } = await registered(swrPath);
      const { answer, calls } = await withCalls(bed, () => bed.ask(remove, { input: { id: image.imageId, force } }));
      expect(answer.data.deleteImage.__typename).toBe('DeleteImagePayload');
      expect(operationsOf(calls)).toEqual(['deleteImage']);
      expect(await registered(swrPath)).toMatchObject({ __typename: next });
    }
  });
});
