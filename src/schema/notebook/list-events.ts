import { z } from 'zod';
import { hasTags } from '../../modelarts/notebook-filters.ts';
import type { Notebook } from '../../modelarts/notebooks.ts';
import type { WatchEvent } from '../../watch/watch-event.ts';
import { builder } from '../core/builder.ts';
import { requestEnum } from '../core/enums.ts';
import { idRule, validated } from '../core/input.ts';
import { deliver, resumePoint } from '../events/event-delivery.ts';
import { eventDescriptions } from '../events/status-event.ts';
import { stopWithReader } from '../events/stop-with-reader.ts';
import { NotebookStatusEnum } from './enums.ts';
import { type NotebookListEvent, notebookListEvents } from './list-stream.ts';
import { NotebookType } from './notebook.ts';
import { TagFilterInput, wantedTags } from './tag-rules.ts';
import { notebookWatch } from './watch.ts';

const NotebooksEventKindEnum = requestEnum('NotebooksEventKind', {
  description: 'What an event about a list of notebooks says.',
  values: {
    SNAPSHOT: 'All notebooks at the moment; the first event, or one after which earlier ones no longer count.',
    ADDED: 'A notebook has come into being, or now meets the filter.',
    MODIFIED: 'Something of a notebook changed.',
    REMOVED: 'A notebook is gone, or no longer meets the filter.',
    UNREACHABLE: 'ModelArts has not answered lately: what was emitted may be old. The subscription goes on.',
    REACHABLE: 'ModelArts answers again.',
  },
});

const NotebooksEventType = builder.objectRef<NotebookListEvent>('NotebooksEvent').implement({
  description: 'A list of notebooks, or a change of it.',
  fields: (t) => ({
    kind: t.expose('kind', { type: NotebooksEventKindEnum, description: 'What this event says.' }),
    notebooks: t.field({
      type: [NotebookType],
      nullable: true,
      description: 'All notebooks that meet the filter, in no particular order; in SNAPSHOT only.',
      resolve: (event) => event.notebooks && [...event.notebooks],
    }),
    notebook: t.field({
      type: NotebookType,
      nullable: true,
      description:
        'The notebook that was added or changed, or that no longer meets the filter; null when it is gone, and in other events.',
      resolve: (event) => event.notebook,
    }),
    notebookId: t.exposeString('id', {
      nullable: true,
      description: "ModelArts' own id (UUID) of the notebook the event is about; in ADDED, MODIFIED and REMOVED.",
    }),
    observedAt: t.expose('observedAt', { type: 'DateTime', description: eventDescriptions.observedAt }),
    unreachableSince: t.expose('unreachableSince', {
      type: 'DateTime',
      nullable: true,
      description: eventDescriptions.unreachableSince,
    }),
    sequence: t.exposeString('sequence', { nullable: true, description: eventDescriptions.sequence }),
    isReset: t.exposeBoolean('isReset', { description: eventDescriptions.isReset }),
  }),
});

const NotebookWatchFilterInput = builder.inputType('NotebookWatchFilter', {
  description: 'Which notebooks to watch; all conditions must hold.',
  fields: (t) => ({
    name: t.string({ description: 'A part of the name; upper and lower case differ.' }),
    statuses: t.field({ type: [NotebookStatusEnum], description: 'Statuses to be in, one of them.' }),
    tags: t.field({ type: [TagFilterInput], description: 'Tags to have, all of them, each key once.' }),
    ids: t.idList({ description: "Which ones, one of them: global ids, or ModelArts' own ids (UUID)." }),
  }),
});

const idsRule = z.object({ ids: z.array(idRule('Notebook')).nullish() });

/** @throws BadUserInputError an id cannot be one of a notebook, or a tag none */
function matcher(filter: typeof NotebookWatchFilterInput.$inferInput): (notebook: Notebook) => boolean {
  const { name, statuses } = filter;
  const { ids } = validated(idsRule, filter, ['filter']);
  const wanted = ids && new Set(ids);
  const tags = wantedTags(filter);
  return (notebook) =>
    (name === null || name === undefined || notebook.name.includes(name)) &&
    (!statuses || statuses.some((status) => status === notebook.status)) &&
    (!wanted || wanted.has(notebook.id)) &&
    hasTags(notebook.tags, tags);
}

builder.subscriptionField('notebooksChanged', (t) =>
  t.field({
    type: NotebooksEventType,
    description:
      "The caller's notebooks: first all, then each one that is added, changed or removed. A filter makes moves into and out of it additions and removals. Goes on until the client ends it. Subscribers with one token share one poll of the list, with one more call for each notebook that is starting. Fields lists lack are read for each subscriber that selects them, and once for all that ask exactly the same. REST: ListNotebooks, ShowNotebook.",
    args: {
      filter: t.arg({ type: NotebookWatchFilterInput, description: 'Which notebooks to watch; all when left out.' }),
      since: t.arg.string({ description: eventDescriptions.since }),
    },
    subscribe: async (_root, args, context) => {
      const filter = args.filter ?? {};
      const matches = matcher(filter);
      const events: AsyncIterableIterator<WatchEvent<Notebook>> = await notebookWatch.listen(context, {
        since: resumePoint(args.since, context),
      });
      return stopWithReader(notebookListEvents(events, { key: JSON.stringify(filter), matches }), events);
    },
    resolve: deliver,
  }),
);
