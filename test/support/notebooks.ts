import type { RecordedCall } from '../../src/simulator/simulator.ts';
import type { TestBed } from './gateway.ts';

/** A built-in image that fits the flavor `modelarts.vm.cpu.2u`. */
export const cpuImageId = 'e1a07296-22a8-4f05-8bc8-e936c8e54090';

/** What `createNotebook` needs, for a notebook of the given name. */
export const notebookInput = (name: string) => ({
  name,
  flavorId: 'modelarts.vm.cpu.2u',
  imageId: cpuImageId,
  volume: { category: 'EFS', ownership: 'MANAGED', capacityGiB: 50 },
});

export const createNotebookMutation = `mutation($input: CreateNotebookInput!) {
  createNotebook(input: $input) {
    __typename
    ... on CreateNotebookPayload { notebook { notebookId name status } }
    ... on Error { message code remedy retryable upstreamCode requestId }
  }
}`;

/**
 * Creates a notebook through the gateway.
 * @returns its raw id
 */
export async function createNotebook(
  bed: TestBed,
  name: string,
  headers: Record<string, string> = {},
): Promise<string> {
  const { data, errors } = await bed.ask(createNotebookMutation, { input: notebookInput(name) }, headers);
  const id: unknown = data?.createNotebook.notebook?.notebookId;
  if (typeof id === 'string') return id;
  throw new Error(`not created: ${JSON.stringify(errors ?? data)}`);
}

/** Asks, and gives the answer with the calls the gateway made upstream meanwhile. */
export async function withCalls<T>(bed: TestBed, ask: () => Promise<T>): Promise<{ answer: T; calls: RecordedCall[] }> {
  const before = bed.exchanges.length;
  const answer = await ask();
  return { answer, calls: bed.exchanges.slice(before) };
}

/** Documented names of the operations called, in the order of their arrival. */
export const operationsOf = (calls: readonly RecordedCall[]): (string | null)[] =>
  calls.map(({ operationId }) => operationId);
