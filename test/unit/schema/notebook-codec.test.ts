import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import type { Session } from '../../../src/modelarts/client/client.ts';
import { decodeNotebook, type Notebook } from '../../../src/modelarts/notebooks.ts';
import { errorOf } from '../../../src/modelarts/wire/error-body.ts';
import type { ErrorCode } from '../../../src/modelarts/wire/errors.ts';
import { notebookCodec } from '../../../src/schema/notebook/codec.ts';
import { notebookSource } from '../../../src/schema/notebook/watch.ts';

const source = notebookSource((): Session => {
  throw new Error('not asked for here');
}, 'project');

async function sample(operation: string): Promise<{ readonly body: object; readonly notebook: Notebook }> {
  const url = new URL(`../../../contract/samples/${operation}.response-200.json`, import.meta.url);
  const body = JSON.parse(await readFile(url, 'utf8'));
  const notebook = decodeNotebook(body, () => {});
  if (notebook === null) throw new Error(`${operation} cannot be read`);
  return { body, notebook };
}

const cross = (notebook: Notebook): Notebook | null =>
  notebookCodec.decode(JSON.parse(JSON.stringify(notebookCodec.encode(notebook))));

describe.each(['createNotebook', 'showNotebook', 'startNotebook', 'stopNotebook'])(
  'the notebook of %s that crosses to another replica',
  (operation) => {
    it('is unchanged to a watch there', async () => {
      const { notebook } = await sample(operation);
      const crossed = cross(notebook);
      expect(crossed && source.isEqual(crossed, notebook)).toBe(true);
      expect(crossed?.actionProgress).toEqual(notebook.actionProgress);
    });

    it('lacks nothing but what is read again when it is selected', async () => {
      const { notebook } = await sample(operation);
      const image = notebook.image && {
        ...notebook.image,
        swrPath: null,
        // an embedded copy that lacks them is read whole, too
        ...{ status: null, statusRaw: null, devServices: [], devServicesRaw: [] },
      };
      const readAgain = { jupyterToken: null, url: null, user: null, volume: null, dataVolumes: [], endpoints: null };
      expect(cross(notebook)).toEqual({ ...notebook, image, ...readAgain, isListItem: true });
    });

    it('is without credential, addresses and names of users', async () => {
      const { notebook } = await sample(operation);
      const text = JSON.stringify(notebookCodec.encode(notebook));
      const secrets = [notebook.jupyterToken, notebook.url, notebook.user?.name, notebook.user?.domain?.name];
      for (const secret of secrets) if (secret) expect(text).not.toContain(JSON.stringify(secret));
      for (const part of ['swr', '://']) expect(text).not.toContain(part);
    });
  },
);

it('an item that another version wrote is not taken for a notebook', () => {
  for (const value of [null, 'text', 7, [], {}, { id: 7, status: 'RUNNING' }, { name: 'x' }]) {
    const decoded = notebookCodec.decode(value);
    expect(decoded === null || typeof decoded.id === 'string').toBe(true);
  }
  expect(notebookCodec.decode({})).toBeNull();
});

describe('an error that crosses to another replica', () => {
  const codes: ErrorCode[] = [
    'UNAUTHENTICATED',
    'FORBIDDEN',
    'RATE_LIMITED',
    'UPSTREAM_TIMEOUT',
    'UPSTREAM_UNAVAILABLE',
  ];
  const crossError = (error: unknown) =>
    notebookCodec.decodeError(JSON.parse(JSON.stringify(notebookCodec.encodeError(error))));

  it.each(codes)('is of the class it had, without its sentence: %s', (code) => {
    const error = errorOf(code, {
      message: 'a sentence that may quote anything',
      operationId: 'listNotebooks',
      upstreamCode: 'ModelArts.0001',
      upstreamStatus: 418,
      requestId: 'r-1',
      retryAfterSeconds: 7,
    });
    const { message, stack, ...rest } = error;
    const crossed = crossError(error);
    expect(crossed).toBeInstanceOf(error.constructor);
    expect(crossed).toMatchObject(rest);
    expect(JSON.stringify(notebookCodec.encodeError(error))).not.toContain(message);
    expect(stack).toBeDefined();
  });

  it('is an answer that could not be read when it is none of the upstream', () => {
    expect(crossError(new TypeError('bug'))).toMatchObject({ code: 'UPSTREAM_INVALID' });
  });
});
