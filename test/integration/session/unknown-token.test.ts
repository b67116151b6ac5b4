import { describe, expect, it } from 'vitest';
import { sharedBed } from '../../support/bed.ts';
import { collect, first, transports } from '../../support/subscription.ts';

const bed = sharedBed();
const query = 'subscription { sessionExpiring { kind expiresAt } }';
const checks = (): number => bed.exchanges.filter(({ operationId }) => operationId === 'listProjects').length;

describe('sessionExpiring', () => {
  it.each(transports)('with a token that was made up is refused over %s', async (_name, subscribe) => {
    for (let again = 0; again < 3; again += 1) {
      const events = await collect(subscribe(bed, query, { token: `invented-${again}` }));
      expect(events).toMatchObject([{ errors: [{ extensions: { code: 'UNAUTHENTICATED' } }] }]);
    }
  });

  it('with a token that this gateway did not issue, and IAM knows, asks IAM once', async () => {
    const before = checks();
    const event = await first(transports[0][1](bed, query));
    expect(event).toEqual({ data: { sessionExpiring: { kind: 'CURRENT', expiresAt: null } } });
    expect(checks() - before).toBe(1);
  });

  it('with a token that this gateway issued asks nobody', async () => {
    const { token } = await bed.signIn('demo');
    const before = bed.exchanges.length;
    const event = await first(transports[0][1](bed, query, { token }));
    expect(event?.data.sessionExpiring).toMatchObject({ kind: 'CURRENT', expiresAt: expect.any(String) });
    expect(bed.exchanges.length).toBe(before);
  });
});
