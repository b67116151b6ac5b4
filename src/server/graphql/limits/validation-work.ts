import { type DocumentNode, type FieldNode, Kind, type SelectionSetNode, type ValueNode } from 'graphql';

/**
 * How much there is to compare in a document when it is validated, found in one pass over it and before anything is compared.
 * In pairs of fields that answer under one name, the dearest thing validation does for a few characters: the rule that fields
 * can be merged (OverlappingFieldsCanBeMerged) looks at each pair, and at each pair of what is selected under them, in
 * fragments nobody uses as well. It is more than the rule may find to do, never less but by a small factor: whether two
 * selections meet is not looked into.
 */
export function validationWork(document: DocumentNode): number {
  const names = new Map<string, SameName>();
  const all = new Selected();
  const inFragments = new Selected();
  let fragments = 0;
  let operations = 0;
  let variables = 0;

  const variablesIn = (value: ValueNode): void => {
    if (value.kind === Kind.VARIABLE) variables += 1;
    else if (value.kind === Kind.LIST) value.values.forEach(variablesIn);
    else if (value.kind === Kind.OBJECT) for (const field of value.fields) variablesIn(field.value);
  };

  const field = (node: FieldNode, into: Selected): void => {
    const name = node.alias?.value ?? node.name.value;
    let same = names.get(name);
    if (same === undefined) {
      same = new SameName();
      names.set(name, same);
    }
    same.add(node);
    for (const { value } of node.arguments ?? []) variablesIn(value);
    if (node.selectionSet !== undefined) selections(node.selectionSet, same.selected);
    into.fields += 1;
  };

  /** Inline fragments count for the selection they stand in. */
  function selections({ selections: nodes }: SelectionSetNode, into: Selected): void {
    all.sets += 1;
    for (const node of nodes) {
      for (const directive of node.directives ?? [])
        for (const { value } of directive.arguments ?? []) variablesIn(value);
      if (node.kind === Kind.FIELD) field(node, into);
      else if (node.kind === Kind.FRAGMENT_SPREAD) {
        into.spreads += 1;
        all.spreads += 1;
      } else selections(node.selectionSet, into);
    }
  }

  for (const definition of document.definitions) {
    if (definition.kind === Kind.FRAGMENT_DEFINITION) {
      fragments += 1;
      selections(definition.selectionSet, inFragments);
    } else if (definition.kind === Kind.OPERATION_DEFINITION) {
      operations += 1;
      selections(definition.selectionSet, new Selected());
    }
  }

  let work = 0;
  for (const same of names.values()) work += same.work;
  // each fragment with each other, and with each selection it may be spread into
  work += (fragments * inFragments.fields) / 4 + fragments * inFragments.spreads + (all.sets * all.spreads) / 2;
  // what variables an operation uses is looked for in all fragments it reaches, by three rules
  work += operations * (fragments + variables);
  return Math.ceil(work);
}

/** How much is selected somewhere. */
class Selected {
  sets = 0;
  fields = 0;
  spreads = 0;
}

/** A comparison of two fields without arguments and selections, of the same name, is one of few steps. */
const ofLeaves = 1 / 16;

/** All fields that answer under one name. */
class SameName {
  readonly selected = new Selected();
  #count = 0;
  #args = 0;
  readonly #leaves = new Map<string, number>();

  add({ name: { value: name }, arguments: args = [], selectionSet }: FieldNode): void {
    this.#count += 1;
    this.#args += args.length;
    if (args.length === 0 && selectionSet === undefined) this.#leaves.set(name, (this.#leaves.get(name) ?? 0) + 1);
  }

  get work(): number {
    const count = this.#count;
    let cheap = 0;
    for (const leaves of this.#leaves.values()) cheap += pairs(leaves);
    const { fields, spreads } = this.selected;
    const within = pairs(count) - cheap + cheap * ofLeaves;
    return within + (count > 1 ? count * (fields / 4 + this.#args + spreads) + spreads * spreads : 0);
  }
}

const pairs = (count: number): number => (count * (count - 1)) / 2;
