import { NotFoundError } from '../modelarts/errors.ts';
import type { Notebook, NotebookStatus } from '../modelarts/notebooks.ts';
import { isFailed } from '../modelarts/state-machine.ts';
import type { WatchEvent } from '../watch/watch-event.ts';
import { builder } from './builder.ts';
import { requestEnum } from './enums.ts';
import { FlavorType } from './flavor.ts';
import { rawIdOf } from './global-id.ts';
import { ImageType } from './image.ts';
import { stopWithReader } from './iterator.ts';
import { NotebookType } from './notebook.ts';
import { NotebookStatusEnum, NotebookStatusFilter } from './notebook-enums.ts';
import { watchNotebook } from './notebook-watch.ts';

const WatchEventKindEnum = requestEnum('WatchEventKind', {
  description: 'What an event of a subscription tells.',
  values: {
    SNAPSHOT: 'The state at the moment; the first event, or one after which earlier ones no longer count.',
    MODIFIED: 'Something changed.',
    REMOVED: 'The object is gone; no more events follow.',
    UNREACHABLE: 'ModelArts has not answered lately: the state shown may be old. The subscription goes on.',
    REACHABLE: 'ModelArts answers again.',
  },
});

type EventKind = 'SNAPSHOT' | 'MODIFIED' | 'REMOVED' | 'UNREACHABLE' | 'REACHABLE';

type NotebookStatusEvent = {
  readonly kind: EventKind;
  readonly id: string;
  readonly notebook: Notebook | null;
  readonly status: NotebookStatus;
  readonly statusRaw: string;
  readonly previousStatus: NotebookStatus | null;
  readonly observedAt: number;
  readonly unreachableSince: number | null;
  readonly isFinal: boolean;
};

const NotebookStatusEventType = builder.objectRef<NotebookStatusEvent>('NotebookStatusEvent').implement({
  description: 'The state of a notebook, or a change of it.',
  fields: (t) => ({
    kind: t.expose('kind', { type: WatchEventKindEnum, description: 'What this event tells.' }),
    notebookId: t.exposeString('id', { description: "ModelArts' own id (UUID)." }),
    notebook: t.field({
      type: NotebookType,
      nullable: true,
      description: 'The notebook as last read; null when it is gone.',
      resolve: (event, _args, context) => {
        // loaders remember for one operation; a subscription is one operation that lasts
        for (const type of [NotebookType, ImageType, FlavorType]) type.getDataloader(context).clearAll();
        return event.notebook;
      },
    }),
    status: t.expose('status', { type: NotebookStatusEnum, description: 'State; DELETED when it is gone.' }),
    statusRaw: t.exposeString('statusRaw', { description: '`status` as ModelArts wrote it.' }),
    previousStatus: t.expose('previousStatus', {
      type: NotebookStatusEnum,
      nullable: true,
      description: 'State before; null in the first event.',
    }),
    observedAt: t.expose('observedAt', { type: 'DateTime', description: 'When the gateway learned it.' }),
    unreachableSince: t.expose('unreachableSince', {
      type: 'DateTime',
      nullable: true,
      description: 'Time of the last good answer of ModelArts, in UNREACHABLE events.',
    }),
    isFinal: t.exposeBoolean('isFinal', {
      description: 'Whether this is the last event: a status of `until`, a failure, or the deletion has come.',
    }),
  }),
});

/** Turns what a watch tells of one notebook into status events; ends after the last one. */
async function* statusEvents(
  events: AsyncIterableIterator<WatchEvent<Notebook>>,
  id: string,
  until: ReadonlySet<NotebookStatus>,
): AsyncGenerator<NotebookStatusEvent> {
  let last: Notebook | null = null;
  const ends = (status: NotebookStatus): boolean => until.has(status) || isFailed(status) || status === 'DELETED';
  const eventOf = (
    kind: EventKind,
    observedAt: number,
    rest: Partial<NotebookStatusEvent> = {},
  ): NotebookStatusEvent => ({
    kind,
    id,
    notebook: last,
    status: last?.status ?? 'UNKNOWN',
    statusRaw: last?.statusRaw ?? '',
    previousStatus: null,
    observedAt,
    unreachableSince: null,
    isFinal: last !== null && ends(last.status),
    ...rest,
  });

  for await (const event of events) {
    switch (event.kind) {
      case 'UNREACHABLE':
        yield eventOf('UNREACHABLE', event.observedAt, { unreachableSince: event.since, isFinal: false });
        break;
      case 'REACHABLE':
        yield eventOf('REACHABLE', event.observedAt, { isFinal: false });
        break;
      case 'SNAPSHOT': {
        const [found] = event.items;
        if (found === undefined && last === null) throw new NotFoundError(`There is no notebook ${id} in the project.`);
        const previousStatus: NotebookStatus | null = last?.status ?? null;
        if (found === undefined) {
          last = null;
          yield eventOf('REMOVED', event.observedAt, {
            status: 'DELETED',
            statusRaw: 'DELETED',
            previousStatus,
            isFinal: true,
          });
          return;
        }
        last = found;
        const snapshot = eventOf('SNAPSHOT', event.observedAt, { previousStatus });
        yield snapshot;
        if (snapshot.isFinal) return;
        break;
      }
      case 'REMOVED':
        last = null;
        yield eventOf('REMOVED', event.observedAt, {
          status: 'DELETED',
          statusRaw: 'DELETED',
          previousStatus: event.previous.status,
          isFinal: true,
        });
        return;
      default: {
        last = event.item;
        const change = eventOf('MODIFIED', event.observedAt, { previousStatus: event.previous?.status ?? null });
        yield change;
        if (change.isFinal) return;
      }
    }
  }
}

builder.subscriptionField('notebookStatusChanged', (t) =>
  t.field({
    type: NotebookStatusEventType,
    description:
      'The status of a notebook: first as it is, then every change of it, of its name, lease and start-up steps. Ends at a status of `until`, at a failure, or when the notebook is gone. Subscribers with one token share one poll.',
    args: {
      id: t.arg.id({ required: true, description: "Global id, or ModelArts' own id (UUID)." }),
      until: t.arg({
        type: [NotebookStatusFilter],
        description: 'Statuses that end the subscription, for example `[RUNNING]`; failures always do.',
      }),
    },
    subscribe: async (_root, args, context) => {
      const id = rawIdOf('Notebook', args.id);
      const events = await watchNotebook(context, id);
      return stopWithReader(statusEvents(events, id, new Set(args.until ?? [])), events);
    },
    resolve: (event) => event,
  }),
);
