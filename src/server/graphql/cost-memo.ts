import { Kind, type OperationDefinitionNode, visit } from 'graphql';
import { type OperationPrice, operationPrice, type PricedOperation } from './operation-cost.ts';

/** Arguments a price depends on. */
const pricedArguments: ReadonlySet<string> = new Set(['first', 'last', 'ids']);
/** Prices kept of one operation: pages come in few sizes. */
const maxPrices = 100;

type Known = { readonly variables: readonly string[]; readonly prices: Map<string, OperationPrice> };

/** `operationPrice`, worked out once for each operation of a document that comes again and the variables its price depends on. */
export function rememberPrices(): typeof operationPrice {
  const operations = new WeakMap<OperationDefinitionNode, Known>();
  return (priced) => {
    let known = operations.get(priced.operation);
    if (known === undefined) {
      known = { variables: variablesOf(priced), prices: new Map() };
      operations.set(priced.operation, known);
    }
    const { variables, prices } = known;
    const key = variables.length === 0 ? '' : JSON.stringify(variables.map((name) => givenOf(priced, name)));
    let price = prices.get(key);
    if (price === undefined) {
      price = operationPrice(priced);
      if (prices.size >= maxPrices) prices.clear();
      prices.set(key, price);
    }
    return price;
  };
}

/** Wrapped, so that a variable that is not given differs from one that is null: it has its default. */
const givenOf = ({ variables }: PricedOperation, name: string): unknown[] =>
  Object.hasOwn(variables, name) ? [variables[name]] : [];

function variablesOf({ document }: PricedOperation): string[] {
  const names = new Set<string>();
  visit(document, {
    Argument(node) {
      if (!pricedArguments.has(node.name.value)) return false;
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
