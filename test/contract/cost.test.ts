import {
  type GraphQLField,
  type GraphQLObjectType,
  type GraphQLResolveInfo,
  getNamedType,
  isLeafType,
  isObjectType,
  Kind,
  parse,
} from 'graphql';
import { describe, expect, it } from 'vitest';
import type { Context } from '../../src/schema/core/context.ts';
import { schema } from '../../src/schema/index.ts';
import { contextOf } from '../support/schema/context.ts';
import { mentionsAt } from '../support/schema/rest-mentions.ts';

type Field = GraphQLField<unknown, Context>;

/** Fields whose descriptions can name no operation. */
const excused: Readonly<Record<string, string>> = {
  'Query.node': 'the type of the id tells the operation',
  'Query.nodes': 'the type of each id tells the operation',
  'Query.viewer': 'its fields read',
};

const roots = [schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()];
const fields: [string, Field, GraphQLObjectType][] = Object.values(schema.getTypeMap())
  .filter((type) => isObjectType(type))
  .filter((type) => !type.name.startsWith('__'))
  .flatMap((type) =>
    Object.values(type.getFields()).map((field): [string, Field, GraphQLObjectType] => [
      `${type.name}.${field.name}`,
      field,
      type,
    ]),
  );
const inner = fields.filter(([, , type]) => !roots.includes(type));

/** An object whose every property is the value, but those that decide whether a resolver reads on. */
const parentOf = (value: unknown): object =>
  new Proxy(
    {},
    {
      get: (_, name) =>
        ({ isListItem: true, status: 'RUNNING' })[String(name)] ?? (name === 'then' ? undefined : value),
    },
  );

/** A field as if everything without fields of its own was selected under it. */
function infoOf(field: Field, parentType: GraphQLObjectType): GraphQLResolveInfo {
  const type = getNamedType(field.type);
  const leaves = isObjectType(type)
    ? Object.values(type.getFields()).filter((leaf) => isLeafType(getNamedType(leaf.type)))
    : [];
  const [definition] = parse(
    `{ f ${leaves.length > 0 ? `{ ${leaves.map(({ name }) => name).join(' ')} }` : ''} }`,
  ).definitions;
  const fieldNodes =
    definition?.kind === Kind.OPERATION_DEFINITION
      ? definition.selectionSet.selections.filter((node) => node.kind === Kind.FIELD)
      : [];
  // the rest of it is for executors
  return {
    schema,
    parentType,
    fieldName: field.name,
    fieldNodes,
    fragments: {},
    variableValues: {},
  } as unknown as GraphQLResolveInfo;
}

/** Whether the resolver asks for a session: called with whatever parent, it gets no further. */
async function readsUpstream(field: Field, type: GraphQLObjectType): Promise<boolean> {
  let isAsked = false;
  const asked = (): never => {
    isAsked = true;
    throw new Error('Nobody is signed in.');
  };
  const args = Object.fromEntries(field.args.map(({ name }) => [name, '7de26f3e-ab8f-4b0f-8b3c-0c7a5b2d1e4f']));
  for (const value of ['7de26f3e-ab8f-4b0f-8b3c-0c7a5b2d1e4f', null, parentOf('x')]) {
    const context = { ...contextOf(parentOf(null) as never, 'p'), own: [], access: asked, session: asked };
    try {
      await field.resolve?.(parentOf(value), args, context, infoOf(field, type));
    } catch {
      // that it failed says nothing: the parent is none
    }
  }
  return isAsked;
}

describe('a field that reads from ModelArts', () => {
  it('has its cost beside its resolver', async () => {
    const free: string[] = [];
    const reading: string[] = [];
    for (const [name, field, type] of inner) {
      if (!(await readsUpstream(field, type)) && mentionsAt(name).length === 0) continue;
      reading.push(name);
      if (field.extensions.cost === undefined) free.push(name);
    }
    const hint =
      'where src/schema defines the field, write `extensions: { cost: once(1) }` (or another of src/schema/loading/cost.ts) beside its resolver';
    expect(free, hint).toEqual([]);
    expect(reading).toEqual(
      expect.arrayContaining(['Notebook.flavor', 'Notebook.storageMount', 'Notebook.volume', 'Viewer.projects']),
    );
  });

  it('says which operations it asks', () => {
    const silent = fields
      .filter(([name, field, type]) =>
        field.extensions.cost !== undefined || roots.includes(type) ? mentionsAt(name).length === 0 : false,
      )
      .map(([name]) => name);
    const hint =
      'end the description of the field with `REST: ShowThing.` where src/schema defines it, or give a reason in test/contract/cost.test.ts';
    expect(
      silent.filter((name) => !(name in excused)),
      hint,
    ).toEqual([]);
    expect(
      Object.keys(excused).filter((name) => !silent.includes(name)),
      'take out of test/contract/cost.test.ts what needs no reason',
    ).toEqual([]);
  });
});
