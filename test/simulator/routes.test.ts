import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { type ContractOperation, operationsIn, readOperations } from '../../src/simulator/contract.ts';
import { createRoutes } from '../../src/simulator/routes.ts';
import { loadContract } from '../support/contract/contract.ts';

const contractUrl = new URL('../../contract/modelarts.openapi.yaml', import.meta.url);

const operation = (operationId: string, path: string, method = 'GET'): ContractOperation => ({
  operationId,
  method,
  path,
  hasEmptyAnswer: false,
});
const shown = operation('showThing', '/v1/{project_id}/things/{id}');
const listed = operation('listSparedThings', '/v1/{project_id}/things/spared');

describe('the operations the simulator reads', () => {
  it('are those a YAML parser finds in the contract, in its order', async () => {
    const { paths } = parse(await readFile(contractUrl, 'utf8'));
    const parsed = Object.entries<Record<string, { operationId?: string; responses?: object }>>(paths).flatMap(
      ([path, item]) =>
        Object.entries(item).flatMap(([method, { operationId, responses = {} }]) =>
          operationId === undefined
            ? []
            : [{ operationId, method: method.toUpperCase(), path, hasEmptyAnswer: '204' in responses }],
        ),
    );
    const hint =
      'contract/modelarts.openapi.yaml: keep its indentation, or edit operationsIn in src/simulator/contract.ts';
    expect(await readOperations(), hint).toEqual(parsed);
  });

  it('are as many as the contract has', async () => {
    expect((await readOperations()).length).toBe((await loadContract()).operations.length);
  });

  it('may stand in quotes, and end where the paths end', () => {
    const text = [
      'paths:',
      "  '/v1/{project_id}/things':",
      '    # a comment',
      '    parameters: []',
      '    delete:',
      "      operationId: 'deleteThing'",
      '      responses:',
      '        "204": {description: gone}',
      'components:',
      '  /v1/no/path:',
      '    get:',
      '      operationId: none',
    ].join('\r\n');
    expect(operationsIn(text)).toEqual([
      { ...operation('deleteThing', '/v1/{project_id}/things', 'DELETE'), hasEmptyAnswer: true },
    ]);
  });
});

describe('the routes of the simulator', () => {
  it('find the literal segment before the id, in whatever order the contract has them', () => {
    for (const operations of [
      [shown, listed],
      [listed, shown],
    ]) {
      const { match } = createRoutes(operations, { served: ['showThing', 'listSparedThings'] });
      expect(match('GET', '/v1/p/things/spared')?.operation.operationId).toBe('listSparedThings');
      expect(match('GET', '/v1/p/things/a%20b')?.params).toMatchObject({ projectId: 'p', id: 'a b', storageId: '' });
      expect(match('PUT', '/v1/p/things/a')).toBeNull();
    }
  });

  it.each<[string, readonly ContractOperation[], { served: string[]; unserved?: Record<string, string> }, string]>([
    [
      'with a placeholder nobody reads',
      [operation('showThing', '/v1/{project_id}/things/{thing_id}')],
      { served: ['showThing'] },
      'showThing: nothing reads {thing_id} of /v1/{project_id}/things/{thing_id}; name it in `placeholders` in src/simulator/routes.ts',
    ],
    [
      'that have a handler of no operation',
      [],
      { served: ['showThing'] },
      'showThing is no operation of contract/modelarts.openapi.yaml; write it there, or take its handler out of src/simulator/operations.ts',
    ],
    [
      'that lack a handler',
      [shown],
      { served: [] },
      'showThing (GET /v1/{project_id}/things/{id}) has no handler; write one into `handlers` in src/simulator/operations.ts, or a reason into `unserved` there',
    ],
    [
      'whose reason for no handler is not needed',
      [shown],
      { served: ['showThing'], unserved: { showThing: 'nobody asks' } },
      'showThing is served and listed as not served; take it out of `unserved` in src/simulator/operations.ts',
    ],
  ])('refuse %s, and say what to edit', (_, operations, handled, message) => {
    expect(() => createRoutes(operations, handled)).toThrow(message);
  });

  it('take a reason in the place of a handler', () => {
    const { match, operations } = createRoutes([shown], { served: [], unserved: { showThing: 'nobody asks' } });
    expect([match('GET', '/v1/p/things/a'), operations]).toEqual([null, []]);
  });
});
