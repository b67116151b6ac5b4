import {
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLCompositeType,
  type GraphQLObjectType,
  type GraphQLSchema,
  getNamedType,
  isAbstractType,
  isCompositeType,
  isObjectType,
  Kind,
  type OperationDefinitionNode,
  type SelectionSetNode,
  valueFromASTUntyped,
} from 'graphql';
import { costOf } from '../../../schema/loading/cost.ts';
import { defaultPageSize, maxPageSize } from '../../../schema/relay/pagination.ts';

export type CostedOperation = {
  readonly schema: GraphQLSchema;
  readonly document: DocumentNode;
  readonly operation: OperationDefinitionNode;
  /** as they came, unchecked */
  readonly variables: Readonly<Record<string, unknown>>;
};

export type OperationCost = {
  /** upstream calls the operation can cost, or one event of a subscription */
  readonly calls: number;
  /** the largest page it asks for; 0 when it lists nothing */
  readonly largestPage: number;
};

/**
 * The cost of a valid operation, found before it runs. Fields of one name count once, as they are resolved once; of
 * the types an object may have the costliest counts; what `@skip` and `@include` say is not weighed.
 */
export function operationCost({ schema, document, operation, variables }: CostedOperation): OperationCost {
  const fragments = new Map<string, FragmentDefinitionNode>();
  for (const definition of document.definitions) {
    if (definition.kind === Kind.FRAGMENT_DEFINITION) fragments.set(definition.name.value, definition);
  }
  const values = withDefaults(operation, variables);
  const countedOnce = new Set<string>();
  let largestPage = 0;

  /** The fields an object of the type answers, by the name in the answer. */
  function selectedFields(selections: readonly SelectionSetNode[], type: GraphQLObjectType): Map<string, FieldNode[]> {
    const fields = new Map<string, FieldNode[]>();
    const spread = new Set<string>();
    const collect = ({ selections: nodes }: SelectionSetNode): void => {
      for (const node of nodes) {
        if (node.kind === Kind.FIELD) {
          const name = node.alias?.value ?? node.name.value;
          const same = fields.get(name);
          if (same === undefined) fields.set(name, [node]);
          else same.push(node);
        } else if (node.kind === Kind.INLINE_FRAGMENT) {
          if (applies(node.typeCondition?.name.value, type)) collect(node.selectionSet);
        } else if (!spread.has(node.name.value)) {
          spread.add(node.name.value);
          const fragment = fragments.get(node.name.value);
          if (fragment !== undefined && applies(fragment.typeCondition.name.value, type))
            collect(fragment.selectionSet);
        }
      }
    };
    for (const selection of selections) collect(selection);
    return fields;
  }

  const applies = (condition: string | undefined, type: GraphQLObjectType): boolean => {
    if (condition === undefined || condition === type.name) return true;
    const conditionType = schema.getType(condition);
    return isAbstractType(conditionType) && schema.isSubType(conditionType, type);
  };

  function selectedNames(selections: readonly SelectionSetNode[], type: GraphQLCompositeType): Set<string> {
    const types = isObjectType(type) ? [type] : schema.getPossibleTypes(type);
    return new Set(
      types.flatMap((one) => [...selectedFields(selections, one).values()].map(([node]) => node?.name.value ?? '')),
    );
  }

  function ofSelections(selections: readonly SelectionSetNode[], type: GraphQLCompositeType, rows: number): number {
    if (isObjectType(type)) return ofObject(selections, type, rows);
    return Math.max(0, ...schema.getPossibleTypes(type).map((possible) => ofObject(selections, possible, rows)));
  }

  function ofObject(selections: readonly SelectionSetNode[], type: GraphQLObjectType, rows: number): number {
    const definitions = type.getFields();
    const counted = new Set<string>();
    let calls = 0;
    for (const nodes of selectedFields(selections, type).values()) {
      const [node] = nodes;
      const definition = node === undefined ? undefined : definitions[node.name.value];
      if (node === undefined || definition === undefined) continue;
      const inner = nodes.flatMap(({ selectionSet }) => selectionSet ?? []);
      const named = getNamedType(definition.type);
      const pageSize = isConnection(named.name) ? pageSizeOf(node) : 0;
      largestPage = Math.max(largestPage, pageSize);
      const cost = costOf(definition, type.name, {
        selected: isCompositeType(named) ? selectedNames(inner, named) : new Set(),
        pageSize: Math.min(pageSize, maxPageSize),
        ids: distinct(argument(node, 'ids')),
      });
      if (cost.shared === undefined) calls += rows * cost.calls;
      else {
        const [among, times] = cost.shared.by === 'object' ? [counted, rows] : [countedOnce, 1];
        if (!among.has(cost.shared.name)) calls += times * cost.calls;
        among.add(cost.shared.name);
      }
      if (isCompositeType(named)) calls += ofSelections(inner, named, rows * (cost.rows ?? 1));
    }
    return calls;
  }

  const argument = (node: FieldNode, name: string): unknown => {
    const given = node.arguments?.find((one) => one.name.value === name);
    return given === undefined ? undefined : valueFromASTUntyped(given.value, values);
  };
  const pageSizeOf = (node: FieldNode): number => {
    const [size = defaultPageSize] = [argument(node, 'first'), argument(node, 'last')].filter(isNumber);
    return size;
  };

  const root = schema.getRootType(operation.operation);
  const calls = root ? ofSelections([operation.selectionSet], root, 1) : 0;
  return { calls, largestPage };
}

const isNumber = (value: unknown): value is number => typeof value === 'number' && value >= 0;

const isConnection = (typename: string): boolean => typename.endsWith('Connection');

const distinct = (value: unknown): number => (Array.isArray(value) ? new Set(value).size : 1);

/** The variables with the defaults of those that were not given. */
function withDefaults(
  { variableDefinitions = [] }: OperationDefinitionNode,
  variables: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  const values: Record<string, unknown> = Object.create(null);
  for (const { variable, defaultValue } of variableDefinitions) {
    const name = variable.name.value;
    if (Object.hasOwn(variables, name)) values[name] = variables[name];
    else if (defaultValue !== undefined) values[name] = valueFromASTUntyped(defaultValue);
  }
  return values;
}
