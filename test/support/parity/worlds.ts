import fc from 'fast-check';
import type { TestBed } from '../gateway.ts';
import { smaller } from './document/selections.ts';
import type { Stock } from './stock.ts';

/** A fault of the simulator, for as long as it is not cleared. */
export type Fault = {
  readonly name: string;
  /** an operation of ModelArts, all of them (`*`), or one of those the question is answered with */
  readonly operation: string | { readonly pick: number };
  readonly [option: string]: unknown;
};

/** How ModelArts is while a question is asked. */
export type World = {
  /** there from the first time on; null: all is well */
  readonly fault: Fault | null;
  /** what happens once an answer may be kept; null: nothing */
  readonly turn: Turn | null;
};

export type Turn =
  | { readonly kind: 'status'; readonly notebook: string; readonly status: string }
  | { readonly kind: 'fault'; readonly fault: Fault }
  | { readonly kind: 'recovery' };

const notFound = { error_code: 'ModelArts.6309', error_msg: 'not found' };
const forbidden = { error_code: 'ModelArts.6102', error_msg: 'no permission' };

/** Each kind that ends by itself at once; `hang` and `slow-drip` take until the time limit (`slowFaults`). */
const effects: readonly Readonly<Record<string, unknown> & { name: string }>[] = [
  { name: 'unavailable' },
  { name: 'unavailable', retryAfterSeconds: 7 },
  { name: 'bad-gateway' },
  { name: 'gateway-timeout' },
  { name: 'throttled', retryAfterSeconds: 3 },
  { name: 'rate-limited', limit: 60, window: '1 minute' },
  { name: 'refused', code: 'ModelArts.0428' },
  { name: 'headers-too-large' },
  { name: 'unauthorised' },
  { name: 'internal' },
  { name: 'malformed' },
  { name: 'html' },
  { name: 'empty' },
  { name: 'reset' },
  { name: 'reset-after' },
  { name: 'lost-answer', status: 502 },
  { name: 'lost-answer', status: 504 },
  { name: 'slow', delayMs: 2 },
  { name: 'wrong-type', as: 'array' },
  { name: 'wrong-type', as: 'string' },
  { name: 'unknown-enum' },
  { name: 'null-list' },
  { name: 'error', status: 400, body: notFound },
  { name: 'error', status: 403, body: forbidden },
  { name: 'error', status: 418, body: { nothing: true } },
  { name: 'merge', body: { description: 'merged', name: 'm' }, item: { description: 'merged', name: 7 } },
  { name: 'merge', body: { flavor: null, image: null, volume: null }, item: { image: {}, flavor: '', id: 'same' } },
  { name: 'merge', body: { lease: { create_at: 'x' }, endpoints: [null, 1] }, item: { status: null, tags: 'x' } },
];

const targets = fc.oneof(
  { arbitrary: fc.record({ pick: fc.nat(5) }), weight: 8 },
  { arbitrary: fc.constantFrom('*', 'showNotebook', 'listNotebooks'), weight: 1 },
);

const faults: fc.Arbitrary<Fault> = fc
  .tuple(fc.constantFrom(...effects), targets)
  .map(([effect, operation]) => ({ ...effect, operation }));

const catalogReads: ReadonlySet<unknown> = new Set(['listFlavors', 'listImage', 'showImage']);

/**
 * A fault of one of the operations that a question is answered with.
 * @param isCatalogKept whether catalogues are answered from before: what is asked of them must not change then
 * @returns null: there is none it could be a fault of
 */
export function faultAmong(
  { operation, ...effect }: Fault,
  { called, isCatalogKept }: { readonly called: readonly string[]; readonly isCatalogKept: boolean },
): Fault | null {
  // a token that is refused loses its catalogues, which are read anew as its calls happen to end
  if (isCatalogKept && (operation === '*' || effect.name === 'unauthorised')) return null;
  if (typeof operation === 'string') return { ...effect, operation };
  const possible = called.filter((one) => !isCatalogKept || !catalogReads.has(one));
  const picked = possible[operation.pick % Math.max(1, possible.length)];
  return picked === undefined ? null : { ...effect, operation: picked };
}

const statuses: fc.Arbitrary<Turn> = fc.record({
  kind: fc.constant('status' as const),
  notebook: fc.constantFrom('running', 'stopped', 'failed', 'creating'),
  status: fc.constantFrom('RUNNING', 'STOPPED', 'ERROR', 'STARTING', 'DELETING'),
});

const none = fc.constant(null);
const turning = fc.record({ kind: fc.constant('fault' as const), fault: faults });

export const worlds: fc.Arbitrary<World> = fc.oneof(
  smaller,
  { arbitrary: fc.record({ fault: none, turn: none }), weight: 8 },
  { arbitrary: fc.record({ fault: none, turn: statuses }), weight: 3 },
  { arbitrary: fc.record({ fault: none, turn: turning }), weight: 4 },
  { arbitrary: fc.record({ fault: faults, turn: none }), weight: 2 },
  { arbitrary: fc.record({ fault: faults, turn: fc.constant({ kind: 'recovery' as const }) }), weight: 3 },
);

/** Until the time limit. */
export const slowFaults: readonly Fault[] = [
  { name: 'hang', operation: { pick: 0 } },
  { name: 'hang', operation: { pick: 1 } },
  { name: 'hang', operation: '*' },
  { name: 'slow-drip', intervalMs: 50, operation: { pick: 0 } },
];

/** @param fault with its operation */
export async function setFault({ operation, ...effect }: Fault, bed: TestBed): Promise<void> {
  if (typeof operation !== 'string') throw new Error('a fault of no operation');
  await bed.fault({ ...effect, operation });
}

/** Lets the turn happen. */
export async function turnTo(turn: Turn, bed: TestBed, stock: Stock): Promise<void> {
  if (turn.kind === 'recovery') return bed.clearFaults();
  if (turn.kind === 'fault') return setFault(turn.fault, bed);
  await bed.force(stock.get(turn.notebook) ?? '', { status: turn.status, fail_reason: 'turned' });
}

/** Undoes it, for the next question. */
export async function turnBack({ fault, turn }: World, bed: TestBed, stock: Stock): Promise<void> {
  if (fault !== null || turn?.kind === 'fault') await bed.clearFaults();
  if (turn?.kind !== 'status') return;
  const status = { running: 'RUNNING', stopped: 'STOPPED', creating: 'CREATING' }[turn.notebook] ?? 'CREATE_FAILED';
  await bed.force(stock.get(turn.notebook) ?? '', { status });
}
