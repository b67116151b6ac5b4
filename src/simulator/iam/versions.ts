import type { Answer, Call } from '../call.ts';
import type { JsonObject } from '../json.ts';

const version = (url: string): JsonObject => ({
  'media-types': [{ type: 'application/vnd.openstack.identity-v3+json', base: 'application/json' }],
  links: [{ rel: 'self', href: `${url}/v3/` }],
  id: 'v3.6',
  updated: '2016-04-04T00:00:00Z',
  status: 'stable',
});

/** GET /: what clients that are given the bare address ask first. 300, as documented: there are several choices, in principle. */
export const keystoneListVersions = ({ state }: Call): Answer => ({
  status: 300,
  body: { versions: { values: [version(state.url())] } },
});

/** GET /v3 */
export const keystoneShowVersion = ({ state }: Call): Answer => ({
  status: 200,
  body: { version: version(state.url()) },
});
