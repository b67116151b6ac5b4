import { defineConfig } from '@graphql-hive/gateway';

/** Hive Gateway as it starts by default, and one resolver: there is no call for one flavor, so all rows share one list. */

const { PROJECT_ID } = process.env;

export const gatewayConfig = defineConfig({
  additionalResolvers: {
    Notebook: {
      flavor_details: {
        selectionSet: '{ flavor }',
        resolve: (notebook, _args, context, info) =>
          context.modelarts.Query.listFlavors({
            root: notebook,
            context,
            info,
            key: notebook.flavor,
            argsFromKeys: () => ({ project_id: PROJECT_ID }),
            selectionSet: () => '{ data { id name vcpus sold_out } }',
            valuesFromResults: (page, ids) => ids.map((id) => page.data.find((flavor) => flavor.id === id) ?? null),
          }),
      },
    },
  },
});
