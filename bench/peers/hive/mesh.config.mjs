import { defineConfig } from '@graphql-mesh/compose-cli';
import { loadOpenAPISubgraph } from '@omnigraph/openapi';

/** A supergraph of our own contract, and the image and flavor of a notebook as its guides add fields of other endpoints. */

const { CONTRACT, UPSTREAM, PROJECT_ID } = process.env;

export const composeConfig = defineConfig({
  subgraphs: [
    {
      sourceHandler: loadOpenAPISubgraph('modelarts', {
        source: CONTRACT,
        endpoint: UPSTREAM,
        // plain types instead of unions with the errors: less work, and fields can be asked for directly
        ignoreErrorResponses: true,
        operationHeaders: { 'X-Auth-Token': "{context.headers['x-auth-token']}" },
      }),
    },
  ],
  additionalTypeDefs: /* GraphQL */ `
    extend type Notebook {
      image_details: Image
        @resolveTo(
          sourceName: "modelarts"
          sourceTypeName: "Query"
          sourceFieldName: "showImage"
          requiredSelectionSet: "{ image { id } }"
          sourceArgs: { project_id: "${PROJECT_ID}", id: "{root.image.id}" }
        )
      flavor_details: Flavor
    }
  `,
});
