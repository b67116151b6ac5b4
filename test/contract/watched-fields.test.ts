import { describe, expect, it } from 'vitest';
import { decodeDevEnvironment } from '../../src/modelarts/dev-environments.ts';
import { decodeImage } from '../../src/modelarts/images.ts';
import { decodeNotebook } from '../../src/modelarts/notebooks.ts';
import { decodeStorageMount } from '../../src/modelarts/storage-mounts.ts';
import type { Decoder } from '../../src/modelarts/wire/operation.ts';
import { devEnvSource } from '../../src/schema/dev-env/watch.ts';
import { imageSource } from '../../src/schema/image/watch.ts';
import { notebookSource } from '../../src/schema/notebook/watch.ts';
import { storageMountSource } from '../../src/schema/storage/mount-watch.ts';
import { fullObject, type Json, leavesOf, type Path, strange, withAt } from '../support/contract/leaves.ts';

/** Fields a watch does not compare, each with all below it, and why a change of one is no event. */
type NotCompared = Readonly<Record<string, string>>;

type Watched = {
  readonly file: string;
  /** an object with every field of the contract, as it is decoded */
  readonly item: Json;
  /** whether a watch takes both for the same, and makes no event */
  readonly isEqual: (a: Json, b: Json) => boolean;
  readonly notCompared: NotCompared;
};

const notHere = (): never => {
  throw new Error('not asked for here');
};

function watched<T>(
  schemaName: string,
  decode: Decoder<T>,
  source: { readonly isEqual: (a: T, b: T) => boolean },
): Pick<Watched, 'item' | 'isEqual'> {
  const item = decode(fullObject(schemaName), () => {});
  if (item === null) throw new Error(`${schemaName} cannot be read`);
  // plain data in, plain data out: what is changed at a leaf is still a T but for that leaf
  return { item: item as Json, isEqual: (a, b) => source.isEqual(a as T, b as T) };
}

const idReason = 'what is compared has the same';
const atCreate = 'set at create, and nothing changes it';
const leftOut = 'lists leave it out, or give it at times: each other read would look like a change';
const howRead = 'it says how the item was read';
const countsDown = 'it counts by itself';

const each = (names: readonly string[], reason: string): NotCompared =>
  Object.fromEntries(names.map((name) => [name, reason]));

const kinds: Readonly<Record<string, Watched>> = {
  Notebook: {
    ...watched('Notebook', decodeNotebook, notebookSource(notHere, 'p')),
    file: 'src/schema/notebook/watch.ts',
    notCompared: {
      id: idReason,
      featureRaw: atCreate,
      // but its id
      image: 'an image has a watch of its own',
      'lease.updatedAtMs': 'it changes with the lease',
      workspaceId: atCreate,
      jupyterToken: 'a secret, which no event is to carry; it changes with the status',
      url: leftOut,
      createdAtMs: atCreate,
      updatedAtMs: leftOut,
      userId: atCreate,
      user: leftOut,
      volume: leftOut,
      dataVolumes: leftOut,
      endpoints: leftOut,
      billingItems: leftOut,
      pool: atCreate,
      isListItem: howRead,
    },
  },
  Image: {
    ...watched('Image', decodeImage, imageSource(notHere, 'p')),
    file: 'src/schema/image/watch.ts',
    notCompared: {
      id: idReason,
      ...each(
        ['typeRaw', 'archRaw', 'serviceTypeRaw', 'devServicesRaw', 'resourceCategoriesRaw', 'swrPath', 'workspaceId'],
        atCreate,
      ),
      ...each(['supportedResourceCategoriesRaw', 'namespace', 'originRaw', 'description'], atCreate),
      ...each(['createdAtMs', 'updatedAtMs', 'sizeBytes'], leftOut),
      tags: 'of the registry, which no operation of ModelArts changes',
      visibilityRaw: 'of the registry, which no operation of ModelArts changes',
      isComplete: howRead,
    },
  },
  StorageMount: {
    ...watched('StorageMount', decodeStorageMount, storageMountSource('n')(notHere, 'p')),
    file: 'src/schema/storage/mount-watch.ts',
    notCompared: { id: idReason, ...each(['categoryRaw', 'uri', 'efsId', 'mountType'], atCreate) },
  },
  DevEnvInstance: {
    ...watched('DevEnvironment', decodeDevEnvironment, devEnvSource(notHere, 'p')),
    file: 'src/schema/dev-env/watch.ts',
    notCompared: {
      id: idReason,
      createdAtMs: atCreate,
      updatedAtMs: 'it changes with what is compared',
      ...each(['profile', 'pool', 'user', 'workspaceId', 'aiProjectId'], atCreate),
      ...each(['spec.storage', 'spec.extendStorage', 'spec.logPath', 'spec.customScriptPath'], atCreate),
      ...each(['spec.annotations', 'spec.extendParams', 'spec.resourceReservedAtMs'], 'it changes with the status'),
      'spec.failedReasons': 'it comes with a status that is an event',
      'spec.autoStop.remainSeconds': countsDown,
      'spec.credential': 'a secret, which no event is to carry',
      ...each(['repository', 'spec.repository'], 'set at create, with secrets in it'),
      flavorDetails: 'the flavor is compared by its id; numbers of its queue count by themselves',
      ...each(['queuing.id', 'queuing.name', 'queuing.deType', 'queuing.flavorId', 'queuing.beginAtMs'], atCreate),
      ...each(['queuing.flavorDetails', 'queuing.endAtMs', 'queuing.remainSeconds'], countsDown),
      'queuing.statusRaw': 'it changes with the status',
    },
  },
};

/** `endpoints.0.service` is `endpoints.service`. */
const nameOf = (path: Path): string => path.filter((key) => typeof key === 'string').join('.');

const isAtOrBelow = (name: string, above: string): boolean => name === above || name.startsWith(`${above}.`);

describe.each(Object.entries(kinds))('a watch of %s', (kind, { item, isEqual, file, notCompared }) => {
  const names = { same: new Set<string>(), other: new Set<string>() };
  const leaves = leavesOf(item);
  const all = new Set(leaves.map(({ path }) => nameOf(path)));
  for (const { path, leaf } of leaves) {
    // an enum value is told apart by the text it was read from
    if (all.has(`${nameOf(path)}Raw`)) continue;
    names[isEqual(item, withAt(item, path, strange(leaf))) ? 'same' : 'other'].add(nameOf(path));
  }

  it('compares every field, or says why a change of it is no event', () => {
    const undecided = [...names.same].filter(
      (name) => !Object.keys(notCompared).some((above) => isAtOrBelow(name, above)),
    );
    const hint = `no event tells of a change of these fields of ${kind}: compare them in \`watched\` of ${file}, or give a reason under \`notCompared\` of ${kind} in test/contract/watched-fields.test.ts`;
    expect(undecided, hint).toEqual([]);
    expect(names.other.size).toBeGreaterThan(0);
  });

  it('gives a reason only for fields it does not compare', () => {
    const needless = Object.keys(notCompared).filter(
      (above) => ![...names.same].some((name) => isAtOrBelow(name, above)),
    );
    expect(needless, `take them out of \`notCompared\` of ${kind} in test/contract/watched-fields.test.ts`).toEqual([]);
  });
});
