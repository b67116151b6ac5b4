import type { TestBed } from '../gateway.ts';
import type { Sent } from './carriers/carrier.ts';
import { differenceOf } from './difference.ts';
import type { Question } from './document/questions.ts';
import type { Seen, Side, Transport } from './side.ts';
import { filledIn, type Stock } from './stock.ts';
import { faultAmong, setFault, turnBack, turnTo, type World } from './worlds.ts';

/** A question as it is asked, by whom, over what, and how ModelArts is meanwhile. */
export type Trial = {
  readonly question: Question;
  readonly transport: Transport;
  readonly accept: string | null;
  readonly isCostAsked: boolean;
  /** none: there is no token, wrong: it cannot be one */
  readonly token: 'own' | 'none' | 'wrong';
  /** `X-Project-Id` is as the gateway needs it, the other way round, or names a project the token is not for */
  readonly project: 'usual' | 'unusual' | 'other';
  readonly isFromElsewhere: boolean;
  readonly world: World;
};

/** Two gateways before one simulator, one with everything on and one with everything off. */
export type Pair = {
  readonly bed: TestBed;
  readonly stock: Stock;
  readonly token: string;
  /** whether questions name their project, for the gateways have none of their own */
  readonly isProjectSent: boolean;
  readonly on: Side;
  readonly off: Side;
  /** operations of ModelArts called since it was emptied last */
  readonly called: string[];
  /** whether catalogues are answered from before: calls are spared then, and cannot be compared */
  readonly isCatalogKept: boolean;
};

export const ownProject = 'a4a5d4098fb4474fa22cd05f897d6b99';
const otherProject = 'b5b6e5109fc5585fb33de16f908e7c00';
/** of a front end on another host */
export const elsewhere = 'https://console.example';

let trials = 0;

/** The first time is ordinary, for the second a plan is made and its answer kept, the others ask whether it still holds. */
const timesOn = 4;

/** What comes out differently with everything on. */
export class DifferenceError extends Error {}

/**
 * Asks the question again and again with everything on, and once with everything off; and once more when something has changed.
 * @returns what was seen with everything off
 * @throws DifferenceError
 */
export async function compare(trial: Trial, pair: Pair): Promise<Seen> {
  const { bed, stock } = pair;
  const sent = sentOf(trial, pair);
  const asked = { sent, transport: trial.transport };
  const world = await worldFor(trial.world, asked, pair);
  try {
    if (world.fault !== null) await setFault(world.fault, bed);
    const seen = await compareNow(asked, pair, { times: timesOn, when: 'at first', isFailing: world.fault !== null });
    if (world.turn !== null) {
      await turnTo(world.turn, bed, stock);
      await compareNow(asked, pair, { times: 2, when: 'after the turn', isFailing: world.turn.kind === 'fault' });
    }
    if (world.turn?.kind === 'fault') {
      await bed.clearFaults();
      await compareNow(asked, pair, { times: 1, when: 'after the fault', isFailing: false });
    }
    return seen;
  } finally {
    await turnBack(world, bed, stock);
  }
}

/** The world with faults of what is called for the question, which is asked once more to know that. */
async function worldFor({ fault, turn }: World, { sent, transport }: Asked, pair: Pair): Promise<World> {
  if (fault === null && turn?.kind !== 'fault') return { fault, turn };
  pair.called.length = 0;
  await pair.off.ask(transport, sent);
  const among = { called: [...pair.called], isCatalogKept: pair.isCatalogKept };
  const turnedTo = turn?.kind === 'fault' ? faultAmong(turn.fault, among) : null;
  return {
    fault: fault === null ? null : faultAmong(fault, among),
    turn: turn?.kind !== 'fault' ? turn : turnedTo === null ? null : { kind: 'fault', fault: turnedTo },
  };
}

type Asked = { readonly sent: Sent; readonly transport: Transport };

async function compareNow(
  { sent, transport }: Asked,
  pair: Pair,
  { times, when, isFailing }: { readonly times: number; readonly when: string; readonly isFailing: boolean },
): Promise<Seen> {
  const expected = await pair.off.ask(transport, sent);
  for (let time = 1; time <= times; time++) {
    const seen = await pair.on.ask(transport, sent);
    const difference = differenceOf(seen, expected, {
      areCallsEqual: !pair.isCatalogKept && when === 'at first' && !isFailing,
      areCallsFailing: isFailing,
    });
    if (difference !== null) throw new DifferenceError(`${when}, time ${time} of ${times}: ${difference}`);
  }
  return expected;
}

function sentOf({ question, accept, isCostAsked, token, project, isFromElsewhere }: Trial, pair: Pair): Sent {
  const { query, variables, operationName } = question;
  return {
    // no document is known from another trial
    query: `${filledIn(query, pair.stock)} # ${++trials}`,
    variables: variables === null ? null : filledIn(variables, pair.stock),
    operationName,
    accept,
    isCostAsked,
    projectId: project === 'other' ? otherProject : (project === 'usual') === pair.isProjectSent ? ownProject : null,
    origin: isFromElsewhere ? elsewhere : null,
    token: token === 'own' ? pair.token : token === 'wrong' ? 'a b' : null,
  };
}
