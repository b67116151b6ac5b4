import type { Session } from '../../../src/modelarts/client/client.ts';
import type { Context, Watching } from '../../../src/schema/core/context.ts';
import { createWatches } from '../../../src/watch/watches.ts';

const notHere = (): never => {
  throw new Error('This test has no sessions to watch with, and no memory of tokens and creates.');
};

/** Changes may be published; nobody listens. */
const watching: Watching = {
  watches: createWatches({ transitionalIntervalMs: 1000, settledIntervalMs: 1000, isFatal: () => false }),
  key: (kind) => kind,
  session: notHere,
};

/** What resolvers are given, for one caller and one project; nothing is listened to or remembered. */
export const contextOf = (session: Session, projectId: string): Context => ({
  requestId: 'request-1',
  access: () => ({ session, projectId }),
  session: () => session,
  readFresh: () => {},
  anonymous: notHere,
  tokens: { remember: notHere, signIn: notHere, known: notHere, confirm: notHere, renew: notHere, follow: notHere },
  resume: { since: null, sequence: null, observedAt: null },
  own: [],
  sessionWith: notHere,
  watching,
  audit: null,
  leaseMaxHours: 24,
  creates: notHere,
});
