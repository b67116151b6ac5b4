import { type ExecutionArgs, type ExecutionResult, execute, parse } from 'graphql';
import { createSchema, createYoga, type Plugin } from 'graphql-yoga';
import { describe, expect, it } from 'vitest';
import type { Caller } from '../../../src/server/graphql/context.ts';
import { createOperations } from '../../../src/server/telemetry/operations.ts';

const schema = createSchema({ typeDefs: 'type Query { a: String }', resolvers: { Query: { a: () => 'A' } } });
const callerOf = (requestId: string): Caller => ({
  credential: { token: null, problem: null, projectId: null, address: '127.0.0.1' },
  requestId,
});

/** Operations whose queries end when told. */
function held() {
  const operations = createOperations({ listeners: [], tracing: null });
  const ends: (() => void)[] = [];
  const holding: Plugin = {
    onExecute({ setExecuteFn }) {
      setExecuteFn(
        (args: ExecutionArgs) =>
          new Promise<ExecutionResult>((resolve) => ends.push(() => resolve(execute(args) as ExecutionResult))),
      );
    },
  };
  const yoga = createYoga({ schema, plugins: [operations.plugin, holding], logging: false });
  const ask = (query: string): Promise<unknown> => {
    const enveloped = yoga.getEnveloped({ caller: callerOf(query) });
    const document = parse(query);
    if (enveloped.validate(schema, document).length > 0) return Promise.resolve();
    return Promise.resolve(enveloped.contextFactory()).then((contextValue) =>
      enveloped.execute({ schema, document, contextValue }),
    );
  };
  return { operations, ends, ask };
}

const turn = () => new Promise((resolve) => setTimeout(resolve, 10));

describe('operations that run', () => {
  it('are waited for, whatever was refused meanwhile', async () => {
    const { operations, ends, ask } = held();
    const asked = [ask('{ a }'), ask('{ b: a }'), ask('{ unknown }'), ask('{ unknown }')];
    await turn();
    expect(ends).toHaveLength(2);
    let isSettled = false;
    const settled = operations.settled(10_000).then(() => {
      isSettled = true;
    });
    ends[0]?.();
    await turn();
    expect(isSettled).toBe(false);
    ends[1]?.();
    await settled;
    await Promise.all(asked);
    // nothing runs any more
    await operations.settled(10_000);
  });
});
