import { describe, expect, it } from 'vitest';
import { createCallers } from '../../../src/modelarts/client/guard/callers.ts';

const anyProject = 'project-1';

describe('a caller', () => {
  it.each([
    [200, true],
    [204, true],
    [403, true],
    [404, true],
    [400, false],
    [401, false],
    [429, false],
    [500, false],
  ])('whose first answer is %i is accepted: %s', (status, isAccepted) => {
    const callers = createCallers();
    const caller = callers.of('key');
    expect(caller.isAccepted).toBe(false);
    callers.answered(caller, status, anyProject);
    expect(callers.of('key').isAccepted).toBe(isAccepted);
  });

  it('is of the project that let it in, not of one that refused it', () => {
    const callers = createCallers();
    const caller = callers.of('key');
    callers.answered(caller, 403, 'somebody else');
    expect(caller.projectId).toBeNull();
    callers.answered(caller, 200, anyProject);
    expect(caller.projectId).toBe(anyProject);
    callers.answered(caller, 200, 'another');
    expect(caller.projectId).toBe(anyProject);
  });

  it('whose token is no longer taken is a stranger again', () => {
    const changes: boolean[] = [];
    const callers = createCallers({ onStanding: (caller) => changes.push(caller.isAccepted) });
    const caller = callers.of('key');
    callers.answered(caller, 200, anyProject);
    callers.answered(caller, 401, anyProject);
    expect(callers.of('key')).toBe(caller);
    expect([caller.isAccepted, caller.projectId]).toEqual([false, null]);
    expect(changes).toEqual([true, false]);
  });

  it('without a token is no stranger, whatever is answered', () => {
    const callers = createCallers();
    callers.answered(callers.of(null), 401, null);
    expect(callers.of(null).isAccepted).toBe(true);
  });

  it('that was accepted is known after 20,000 strangers and 20,000 others came by', () => {
    const callers = createCallers();
    callers.answered(callers.of('early'), 200, anyProject);
    for (let index = 0; index < 20_000; index++) {
      callers.of(`stranger-${index}`);
      callers.answered(callers.of(`other-${index}`), 200, anyProject);
    }
    expect(callers.of('early')).toMatchObject({ isAccepted: true, projectId: anyProject });
    expect(callers.of('stranger-1').isAccepted).toBe(false);
  });

  it('spends retries of its own; strangers share theirs', () => {
    const callers = createCallers({ retries: { ratio: 0, reserve: 1 } });
    const [one, other, invented, alike] = ['one', 'other', 'invented', 'alike'].map((key) => callers.of(key));
    for (const caller of [one, other]) if (caller) callers.answered(caller, 200, anyProject);
    expect([one, one, other, invented, alike].map((caller) => caller?.budget.spend())).toEqual([
      true,
      false,
      true,
      true,
      false,
    ]);
  });
});
