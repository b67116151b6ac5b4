import { readFileSync } from 'node:fs';
import { RESTDataSource } from '@apollo/datasource-rest';
import { ApolloServer } from '@apollo/server';
import { startStandaloneServer } from '@apollo/server/standalone';

/** As Apollo's guide "Fetching from REST" puts it together: defaults everywhere; equal GETs of one operation are made once. */

const { PORT, UPSTREAM, PROJECT_ID } = process.env;

class ModelArts extends RESTDataSource {
  baseURL = `${UPSTREAM}/v1/${PROJECT_ID}/`;

  constructor({ token, cache }) {
    super({ cache });
    this.token = token;
  }

  willSendRequest(_path, request) {
    request.headers['x-auth-token'] = this.token;
  }

  notebook(id) {
    return this.get(`notebooks/${id}`);
  }

  async notebooks(first) {
    const { data } = await this.get('notebooks', { params: { offset: '0', limit: String(first) } });
    return data.map((notebook) => ({ ...notebook, isListed: true }));
  }

  async images(first) {
    return (await this.get('images', { params: { offset: '0', limit: String(first) } })).data;
  }

  image(id) {
    return this.get(`images/${id}`);
  }

  async flavor(id) {
    const { data } = await this.get('notebooks/flavors');
    return data.find((flavor) => flavor.id === id);
  }
}

const time = (name) => (object) => (object[name] ? new Date(object[name]).toISOString() : null);

const resolvers = {
  Query: {
    notebook: (_root, { id }, { modelArts }) => modelArts.notebook(id),
    notebooks: async (_root, { first }, { modelArts }) => ({ nodes: await modelArts.notebooks(first ?? 20) }),
    images: async (_root, { first }, { modelArts }) => ({ nodes: await modelArts.images(first ?? 20) }),
  },
  Notebook: {
    notebookId: ({ id }) => id,
    workspaceId: (notebook) => notebook.workspace_id,
    createdAt: time('create_at'),
    updatedAt: time('update_at'),
    // one notebook holds its image; a list is asked for fields the copy lacks
    image: ({ image, isListed }, _args, { modelArts }) => (isListed ? modelArts.image(image.id) : image),
    flavor: ({ flavor }, _args, { modelArts }) => modelArts.flavor(flavor),
  },
  Image: {
    imageId: ({ id }) => id,
    serviceType: (image) => image.service_type,
    swrPath: (image) => image.swr_path,
    workspaceId: (image) => image.workspace_id,
    devServices: (image) => image.dev_services ?? [],
    resourceCategories: (image) => image.resource_categories ?? [],
  },
  Flavor: { soldOut: (flavor) => flavor.sold_out },
  Lease: {
    enabled: ({ enable }) => enable,
    createdAt: time('create_at'),
    durationSeconds: ({ duration }) => Math.floor(duration / 1000),
  },
};

const typeDefs = readFileSync(new URL('../schema.graphql', import.meta.url), 'utf8');
const server = new ApolloServer({ typeDefs, resolvers });

await startStandaloneServer(server, {
  listen: { port: Number(PORT), host: '127.0.0.1' },
  context: async ({ req }) => ({
    modelArts: new ModelArts({ token: req.headers['x-auth-token'] ?? '', cache: server.cache }),
  }),
});
