import { getOperationAST } from 'graphql';
import type { Plugin } from 'graphql-yoga';
import type { Context } from '../../schema/core/context.ts';

/** Mutations read past the catalogue cache: a flavor that was sold out a minute ago must not stop a create now. */
export const readFreshInMutations = (): Plugin<Context> => ({
  onExecute({ args }) {
    const operation = getOperationAST(args.document, args.operationName)?.operation;
    if (operation === 'mutation') args.contextValue.readFresh();
  },
});
