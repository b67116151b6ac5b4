import { readFile } from 'node:fs/promises';
import { isObject, type JsonObject } from '../json.ts';

/** The keys of an answered image that the simulator itself looks at; all others are passed through. */
export type ImageBody = JsonObject & {
  readonly id: string;
  readonly name: string;
  readonly status: string;
  readonly type: string;
  readonly namespace?: string;
};

export type Image = {
  readonly body: ImageBody;
  /** null: built in, visible to every project. */
  readonly projectId: string | null;
  /** A saved image is INIT from `startsAt`, CREATING shortly after, ACTIVE from `endsAt` (epoch ms) with `finished` merged in. */
  readonly saving?: { readonly startsAt: number; readonly endsAt: number; readonly finished: JsonObject };
};

const seedUrl = new URL('../../../contract/samples/listImage.response-200.json', import.meta.url);

/** The 38 images of the documented listImage answer. The own (DEDICATED) ones go to the project given. */
export async function readSeedImages(ownerProjectId: string): Promise<Image[]> {
  const sample: unknown = JSON.parse(await readFile(seedUrl, 'utf8'));
  if (!isObject(sample) || !Array.isArray(sample.data)) throw new Error('The listImage sample has no data array.');
  return sample.data.filter(isImageBody).map((body) => ({
    body,
    projectId: body.type === 'BUILD_IN' ? null : ownerProjectId,
  }));
}

const isImageBody = (value: unknown): value is ImageBody =>
  isObject(value) && ['id', 'name', 'status', 'type'].every((key) => typeof value[key] === 'string');

/** The image as it is answered at `now`. */
export function imageAt({ body, saving }: Image, now: number): ImageBody {
  if (saving === undefined) return body;
  if (now >= saving.endsAt) return { ...body, ...saving.finished, status: 'ACTIVE', update_at: saving.endsAt };
  const isInit = now < saving.startsAt + (saving.endsAt - saving.startsAt) / 10;
  return { ...body, status: isInit ? 'INIT' : 'CREATING' };
}
