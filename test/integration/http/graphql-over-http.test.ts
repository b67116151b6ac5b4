import { serverAudits } from 'graphql-http';
import { expect, it } from 'vitest';
import { describeBed } from '../../support/bed.ts';

/** The audit of `graphql-http`, test by test: https://github.com/graphql/graphql-http#audits. */
describeBed('GraphQL over HTTP', { gateway: { projectId: null } }, (bed) => {
  const audits = serverAudits({ url: () => bed.gateway.url, fetchFn: fetch });
  const named = (level: string) => audits.filter(({ name }) => name.startsWith(level));

  it('has 13 rules that MUST and 23 that SHOULD be kept', () => {
    expect([named('MUST').length, named('SHOULD').length]).toEqual([13, 23]);
  });

  it.each([...named('MUST'), ...named('SHOULD'), ...named('MAY')])('keeps the rule: $name ($id)', async (audit) => {
    const result = await audit.fn();
    const reason = 'reason' in result ? result.reason : '';
    if (audit.name.startsWith('MAY')) expect(result.status, reason).toMatch(/ok|notice/);
    else expect(result.status, reason).toBe('ok');
  });
});
