import type { Session } from '../../modelarts/client/client.ts';
import { listProjects } from '../../modelarts/projects.ts';
import { UnauthenticatedError } from '../../modelarts/wire/errors.ts';
import { builder } from '../core/builder.ts';
import type { FollowedSession } from '../core/context.ts';
import { requestEnum } from '../core/enums.ts';
import { stopWithReader } from '../events/stop-with-reader.ts';
import { defaultThresholds, readThresholds, thresholdsAllowed } from '../events/thresholds.ts';

const SessionEventKindEnum = requestEnum('SessionEventKind', {
  description: 'What an event says of a session.',
  values: {
    CURRENT: 'How long it lasts as it is; the first event.',
    EXPIRING: 'It ends soon: call `renewSession` with a new token.',
    RENEWED: 'It goes on with a new token.',
    EXPIRED: 'It is over; no more events follow.',
  },
});

type SessionEvent = {
  readonly kind: 'CURRENT' | 'EXPIRING' | 'RENEWED' | 'EXPIRED';
  readonly expiresAtMs: number | null;
};

const SessionEventType = builder.objectRef<SessionEvent>('SessionEvent').implement({
  description: 'The end of a session, and how near it is.',
  fields: (t) => ({
    kind: t.expose('kind', { type: SessionEventKindEnum, description: 'What this event says.' }),
    expiresAt: t.expose('expiresAtMs', {
      type: 'DateTime',
      nullable: true,
      description: 'When the token ends; null when this gateway did not issue it and so cannot tell.',
    }),
    remainingSeconds: t.field({
      type: 'BigInt',
      nullable: true,
      description: 'Whole seconds until then, at the time of the event.',
      resolve: ({ expiresAtMs }) => (expiresAtMs === null ? null : secondsUntil(expiresAtMs)),
    }),
  }),
});

const secondsUntil = (timeMs: number): number => Math.max(0, Math.round((timeMs - Date.now()) / 1000));

/** How often IAM is asked for a token whose end is not known here, ms. */
const checkIntervalMs = 5 * 60_000;

/** Longest wait a timer of the platform takes, ms. */
const maxWaitMs = 2 ** 31 - 1;

/** A wait that a renewal or the reader's leaving cuts short. */
function createAlarm(session: FollowedSession) {
  let ring: () => void = () => {};
  let isOver = false;
  const stop = session.onRenewed(() => ring());
  return {
    wait: (durationMs: number) =>
      new Promise<void>((resolve) => {
        if (isOver) return resolve();
        const timer = setTimeout(resolve, Math.min(durationMs, maxWaitMs));
        ring = () => {
          clearTimeout(timer);
          resolve();
        };
      }),
    end: () => {
      isOver = true;
      stop();
      ring();
    },
    get isOver() {
      return isOver;
    },
  };
}

type Alarm = ReturnType<typeof createAlarm>;

const isPast = (timeMs: number | null): boolean => timeMs !== null && timeMs <= Date.now();

const expiryOf = (session: FollowedSession): number | null => session.newest()?.expiresAtMs ?? null;

type SessionEventOptions = {
  readonly beforeMs: readonly number[];
  readonly alarm: Alarm;
  /** Whether IAM still takes the token. */
  readonly isTaken: () => Promise<boolean>;
};

async function* sessionEvents(
  session: FollowedSession,
  { beforeMs, alarm, isTaken }: SessionEventOptions,
): AsyncGenerator<SessionEvent> {
  try {
    await session.confirm();
    let expiresAtMs = expiryOf(session);
    yield { kind: 'CURRENT', expiresAtMs };
    let emitted = Number.POSITIVE_INFINITY;
    while (!alarm.isOver) {
      const remainingMs = expiresAtMs === null ? Number.POSITIVE_INFINITY : expiresAtMs - Date.now();
      if (remainingMs <= 0) {
        yield { kind: 'EXPIRED', expiresAtMs };
        return;
      }
      // of several thresholds already passed only the nearest is emitted
      const due = Math.min(...beforeMs.filter((threshold) => threshold >= remainingMs), Number.POSITIVE_INFINITY);
      if (due < emitted) {
        emitted = due;
        yield { kind: 'EXPIRING', expiresAtMs };
        continue;
      }
      const next = Math.max(0, ...beforeMs.filter((threshold) => threshold < remainingMs));
      await alarm.wait(expiresAtMs === null ? checkIntervalMs : remainingMs - next);
      if (alarm.isOver) return;
      if (!isPast(expiresAtMs)) await session.confirm();
      const renewedTo = expiryOf(session);
      if (renewedTo === null && !(await isTaken())) {
        yield { kind: 'EXPIRED', expiresAtMs };
        return;
      }
      if (renewedTo !== expiresAtMs) {
        expiresAtMs = renewedTo;
        emitted = Number.POSITIVE_INFINITY;
        yield { kind: 'RENEWED', expiresAtMs };
      }
    }
  } finally {
    alarm.end();
  }
}

/** What IAM cannot say now it may say the next time. */
async function isAccepted(session: Session): Promise<boolean> {
  try {
    await listProjects(session);
    return true;
  } catch (error) {
    return !(error instanceof UnauthenticatedError);
  }
}

/** A token lasts no longer. */
const longest = { seconds: 24 * 3600, inWords: '24 hours' };

builder.subscriptionField('sessionExpiring', (t) =>
  t.field({
    type: SessionEventType,
    description:
      "The end of the caller's session: how far it is, once at each threshold before it, its renewals, and the end itself. REST: ListProjects, to see whether IAM takes the token, unless it was used lately.",
    args: {
      beforeSeconds: t.arg.intList({
        defaultValue: defaultThresholds,
        description: `Seconds before the end at which to be notified, each once: ${thresholdsAllowed(longest)}.`,
      }),
    },
    subscribe: async (_root, args, context) => {
      const own = context.session();
      const session = context.tokens.follow();
      // anybody can make one up, and would be followed for nothing
      if (session.newest() === null) await listProjects(own);
      const beforeMs = readThresholds(args.beforeSeconds, longest).map((seconds) => seconds * 1000);
      const alarm = createAlarm(session);
      const isTaken = () => isAccepted(own);
      return stopWithReader(sessionEvents(session, { beforeMs, alarm, isTaken }), {
        next: async () => ({ done: true, value: undefined }),
        return: async () => {
          alarm.end();
          return { done: true, value: undefined };
        },
      });
    },
    resolve: (event) => event,
  }),
);
