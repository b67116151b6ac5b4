import { Kind, type OperationDefinitionNode, visit } from 'graphql';
import { type CostedOperation, type OperationCost, operationCost } from './operation-cost.ts';

/** Arguments a cost depends on. */
const costArguments: ReadonlySet<string> = new Set(['first', 'last', 'ids']);
/** Costs kept of one operation: pages come in few sizes. */
const maxCosts = 100;

type Known = { readonly variables: readonly string[]; readonly costs: Map<string, OperationCost> };

/** `operationCost`, worked out once for each operation of a document that comes again and the variables its cost depends on. */
export function rememberCosts(): typeof operationCost {
  const operations = new WeakMap<OperationDefinitionNode, Known>();
  return (costed) => {
    let known = operations.get(costed.operation);
    if (known === undefined) {
      known = { variables: variablesOf(costed), costs: new Map() };
      operations.set(costed.operation, known);
    }
    const { variables, costs } = known;
    const key = variables.length === 0 ? '' : JSON.stringify(variables.map((name) => givenOf(costed, name)));
    let cost = costs.get(key);
    if (cost === undefined) {
      cost = operationCost(costed);
      if (costs.size >= maxCosts) costs.clear();
      costs.set(key, cost);
    }
    return cost;
  };
}

/** Wrapped, so that a variable that is not given differs from one that is null: it has its default. */
const givenOf = ({ variables }: CostedOperation, name: string): unknown[] =>
  Object.hasOwn(variables, name) ? [variables[name]] : [];

function variablesOf({ document }: CostedOperation): string[] {
  const names = new Set<string>();
  visit(document, {
    Argument(node) {
      if (!costArguments.has(node.name.value)) return false;
      visit(node.value, {
        [Kind.VARIABLE](variable) {
          names.add(variable.name.value);
        },
      });
      return false;
    },
  });
  return [...names];
}
