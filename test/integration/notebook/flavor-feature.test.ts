import { describe, expect, it } from 'vitest';
import { sharedBed } from '../../support/bed.ts';
import { notebookInput } from '../../support/notebooks.ts';

const flavors = (feature: string) => `{ flavors(filter: { feature: ${feature} }) { nodes { flavorId feature } } }`;
const validate = `query($input: CreateNotebookInput!) { validateCreateNotebook(input: $input) { valid problems { message } } }`;
const free = { ...notebookInput('free'), feature: 'DEFAULT', flavorId: 'modelarts.vm.cpu.free' };

describe('flavors by kind of notebook on newer Huawei Cloud', () => {
  const bed = sharedBed({ simulator: { cloud: 'huawei' } });

  it('are those of the kind asked for', async () => {
    const { data } = await bed.ask(flavors('DEFAULT'));
    expect(data.flavors.nodes).toEqual([{ flavorId: 'modelarts.vm.cpu.free', feature: 'DEFAULT' }]);
    expect((await bed.ask(flavors('NOTEBOOK'))).data.flavors.nodes.length).toBeGreaterThan(1);
  });

  it('do not stand against a free notebook where the list leaves the free ones out', async () => {
    const { data } = await bed.ask(validate, { input: free });
    expect(data.validateCreateNotebook).toEqual({ valid: true, problems: [] });
  });
});

describe('flavors by kind of notebook on Open Telekom Cloud', () => {
  const bed = sharedBed();

  it('are not passed on as if the list had been filtered', async () => {
    const { data, errors } = await bed.ask(flavors('DEFAULT'));
    expect(data?.flavors ?? null).toBeNull();
    expect(errors).toMatchObject([
      {
        message: 'ModelArts did not filter by the kind of notebook.',
        extensions: { code: 'UPSTREAM_SETUP' },
      },
    ]);
  });
});
