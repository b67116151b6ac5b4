import type { GraphQLError } from 'graphql';
import type { Plugin } from 'graphql-yoga';
import type { Caller, OperationCaller } from './context.ts';
import type { DocumentStore } from './document-store.ts';

/**
 * Spares parsing and validating a document that is known to be valid. Those that are not are remembered for their own request
 * alone: their errors take many times what the document does.
 * @param ownerOf whom a document counts against that this caller sent first
 */
export const keepDocuments = (store: DocumentStore, ownerOf: (caller: Caller) => string): Plugin<OperationCaller> => ({
  onParse({ context, params, setParsedDocument }) {
    const text = params.source.toString();
    const known = store.get(text)?.document;
    if (known !== undefined) {
      setParsedDocument(known);
      return undefined;
    }
    const caller = callerOf(context);
    const checked = caller?.checked ?? null;
    if (checked !== null && checked.text === text) {
      setParsedDocument(checked.document);
      return undefined;
    }
    return ({ result }) => {
      // of a syntax error nothing is kept: it would be thrown before the log sees it
      if (result === null || result instanceof Error || caller === undefined) return;
      caller.checked = { text, document: result, errors: null };
    };
  },
  onValidate({ context, params: { documentAST: document }, setResult }) {
    if (store.isValid(document)) {
      setResult(noErrors);
      return undefined;
    }
    const caller = callerOf(context);
    const checked = caller?.checked ?? null;
    if (caller === undefined || checked === null || checked.document !== document) return undefined;
    if (checked.errors !== null) {
      setResult(checked.errors);
      return undefined;
    }
    return ({ valid, result }) => {
      // what a validator is typed to give is any error; those of graphql-js are its own
      checked.errors = result as readonly GraphQLError[];
      if (!valid) return;
      store.keep(checked.text, document, ownerOf(caller));
      caller.checked = null;
    };
  },
});

const noErrors: readonly GraphQLError[] = [];

/** Envelop types no context here; every transport puts its caller there, and what only asks for the schema does not. */
const callerOf = (context: object): Caller | undefined => (context as Partial<OperationCaller>).caller;
