import { Kind, type OperationDefinitionNode, visit } from 'graphql';
import { createBoundedStore, type StoreStats, textBytes } from '../../../runtime/bounded-store.ts';
import type { Caller } from '../context.ts';
import { type CostedOperation, type OperationCost, operationCost } from './operation-cost.ts';

/** `operationCost`, worked out once for each operation of a document that comes again and what its cost depends on. */
export type CostMemo = {
  of(costed: CostedOperation, caller: Caller): OperationCost;
  readonly stats: StoreStats;
};

/** Arguments a cost depends on: how many are asked for. */
const costArguments: ReadonlySet<string> = new Set(['first', 'last', 'ids']);

const defaultMaxBytes = 4 * 1024 * 1024;
const callerShare = 1 / 8;
/** A longer key is of numbers that nobody writes: its cost is worked out each time. */
const maxKeyLength = 200;

type Known = {
  readonly id: number;
  /** variables its cost depends on; null: in more ways than by their number or their length */
  readonly variables: readonly string[] | null;
  /** its cost, where that depends on no variable */
  only: OperationCost | null;
};

export type CostMemoOptions = {
  /** whom a cost counts against that is worked out for this caller */
  readonly ownerOf: (caller: Caller) => string;
  readonly maxBytes?: number;
};

export function createCostMemo({ ownerOf, maxBytes = defaultMaxBytes }: CostMemoOptions): CostMemo {
  // gone with its document; of each there is a number, an array of names that stand in the document, and one cost
  const operations = new WeakMap<OperationDefinitionNode, Known>();
  const costs = createBoundedStore<string, OperationCost>({ maxBytes, callerShare });
  let count = 0;

  return {
    of(costed, caller) {
      let known = operations.get(costed.operation);
      if (known === undefined) {
        known = { id: ++count, variables: variablesOf(costed), only: null };
        operations.set(costed.operation, known);
      }
      const { id, variables } = known;
      if (variables === null) return operationCost(costed);
      if (variables.length === 0) {
        known.only ??= operationCost(costed);
        return known.only;
      }
      const key = keyOf(id, variables, costed);
      if (key.length > maxKeyLength) return operationCost(costed);
      let cost = costs.get(key);
      if (cost === undefined) {
        cost = operationCost(costed);
        costs.set(key, cost, { bytes: textBytes(key), caller: ownerOf(caller) });
      }
      return cost;
    },
    get stats() {
      return costs.stats;
    },
  };
}

function keyOf(id: number, names: readonly string[], costed: CostedOperation): string {
  let key = String(id);
  for (const name of names) key += ` ${quantityOf(costed, name)}`;
  return key;
}

/** All of a value that a cost depends on. One that is not given differs from one that is null: it has its default. */
function quantityOf({ variables }: CostedOperation, name: string): string {
  if (!Object.hasOwn(variables, name)) return '';
  const value = variables[name];
  if (typeof value === 'number') return String(value);
  return Array.isArray(value) ? `[${new Set(value).size}]` : '-';
}

function variablesOf({ document }: CostedOperation): string[] | null {
  const names = new Set<string>();
  let isWithin = false;
  visit(document, {
    Argument(node) {
      if (!costArguments.has(node.name.value)) return false;
      if (node.value.kind === Kind.VARIABLE) names.add(node.value.name.value);
      else {
        visit(node.value, {
          [Kind.VARIABLE]() {
            isWithin = true;
          },
        });
      }
      return false;
    },
  });
  return isWithin ? null : [...names];
}
