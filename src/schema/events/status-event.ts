import type { AnyStatus } from '../../modelarts/state-machine.ts';
import { builder } from '../core/builder.ts';
import { requestEnum } from '../core/enums.ts';
import type { StatusEvent } from './status-events.ts';

const StatusEventKindEnum = requestEnum('StatusEventKind', {
  description: 'What an event about one object says.',
  values: {
    SNAPSHOT: 'The state at the moment; the first event, or one after which earlier ones no longer count.',
    MODIFIED: 'Something changed.',
    REMOVED: 'The object is gone; no more events follow.',
    UNREACHABLE: 'ModelArts has not answered lately: the state shown may be old. The subscription goes on.',
    REACHABLE: 'ModelArts answers again.',
  },
});

/** Descriptions of what all subscriptions have in common. */
export const eventDescriptions = {
  observedAt: 'When the gateway learned it.',
  unreachableSince: 'Time of the last good answer of ModelArts, in UNREACHABLE events.',
  sequence:
    'Resume point: after a disconnect pass it as `since` to go on behind this event. Opaque; null in UNREACHABLE and REACHABLE.',
  isReset:
    'Whether what was emitted before no longer counts: `since` was too old or of another replica, or the subscriber read too slowly.',
  since:
    '`sequence` of the last event read before a disconnect: the changes missed since are emitted first, and what was known already is not emitted again. Good for a disconnect of seconds; after that a snapshot comes, with `isReset`.',
  previousStatus: 'State before; null in the first event, and where the state is not what the event is about.',
} as const;

export const StatusEventInterface = builder.interfaceRef<StatusEvent<unknown, AnyStatus>>('StatusEvent').implement({
  description: 'The state of one object that is watched, or a change of it.',
  fields: (t) => ({
    kind: t.expose('kind', { type: StatusEventKindEnum, description: 'What this event says.' }),
    statusRaw: t.exposeString('statusRaw', {
      description: '`status` as ModelArts wrote it; empty before the first state is known.',
    }),
    failReason: t.exposeString('failReason', {
      nullable: true,
      description: 'Why it failed, when it did and ModelArts says so.',
    }),
    observedAt: t.expose('observedAt', { type: 'DateTime', description: eventDescriptions.observedAt }),
    unreachableSince: t.expose('unreachableSince', {
      type: 'DateTime',
      nullable: true,
      description: eventDescriptions.unreachableSince,
    }),
    isFinal: t.exposeBoolean('isFinal', {
      description: 'Whether this is the last event: a status of `until`, a failure, or the end of the object has come.',
    }),
    sequence: t.exposeString('sequence', { nullable: true, description: eventDescriptions.sequence }),
    isReset: t.exposeBoolean('isReset', { description: eventDescriptions.isReset }),
  }),
});
