import { z } from 'zod';
import type { Notebook, NotebookStatus } from '../../modelarts/notebooks.ts';
import { ModelArtsError } from '../../modelarts/wire/errors.ts';
import { builder } from '../core/builder.ts';
import type { Context } from '../core/context.ts';
import { optional, validated } from '../core/input.ts';
import { statusEvents } from '../events/status-events.ts';
import { NotebookStatusEnum } from './enums.ts';
import { notebookStatusRules, notebookWatch } from './watch.ts';

const defaultTimeoutSeconds = 60;
const maxTimeoutSeconds = 300;

export const WaitInput = builder.inputType('WaitInput', {
  description: 'What to wait for before a change is answered, for callers that cannot subscribe.',
  fields: (t) => ({
    statuses: t.field({
      type: [NotebookStatusEnum],
      description: 'Statuses that end the wait; RUNNING after create and start, STOPPED after stop, when left out.',
    }),
    timeoutSeconds: t.int({
      defaultValue: defaultTimeoutSeconds,
      description:
        'Longest wait in seconds, 1 to 300; 60 when left out. When it is over, the answer is given all the same, and the change goes on.',
    }),
  }),
});

export const waitUntilArg = {
  type: WaitInput,
  description:
    'Answer only when the notebook has got there, has failed, or the time is up; at once when left out. Waiting shares the poll of `notebookStatusChanged`.',
} as const;

type Wait = { readonly until: ReadonlySet<NotebookStatus>; readonly timeoutMs: number };

const waitRules = z.object({
  statuses: optional(z.array(z.string()).min(1, 'At least one status is needed.')),
  timeoutSeconds: optional(
    z
      .int()
      .min(1, 'A wait lasts at least 1 second.')
      .max(maxTimeoutSeconds, `A wait lasts at most ${maxTimeoutSeconds} seconds.`),
  ),
});

/**
 * How long to wait, and for what; null: not at all.
 * @param aims statuses to wait for when the input names none
 * @throws BadUserInputError nothing to wait for, or too long
 */
export function waitRequest(
  input: typeof WaitInput.$inferInput | null | undefined,
  aims: readonly NotebookStatus[],
): Wait | null {
  if (input === null || input === undefined) return null;
  const { timeoutSeconds } = validated(waitRules, input, ['waitUntil']);
  return { until: new Set(input.statuses ?? aims), timeoutMs: (timeoutSeconds ?? defaultTimeoutSeconds) * 1000 };
}

/** How a wait ended. */
export type Waited = {
  readonly isReached: boolean;
  readonly isTimedOut: boolean;
  readonly status: NotebookStatus;
  readonly statusRaw: string;
  readonly failReason: string | null;
  /** as last read */
  readonly notebook: Notebook;
};

export const WaitResultType = builder.objectRef<Waited>('WaitResult').implement({
  description: 'How a wait ended.',
  fields: (t) => ({
    reached: t.exposeBoolean('isReached', { description: 'Whether one of the statuses was reached.' }),
    timedOut: t.exposeBoolean('isTimedOut', {
      description: 'Whether the time was up first; the change goes on, and `notebookStatusChanged` emits it.',
    }),
    status: t.expose('status', {
      type: NotebookStatusEnum,
      description: 'State of the notebook at the end of the wait; DELETED when it is gone.',
    }),
    statusRaw: t.exposeString('statusRaw', { description: '`status` as ModelArts wrote it.' }),
    failReason: t.exposeString('failReason', {
      nullable: true,
      description: 'Why it failed, when it did and ModelArts says so; or why the wait could not go on.',
    }),
  }),
});

/**
 * Waits for a notebook that was just changed. Ends early on a failed status, and when the caller leaves.
 * Call it after the change was published: only what was read since then counts, ModelArts' first answer may be wrong about the status.
 * @param changed as the change was answered
 */
async function waitFor(context: Context, changed: Notebook, { until, timeoutMs }: Wait): Promise<Waited> {
  const timeout = new AbortController();
  const timer = setTimeout(() => timeout.abort(), timeoutMs);
  let waited: Waited = {
    isReached: false,
    isTimedOut: false,
    status: changed.status,
    statusRaw: changed.statusRaw,
    failReason: null,
    notebook: changed,
  };
  try {
    const signal = eitherOf(timeout.signal, (await context.access()).session.signal);
    const events = await notebookWatch.listen(context, { id: changed.id, signal });
    for await (const event of statusEvents(events, { id: changed.id, until, rules: notebookStatusRules })) {
      if (event.sequence === null) continue;
      const { status, statusRaw, failReason, item } = event;
      waited = { ...waited, status, statusRaw, failReason, notebook: item ?? waited.notebook };
      if (event.isFinal) return { ...waited, isReached: until.has(status) };
    }
    return { ...waited, isTimedOut: timeout.signal.aborted };
  } catch (error) {
    // the change took effect: it must not look as if it had failed
    if (error instanceof ModelArtsError) return { ...waited, failReason: error.message };
    throw error;
  } finally {
    clearTimeout(timer);
  }
}

/** The notebook after a change, and how waiting for it ended, if that was asked for. */
export async function afterWait(
  context: Context,
  notebook: Notebook,
  wait: Wait | null,
): Promise<{ readonly notebook: Notebook; readonly waited: Waited | null }> {
  const waited = wait && (await waitFor(context, notebook, wait));
  return { notebook: waited?.notebook ?? notebook, waited };
}

const eitherOf = (one: AbortSignal, other: AbortSignal | undefined): AbortSignal =>
  other === undefined ? one : AbortSignal.any([one, other]);
