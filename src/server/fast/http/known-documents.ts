import { type DocumentNode, type GraphQLError, type GraphQLSchema, getOperationAST } from 'graphql';
import { createDocumentCache } from '../../graphql/document-cache.ts';

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

export type KnownDocument = {
  readonly document: DocumentNode;
  /** of the operation of that name, or the only one; null: there is none */
  kindOf(operationName: string | null | undefined): 'query' | 'mutation' | 'subscription' | null;
};

export function createKnownDocuments(checksOf: (initial: object) => Checks): KnownDocuments {
  const known = createDocumentCache<KnownDocument>();
  return {
    of(params, initial) {
      const { query } = params;
      const passed = known.get(query);
      if (passed !== undefined) return passed;
      const document = validDocument(checksOf, params, initial);
      if (document === null) return null;
      const found = knownDocument(document);
      known.set(query, found);
      return found;
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

function knownDocument(document: DocumentNode): KnownDocument {
  const kindOf = (operationName?: string | null) => getOperationAST(document, operationName)?.operation ?? null;
  const only = kindOf();
  return {
    document,
    kindOf: (operationName) => (operationName === undefined || operationName === null ? only : kindOf(operationName)),
  };
}
