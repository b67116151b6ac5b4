import type { ExecutionResult } from 'graphql';
import { isAsyncIterable, type Plugin } from 'graphql-yoga';
import { Turn } from '../../runtime/turns.ts';

/** Rows of a result from which on it is written in turns; a page of 200 with all fields takes 2 ms in one piece. */
const largeFrom = 100;
/** Rows written in one turn. */
const perTurn = 25;

/** Whether other requests would wait for the result to be written in one piece: by the lists that its root fields hold. */
export function isLarge({ data }: ExecutionResult): boolean {
  let rows = 0;
  for (const name in data) {
    const value: unknown = data[name];
    if (typeof value !== 'object' || value === null) continue;
    rows += rowsOf(value);
  }
  return rows >= largeFrom;
}

function rowsOf(value: object): number {
  if (Array.isArray(value)) return value.length;
  let rows = 0;
  // without a list of its values: it is asked of every answer
  for (const name in value) {
    const list: unknown = value[name as keyof typeof value];
    if (Array.isArray(list)) rows += list.length;
  }
  return rows;
}

/** What `JSON.stringify` makes of the result, without other requests waiting for it. */
export const textInTurns = async (result: ExecutionResult): Promise<string> => {
  const writer = new Writer();
  await writer.write(result, 0);
  return writer.text;
};

/** Result, its data, root fields and connections; what is nested deeper is small. */
const deepest = 3;

class Writer {
  text = '';
  readonly #turn = new Turn();
  #rows = 0;

  async write(value: unknown, depth: number): Promise<void> {
    if (Array.isArray(value) && value.length > 0) await this.#list(value);
    else if (depth > deepest || !isRecord(value)) this.text += JSON.stringify(value);
    else await this.#record(value, depth);
  }

  async #record(value: Record<string, unknown>, depth: number): Promise<void> {
    let separator = '{';
    for (const [name, field] of Object.entries(value)) {
      if (field === undefined || typeof field === 'function') continue;
      this.text += `${separator}${JSON.stringify(name)}:`;
      separator = ',';
      await this.write(field, depth + 1);
    }
    this.text += separator === '{' ? '{}' : '}';
  }

  async #list(values: readonly unknown[]): Promise<void> {
    for (let from = 0; from < values.length; ) {
      if (this.#rows >= perTurn) {
        await this.#turn.next();
        this.#rows = 0;
      }
      const rows = values.slice(from, from + perTurn - this.#rows);
      this.text += (from === 0 ? '[' : ',') + JSON.stringify(rows).slice(1, -1);
      from += rows.length;
      this.#rows += rows.length;
    }
    this.text += ']';
  }
}

/** An object that is written field by field. */
const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && !('toJSON' in value);

/** The result with its data written in turns: Yoga leaves out what is internal in errors, and asks it for its text. */
export async function writableInTurns(result: ExecutionResult): Promise<WritableResult> {
  const text = await textInTurns({ data: result.data ?? null });
  return { ...result, stringify: (rest) => withData(rest, text.slice('{"data":'.length, -1)) };
}

type WritableResult = ExecutionResult & { readonly stringify: (rest: ExecutionResult) => string };

/** Large results are written in turns on the way through Yoga's HTTP layer. */
export const writeInTurns = (): Plugin => ({
  async onResultProcess({ result, setResult }) {
    if (isAsyncIterable(result) || Array.isArray(result) || !isLarge(result)) return;
    setResult(await writableInTurns(result));
  },
});

/** The text of a result whose data is written already, its fields in their order. */
function withData(result: ExecutionResult, data: string): string {
  const fields: string[] = [];
  for (const [name, value] of Object.entries(result)) {
    const text: string | undefined = name === 'data' ? data : JSON.stringify(value);
    if (text !== undefined) fields.push(`${JSON.stringify(name)}:${text}`);
  }
  return `{${fields.join()}}`;
}
