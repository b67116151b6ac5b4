import { parse, validate } from 'graphql';
import { schema } from '../../../src/schema/index.ts';
import type { Seen } from './side.ts';
import type { Trial } from './trial.ts';

/** What was asked so far, to see that it is what is meant to be asked. */
export type Tally = {
  documents: number;
  valid: number;
  /** answered without an error */
  answered: number;
  readonly transports: Map<string, number>;
  readonly faults: Map<string, number>;
  /** fields of the query type that some document has */
  readonly fields: Set<string>;
};

export const emptyTally = (): Tally => ({
  documents: 0,
  valid: 0,
  answered: 0,
  transports: new Map(),
  faults: new Map(),
  fields: new Set(),
});

export function note(tally: Tally, { question, transport, world }: Trial, seen: Seen): void {
  tally.documents += 1;
  if (isValid(question.query)) tally.valid += 1;
  if (!seen.reply.body.includes('"errors"')) tally.answered += 1;
  count(tally.transports, transport);
  for (const fault of [world.fault, world.turn?.kind === 'fault' ? world.turn.fault : null]) {
    if (fault !== null) count(tally.faults, fault.name);
  }
  for (const [name] of queryFields) if (question.query.includes(name)) tally.fields.add(name);
}

export const queryFields = Object.entries(schema.getQueryType()?.getFields() ?? {});

const count = (counts: Map<string, number>, name: string): unknown => counts.set(name, (counts.get(name) ?? 0) + 1);

function isValid(query: string): boolean {
  try {
    return validate(schema, parse(query)).length === 0;
  } catch {
    return false;
  }
}
