import SchemaBuilder from '@pothos/core';
import ErrorsPlugin from '@pothos/plugin-errors';
import RelayPlugin, { resolveNodes } from '@pothos/plugin-relay';
import { type GraphQLResolveInfo, isObjectType } from 'graphql';
import { BigIntResolver } from 'graphql-scalars';
import type { CostOf } from '../loading/cost.ts';
import { orNull } from '../loading/null-if-not-found.ts';
import { decodeGlobalId, encodeGlobalId, notGlobalId } from '../relay/global-id.ts';
import type { Context } from './context.ts';
import { DateTimeResolver } from './date-time.ts';

export type SchemaTypes = {
  Context: Context;
  DefaultFieldNullability: false;
  Scalars: {
    ID: { Input: string; Output: string };
    /** Unix ms inside, RFC 3339 outside */
    DateTime: { Input: Date; Output: number };
    BigInt: { Input: bigint | number; Output: number };
  };
  Connection: { totalCount: number | null };
};

/** A loaded node; Pothos may give an error as a value. */
const thrown = (node: unknown): unknown => {
  if (node instanceof Error) throw node;
  return node;
};

/** Whether `node` finds objects of the type. */
function isNodeType(typename: string, { schema }: GraphQLResolveInfo): boolean {
  const type = schema.getType(typename);
  return isObjectType(type) && type.getInterfaces().some(({ name }) => name === 'Node');
}

/** Plugins and defaults of the schema; knows no type. Plugin order matters: errors wraps what the others resolve. */
export const builder = new SchemaBuilder<SchemaTypes>({
  plugins: [ErrorsPlugin, RelayPlugin],
  defaultFieldNullability: false,
  errors: { defaultTypes: [], directResult: true },
  relay: {
    cursorType: 'String',
    encodeGlobalID: (typename, id) => encodeGlobalId(typename, String(id)),
    decodeGlobalID: decodeGlobalId,
    idFieldOptions: { description: 'Global id: `node` and the query of its type find the object by it.' },
    nodeTypeOptions: { description: 'An object that can be fetched again by its global id.' },
    nodeQueryOptions: {
      description: 'Any object by its global id; null when it does not exist (any more).',
      args: { id: { description: 'Global id, as given in the `id` field of any object.' } },
      resolve: (_root, { id }, _context, info, resolveNode) => {
        if (!isNodeType(id.typename, info)) throw notGlobalId(['id']);
        return orNull(async () => thrown(await resolveNode(id)));
      },
    },
    nodesQueryOptions: {
      description:
        'Several objects by their global ids, in the order asked for; null where one does not exist, and null with an error of its own where an id is none.',
      extensions: { cost: ({ ids }) => ({ calls: ids, rows: ids }) } satisfies { cost: CostOf },
      args: { ids: { description: 'Global ids, as given in the `id` field of any object.' } },
      resolve: async (_root, { ids }, context, info): Promise<readonly unknown[]> => {
        const nodeIds = ids.map((id) => (isNodeType(id.typename, info) ? id : null));
        const found = await resolveNodes(builder, context, info, nodeIds);
        // an error stands in the place of its id, and leaves the others alone
        return nodeIds.map((id, index) =>
          id === null ? notGlobalId(['ids', String(index)]) : orNull(async () => thrown(await found[index])),
        );
      },
    },
    pageInfoTypeOptions: { description: 'Where a page of a connection begins and ends.' },
    pageInfoFieldOptions: { description: 'Where this page begins and ends.' },
    hasNextPageFieldOptions: { description: 'Whether there is more after this page.' },
    hasPreviousPageFieldOptions: { description: 'Whether there is more before this page.' },
    startCursorFieldOptions: { description: 'Cursor of the first edge; null for an empty page.' },
    endCursorFieldOptions: { description: 'Cursor of the last edge: pass it as `after` for the next page.' },
    firstArgOptions: {
      description: 'Size of the page counted from the start, 0 to 200; 20 when neither `first` nor `last` is given.',
    },
    lastArgOptions: { description: 'Size of the page counted from the end, 0 to 200.' },
    afterArgOptions: { description: 'Cursor of the edge the page begins behind.' },
    beforeArgOptions: { description: 'Cursor of the edge the page ends before.' },
    cursorFieldOptions: { description: 'Place of this edge in the list: pass it as `after` or `before`.' },
    nodeFieldOptions: { description: 'The object itself.' },
    edgesFieldOptions: { description: 'The objects of this page with their cursors.' },
    nodesOnConnection: { description: 'The objects of this page, without cursors.' },
    defaultConnectionTypeOptions: { description: 'One page of a list.' },
    defaultEdgeTypeOptions: { description: 'An object and its place in the list.' },
  },
});

builder.addScalarType('DateTime', DateTimeResolver, {
  description: 'A point in time: RFC 3339 text in UTC with milliseconds, for example `2023-06-25T01:27:32.470Z`.',
});
builder.addScalarType('BigInt', BigIntResolver, {
  description: 'A whole number beyond 32 bits, exact up to 2^53 - 1, written as a JSON number.',
});

builder.globalConnectionField('totalCount', (t) =>
  t.int({
    nullable: true,
    description:
      'Size of the whole list as far as it is known: counted when its end was seen, else as ModelArts states it.',
    resolve: (connection) => connection.totalCount,
  }),
);

builder.queryType({ description: 'What can be read.' });
builder.mutationType({
  description: 'What can be changed. Every result is a union of success and the errors a client can act on.',
});
builder.subscriptionType({
  description: 'What can be watched; any number of subscribers of one token share one poll of ModelArts.',
});
