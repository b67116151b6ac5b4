import { expect, it } from 'vitest';
import { describeBed } from '../../support/bed.ts';
import { createNotebook, operationsOf, withCalls } from '../../support/notebooks.ts';

describeBed('Notebook.switchableFlavors', {}, (bed) => {
  it('lists each flavor once, without the one it has', async () => {
    const id = await createNotebook(bed, 'switching');
    const { answer, calls } = await withCalls(bed, () =>
      bed.ask(
        'query($id: ID!) { notebook(id: $id) { flavor { flavorId } switchableFlavors { flavorId category memoryMiB } } }',
        { id },
      ),
    );
    expect(answer.data.notebook).toEqual({
      flavor: { flavorId: 'modelarts.vm.cpu.2u' },
      switchableFlavors: [
        { flavorId: 'modelarts.vm.cpu.8u', category: 'CPU', memoryMiB: 32 * 1024 },
        { flavorId: 'modelarts.bm.cpu.192u', category: 'CPU', memoryMiB: 4096 * 1024 },
      ],
    });
    expect(operationsOf(calls)).toEqual(['showNotebook', 'showSwitchableFlavors']);
  });

  it('is empty for a notebook that vanished meanwhile, and keeps the rest of the list', async () => {
    const body = { error_code: 'ModelArts.6309', error_msg: 'The instance does not exist.' };
    await bed.fault({ name: 'error', operation: 'showSwitchableFlavors', times: 1, status: 400, body });
    const { data, errors } = await bed.ask('{ notebooks { nodes { name switchableFlavors { flavorId } } } }');
    expect(errors).toBeUndefined();
    expect(data.notebooks.nodes).toEqual([{ name: 'switching', switchableFlavors: [] }]);
  });

  it('keeps to the upstream contract on both sides throughout', async () => {
    expect(bed.exchanges.length).toBeGreaterThan(3);
    expect(await bed.violations()).toEqual([]);
  });
});
