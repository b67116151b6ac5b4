import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { sharedBed } from '../../support/bed.ts';
import { createNotebook, operationsOf, withCalls } from '../../support/notebooks.ts';
import { overGet, transportsOf } from '../../support/wire/transports.ts';

const embedded = {
  id: '00000000-0000-4000-8000-000000000000',
  name: 'my-engine',
  swr_path: 'swr.example.com/team/my-engine:1.2',
  tag: '1.2',
  type: 'DEDICATED',
  description: 'as of spring',
};
/** What the copy holds. */
const copy = {
  imageId: embedded.id,
  name: embedded.name,
  swrPath: embedded.swr_path,
  tag: embedded.tag,
  type: 'DEDICATED',
  typeRaw: 'DEDICATED',
  description: embedded.description,
};
const kept = 'imageId name swrPath tag type typeRaw description';
const lacking = `isReadable status statusRaw isTransitional arch sizeBytes visibility createdAt updatedAt namespace
  devServices resourceCategories tags { key }`;
/** What only the image itself has. */
const nothing = {
  isReadable: false,
  status: null,
  statusRaw: null,
  isTransitional: false,
  arch: null,
  sizeBytes: null,
  visibility: null,
  createdAt: null,
  updatedAt: null,
  namespace: null,
  devServices: [],
  resourceCategories: [],
  tags: [],
};

const bed = sharedBed({
  gateway: { revalidationMaxBytes: 1 << 20, onParity: undefined },
  simulator: { speed: 1000 },
});
let ids: string[];
beforeAll(async () => {
  ids = [await createNotebook(bed, 'one'), await createNotebook(bed, 'two')];
  await bed.advance(1000);
});

/** As if the image of every notebook had been deleted behind its back. */
async function withoutImages(): Promise<void> {
  await bed.fault({ name: 'merge', operation: 'showNotebook', body: { image: embedded } });
  await bed.fault({ name: 'merge', operation: 'listNotebooks', item: { image: embedded } });
}

const one = (fields: string) => `query($id: ID!) { notebook(id: $id) { name image { ${fields} } } }`;
const all = (fields: string) => `{ notebooks(first: 10) { nodes { name image { ${fields} } } } }`;

/** How showImage says that there is no such image, or not for this token. */
const refusals: readonly (readonly [string, Record<string, unknown> | null])[] = [
  ['400 ModelArts.6404', null],
  [
    '400 ModelArts.6797',
    { status: 400, body: { error_code: 'ModelArts.6797', error_msg: 'The image is not accessible.' } },
  ],
  ['404', { status: 404, body: { error_code: 'ModelArts.6404', error_msg: 'The image does not exist.' } }],
  ['403', { status: 403, body: { error_code: 'ModelArts.0108', error_msg: 'No permission.' } }],
  ['403 of APIG', { status: 403, body: { error_code: 'APIGW.0302', error_msg: 'Not authorised.' } }],
];

describe.each(refusals)('an image that ModelArts refuses with %s', (_what, answer) => {
  beforeEach(async () => {
    await withoutImages();
    if (answer !== null) await bed.fault({ name: 'error', operation: 'showImage', ...answer });
  });

  describe.each([...transportsOf, overGet])('over %s', (_transport, ask) => {
    it('is, in its notebook, what the copy there says, each time', async () => {
      for (let time = 0; time < 4; time++) {
        const result = await ask(bed, { query: one(`${kept} ${lacking}`), variables: { id: ids[0] } });
        expect(result.errors).toBeUndefined();
        expect(result.data).toEqual({ notebook: { name: 'one', image: { ...copy, ...nothing } } });
      }
    });

    it('is, in a list, what the copies there say, each time', async () => {
      for (let time = 0; time < 4; time++) {
        const result = await ask(bed, { query: all(`${kept} ${lacking}`) });
        expect(result.errors).toBeUndefined();
        const { nodes } = (result.data as { notebooks: { nodes: unknown[] } }).notebooks;
        expect(nodes).toHaveLength(2);
        for (const node of nodes) expect(node).toMatchObject({ image: { ...copy, ...nothing } });
      }
    });
  });

  it('costs no call for what the copy holds, and one for the rest of all rows', async () => {
    const { calls } = await withCalls(bed, () => bed.ask(all(kept)));
    expect(operationsOf(calls)).toEqual(['listNotebooks']);
    const { calls: more } = await withCalls(bed, () => bed.ask(all(`${kept} ${lacking}`)));
    expect(operationsOf(more)).toEqual(['listNotebooks', 'showImage']);
  });

  it('is not found by its own id', async () => {
    const { data } = await bed.ask('query($id: ID!) { image(id: $id) { name } }', { id: embedded.id });
    expect(data.image).toBeNull();
  });
});

it('an image that is there says that it can be read, in a notebook and by itself', async () => {
  const { data } = await bed.ask(one('isReadable imageId status'), { id: ids[0] });
  expect(data.notebook.image).toMatchObject({ isReadable: true, status: 'ACTIVE' });
  const { data: own } = await bed.ask('query($id: ID!) { image(id: $id) { isReadable } }', {
    id: data.notebook.image.imageId,
  });
  expect(own.image).toEqual({ isReadable: true });
});

it('an image that cannot be read at the moment is an error still', async () => {
  await bed.fault({ name: 'internal', operation: 'showImage' });
  const { data, errors } = await bed.ask(one(`${kept} status`), { id: ids[0] });
  await bed.clearFaults();
  expect(data.notebook.image).toBeNull();
  expect(errors).toMatchObject([{ path: ['notebook', 'image'], extensions: { code: 'UPSTREAM_UNAVAILABLE' } }]);
});

it('images of several kinds, some gone, are each what is known of them', async () => {
  const present = (await bed.ask('{ images(first: 3) { nodes { imageId name } } }')).data.images.nodes;
  const more = [await createNotebook(bed, 'three'), await createNotebook(bed, 'four')];
  await bed.advance(1000);
  // four rows, four images: the list of images is read, and those it lacks by themselves
  const images = [
    embedded,
    { ...embedded, id: embedded.id.replace(/0$/, '1'), tag: null },
    ...present.map(({ imageId, name }: { imageId: string; name: string }) => ({ id: imageId, name })),
  ];
  const rows = [...ids, ...more].map((id, at) => {
    return { id, name: `nb-${at}`, status: 'RUNNING', flavor: 'modelarts.vm.cpu.2u', image: images[at] };
  });
  await bed.fault({
    name: 'error',
    status: 200,
    operation: 'listNotebooks',
    body: { data: rows, total: rows.length, size: 10, pages: 1, current: 0 },
  });
  for (let time = 0; time < 3; time++) {
    const { data, errors } = await bed.ask(all('imageId name tag isReadable'));
    expect(errors).toBeUndefined();
    expect(data.notebooks.nodes.map(({ image }: { image: { isReadable: boolean } }) => image.isReadable)).toEqual([
      false,
      false,
      true,
      true,
    ]);
    expect(data.notebooks.nodes[1].image).toMatchObject({ name: 'my-engine', tag: null });
  }
  await bed.clearFaults();
});
