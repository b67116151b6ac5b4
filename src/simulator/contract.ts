import { readFile } from 'node:fs/promises';

/** What the contract says of one operation, as far as the simulator goes by it. */
export type ContractOperation = {
  readonly operationId: string;
  /** upper case */
  readonly method: string;
  /** template: `/v1/{project_id}/notebooks/{id}` */
  readonly path: string;
  /** whether a 204 without a body is among its answers */
  readonly hasEmptyAnswer: boolean;
};

const contractUrl = new URL('../../contract/modelarts.openapi.yaml', import.meta.url);

/** The operations of the contract, in its order. */
export const readOperations = async (): Promise<ContractOperation[]> =>
  operationsIn(await readFile(contractUrl, 'utf8'));

const pathLine = /^ {2}['"]?(\/[^'":]*)['"]?:/;
const methodLine = /^ {4}(get|put|post|delete|patch):/;
const operationIdLine = /^ {6}operationId: *['"]?(\w+)/;
const emptyAnswerLine = /^ {8}['"]?204['"]?:/;

/**
 * Reads four kinds of lines under `paths:`, by their indentation. A YAML parser would take a tenth of the start of the
 * gateway for them; a test holds what is read here against what a parser reads.
 */
export function operationsIn(text: string): ContractOperation[] {
  const lines = text.split(/\r?\n/);
  const from = lines.indexOf('paths:') + 1;
  const end = lines.findIndex((line, index) => index >= from && /^\w/.test(line));
  const operations: ContractOperation[] = [];
  let path = '';
  let method = '';
  for (const line of lines.slice(from, end === -1 ? undefined : end)) {
    path = pathLine.exec(line)?.[1] ?? path;
    method = methodLine.exec(line)?.[1]?.toUpperCase() ?? method;
    const operationId = operationIdLine.exec(line)?.[1];
    if (operationId !== undefined) operations.push({ operationId, method, path, hasEmptyAnswer: false });
    const last = operations.at(-1);
    if (last !== undefined && emptyAnswerLine.test(line)) operations.splice(-1, 1, { ...last, hasEmptyAnswer: true });
  }
  return operations;
}
