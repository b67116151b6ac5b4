import type { Trial } from '../support/parity/trial.ts';

const asked = (query: string, variables: string | null = null, rest: Partial<Trial> = {}): Trial => ({
  question: { query, variables },
  transport: 'POST',
  accept: 'application/json',
  isCostAsked: false,
  token: 'own',
  project: 'usual',
  isFromElsewhere: false,
  world: { fault: null, turn: null },
  ...rest,
});

/** What once came out differently with everything on, by what went wrong; asked first each time. A failure prints its own. */
export const onceFailed: Readonly<Record<string, Trial>> = {
  'what is missing was a bare 500 from the second time on': asked(
    '{ notebook(id: "00000000-0000-0000-0000-00000000000f") { status } }',
  ),
  'one missing among several lost all of them': asked(
    '{ nodes(ids: ["@{Notebook:running}", "@{Notebook:missing}"]) { id } }',
  ),
  'a payload over WebSocket was empty from the second time on': asked('{ images(first: 1) { totalCount } }', null, {
    transport: 'WebSocket',
  }),
  'a payload over graphql-sse was empty from the second time on': asked('{ images(first: 1) { totalCount } }', null, {
    transport: 'graphql-sse',
  }),
  'a condition that is null was a bare 500 from the second time on': asked(
    'query($v: Boolean = true) { notebooks(first: 1) { totalCount @include(if: $v) nodes { name } } }',
    '{"v":null}',
  ),
  'of two failures that end the answer one was told or both': asked(
    '{ imageGroups(first: -1) { pageInfo { endCursor } } nodes(ids: ["@{Flavor:cpu}", "..", "@{Notebook:running}"]) { ...a } } fragment a on DevEnvInstance { flavor { gpu { type } } }',
    '{}',
  ),
  'items with the name `then` were awaited': asked('{ then: notebooks { nodes { then: name } } }'),
  'so was the whole answer': asked('query length { then: __typename }'),
  'a condition with the name `__proto__` had no value': asked(
    'query($__proto__: Boolean = true) { notebook(id: "@{stopped}") { workspaceId @include(if: $__proto__) } }',
    '{"__proto__":true}',
  ),
  'promises in a list that nobody completed any more ended the process': asked(
    '{ notebooks(first: 3, last: 0) { totalCount } nodes(ids: ["@{Notebook:stopped}", "@{Notebook:running}"]) { id } }',
    null,
    { world: { fault: { name: 'bad-gateway', operation: 'showNotebook' }, turn: null } },
  ),
  'operations of one name were noted as invalid, and answered as not found': asked(
    'query { __typename } query { __typename }',
  ),
  'two fields that failed for one reason were told in the order of their promises': asked(
    '{ image(id: "@{cpu}") { name } node(id: "@{Notebook:running}") { id } }',
    null,
    { project: 'unusual' },
  ),
  'what one reason fails was told as its promises had been made by the plan': asked(
    'query($input: CreateNotebookInput!) { image(id: "@{cpu}") { name } validateCreateNotebook(input: $input) { valid } node(id: "@{Notebook:running}") { id } }',
    '{"input":{"flavorId":"@{flavor}","imageId":"@{cpu}","name":"running","volume":{"category":"EFS"}}}',
    { project: 'unusual' },
  ),
  'one reason not to find objects of two types was an internal error': asked(
    '{ nodes(ids: ["@{StorageMount:mount}", "@{Notebook:missing}"]) { id } }',
    null,
    { project: 'unusual' },
  ),
};
