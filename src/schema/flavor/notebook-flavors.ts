import { showSwitchableFlavors } from '../../modelarts/flavors.ts';
import { builder } from '../core/builder.ts';
import { once } from '../loading/cost.ts';
import { orNull } from '../loading/null-if-not-found.ts';
import { NotebookType } from '../notebook/notebook.ts';
import { FlavorType } from './flavor.ts';

builder.objectField(NotebookType, 'switchableFlavors', (t) =>
  t.field({
    type: [FlavorType],
    description:
      'Flavors it can be given instead of its own, once it is STOPPED. Costs one call for each notebook. REST: ShowSwitchableFlavors.',
    extensions: { cost: once(1) },
    resolve: async (notebook, _args, context) => {
      const { session, projectId } = await context.access();
      // gone since it was read: no reason to lose the rest of a list
      const page = await orNull(() => showSwitchableFlavors(session, projectId, notebook.id));
      return [...(page?.items ?? [])];
    },
  }),
);
