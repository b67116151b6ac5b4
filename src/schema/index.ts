import './error.ts';
import './token.ts';
import './viewer.ts';
import './image.ts';
import './flavor.ts';
import './lease.ts';
import './notebook.ts';
import './notebook-queries.ts';
import './notebook-mutations.ts';
import './notebook-events.ts';
import { builder } from './builder.ts';

/** The executable schema; `schema.graphql` is its print. */
export const schema = builder.toSchema();
