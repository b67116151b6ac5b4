import { describe, expect, it } from 'vitest';
import { Answer } from '../../../src/modelarts/client/answer.ts';
import type { Session } from '../../../src/modelarts/client/client.ts';
import { decodeDevEnvironment } from '../../../src/modelarts/dev-environments.ts';
import { decodeFlavor, listFlavors } from '../../../src/modelarts/flavors.ts';
import { decodeImageGroup } from '../../../src/modelarts/image-groups.ts';
import { decodeImage, listImage } from '../../../src/modelarts/images.ts';
import { decodeLease } from '../../../src/modelarts/leases.ts';
import { decodeListedNotebook, decodeNotebook, listNotebooks } from '../../../src/modelarts/notebooks.ts';
import { decodeStorageMount } from '../../../src/modelarts/storage-mounts.ts';
import type { Decoder } from '../../../src/modelarts/wire/operation.ts';
import { fullObject, type Json, lostLeaves, sampleOf } from '../../support/contract/leaves.ts';

const silent = (): void => {};
const decoding =
  <T>(decode: Decoder<T>) =>
  (wire: Json): T | null =>
    decode(wire, silent);

const decodedNotebook = decoding(decodeNotebook);

/** A session whose every call is answered with the same body. */
const sessionAnswering = (body: unknown, drift: Session['drift'] = silent): Session => ({
  token: null,
  requestId: 'request-1',
  send: async () => new Answer({ status: 200, headers: {}, body: Buffer.from(JSON.stringify(body)) }),
  drift,
});

const page = { offset: 0, limit: 50 } as const;
const showSample = sampleOf('showNotebook.response-200') as { [key: string]: Json };

describe('a decoded object', () => {
  const image = (sampleOf('listImage.response-200') as { data: Json[] }).data[0] as Json;
  const flavor = { id: 'f', arch: 'X86_64', category: 'CPU', gpu: { gpu: 1, type: 'V100' }, vcpus: 2 };

  it.each<[string, object | null]>([
    ['notebook', decodeNotebook(showSample, silent)],
    ['listed notebook', decodeListedNotebook(showSample, silent)],
    ['image', decodeImage(image, silent)],
    ['image of a notebook', decodeNotebook(showSample, silent)?.image ?? null],
    ['lease', decodeNotebook(showSample, silent)?.lease ?? null],
    ['flavor', decodeFlavor(flavor, silent)],
    ['storage mount', decodeStorageMount({ id: 'm', status: 'MOUNTED', category: 'OBS' }, silent)],
    ['development environment', decodeDevEnvironment({ id: 'd', name: 'd' }, silent)],
    ['image group', decodeImageGroup({ name: 'g', version_count: 1 }, silent)],
  ])('that is a %s holds its fields when it is spread, written as JSON, cloned or walked', (_, decoded) => {
    const fields: string[] = [];
    for (const name in decoded) fields.push(name);
    expect(fields.length).toBeGreaterThan(4);
    expect(Object.keys({ ...decoded })).toEqual(fields);
    expect({ ...decoded }).toEqual(decoded);
    expect(Object.keys(JSON.parse(JSON.stringify(decoded)))).toEqual(fields);
    expect(JSON.parse(JSON.stringify(decoded))).toEqual(decoded);
    expect(structuredClone(decoded)).toEqual(decoded);
    expect(fields.map((name) => [name, Reflect.get({ ...decoded }, name)])).toEqual(Object.entries(decoded ?? {}));
  });
});

describe('the sample', () => {
  it.each<[string, Decoder<unknown>]>([
    ['createNotebook.response-200', decodeNotebook],
    ['showNotebook.response-200', decodeNotebook],
    ['startNotebook.response-200', decodeNotebook],
    ['stopNotebook.response-200', decodeNotebook],
    ['renewLease.response-200', decodeLease],
    ['createDevEnvironment.response-200', decodeDevEnvironment],
  ])('%s loses no value and knows every enum value', (name, decode) => {
    const drifted: string[] = [];
    decode(sampleOf(name), (kind, value) => drifted.push(`${kind} ${value}`));
    expect(drifted).toEqual([]);
    expect(lostLeaves(sampleOf(name), decoding(decode))).toEqual([]);
  });

  it('listImage.response-200 loses no value of its items and knows every enum value', async () => {
    const sample = sampleOf('listImage.response-200') as { data: Json[]; total: number };
    const drifted: string[] = [];
    const listed = await listImage(
      sessionAnswering(sample, (kind, value) => drifted.push(`${kind} ${value}`)),
      'p',
      page,
    );
    expect(listed).toMatchObject({ received: sample.data.length, total: sample.total });
    expect(listed.items).toHaveLength(sample.data.length);
    expect(drifted).toEqual([]);
    expect(sample.data.flatMap((item) => lostLeaves(item, decoding(decodeImage)))).toEqual([]);
  });
});

describe('documented field', () => {
  // Known to newer deployments only, or a second name of a field that is kept.
  const leftOut: Record<string, readonly string[]> = {
    Notebook: [
      'custom_spec.a key',
      'run_user.a key',
      'user_vpc.a key',
      'ip',
      'jupyter_version',
      'is_need_credentials',
      'volume.dew_secret_name',
      'volume.evs_sku_code',
      'endpoints.0.ssh_keys.0',
      'endpoints.0.dev_service',
      'action_progress.0.step_description',
      'action_progress.0.notebook_id',
    ],
    Image: ['flavor_type', 'swr_instance_id', 'show_name', 'show_tag'],
    ImageGroup: ['id', 'description', 'read_me', 'icon_name', 'swr_instance_id', 'swr_instance_name'],
    Flavor: ['evs_max_size', 'evs_sku_code', 'grow_support_type'],
  };

  it.each<[string, Decoder<unknown>]>([
    ['Notebook', decodeNotebook],
    ['Lease', decodeLease],
    ['Image', decodeImage],
    ['ImageGroup', decodeImageGroup],
    ['Flavor', decodeFlavor],
    ['StorageMount', decodeStorageMount],
    ['DevEnvironment', decodeDevEnvironment],
  ])('of %s is decoded, or left out on purpose', (schema, decode) => {
    const lost = lostLeaves(fullObject(schema), decoding(decode));
    expect(lost.sort()).toEqual([...(leftOut[schema] ?? [])].sort());
  });
});

describe('an answer that drifts:', () => {
  it('an unknown status is UNKNOWN, keeps its text, and is reported', () => {
    const drifted: string[][] = [];
    const decoded = decodeNotebook({ ...showSample, status: 'MIGRATING' }, (kind, value) =>
      drifted.push([kind, value]),
    );
    expect(decoded).toMatchObject({ status: 'UNKNOWN', statusRaw: 'MIGRATING' });
    expect(drifted).toEqual([['Notebook.status', 'MIGRATING']]);
  });

  it('every part of a notebook is reported once, though nobody reads it', () => {
    const drifted: string[] = [];
    const wire = {
      id: 'a',
      status: 'odd',
      feature: 'odd',
      image: { id: 'i', type: 'odd', dev_services: ['SSH', 'odd', 'odd'] },
      lease: { enable: true, type: 'odd' },
      volume: { category: 'odd', ownership: 'odd', status: 'odd' },
      data_volumes: [{ category: 'odd' }],
      endpoints: [{ service: 'odd' }, { dev_service: 'odd' }],
      action_progress: [{ step: 1, status: 'odd' }],
    };
    const decoded = decodeNotebook(wire, (kind) => drifted.push(kind));
    expect(decoded?.image).toMatchObject({ type: 'UNKNOWN', devServices: ['SSH', 'UNKNOWN', 'UNKNOWN'] });
    expect(drifted).toEqual([
      'Notebook.status',
      'feature',
      'Image.type',
      'Image.dev_services',
      'Image.dev_services',
      'Lease.type',
      'Volume.category',
      'Volume.ownership',
      'Volume.status',
      'Volume.category',
      'Endpoint.service',
      'Endpoint.service',
      'JobProgress.status',
    ]);
  });

  it('fields that come and go from one object to the next are reported', () => {
    const drifted: string[] = [];
    const drift = (_: string, value: string): void => void drifted.push(value);
    decodeImage({ id: 'a', name: 'n', status: 'ACTIVE' }, drift);
    decodeImage({ id: 'a', mood: 1, name: 'n', status: 'odd' }, drift);
    decodeImage({ status: 'odd', id: 'a', name: 'n', temper: 1 }, drift);
    expect(drifted).toEqual(['mood', 'odd', 'odd', 'temper']);
  });

  it('an unknown value of an optional enum is UNKNOWN, not null', () => {
    expect(decodeImage({ id: 'a', type: 'BORROWED' }, silent)).toMatchObject({ type: 'UNKNOWN', typeRaw: 'BORROWED' });
    expect(decodeImage({ id: 'a' }, silent)).toMatchObject({ type: null, typeRaw: null });
  });

  it('an unknown camel-case value is reported as it was written', () => {
    const drifted: string[] = [];
    decodeDevEnvironment({ id: 'a', flavor_details: { status: 'preSale' } }, (_, value) => drifted.push(value));
    expect(drifted).toEqual(['preSale']);
  });

  it.each([
    ['onSale', 'ON_SALE'],
    ['soldOut', 'SOLD_OUT'],
    ['SOLDOUT', 'SOLD_OUT'],
  ])('the flavor status %s is %s', (status, expected) => {
    const decoded = decodeDevEnvironment({ id: 'a', flavor_details: { status } }, silent);
    expect(decoded?.flavorDetails).toMatchObject({ status: expected, statusRaw: status });
  });

  it('an enum is compared without case', () => {
    expect(decodeImage({ id: 'a', arch: 'x86_64' }, silent)).toMatchObject({ arch: 'X86_64', archRaw: 'x86_64' });
    expect(decodeLease({ enable: true, type: 'idle' }, silent)).toMatchObject({ type: 'IDLE' });
  });

  it('an image of 8 285 974 481 bytes keeps its size, as a number or as digits', () => {
    expect(decodeImage({ id: 'a', size: 8285974481 }, silent)?.sizeBytes).toBe(8285974481);
    expect(decodeImage({ id: 'a', size: '8285974481' }, silent)?.sizeBytes).toBe(8285974481);
  });

  it.each([1e300, '9999999999999999', '12a', '', true, null, {}])(
    'the size %j is no integer and reads as null',
    (size) => {
      expect(decodeImage({ id: 'a', size }, silent)?.sizeBytes).toBeNull();
    },
  );

  it('without create_at a notebook was created when its lease was', () => {
    const { create_at: _, ...listed } = showSample;
    expect(decodeNotebook(showSample, silent)?.createdAtMs).toBe(1687656452472);
    expect(decodeNotebook(listed, silent)?.createdAtMs).toBe(1687656452470);
    expect(decodeNotebook({ ...listed, lease: null }, silent)?.createdAtMs).toBeNull();
  });

  it('null reads like absent', () => {
    const nulls = Object.fromEntries(Object.keys(showSample).map((key) => [key, null]));
    expect(decodedNotebook({ ...nulls, id: 'a' })).toEqual(decodedNotebook({ id: 'a' }));
  });

  it.each([{ data: null, total: 0 }, { total: 0 }, { data: [], total: 0 }])('the list %j is empty', async (body) => {
    expect(await listNotebooks(sessionAnswering(body), 'p', page)).toEqual({ items: [], received: 0, total: 0 });
  });

  it.each([null, [], 'text', { data: {} }])('the list %j is not a list', async (body) => {
    await expect(listFlavors(sessionAnswering(body), 'p')).rejects.toMatchObject({ code: 'UPSTREAM_INVALID' });
  });

  it('a field nobody knows changes nothing', () => {
    expect(decodedNotebook({ ...showSample, hologram: { depth: 3 } })).toEqual(decodedNotebook(showSample));
  });

  it('a bad item is left out and reported, and still counts as received', async () => {
    const drifted: string[] = [];
    const body = { data: [showSample, 7, { name: 'no id' }, null], total: 4 };
    const session = sessionAnswering(body, (kind) => drifted.push(kind));
    const listed = await listNotebooks(session, 'p', page);
    expect(listed.items.map((item) => item.id)).toEqual([showSample.id]);
    expect(listed.received).toBe(4);
    expect(drifted).toEqual(Array(3).fill('Notebook in a list'));
  });

  const lists = (levels: number): string => '['.repeat(levels) + ']'.repeat(levels);
  const objects = (levels: number): string => `${'{"a":'.repeat(levels)}1${'}'.repeat(levels)}`;

  it.each([
    ['lists', 100, lists(100)],
    ['lists', 101, null],
    ['lists', 5000, null],
    ['lists', 200_000, null],
    ['objects', 100, objects(100)],
    ['objects', 101, null],
    ['objects', 200_000, null],
  ] as const)('a map value of %s is written up to 100 levels, and reads as null beyond: %i', (kind, levels, value) => {
    const deep = JSON.parse(kind === 'lists' ? lists(levels) : objects(levels));
    const decoded = decodeDevEnvironment({ id: 'a', spec: { annotations: { deep, url: 'u' } } }, silent);
    expect(decoded?.spec?.annotations).toEqual([
      { key: 'deep', value },
      { key: 'url', value: 'u' },
    ]);
  });
});
