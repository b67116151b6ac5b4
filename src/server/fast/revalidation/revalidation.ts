import type { Session } from '../../../modelarts/client/client.ts';
import type { MadeRead, OperationReads } from './operation-reads.ts';
import type { ExpectedRead, Remembered, ResponseStore } from './response-store.ts';
import type { RevalidationWorth } from './revalidation-worth.ts';

/** An answer that follows from many reads is not read ahead for: if the first of them has changed, the others were made in vain. */
const maxReads = 8;

/** Who asks what: answers are never given to another. */
export type ResponseKey = {
  readonly session: Session;
  /** a token in a project, as `owner` of the context has it */
  readonly owner: string;
  /** caller, project, document, operation and variables */
  readonly text: string;
};

export type Revalidation = {
  /**
   * Makes the reads that the remembered answer follows from, with the caller's own token, all at once.
   * @returns the answer, if ModelArts gave the same bytes to each; null: it did not, and what it gave is in `reads`
   */
  again(
    key: ResponseKey,
    reads: OperationReads,
    worth: RevalidationWorth,
  ): Promise<string> | Promise<string | null> | null;
  /**
   * Keeps an answer, if every read that led to it was answered.
   * @param reads those that led to the answer: all of them, or it must not be remembered
   */
  remember(key: ResponseKey, reads: OperationReads, text: string): Promise<void>;
};

export function createRevalidation(store: ResponseStore, onRevalidation?: (isSame: boolean) => void): Revalidation {
  return {
    again(key, reads, worth) {
      const remembered = store.get(key.text);
      if (remembered === undefined) return null;
      return verified(remembered, key.session, reads).then((isSame) => {
        worth.compared(isSame);
        onRevalidation?.(isSame);
        if (isSame) return remembered.text;
        store.drop(key.text);
        return null;
      });
    },
    async remember(key, { made }, text) {
      if (made.length === 0 || made.length > maxReads) return;
      const answers = await Promise.allSettled(made.map(({ answer }) => answer));
      const expected: ExpectedRead[] = [];
      for (const [index, { call }] of made.entries()) {
        const answer = answers[index];
        // what follows from a refusal may be otherwise the next time
        if (answer?.status !== 'fulfilled') return;
        expected.push({ call, digest: answer.value.digest });
      }
      store.set(key.text, { reads: expected, text }, key.owner);
    },
  };
}

/** Whether every read gives what it gave before; known as soon as one does not. */
function verified(remembered: Remembered, session: Session, reads: OperationReads): Promise<boolean> {
  const made: MadeRead[] = remembered.reads.map(({ call, digest }) => ({ call, answer: session.send(call, digest) }));
  reads.hold(made);
  const compared = remembered.reads.map(({ digest }, index) =>
    // as long as the list it was made from
    (made[index] as MadeRead).answer.then((answer) => answer.digest === digest, isNot),
  );
  // of one there is the first
  return compared.length === 1 ? (compared[0] as Promise<boolean>) : allTrue(compared);
}

const isNot = (): boolean => false;

function allTrue(answers: readonly Promise<boolean>[]): Promise<boolean> {
  return new Promise((resolve) => {
    let left = answers.length;
    for (const answer of answers) {
      answer.then((isTrue) => {
        left -= 1;
        if (!isTrue) resolve(false);
        else if (left === 0) resolve(true);
      });
    }
  });
}
