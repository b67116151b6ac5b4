import { createServer } from 'node:http';
import SchemaBuilder from '@pothos/core';
import { createYoga } from 'graphql-yoga';

/** As the guides of Yoga and Pothos put a REST API behind GraphQL: defaults everywhere, fetch in resolvers, no dataloader. */

const { PORT, UPSTREAM, PROJECT_ID } = process.env;

async function get(path, { request }) {
  const response = await fetch(`${UPSTREAM}/v1/${PROJECT_ID}${path}`, {
    headers: { 'x-auth-token': request.headers.get('x-auth-token') ?? '' },
  });
  if (!response.ok) throw new Error(`ModelArts answered ${response.status}`);
  return response.json();
}

const builder = new SchemaBuilder({});
const DateTime = builder.scalarType('DateTime', { serialize: (date) => date.toISOString() });
const time = (t, name) =>
  t.field({ type: DateTime, nullable: true, resolve: (object) => (object[name] ? new Date(object[name]) : null) });

const Image = builder.objectRef('Image').implement({
  fields: (t) => ({
    imageId: t.exposeString('id'),
    name: t.exposeString('name'),
    status: t.exposeString('status', { nullable: true }),
    type: t.exposeString('type', { nullable: true }),
    arch: t.exposeString('arch', { nullable: true }),
    serviceType: t.exposeString('service_type', { nullable: true }),
    swrPath: t.exposeString('swr_path', { nullable: true }),
    tag: t.exposeString('tag', { nullable: true }),
    workspaceId: t.exposeString('workspace_id', { nullable: true }),
    description: t.exposeString('description', { nullable: true }),
    devServices: t.stringList({ resolve: (image) => image.dev_services ?? [] }),
    resourceCategories: t.stringList({ resolve: (image) => image.resource_categories ?? [] }),
  }),
});

const Flavor = builder.objectRef('Flavor').implement({
  fields: (t) => ({
    name: t.exposeString('name', { nullable: true }),
    vcpus: t.exposeInt('vcpus', { nullable: true }),
    soldOut: t.exposeBoolean('sold_out', { nullable: true }),
  }),
});

const Lease = builder.objectRef('Lease').implement({
  fields: (t) => ({
    enabled: t.exposeBoolean('enable'),
    createdAt: time(t, 'create_at'),
    durationSeconds: t.float({ nullable: true, resolve: (lease) => Math.floor(lease.duration / 1000) }),
  }),
});

/** One list for all rows of an operation: there is no call for one flavor, and nobody would read the list for each row. */
const flavors = (context) => {
  context.flavors ??= get('/notebooks/flavors', context);
  return context.flavors;
};

const Notebook = builder.objectRef('Notebook').implement({
  fields: (t) => ({
    notebookId: t.exposeString('id'),
    name: t.exposeString('name'),
    description: t.exposeString('description', { nullable: true }),
    status: t.exposeString('status'),
    feature: t.exposeString('feature', { nullable: true }),
    workspaceId: t.exposeString('workspace_id', { nullable: true }),
    url: t.exposeString('url', { nullable: true }),
    createdAt: time(t, 'create_at'),
    updatedAt: time(t, 'update_at'),
    lease: t.expose('lease', { type: Lease, nullable: true }),
    image: t.field({
      type: Image,
      nullable: true,
      // one notebook holds its image; a list is asked for fields the copy lacks
      resolve: (notebook, _args, context) =>
        notebook.isListed ? get(`/images/${notebook.image.id}`, context) : notebook.image,
    }),
    flavor: t.field({
      type: Flavor,
      nullable: true,
      resolve: async (notebook, _args, context) =>
        (await flavors(context)).data.find((flavor) => flavor.id === notebook.flavor),
    }),
  }),
});

const connection = (name, node) =>
  builder.objectRef(name).implement({ fields: (t) => ({ nodes: t.expose('nodes', { type: [node] }) }) });
const NotebookConnection = connection('NotebookConnection', Notebook);
const ImageConnection = connection('ImageConnection', Image);

builder.queryType({
  fields: (t) => ({
    notebook: t.field({
      type: Notebook,
      nullable: true,
      args: { id: t.arg.id({ required: true }) },
      resolve: (_root, { id }, context) => get(`/notebooks/${id}`, context),
    }),
    notebooks: t.field({
      type: NotebookConnection,
      args: { first: t.arg.int() },
      resolve: async (_root, { first }, context) => {
        const { data } = await get(`/notebooks?offset=0&limit=${first ?? 20}`, context);
        return { nodes: data.map((notebook) => ({ ...notebook, isListed: true })) };
      },
    }),
    images: t.field({
      type: ImageConnection,
      args: { first: t.arg.int() },
      resolve: async (_root, { first }, context) => ({
        nodes: (await get(`/images?offset=0&limit=${first ?? 20}`, context)).data,
      }),
    }),
  }),
});

createServer(createYoga({ schema: builder.toSchema() })).listen(Number(PORT), '127.0.0.1');
