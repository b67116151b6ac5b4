import type { Plugin } from 'graphql-yoga';

/** A hook of a plugin of ours: it never makes the execution wait, and has no say in parts of an answer. */
type OnExecute = NonNullable<Plugin['onExecute']>;
type Payload = Parameters<OnExecute>[0];
// biome-ignore lint/suspicious/noConfusingVoidType: what a hook of Envelop gives
type Done = void | { readonly onExecuteDone?: (end: End) => unknown };
type End = { readonly args: unknown; readonly result: unknown; setResult(result: unknown): void };

/**
 * The plugins with their `onExecute` hooks called from one, in their order: Envelop makes some twenty objects for each hook
 * and request, which is more than most of these hooks do themselves.
 */
export function inOneExecuteHook<P extends { readonly onExecute?: unknown }>(plugins: readonly P[]): P[] {
  const hooks = plugins.flatMap(({ onExecute }) => (onExecute === undefined ? [] : [onExecute as OnExecute]));
  return [
    ...plugins.map(({ onExecute: _, ...others }) => others as P),
    { onExecute: (payload: Payload) => executed(hooks, payload) } as P,
  ];
}

function executed(hooks: readonly OnExecute[], payload: Payload): Done {
  const done: ((end: End) => unknown)[] = [];
  let { executeFn } = payload;
  let isStopped = false;
  const own: Payload = {
    ...payload,
    get executeFn() {
      return executeFn;
    },
    setExecuteFn(next) {
      executeFn = next;
      payload.setExecuteFn(next);
    },
    setResultAndStopExecution(result) {
      isStopped = true;
      payload.setResultAndStopExecution(result);
    },
  };
  for (const hook of hooks) {
    const result = hook(own) as Done;
    if (result?.onExecuteDone !== undefined) done.push(result.onExecuteDone);
    if (isStopped) break;
  }
  return {
    onExecuteDone(end: End) {
      let { result } = end;
      for (const hook of done) {
        hook({
          ...end,
          result,
          setResult(next: unknown) {
            result = next;
            end.setResult(next);
          },
        });
      }
    },
  };
}
