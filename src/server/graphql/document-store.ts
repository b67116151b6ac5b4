import { type DocumentNode, type GraphQLError, getOperationAST, type Token } from 'graphql';
import { createBoundedStore, type StoreStats, textBytes } from '../../runtime/bounded-store.ts';

/** Valid documents by their text, so that one that comes again is neither parsed nor validated. */
export type DocumentStore = {
  get(text: string): KnownDocument | undefined;
  /** @param caller whom it counts against */
  keep(text: string, document: DocumentNode, caller: string): void;
  /** was kept once, so it is valid */
  isValid(document: DocumentNode): boolean;
  readonly stats: StoreStats;
};

export type KnownDocument = {
  readonly document: DocumentNode;
  /** of the operation of that name, or the only one; null: there is none */
  kindOf(operationName: string | null | undefined): 'query' | 'mutation' | 'subscription' | null;
};

/** What was found out about a text while one request was answered: it may be asked for on more ways than one. */
export type Checked = {
  readonly text: string;
  readonly document: DocumentNode;
  /** null: not validated yet */
  errors: readonly GraphQLError[] | null;
};

const defaultMaxBytes = 32 * 1024 * 1024;
const callerShare = 1 / 4;
/** The largest that is allowed by default takes 1.3 MiB. */
const entryShare = 1 / 8;
/** What is parsed takes for each token: itself, its share of nodes, and what is found out about them later. Measured: 330 to 480. */
const tokenBytes = 500;

export function createDocumentStore({ maxBytes = defaultMaxBytes } = {}): DocumentStore {
  const documents = createBoundedStore<string, KnownDocument>({ maxBytes, callerShare, entryShare });
  const valid = new WeakSet<DocumentNode>();
  return {
    get: (text) => documents.get(text),
    keep(text, document, caller) {
      valid.add(document);
      documents.set(text, knownDocument(document), { bytes: bytesOf(document), caller });
    },
    isValid: (document) => valid.has(document),
    get stats() {
      return documents.stats;
    },
  };
}

export function knownDocument(document: DocumentNode): KnownDocument {
  const kindOf = (operationName?: string | null) => getOperationAST(document, operationName)?.operation ?? null;
  const only = kindOf();
  return {
    document,
    kindOf: (operationName) => (operationName === undefined || operationName === null ? only : kindOf(operationName)),
  };
}

/** What a parsed document takes in memory with its text, which its nodes hold. */
export function bytesOf(document: DocumentNode): number {
  let tokens = 0;
  for (let token: Token | null = document.loc?.startToken ?? null; token !== null; token = token.next) tokens += 1;
  return tokens * tokenBytes + textBytes(document.loc?.source.body ?? '');
}
