import type { ExecutionResult } from 'graphql';

/**
 * A result as its JSON, for an answer that is sent as text: `context.takesText` asks for it. It has no errors and no
 * extensions; who wants its data has it parsed.
 */
export class WrittenResult implements ExecutionResult {
  readonly text: string;
  #data: Record<string, unknown> | undefined;

  constructor(text: string) {
    this.text = text;
  }

  get data(): Record<string, unknown> {
    if (this.#data !== undefined) return this.#data;
    const { data }: { readonly data: Record<string, unknown> } = JSON.parse(this.text);
    this.#data = data;
    return data;
  }

  /** So that it is written and copied as what it stands for wherever it gets to. */
  toJSON(): ExecutionResult {
    return { data: this.data };
  }
}
