import { readFile, writeFile } from 'node:fs/promises';
import { beforeAll, describe, expect, it } from 'vitest';
import { loadContract } from '../support/contract.ts';
import {
  coverageOf,
  holesOf,
  type RestOperation,
  readTestFiles,
  served,
  type TestFile,
  tableOf,
} from '../support/coverage.ts';

const pageUrl = new URL('../../docs/coverage.md', import.meta.url);
const markers = ['<!-- coverage -->', '<!-- /coverage -->'] as const;

/** With `UPDATE=1` in the environment the table of docs/coverage.md is written instead of compared. */
const isUpdate = process.env.UPDATE === '1';

describe('every operation of the contract', () => {
  let operations: readonly RestOperation[];
  let files: readonly TestFile[];
  beforeAll(async () => {
    operations = (await loadContract()).operations;
    files = await readTestFiles();
  });

  it('serves a field, has a route in the simulator, and is asked for in a test', () => {
    expect(operations.length).toBeGreaterThanOrEqual(30);
    expect(holesOf(coverageOf(operations, files))).toEqual([]);
  });

  it('is all the schema is accounted for by', () => {
    const known = new Set(operations.map(({ operationId }) => operationId));
    expect(Object.keys(served).filter((operationId) => !known.has(operationId))).toEqual([]);
  });

  it('added without field, route and test is three holes', () => {
    const added = { operationId: 'showDataset', method: 'GET', path: '/v1/{project_id}/datasets/{id}' };
    expect(holesOf(coverageOf([added], files))).toEqual([
      expect.stringContaining('showDataset serves no field'),
      'showDataset is not there in the simulator',
      'showDataset has no test',
    ]);
  });

  it('moved to another path is a hole', () => {
    const moved = operations.map((operation) => ({ ...operation, path: operation.path.replace('/v1/', '/v2/') }));
    expect(holesOf(coverageOf(moved, files)).length).toBeGreaterThanOrEqual(28);
  });

  it('is in the table of docs/coverage.md', async () => {
    const page = await readFile(pageUrl, 'utf8');
    const [start, end] = markers.map((marker) => page.indexOf(marker));
    expect([start, end], `docs/coverage.md has the markers ${markers.join(' and ')}`).not.toContain(-1);
    const table = `\n${tableOf(coverageOf(operations, files))}\n`;
    const from = (start ?? 0) + markers[0].length;
    if (isUpdate) await writeFile(pageUrl, page.slice(0, from) + table + page.slice(end));
    else {
      const hint = 'docs/coverage.md is out of date: `npm run coverage` writes it';
      expect(page.slice(from, end), hint).toBe(table);
    }
  });
});
