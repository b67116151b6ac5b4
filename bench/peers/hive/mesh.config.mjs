import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { defineConfig } from '@graphql-mesh/compose-cli';
import { loadOpenAPISubgraph } from '@omnigraph/openapi';

/** A supergraph of our own contract, and the image and flavor of a notebook as its guides add fields of other endpoints. */

const { CONTRACT, FOLDER, UPSTREAM, PROJECT_ID } = process.env;

/** The handler makes Int of a 64 bit integer with a minimum, which no time in ms fits. */
const source = join(FOLDER, 'hive-contract.yaml');
writeFileSync(source, readFileSync(CONTRACT, 'utf8').replace(/(EpochMs:\n(?: {6}.*\n){3}) {6}minimum: 0\n/, '$1'));

export const composeConfig = defineConfig({
  subgraphs: [
    {
      sourceHandler: loadOpenAPISubgraph('modelarts', {
        source,
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
