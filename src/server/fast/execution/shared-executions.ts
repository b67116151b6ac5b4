import { hash } from 'node:crypto';
import { createSourceEventStream, type DocumentNode, type ExecutionArgs, type ExecutionResult, execute } from 'graphql';
import { isAsyncIterable, type Plugin } from 'graphql-yoga';
import type { Context } from '../../../schema/core/context.ts';
import { noteEmitted } from '../../../schema/events/event-delivery.ts';
import type { OperationCaller } from '../../graphql/context.ts';
import type { TokenMemory } from '../../graphql/token-store.ts';

/** A later subscriber has the event executed anew: what it selects beside the event would be that of an earlier moment. */
const maxAgeMs = 1000;

/** Results kept for the others of a group; who lags behind by more is given a newer state anyway. */
const maxResults = 64;

type Shared = {
  readonly result: Promise<ExecutionResult>;
  readonly startedAt: number;
  /** on whose behalf it is executed */
  readonly owner: Member;
  /** members that were given it; when all were, it is let go of */
  givenTo: number;
};

/** Subscribers that ask the same with the same token. */
type Group = { readonly key: string; size: number; readonly results: Map<object, Shared> };

type Member = {
  readonly args: ExecutionArgs;
  readonly context: Context & OperationCaller;
  readonly group: Group;
};

/**
 * Executes each event of a subscription once for all who ask the same: the same document, operation name and variables, with
 * the same token and project, over any transport. Only subscribers of one watch are ever sent the same event object. What
 * depends on the clock is shared as well, for it is executed at the same moment.
 */
export function shareExecutions(tokens: Pick<TokenMemory, 'hash'>): Plugin<Context & OperationCaller> {
  const groupsOf = new WeakMap<DocumentNode, Map<string, Group>>();

  async function subscribe(args: ExecutionArgs): Promise<ExecutionResult | AsyncIterableIterator<ExecutionResult>> {
    const events = await createSourceEventStream(args);
    if (!isAsyncIterable(events)) return events;
    const { document, operationName, variableValues } = args;
    // graphql-js knows no type of it; createContext made it, and the transport what is beside it
    const context = args.contextValue as Context & OperationCaller;
    const { token, projectId } = context.caller.credential;
    // a hash: variables may be as large as a request
    const who = token === null ? null : tokens.hash(token);
    const key = hash('sha256', JSON.stringify([operationName, variableValues, who, projectId]), 'base64url');
    let groups = groupsOf.get(document);
    if (groups === undefined) {
      groups = new Map();
      groupsOf.set(document, groups);
    }
    const group = groups.get(key) ?? { key, size: 0, results: new Map() };
    group.size += 1;
    groups.set(key, group);
    return new ExecutedEvents(events[Symbol.asyncIterator](), { args, context, group }, groups);
  }

  return {
    onSubscribe: ({ setSubscribeFn }) => setSubscribeFn(subscribe),
  };
}

/** What is emitted to one member of a group. */
class ExecutedEvents implements AsyncIterableIterator<ExecutionResult> {
  readonly #events: AsyncIterator<unknown>;
  readonly #member: Member;
  readonly #groups: Map<string, Group>;
  #isOver = false;

  constructor(events: AsyncIterator<unknown>, member: Member, groups: Map<string, Group>) {
    this.#events = events;
    this.#member = member;
    this.#groups = groups;
  }

  async next(): Promise<IteratorResult<ExecutionResult, undefined>> {
    try {
      const { done, value } = await this.#events.next();
      if (done !== true) {
        noteEmitted(value, this.#member.context);
        // every event of the schema is an object
        return { done: false, value: await resultOf(value as object, this.#member) };
      }
    } catch (error) {
      this.#leave();
      throw error;
    }
    this.#leave();
    return { done: true, value: undefined };
  }

  async return(): Promise<IteratorResult<ExecutionResult, undefined>> {
    this.#leave();
    await this.#events.return?.();
    return { done: true, value: undefined };
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  #leave(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    const { group } = this.#member;
    group.size -= 1;
    if (group.size === 0) this.#groups.delete(group.key);
    // nobody is left to share with
    if (group.size <= 1) group.results.clear();
  }
}

async function resultOf(event: object, member: Member): Promise<ExecutionResult> {
  const { results } = member.group;
  for (;;) {
    const known = results.get(event);
    const execution = known !== undefined && Date.now() - known.startedAt < maxAgeMs ? known : begin(event, member);
    const result = await execution.result;
    const { owner } = execution;
    // the reads of an owner that has left end with its connection, and say nothing about the event
    if (owner === member || result.errors === undefined || owner.context.caller.signal?.aborted !== true) {
      execution.givenTo += 1;
      if (execution.givenTo >= member.group.size && results.get(event) === execution) results.delete(event);
      return result;
    }
    if (results.get(event) === execution) results.delete(event);
  }
}

function begin(event: object, owner: Member): Shared {
  const { results, size } = owner.group;
  const startedAt = Date.now();
  const execution: Shared = {
    result: Promise.resolve(execute({ ...owner.args, rootValue: event })),
    startedAt,
    owner,
    givenTo: 0,
  };
  for (const [other, { startedAt: otherAt }] of results) {
    if (results.size < maxResults && startedAt - otherAt < maxAgeMs) break;
    results.delete(other);
  }
  if (size > 1) results.set(event, execution);
  return execution;
}
