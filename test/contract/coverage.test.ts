import { readFile, writeFile } from 'node:fs/promises';
import { beforeAll, describe, expect, it } from 'vitest';
import { loadContract } from '../support/contract/contract.ts';
import {
  coverageOf,
  holesOf,
  type RestOperation,
  readTestFiles,
  type TestFile,
  tableOf,
} from '../support/schema/coverage.ts';
import { restMentions } from '../support/schema/rest-mentions.ts';

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
    expect(operations).not.toEqual([]);
    const holes = holesOf(coverageOf(operations, files));
    expect(holes, holes.join('\n')).toEqual([]);
  });

  it('is named by a description behind `REST:`, and each of those names an operation', () => {
    const unclear = restMentions.flatMap(({ coordinate, operationIds, unknown }) => {
      if (unknown.length > 0) return [`${coordinate}: the contract has no ${unknown.join(', ')}`];
      return operationIds.length === 0 ? [`${coordinate}: no operation behind \`REST:\``] : [];
    });
    const hint =
      'behind `REST:` in src/schema write operationIds of contract/modelarts.openapi.yaml with a capital: ShowNotebook';
    expect(unclear, hint).toEqual([]);
    expect(restMentions).not.toEqual([]);
  });

  it('that is added without field, handler and test is reported thrice, with what to write where', () => {
    const path = '/v1/{project_id}/datasets/{id}';
    const added = { operationId: 'showDataset', method: 'GET', path, askedBy: 'gateway' } as const;
    expect(holesOf(coverageOf([added], files))).toEqual([
      expect.stringMatching(/^showDataset serves no field: .* `REST: ShowDataset\.`/),
      expect.stringMatching(/^showDataset is not in the simulator: .* src\/simulator\/operations\.ts/),
      expect.stringMatching(/^showDataset has no test: .* test\/integration/),
    ]);
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
