import type { FieldNode, GraphQLResolveInfo, SelectionNode, SelectionSetNode } from 'graphql';

/** Executors hand all rows of a list the same array, and it belongs to one document for good. */
const namesByNodes = new WeakMap<readonly FieldNode[], ReadonlySet<string>>();

/**
 * Names of the fields a client selected under the field being resolved, fragments included.
 * Directives are not weighed: a skipped field counts, which may cost a read but never loses a value.
 */
export function selectedFields(info: GraphQLResolveInfo): ReadonlySet<string> {
  let names = namesByNodes.get(info.fieldNodes);
  if (names === undefined) {
    names = namesOf(fieldsUnder(info.fieldNodes, info, () => true));
    namesByNodes.set(info.fieldNodes, names);
  }
  return names;
}

/**
 * Fields a client selected at the end of a path of field names under the field being resolved.
 * What carries a directive is left out, and so is all below it: it may be skipped or put off, and must not be read ahead.
 */
export const certainFields = (info: GraphQLResolveInfo, path: readonly string[]): readonly FieldNode[] =>
  path.reduce<readonly FieldNode[]>(
    (nodes, name) =>
      certainUnder(
        nodes.filter((node) => node.name.value === name),
        info,
      ),
    certainUnder(info.fieldNodes, info),
  );

/** Names of the fields under those of one name, as `certainFields` counts. */
export const certainNames = (
  nodes: readonly FieldNode[],
  name: string,
  info: GraphQLResolveInfo,
): ReadonlySet<string> =>
  namesOf(
    certainUnder(
      nodes.filter((node) => node.name.value === name),
      info,
    ),
  );

const namesOf = (nodes: readonly FieldNode[]): ReadonlySet<string> => new Set(nodes.map((node) => node.name.value));

const certainUnder = (nodes: readonly FieldNode[], info: GraphQLResolveInfo): readonly FieldNode[] =>
  fieldsUnder(nodes, info, (selection) => (selection.directives?.length ?? 0) === 0);

function fieldsUnder(
  nodes: readonly FieldNode[],
  info: GraphQLResolveInfo,
  counts: (selection: SelectionNode) => boolean,
): FieldNode[] {
  const fields: FieldNode[] = [];
  const visited = new Set<string>();
  const visit = (selection: SelectionSetNode | undefined): void => {
    for (const node of selection?.selections ?? []) {
      if (!counts(node)) continue;
      if (node.kind === 'Field') fields.push(node);
      else if (node.kind === 'InlineFragment') visit(node.selectionSet);
      else if (!visited.has(node.name.value)) {
        visited.add(node.name.value);
        visit(info.fragments[node.name.value]?.selectionSet);
      }
    }
  };
  for (const node of nodes) visit(node.selectionSet);
  return fields;
}
