import { setImmediate as turn } from 'node:timers/promises';
import { type ExecutionArgs, type ExecutionResult, execute, parse } from 'graphql';
import { createSchema, createYoga, type Plugin } from 'graphql-yoga';
import { describe, expect, it } from 'vitest';
import { collectPlugins, leanEnvelop } from '../../src/server/fast/http/lean-envelop.ts';

const schema = createSchema({ typeDefs: 'type Query { a: String }', resolvers: { Query: { a: () => 'A' } } });
const document = parse('{ a }');

type Told = string[];
type Extra = { added?: string; late?: string };
type Make = (told: Told) => Plugin<Extra>;

/** Runs the plugins by Envelop and by us; gives what each was told of, and the results. */
async function bothWays(...makes: readonly Make[]) {
  const run = async (isLean: boolean) => {
    const told: Told = [];
    const collected = collectPlugins();
    const plugins = [collected.plugin, ...makes.map((make) => make(told))];
    const yoga = createYoga({ schema, plugins, logging: false, maskedErrors: false });
    const enveloped = yoga.getEnveloped({ given: 'given' });
    const lean = leanEnvelop(collected.plugins());
    const contextValue = isLean ? await lean.contextOf({ given: 'given' }) : await enveloped.contextFactory();
    const args: ExecutionArgs = { schema, document, contextValue };
    const result = (isLean ? await lean.execute(args) : await enveloped.execute(args)) as ExecutionResult;
    const { given, added, late } = contextValue as Record<string, unknown>;
    return { told, context: { given, added, late }, result };
  };
  return { ours: await run(true), theirs: await run(false) };
}

const executing =
  (name: string, { isSlow = false, stops = false, changes = false } = {}): Make =>
  (told) => ({
    onExecute({ setResultAndStopExecution, extendContext }) {
      told.push(`${name} begins`);
      const begin = () => {
        extendContext({ late: name });
        if (stops) setResultAndStopExecution({ data: { a: name } });
        return {
          onExecuteDone({ result, setResult }: { result: unknown; setResult: (result: ExecutionResult) => void }) {
            told.push(`${name} ends ${JSON.stringify(result)}`);
            if (changes) setResult({ data: { a: `changed by ${name}` } });
          },
        };
      };
      return (isSlow ? turn().then(begin) : begin()) as ReturnType<NonNullable<Plugin['onExecute']>>;
    },
  });

const building =
  (name: string, { isSlow = false, breaks = false, hasAfter = false } = {}): Make =>
  (told) => ({
    onContextBuilding({ extendContext, breakContextBuilding, context }) {
      told.push(`${name} builds on ${JSON.stringify((context as Record<string, unknown>).added)}`);
      const build = () => {
        extendContext({ added: name });
        if (breaks) breakContextBuilding();
        if (hasAfter) return () => void told.push(`${name} comes after`);
      };
      return isSlow ? turn().then(build) : build();
    },
  });

const cases: readonly (readonly [string, readonly Make[]])[] = [
  ['nothing', []],
  ['several on execute', [executing('one'), executing('two')]],
  ['one that changes the result', [executing('one', { changes: true }), executing('two')]],
  ['one that stops', [executing('one'), executing('two', { stops: true }), executing('three')]],
  ['one that is slow', [executing('one'), executing('two', { isSlow: true }), executing('three')]],
  ['one that is slow and stops', [executing('one', { isSlow: true, stops: true }), executing('two')]],
  ['several on the context', [building('one'), building('two')]],
  ['one on the context that is slow', [building('one', { isSlow: true }), building('two')]],
  ['one that comes after the others', [building('one', { hasAfter: true }), building('two', { hasAfter: true })]],
  [
    'a slow one that comes after',
    [building('one'), building('two', { isSlow: true, hasAfter: true }), building('three')],
  ],
  ['one that breaks off', [building('one', { breaks: true, hasAfter: true }), building('two')]],
  ['a slow one that breaks off', [building('one', { isSlow: true, breaks: true }), building('two')]],
];

describe('hooks called by ourselves', () => {
  it.each(cases)('with %s do what they do in Envelop', async (_, makes) => {
    const { ours, theirs } = await bothWays(...makes);
    expect(ours).toEqual(theirs);
  });

  it('may replace the function that executes', async () => {
    const { ours, theirs } = await bothWays((told) => ({
      onExecute({ executeFn, setExecuteFn }) {
        setExecuteFn((args: ExecutionArgs) => {
          told.push('replaced');
          return executeFn(args);
        });
      },
    }));
    expect(ours).toEqual(theirs);
    expect(ours.told).toEqual(['replaced']);
    expect(ours.result.data).toEqual((await execute({ schema, document })).data);
  });
});
