import type { Session } from '../../src/modelarts/client.ts';
import type { Context, Watching } from '../../src/schema/context.ts';

const notHere = (): never => {
  throw new Error('This test has no watches, and no memory of tokens and creates.');
};

const watching: Watching = {
  get watches() {
    return notHere();
  },
  key: notHere,
  session: notHere,
};

/** What resolvers are given, for one caller and one project; nothing is watched or remembered. */
export const contextOf = (session: Session, projectId: string): Context => ({
  access: () => ({ session, projectId }),
  session: () => session,
  anonymous: notHere,
  tokens: { remember: notHere, known: notHere, renew: notHere, follow: notHere },
  resume: { since: null, sequence: null },
  sessionWith: notHere,
  watching,
  leaseMaxHours: 24,
  creates: notHere,
});
