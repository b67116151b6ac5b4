import * as samples from './samples.ts';
import { revisionDigits } from './samples.ts';

/** Whole answers, made once; what differs from one to the next is written over in place, so that sizes never change. */
export type Bodies = {
  /** @returns the bytes of the answer, which the next answer of the same operation writes over; null: there is none */
  answer(operation: string, id?: string): Buffer | null;
  /** whether every body differs from the last one of its operation */
  setChanging(isChanging: boolean): void;
};

type Body = {
  readonly bytes: Buffer;
  /** where the digits of the revision are */
  readonly revisionAt: number;
  /** where the id of the notebook is */
  readonly idAt: readonly number[];
};

const idLength = samples.notebookId.length;

function body(content: unknown, headers = ''): Body {
  const json = JSON.stringify(content);
  const head = `HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n${headers}content-length: ${Buffer.byteLength(json)}\r\n\r\n`;
  const bytes = Buffer.from(head + json);
  const idAt: number[] = [];
  for (let at = bytes.indexOf(samples.notebookId); at >= 0; at = bytes.indexOf(samples.notebookId, at + 1))
    idAt.push(at);
  return { bytes, revisionAt: revisionAt(bytes), idAt };
}

/** The last one in the body, so that it takes all of the bytes to see the difference. */
function revisionAt(bytes: Buffer): number {
  const inText = bytes.lastIndexOf(` r${'0'.repeat(revisionDigits)}"`);
  if (inText >= 0) return inText + 2;
  const time = bytes.lastIndexOf('"update_at":');
  return time < 0 ? -1 : time + '"update_at":'.length + 13 - revisionDigits;
}

const zero = 48;
const nine = 57;

/** Adds one to a number of ASCII digits, in place. */
function increment(bytes: Buffer, at: number, digits: number): void {
  for (let index = at + digits - 1; index >= at; index -= 1) {
    const digit = bytes[index] ?? zero;
    bytes[index] = digit === nine ? zero : digit + 1;
    if (digit !== nine) return;
  }
}

export function createBodies(): Bodies {
  const images = new Map(samples.images.map((image) => [image.id, body(image)]));
  const byOperation: Readonly<Record<string, Body>> = {
    root: body({}),
    issueToken: body({ token: {} }, 'x-subject-token: bench\r\n'),
    listNotebooks: body(samples.notebookPage),
    showNotebook: body(samples.notebook),
    listFlavors: body(samples.flavorPage),
    listImage: body(samples.imagePage),
    createNotebook: body(samples.createdNotebook),
    showLease: body(samples.notebook.lease),
    renewLease: body(samples.renewedLease),
    stopNotebook: body(samples.stoppingNotebook),
    deleteNotebook: body(samples.deletingNotebook),
  };
  let isChanging = false;
  const newId = Buffer.from(`${samples.notebookId.slice(0, -9)}000000000`);

  return {
    answer(operation, id) {
      const found = operation === 'showImage' ? images.get(id ?? '') : byOperation[operation];
      if (found === undefined) return null;
      const { bytes, revisionAt: at, idAt } = found;
      if (isChanging && at >= 0) increment(bytes, at, revisionDigits);
      if (operation === 'createNotebook') {
        increment(newId, newId.length - 9, 9);
        for (const start of idAt) newId.copy(bytes, start);
      } else if (id !== undefined && operation !== 'showImage') {
        if (id.length !== idLength) return null;
        for (const start of idAt) bytes.write(id, start, 'latin1');
      }
      return bytes;
    },
    setChanging(value) {
      isChanging = value;
    },
  };
}
