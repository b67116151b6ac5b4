import { parse } from 'graphql';

const times = (count: number, text: (index: number) => string): string =>
  Array.from({ length: count }, (_, index) => text(index)).join(' ');

/** Kinds of documents that cost much to parse or validate for what they have of characters, each of any size. */
export const dearDocuments: Readonly<Record<string, (size: number) => string>> = {
  'one field again and again': (n) => `{ viewer { ${times(n, () => 'projectId')} } }`,
  'one field again and again, in a fragment nobody uses': (n) =>
    `{ __typename } fragment F on Viewer { ${times(n, () => 'projectId')} }`,
  'one field with an argument': (n) =>
    `{ __typename } fragment F on Viewer { ${times(n, () => 'a: projects(name: "x") { name }')} }`,
  'one field with another argument each time': (n) =>
    `{ __typename } fragment F on Viewer { ${times(n, (i) => `projects(name: "${i}") { name }`)} }`,
  'one argument without its selection': (n) =>
    `{ __typename } fragment F on Viewer { ${times(n, () => 'a:projects(name:"x")')} }`,
  'two fields by one alias': (n) =>
    `{ __typename } fragment F on Viewer { ${times(n, (i) => (i % 2 ? 'a:projectId' : 'a:tokenExpiresAt'))} }`,
  'fields that are not there': (n) => `{ __typename } fragment F on Viewer { ${times(n, () => 'x')} }`,
  'fields within fields': (n) =>
    `{ __typename } fragment F on Query { ${times(n, () => 'viewer { user { id name } }')} }`,
  'fields within fields within fields': (n) =>
    `{ __typename } fragment F on Query { ${times(n, () => 'notebooks { nodes { image { id } } }')} }`,
  'wide selections of one field': (n) => {
    const width = Math.max(1, Math.round(Math.sqrt(n)));
    return `{ __typename } fragment F on Query { ${times(width, () => `viewer { ${times(width, (i) => `a${i}: projectId`)} }`)} }`;
  },
  'inline fragments': (n) => `{ viewer { ${times(n, () => '... on Viewer { projectId }')} } }`,
  'inline fragments within each other': (n) =>
    `{ __typename } fragment F on Viewer { ${'... { projectId '.repeat(n)} ${'}'.repeat(n)} }`,
  'inline fragments of two types': (n) =>
    `query($i: ID!) { node(id: $i) { ${times(n, (i) => `... on ${i % 2 ? 'Notebook' : 'Image'} { id }`)} } }`,
  'fragments spread side by side': (n) =>
    `{ __typename ${times(n, (i) => `...F${i}`)} } ${times(n, (i) => `fragment F${i} on Query { viewer { projectId } }`)}`,
  'fragments that spread each other': (n) =>
    `{ __typename } ${times(n, (i) => `fragment F${i} on Viewer { projectId ...F${(i + 1) % n} ...F${(i + 2) % n} }`)}`,
  'fragments that spread many': (n) => {
    const width = Math.max(1, Math.round(Math.sqrt(n)));
    return `{ __typename } ${times(width, (i) => `fragment F${i} on Viewer { ${times(width, (j) => `...F${(i + j + 1) % width}`)} }`)}`;
  },
  'a chain of fragments': (n) =>
    `{ ...F0 } ${times(n, (i) => `fragment F${i} on Query { viewer { projectId } ...F${i + 1} }`)} fragment F${n} on Query { viewer { projectId } }`,
  'one field with a fragment of its own each time': (n) =>
    `{ __typename } fragment F on Query { ${times(n, (i) => `viewer { ...A${i} }`)} } ${times(n, (i) => `fragment A${i} on Viewer { projectId }`)}`,
  'operations over a chain of fragments': (n) =>
    `${times(n, (i) => `query Q${i} { ...F0 }`)} ${times(n, (i) => `fragment F${i} on Query { ...F${i + 1} }`)} fragment F${n} on Query { __typename }`,
  'operations over a fragment of variables': (n) =>
    `${times(n, (i) => `query Q${i} { ...F }`)} fragment F on Query { nodes(ids: [${times(n, () => '$a')}]) { id } }`,
  'variables that are not there': (n) => `{ nodes(ids: [${times(n, (i) => `$v${i}`)}]) { id } }`,
  'variables nobody uses': (n) => `query Q(${times(n, (i) => `$v${i}: Int`)}) { __typename }`,
  'long names that are nearly right': (n) => `{ ${times(n, (i) => `notebookNotebookNotebook${i % 10}`)} }`,
  'types that are nearly right': (n) => times(n, (i) => `fragment F${i} on NotebookConnectionEdgeNode${i % 10} { id }`),
  comments: (n) => `{ __typename } ${'#\n'.repeat(n * 50)}`,
  'a long block string': (n) => `{ notebook(id: """${' x\n'.repeat(n * 30)}""") { id } }`,
  'a long name': (n) => `{ ${'a'.repeat(n * 150)} }`,
  'a list of values': (n) => `{ nodes(ids: [${times(n, () => '"x"')}]) { id } }`,
  'an object of values': (n) => `{ notebooks(filter: { ${times(n, (i) => `a${i}: 1`)} }) { totalCount } }`,
};

/** The size at which a document of a kind has as many tokens as may be. */
export function largest(make: (size: number) => string, maxTokens: number): number {
  let [low, high] = [1, maxTokens];
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (isWithin(make(middle), maxTokens)) low = middle;
    else high = middle - 1;
  }
  return low;
}

function isWithin(text: string, maxTokens: number): boolean {
  try {
    parse(text, { maxTokens });
    return true;
  } catch {
    return false;
  }
}
