import type { Client } from '../../modelarts/client/client.ts';
import type { Caller } from './context.ts';

/** All whose token no upstream has accepted yet: they share one share, however many tokens they make up. */
const strangers = 'strangers';

/** Whom what is kept of a document counts against that this caller sent first. */
export function ownerOfDocuments({ credential }: Caller, client: Pick<Client, 'keyOf' | 'isAccepted'>): string {
  if (credential.token === null) return strangers;
  credential.key ??= client.keyOf(credential.token);
  return client.isAccepted(credential.key) ? credential.key : strangers;
}
