import { targetOf } from '../../../modelarts/client/call.ts';
import type { Answer, Call, Session } from '../../../modelarts/client/client.ts';

/** One read of an operation, and what came back or will. */
export type MadeRead = { readonly call: Call; readonly answer: Promise<Answer> };

/**
 * The upstream reads of one operation with its caller's own token, so that it can be run again, or have been read ahead for,
 * without asking ModelArts twice.
 */
export class OperationReads {
  #isRecording = false;
  #made: MadeRead[] = [];
  /** answers in hand */
  #held: readonly MadeRead[] = [];
  /** held answers come as late as if they were read, one after the other */
  #isPaced = false;
  /** the same by what they answer, once they are asked for: mostly nobody does */
  #inHand: Map<string, Promise<Answer>[]> | null = null;

  /** The session, its reads kept track of. */
  through(session: Session): Session {
    return new TrackedSession(session, this);
  }

  /** Begins to keep track. */
  record(): void {
    this.#isRecording = true;
  }

  /** all reads so far, in their order */
  get made(): readonly MadeRead[] {
    return this.#made;
  }

  /** From now on the same reads get these answers, each once and in this order; further ones are made. */
  hold(reads: readonly MadeRead[]): void {
    this.#made = [];
    this.#held = reads;
    this.#inHand = null;
  }

  /** Forgets what was read. */
  release(): void {
    this.hold([]);
  }

  /**
   * The operation is run anew, with what was read already. It is answered no earlier than everything has asked that asks at
   * once, as the first time: of several that fail for one reason, it decides which are told.
   */
  rewind(): void {
    this.hold(this.#made);
    this.#isPaced = true;
  }

  /** The answer to a read, from hand or asked for. */
  send(session: Session, call: Call, expected: string | undefined): Promise<Answer> {
    if (!this.#isRecording || call.method !== 'GET') return session.send(call, expected);
    const answer = this.#takeHeld(call) ?? session.send(call, expected);
    this.#made.push({ call, answer });
    return answer;
  }

  #takeHeld(call: Call): Promise<Answer> | undefined {
    if (this.#held.length === 0) return undefined;
    this.#inHand ??= byKey(this.#held);
    const answer = this.#inHand.get(keyOf(call))?.shift();
    return answer !== undefined && this.#isPaced ? paced(answer) : answer;
  }
}

class TrackedSession implements Session {
  readonly token: string | null;
  readonly requestId: string;
  readonly #session: Session;
  readonly #reads: OperationReads;

  constructor(session: Session, reads: OperationReads) {
    this.token = session.token;
    this.requestId = session.requestId;
    this.#session = session;
    this.#reads = reads;
  }

  get signal(): AbortSignal | undefined {
    return this.#session.signal;
  }

  get drift(): Session['drift'] {
    return this.#session.drift;
  }

  send(call: Call, expected?: string): Promise<Answer> {
    return this.#reads.send(this.#session, call, expected);
  }
}

const paced = (answer: Promise<Answer>): Promise<Answer> =>
  new Promise((resolve, reject) => {
    setImmediate(() => answer.then(resolve, reject));
  });

function byKey(reads: readonly MadeRead[]): Map<string, Promise<Answer>[]> {
  const answersOf = new Map<string, Promise<Answer>[]>();
  for (const { call, answer } of reads) {
    const key = keyOf(call);
    const answers = answersOf.get(key);
    if (answers === undefined) answersOf.set(key, [answer]);
    else answers.push(answer);
  }
  return answersOf;
}

const keyOf = (call: Call): string => `${call.service} ${targetOf(call)}`;
