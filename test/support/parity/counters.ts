import { parse, validate } from 'graphql';
import { schema } from '../../../src/schema/index.ts';
import type { Seen } from './side.ts';
import type { Trial } from './trial.ts';

/** What was asked so far, to see that it is what is meant to be asked. */
export type Counters = {
  documents: number;
  valid: number;
  /** answered without an error */
  answered: number;
  readonly transports: Map<string, number>;
  readonly faults: Map<string, number>;
  /** fields of the query type that some document has */
  readonly fields: Set<string>;
};

export const noneCounted = (): Counters => ({
  documents: 0,
  valid: 0,
  answered: 0,
  transports: new Map(),
  faults: new Map(),
  fields: new Set(),
});

export function note(counters: Counters, { question, transport, world }: Trial, seen: Seen): void {
  counters.documents += 1;
  if (isValid(question.query)) counters.valid += 1;
  if (!seen.reply.body.includes('"errors"')) counters.answered += 1;
  count(counters.transports, transport);
  for (const fault of [world.fault, world.turn?.kind === 'fault' ? world.turn.fault : null]) {
    if (fault !== null) count(counters.faults, fault.name);
  }
  for (const [name] of queryFields) if (question.query.includes(name)) counters.fields.add(name);
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
