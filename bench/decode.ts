import { readFileSync } from 'node:fs';

/**
 * What decoding costs beside JSON.parse: a page of documented answers is read as resolvers read it.
 * Run with `npm run bench:decode [milliseconds]` after `npm ci`; the time is that of each measurement, 50 ms when left out.
 */

const windowMs = Number(process.argv[2] ?? 50);
const rounds = 21;

type Wire = Record<string, unknown>;
type Item = Record<string, unknown>;
type Page = { readonly items: readonly Item[] };
type Decode<T> = (wire: unknown, drift: () => void) => T | null;

const built = (module: string): Promise<Record<string, Decode<Item>>> =>
  import(new URL(`../../dist/modelarts/${module}.js`, import.meta.url).href);
const { pageOf } = (await built('operation')) as unknown as {
  readonly pageOf: (kind: string, decode: Decode<Item> | undefined) => Decode<Page>;
};
const [images, notebooks, flavors] = await Promise.all(['images', 'notebooks', 'flavors'].map(built));
const decodeImages = pageOf('Image', images?.decodeImage);
const decodeNotebooks = pageOf('Notebook', notebooks?.decodeListedNotebook);
const decodeFlavors = pageOf('Flavor', flavors?.decodeFlavor);
const decodeNotebook = notebooks?.decodeNotebook;

const sample = (name: string): Wire =>
  JSON.parse(readFileSync(new URL(`../../contract/samples/${name}.response-200.json`, import.meta.url), 'utf8'));

const imageList = sample('listImage');
const shown = sample('showNotebook');

/** As ListNotebooks writes the notebook: without what the contract says it leaves out, and with one of the images. */
function listed(index: number): Wire {
  const { url, user, update_at, create_at, endpoints, data_volumes, ...rest } = shown;
  const data = imageList.data as readonly Wire[];
  const { id, name, type, tag, swr_path, description } = data[index % data.length] ?? {};
  return { ...rest, id: uuid(index), name: `notebook-${index}`, image: { id, name, type, tag, swr_path, description } };
}

const uuid = (index: number): string => `936bea3e-d3df-435e-8b58-${String(index).padStart(12, '0')}`;

const flavorOf = (index: number): Wire => ({
  arch: index % 2 === 0 ? 'X86_64' : 'AARCH64',
  category: ['CPU', 'GPU', 'ASCEND'][index % 3],
  description: `A machine with ${2 ** index} processors`,
  feature: 'NOTEBOOK',
  free: false,
  id: index === 0 ? 'modelarts.vm.cpu.2u' : `modelarts.vm.cpu.${2 ** index}u`,
  memory: 2 ** index * 4_194_304,
  name: `CPU: ${2 ** index} vCPUs`,
  sold_out: false,
  storages: ['EFS', 'EVS'],
  vcpus: 2 ** index,
  billing: { code: 'modelarts.vm.cpu', unit_num: 1 },
});

const bodies = {
  images: JSON.stringify(imageList),
  notebooks: JSON.stringify({ current: 0, data: Array.from({ length: 50 }, (_, index) => listed(index)), total: 50 }),
  notebook: JSON.stringify(shown),
  flavors: JSON.stringify({ current: 0, data: Array.from({ length: 10 }, (_, index) => flavorOf(index)), total: 10 }),
};

const words = (names: string): readonly string[] => names.split(' ');
const fields = {
  image: words(
    'id name status type arch serviceType swrPath tag workspaceId description devServices resourceCategories',
  ),
  notebook: words('id name description status feature workspaceId createdAtMs failReason featureRaw billingItems'),
  embedded: words('id name type tag swrPath description'),
  flavor: words('id name arch category memoryKib vcpus'),
  shown: words('id name description status statusRaw feature workspaceId url createdAtMs updatedAtMs'),
  shownImage: words('name type'),
  lease: words('isEnabled createdAtMs durationMs'),
};

/** Functions that name the fields, as resolvers do: a loop over names would be slower than any of them. */
const reader = (names: readonly string[]): ((item: unknown) => number) =>
  new Function('item', `return ${names.map((name) => `(item.${name} === null ? 0 : 1)`).join(' + ')};`) as never;
const readers = Object.fromEntries(Object.entries(fields).map(([kind, names]) => [kind, reader(names)])) as Record<
  keyof typeof fields,
  (item: unknown) => number
>;

const drift = (): void => {
  throw new Error('The samples hold nothing unknown.');
};

const itemsOf = (page: Page | null): readonly Item[] => page?.items ?? [];

/** Counts what was read, so that nothing is optimised away. */
let read = 0;

const workloads = {
  'W1: one notebook': {
    bodies: [bodies.notebook],
    decode([notebook]: readonly unknown[]) {
      const item = decodeNotebook?.(notebook, drift);
      read += readers.shown(item) + readers.shownImage(item?.image) + readers.lease(item?.lease);
    },
  },
  'W2: 50 notebooks': {
    bodies: [bodies.notebooks, bodies.flavors],
    decode([page, catalogue]: readonly unknown[]) {
      const byId = new Map(itemsOf(decodeFlavors(catalogue, drift)).map((flavor) => [flavor.id, flavor]));
      for (const item of itemsOf(decodeNotebooks(page, drift))) {
        read += readers.notebook(item) + readers.embedded(item.image) + readers.flavor(byId.get(item.flavorId));
      }
    },
  },
  'W3: 38 images': {
    bodies: [bodies.images],
    decode([page]: readonly unknown[]) {
      for (const item of itemsOf(decodeImages(page, drift))) read += readers.image(item);
    },
  },
  '10 flavors': {
    bodies: [bodies.flavors],
    decode([page]: readonly unknown[]) {
      for (const item of itemsOf(decodeFlavors(page, drift))) read += readers.flavor(item);
    },
  },
};

/** Microseconds of one call, over a window of time. */
function microseconds(run: () => void): number {
  const startedAt = performance.now();
  let calls = 0;
  let lastedMs = 0;
  do {
    for (let call = 0; call < 20; call++) run();
    calls += 20;
    lastedMs = performance.now() - startedAt;
  } while (lastedMs < windowMs);
  return (lastedMs * 1000) / calls;
}

const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0;

console.log('| | bytes | JSON.parse µs | decode and read µs | ratio |\n|---|---|---|---|---|');
for (const [name, { bodies, decode }] of Object.entries(workloads)) {
  const parse = (): unknown[] => bodies.map((body) => JSON.parse(body));
  // objects fresh from JSON.parse, as decoding meets them
  const answers = Array.from({ length: 64 }, parse);
  let turn = 0;
  const [parsing, decoding]: [number[], number[]] = [[], []];
  for (let round = -2; round < rounds; round++) {
    const parsed = microseconds(parse);
    const decoded = microseconds(() => decode(answers[turn++ % answers.length] ?? []));
    if (round < 0) continue;
    parsing.push(parsed);
    decoding.push(decoded);
  }
  const bytes = bodies.reduce((sum, body) => sum + Buffer.byteLength(body), 0);
  const figures = [median(parsing), median(decoding)].map((figure) => figure.toFixed(1));
  const ratio = (median(decoding) / median(parsing)).toFixed(2);
  console.log(`| ${[name, bytes, ...figures, ratio].join(' | ')} |`);
}
if (read === 0) throw new Error('Nothing was read.');
