import { beforeAll, describe, expect, it } from 'vitest';
import { sharedBed } from '../../support/bed.ts';
import { createNotebook, operationsOf, withCalls } from '../../support/notebooks.ts';
import { type Ask, overGet, transportsOf } from '../../support/wire/transports.ts';

const globalId = (text: string): string => Buffer.from(text).toString('base64');
const nodes = 'query($ids: [ID!]!) { nodes(ids: $ids) { __typename id ... on Notebook { name } } }';

const malformed: readonly (readonly [string, string])[] = [
  ['a raw id', '7de26f3e-ab8f-4b0f-8b3c-0c7a5b2d1e4f'],
  ['no text', ''],
  ['what is no base64', '*'],
  ['a type that is no Node', globalId('Volume:abc')],
  ['a type there is not', globalId('Nothing:abc')],
  ['an interface', globalId('Node:abc')],
  ['a property of every object', globalId('constructor:abc')],
  ['an id that could be a path', globalId('Notebook:../images')],
  ['no id behind a type', globalId('Notebook:')],
];

const bed = sharedBed();
let good: string;
let image: string;
beforeAll(async () => {
  good = globalId(`Notebook:${await createNotebook(bed, 'nodes')}`);
  const { data } = await bed.ask('{ images(first: 1) { nodes { id } } }');
  image = data.images.nodes[0].id;
});

async function expectOthers(ask: Ask, ids: readonly string[], wrong: readonly number[]): Promise<void> {
  for (let time = 0; time < 3; time++) {
    const { data, errors = [] } = await ask(bed, { query: nodes, variables: { ids } });
    const found = (data as { nodes: ({ id: string } | null)[] }).nodes;
    expect(found.map((node) => node?.id ?? null)).toEqual(ids.map((id, at) => (wrong.includes(at) ? null : id)));
    expect(errors.map(({ path }) => path)).toEqual(wrong.map((at) => ['nodes', at]));
    for (const [index, { message, extensions }] of errors.entries()) {
      expect(message.length).toBeLessThan(300);
      const issues = [{ path: ['ids', String(wrong[index])], message: expect.stringMatching(/not a global id/) }];
      expect(extensions).toMatchObject({ code: 'BAD_USER_INPUT', requestId: expect.any(String), issues });
    }
  }
}

describe.each([...transportsOf, overGet])('nodes over %s', (transport, ask) => {
  it.each(malformed)('gives the others beside %s', async (_what, id) => {
    await expectOthers(ask, [good, id, image], [1]);
  });

  it('gives the others beside several that are none, the same one twice among them, and each as often as named', async () => {
    const twice = globalId('Volume:abc');
    await expectOthers(ask, [twice, good, '', image, good, twice], [0, 2, 5]);
  });

  it('gives the others beside an id of 100 KB', async () => {
    // a request line is no place for it
    if (transport === 'GET') return;
    await expectOthers(ask, [good, 'A'.repeat(100 * 1024)], [1]);
    await expectOthers(ask, ['*'.repeat(100 * 1024), good], [0]);
  });

  it('gives null without an error for one that does not exist, beside one that is none', async () => {
    for (let time = 0; time < 3; time++) {
      const ids = [globalId('Notebook:00000000-0000-4000-8000-000000000000'), 'none at all', good];
      const { data, errors } = await ask(bed, { query: nodes, variables: { ids } });
      expect((data as { nodes: unknown[] }).nodes).toEqual([null, null, expect.objectContaining({ name: 'nodes' })]);
      expect(errors?.map(({ path }) => path)).toEqual([['nodes', 1]]);
    }
  });

  it.each(malformed)('finds nothing by %s, and says why', async (_what, id) => {
    for (let time = 0; time < 3; time++) {
      const { data, errors } = await ask(bed, { query: 'query($id: ID!) { node(id: $id) { id } }', variables: { id } });
      expect(data).toEqual({ node: null });
      expect(errors).toMatchObject([
        { path: ['node'], extensions: { code: 'BAD_USER_INPUT', issues: [{ path: ['id'] }] } },
      ]);
    }
  });
});

it('nodes makes no call for ids that are none', async () => {
  const ids = malformed.map(([, id]) => id);
  const { answer, calls } = await withCalls(bed, () => bed.ask(nodes, { ids }));
  expect(answer.data.nodes).toEqual(ids.map(() => null));
  // as many as LIMIT_ERRORS lets be told
  expect(answer.errors).toHaveLength(5);
  expect(operationsOf(calls)).toEqual([]);
});
