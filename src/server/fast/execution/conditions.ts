import { BREAK, type DocumentNode, Kind, visit } from 'graphql';

/** Names of the variables that decide by `@skip` and `@include` what of a document is selected. */
export function conditionsOf(document: DocumentNode): readonly string[] {
  const names = new Set<string>();
  visit(document, {
    Directive(node) {
      if (node.name.value !== 'skip' && node.name.value !== 'include') return false;
      for (const { value } of node.arguments ?? []) if (value.kind === Kind.VARIABLE) names.add(value.name.value);
      return false;
    },
    // values hold no directives
    Argument: () => false,
  });
  return [...names].sort();
}

/** Whether any field of one of these names stands in the document. */
export const hasField = (document: DocumentNode, names: ReadonlySet<string>): boolean =>
  hasFieldThat(document, (name) => names.has(name));

/** Whether the document asks for more than names of types, which nothing is read for. */
export const asksForValues = (document: DocumentNode): boolean =>
  hasFieldThat(document, (name) => name !== '__typename');

function hasFieldThat(document: DocumentNode, isWanted: (name: string) => boolean): boolean {
  let isFound = false;
  visit(document, {
    Field(node) {
      if (!isWanted(node.name.value)) return undefined;
      isFound = true;
      return BREAK;
    },
  });
  return isFound;
}
