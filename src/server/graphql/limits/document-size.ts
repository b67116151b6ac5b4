import {
  type DirectiveNode,
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  Kind,
  type OperationDefinitionNode,
  type SelectionSetNode,
  type ValueNode,
} from 'graphql';

/** How large an operation is with its fragments put in, or a fragment nobody uses; of several in a document the largest of each. */
export type Measure = {
  readonly fields: number;
  readonly aliases: number;
  readonly directives: number;
  readonly rootFields: number;
  /** nested selections, and under them nested lists and objects of argument values */
  readonly depth: number;
};

const nothing: Measure = { fields: 0, aliases: 0, directives: 0, rootFields: 0, depth: 0 };

/** `rootFields` counts the fields of the selection itself. */
const plus = (a: Measure, b: Measure): Measure => ({
  fields: a.fields + b.fields,
  aliases: a.aliases + b.aliases,
  directives: a.directives + b.directives,
  rootFields: a.rootFields + b.rootFields,
  depth: Math.max(a.depth, b.depth),
});

const larger = (a: Measure, b: Measure): Measure => ({
  fields: Math.max(a.fields, b.fields),
  aliases: Math.max(a.aliases, b.aliases),
  directives: Math.max(a.directives, b.directives),
  rootFields: Math.max(a.rootFields, b.rootFields),
  depth: Math.max(a.depth, b.depth),
});

/** Measures a document that need not be valid: each node once, each fragment once however often it is spread. */
export function measureOf(document: DocumentNode): Measure {
  const fragments = new Map<string, FragmentDefinitionNode>();
  const operations: OperationDefinitionNode[] = [];
  for (const definition of document.definitions) {
    if (definition.kind === Kind.FRAGMENT_DEFINITION) fragments.set(definition.name.value, definition);
    else if (definition.kind === Kind.OPERATION_DEFINITION) operations.push(definition);
  }
  const measured = new Map<string, Measure>();

  const fragment = (name: string): Measure => {
    const known = measured.get(name);
    if (known !== undefined) return known;
    // a fragment within itself counts nothing; validation refuses it
    measured.set(name, nothing);
    const node = fragments.get(name);
    const measure = node === undefined ? nothing : plus(applied(node.directives), selections(node.selectionSet));
    measured.set(name, measure);
    return measure;
  };

  const field = (node: FieldNode): Measure => {
    const inner = node.selectionSet === undefined ? nothing : selections(node.selectionSet);
    return plus(applied(node.directives), {
      fields: inner.fields + 1,
      aliases: inner.aliases + (node.alias === undefined ? 0 : 1),
      directives: inner.directives,
      rootFields: 1,
      depth: 1 + Math.max(inner.depth, nestingOfArguments(node)),
    });
  };

  function selections({ selections: nodes }: SelectionSetNode): Measure {
    let sum = nothing;
    for (const node of nodes) {
      if (node.kind === Kind.FIELD) sum = plus(sum, field(node));
      else {
        const inner = node.kind === Kind.FRAGMENT_SPREAD ? fragment(node.name.value) : selections(node.selectionSet);
        sum = plus(sum, plus(applied(node.directives), inner));
      }
    }
    return sum;
  }

  let largest = nothing;
  for (const { directives, variableDefinitions, selectionSet } of operations) {
    let measure = plus(applied(directives), selections(selectionSet));
    for (const variable of variableDefinitions ?? []) {
      const depth = variable.defaultValue === undefined ? 0 : nestingOfLiteral(variable.defaultValue);
      measure = plus(measure, plus(applied(variable.directives), { ...nothing, depth }));
    }
    largest = larger(largest, measure);
  }
  // those that no operation uses are validated all the same
  for (const name of fragments.keys()) largest = larger(largest, { ...fragment(name), rootFields: 0 });
  return largest;
}

const applied = (directives: readonly DirectiveNode[] = []): Measure => ({
  ...nothing,
  directives: directives.length,
  depth: Math.max(0, ...directives.map(nestingOfArguments)),
});

const nestingOfArguments = ({ arguments: given = [] }: Pick<FieldNode | DirectiveNode, 'arguments'>): number =>
  Math.max(0, ...given.map(({ value }) => nestingOfLiteral(value)));

function nestingOfLiteral(value: ValueNode): number {
  if (value.kind === Kind.LIST) return 1 + Math.max(0, ...value.values.map(nestingOfLiteral));
  if (value.kind === Kind.OBJECT) return 1 + Math.max(0, ...value.fields.map((entry) => nestingOfLiteral(entry.value)));
  return 0;
}

/**
 * How deeply lists and objects are nested in a JSON value.
 * @param limit where counting stops: a value nested more deeply gives `limit + 1`
 */
export function nestingOf(value: unknown, limit: number): number {
  if (typeof value !== 'object' || value === null) return 0;
  if (limit <= 0) return 1;
  let deepest = 0;
  for (const inner of Object.values(value)) {
    deepest = Math.max(deepest, nestingOf(inner, limit - 1));
    if (deepest >= limit) break;
  }
  return 1 + deepest;
}
