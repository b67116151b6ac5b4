import type {
  FieldNode,
  FragmentDefinitionNode,
  GraphQLObjectType,
  GraphQLSchema,
  OperationDefinitionNode,
} from 'graphql';
import type { Data, Run } from './run.ts';

/** Field nodes by their name in the answer, in its order. */
export type Selected = ReadonlyMap<string, readonly FieldNode[]>;

/** Resolves and completes the selected fields of an object. */
export type Fields = (run: Run, source: unknown) => Data;

/** What the parts of a plan are made from. */
export type Compiler = {
  readonly schema: GraphQLSchema;
  readonly root: GraphQLObjectType;
  readonly operation: OperationDefinitionNode;
  readonly fragments: Record<string, FragmentDefinitionNode>;
  /** those that `@skip` and `@include` use have the values this is made for */
  readonly variables: Data;
  fieldsOf(type: GraphQLObjectType, selected: Selected): Fields;
  fieldCount: number;
  /** false: it cannot be planned after all */
  isPossible: boolean;
};
