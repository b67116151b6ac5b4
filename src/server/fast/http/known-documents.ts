import { type DocumentNode, type GraphQLError, type GraphQLSchema, getOperationAST } from 'graphql';
import { type DocumentStore, type KnownDocument, knownDocument } from '../../graphql/document-store.ts';

/** Parse and validate as Envelop gives them for one operation, every hook in them. */
export type Checks = {
  readonly schema: GraphQLSchema;
  parse(query: string): DocumentNode;
  validate(schema: GraphQLSchema, document: DocumentNode): readonly GraphQLError[];
};

export type KnownDocuments = {
  /**
   * The document of a query text that is valid; null: it is not, or cannot be parsed.
   * What hooks on parse and validate decide depends on the text alone, so a text that has passed them is not taken to them again.
   * @param initial what is known of the operation, for the hooks
   */
  of(params: Params, initial: object): KnownDocument | null;
};

/** A query text, and which of its operations is meant. */
export type Params = { readonly query: string; readonly operationName?: string | null | undefined };

/** @param store where `keepDocuments` puts those that are valid */
export function createKnownDocuments(store: DocumentStore, checksOf: (initial: object) => Checks): KnownDocuments {
  return {
    of(params, initial) {
      const known = store.get(params.query);
      if (known !== undefined) return known;
      const document = validDocument(checksOf, params, initial);
      return document && (store.get(params.query) ?? knownDocument(document));
    },
  };
}

/** @returns null: something is wrong with it, or went wrong */
function validDocument(
  checksOf: (initial: object) => Checks,
  { query, operationName }: Params,
  initial: object,
): DocumentNode | null {
  try {
    const { schema, parse, validate } = checksOf(initial);
    const document = parse(query);
    // Yoga says so before it validates; what is found first is what is noted
    if (!getOperationAST(document, operationName)) return null;
    return validate(schema, document).length === 0 ? document : null;
  } catch {
    return null;
  }
}
