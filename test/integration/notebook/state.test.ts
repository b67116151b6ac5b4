import { beforeAll, describe, expect, it } from 'vitest';
import { describeBed } from '../../support/bed.ts';
import { createNotebook, operationsOf, withCalls } from '../../support/notebooks.ts';

const stateFields = `status statusRaw isTransitional failReason
  availableActions { action enabled reason }
  progress { percent steps { step status statusRaw } }`;

/** Changes whose success depends on the status, by the action that announces it; `$id` is the notebook. */
const changes: Record<string, string> = {
  START: 'startNotebook(input: { id: $id })',
  STOP: 'stopNotebook(input: { id: $id })',
  RENEW_LEASE: 'renewLease(input: { id: $id })',
  UPDATE: 'updateNotebook(input: { id: $id, name: "renamed" })',
  UPDATE_FLAVOR: 'updateNotebook(input: { id: $id, flavorId: "modelarts.vm.cpu.8u" })',
  UPDATE_IMAGE: 'updateNotebook(input: { id: $id, imageId: "c0b31f09-1490-4555-9b8b-ab0b2de35b20" })',
};

const everyAction = [
  ...['START', 'STOP', 'DELETE', 'RENEW_LEASE', 'SAVE_IMAGE', 'MOUNT_STORAGE', 'UPDATE'],
  ...['UPDATE_FLAVOR', 'UPDATE_IMAGE', 'UPDATE_ENDPOINTS', 'UPDATE_HOOKS', 'GROW_VOLUME'],
];

type Action = { action: string; enabled: boolean; reason: string | null };

describeBed('the state of a notebook', { simulator: { speed: 1 } }, (bed) => {
  let id = '';
  const show = async (notebookId = id) => {
    const { data } = await bed.ask(`query($id: ID!) { notebook(id: $id) { ${stateFields} } }`, { id: notebookId });
    return data.notebook;
  };
  const change = (action: string) =>
    withCalls(bed, async () => {
      const document = `mutation($id: ID!) { result: ${changes[action]} {
        __typename ... on Error { message remedy } ... on ConflictError { status allowedStatuses }
      } }`;
      return (await bed.ask(document, { id })).data.result;
    });

  beforeAll(async () => {
    id = await createNotebook(bed, 'stateful');
  });

  describe('availableActions', () => {
    it.each<[string, string[]]>([
      ['RUNNING', ['STOP', 'DELETE', 'RENEW_LEASE', 'SAVE_IMAGE', 'MOUNT_STORAGE', 'UPDATE', 'GROW_VOLUME']],
      ['STOPPED', ['START', 'DELETE', 'UPDATE', 'UPDATE_FLAVOR', 'UPDATE_IMAGE', 'UPDATE_ENDPOINTS', 'UPDATE_HOOKS']],
      ['STARTING', []],
      ['SNAPSHOTTING', []],
      ['DELETING', []],
      ['FROZEN', []],
      ['CREATE_FAILED', ['DELETE']],
      ['ERROR', ['DELETE']],
    ])('of a notebook that is %s are %j, each other has a reason', async (status, enabled) => {
      await bed.force(id, { status });
      const actions: Action[] = (await show()).availableActions;
      expect(actions.map(({ action }) => action).sort()).toEqual([...everyAction].sort());
      expect(actions.filter((state) => state.enabled).map(({ action }) => action)).toEqual(enabled);
      for (const { enabled: isEnabled, reason } of actions) {
        if (isEnabled) expect(reason).toBeNull();
        else expect(reason).toMatch(new RegExp(`^The notebook is ${status}; .+\\.$`));
      }
    });

    it('say which status would do', async () => {
      await bed.force(id, { status: 'STOPPING' });
      const actions: Action[] = (await show()).availableActions;
      const reason = actions.find(({ action }) => action === 'START')?.reason;
      expect(reason).toBe('The notebook is STOPPING; it can be started once it is STOPPED.');
    });

    it('of a status that no document knows are none, for a reason that says so', async () => {
      await bed.fault({ name: 'unknown-enum', operation: 'showNotebook' });
      const notebook = await show();
      expect(notebook).toMatchObject({ status: 'UNKNOWN', statusRaw: 'MIGRATING', isTransitional: false });
      const actions: Action[] = notebook.availableActions;
      expect(actions.some(({ enabled }) => enabled)).toBe(false);
      for (const { reason } of actions) expect(reason).toContain('unknown here');
    });

    it('of a frozen notebook wait for the account to be settled', async () => {
      await bed.force(id, { status: 'FROZEN' });
      const actions: Action[] = (await show()).availableActions;
      for (const { reason } of actions) expect(reason).toContain('arrears');
    });

    it.each(['RUNNING', 'STOPPED', 'STARTING', 'STOPPING', 'CREATING', 'SNAPSHOTTING', 'ERROR', 'FROZEN'])(
      'of a notebook that is %s are those that ModelArts accepts then',
      async (status) => {
        for (const action of Object.keys(changes)) {
          await bed.force(id, { status });
          const actions: Action[] = (await show()).availableActions;
          const { answer } = await change(action);
          const isDone = answer.__typename.endsWith('Payload');
          expect([action, isDone]).toEqual([action, actions.find((state) => state.action === action)?.enabled]);
        }
      },
    );
  });

  describe('a change that the status forbids', () => {
    it.each([
      ['START', 'RUNNING', ['STOPPED']],
      ['START', 'SNAPSHOTTING', ['STOPPED']],
      ['STOP', 'STOPPED', ['RUNNING']],
      ['RENEW_LEASE', 'STOPPING', ['RUNNING']],
      ['UPDATE', 'CREATING', ['STOPPED', 'RUNNING']],
      ['UPDATE_IMAGE', 'RUNNING', ['STOPPED']],
    ])('%s of a notebook that is %s is a conflict that names what will do: %j', async (action, status, allowed) => {
      await bed.force(id, { status });
      const { answer, calls } = await change(action);
      expect(answer).toMatchObject({ __typename: 'ConflictError', status, allowedStatuses: allowed });
      expect(answer.message).toContain(`The notebook is ${status}; `);
      expect(calls).toHaveLength(2);
    });

    it('names a status that no document knows as ModelArts wrote it', async () => {
      await bed.force(id, { status: 'RUNNING' });
      await bed.fault({ name: 'unknown-enum', operation: 'showNotebook' });
      const { answer } = await change('START');
      expect(answer).toMatchObject({ status: 'MIGRATING', allowedStatuses: ['STOPPED'] });
    });
  });

  describe('ifAlready: SUCCEED', () => {
    const ask = (mutation: string, ifAlready: string) =>
      withCalls(bed, async () => {
        const document = `mutation($id: ID!) { result: ${mutation}(input: { id: $id, ifAlready: ${ifAlready} }) {
          __typename ... on ${mutation.charAt(0).toUpperCase()}${mutation.slice(1)}Payload { notebook { notebookId status } }
        } }`;
        return (await bed.ask(document, { id })).data.result;
      });

    it.each([
      ['startNotebook', 'RUNNING'],
      ['startNotebook', 'STARTING'],
      ['stopNotebook', 'STOPPED'],
      ['stopNotebook', 'STOPPING'],
    ])('of %s gives a notebook that is %s as it is', async (mutation, status) => {
      await bed.force(id, { status });
      const { answer, calls } = await ask(mutation, 'SUCCEED');
      expect(answer.notebook).toEqual({ notebookId: id, status });
      expect(operationsOf(calls)).toEqual([mutation, 'showNotebook']);
      expect((await ask(mutation, 'FAIL')).answer.__typename).toBe('ConflictError');
    });

    it.each([
      ['startNotebook', 'SNAPSHOTTING'],
      ['stopNotebook', 'CREATING'],
    ])('of %s is still a conflict for one that is %s', async (mutation, status) => {
      await bed.force(id, { status });
      expect((await ask(mutation, 'SUCCEED')).answer.__typename).toBe('ConflictError');
    });
  });

  describe('progress', () => {
    it('rises step by step while the notebook is made, and ends with it', async () => {
      const made = await createNotebook(bed, 'rising');
      const percents: number[] = [];
      for (let passedMs = 0; passedMs < 20_000; passedMs += 2500) {
        const { progress, isTransitional, status } = await show(made);
        expect({ status, isTransitional }).toEqual({ status: 'CREATING', isTransitional: true });
        expect(progress.steps.map(({ step }: { step: number }) => step)).toEqual([1, 2, 3, 4]);
        percents.push(progress.percent);
        await bed.advance(2500);
      }
      expect(percents).toEqual([...percents].sort((a, b) => a - b));
      expect(new Set(percents).size).toBe(4);
      expect(percents.at(-1)).toBeLessThan(100);
      expect(await show(made)).toMatchObject({ status: 'RUNNING', isTransitional: false, progress: null });
    });

    it('in a list costs a detail read of the notebooks in transition only', async () => {
      await bed.force(id, { status: 'RUNNING' });
      await createNotebook(bed, 'young');
      const { answer, calls } = await withCalls(bed, () =>
        bed.ask('{ notebooks { nodes { name progress { percent } } } }'),
      );
      const withProgress = answer.data.notebooks.nodes.filter((node: { progress: unknown }) => node.progress !== null);
      expect(withProgress).toMatchObject([{ name: 'young' }]);
      expect(operationsOf(calls)).toEqual(['listNotebooks', 'showNotebook']);
    });
  });

  it('failReason says why the notebook failed', async () => {
    await bed.force(id, { status: 'CREATE_FAILED', fail_reason: 'No disk could be attached.' });
    expect(await show()).toMatchObject({ status: 'CREATE_FAILED', failReason: 'No disk could be attached.' });
    await bed.force(id, { status: 'RUNNING' });
    expect((await show()).failReason).toBeNull();
  });

  it('keeps to the upstream contract in every call for it', async () => {
    expect(await bed.violations()).toEqual([]);
  });
});
