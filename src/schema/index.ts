import './error.ts';
import './token.ts';
import './viewer.ts';
import './image.ts';
import './image-queries.ts';
import './image-group.ts';
import './flavor.ts';
import './lease.ts';
import './notebook.ts';
import './notebook-state.ts';
import './notebook-queries.ts';
import './notebook-mutations.ts';
import './notebook-events.ts';
import './notebook-validation.ts';
import './image-mutations.ts';
import './notebook-flavors.ts';
import './storage-mount.ts';
import './storage-mutations.ts';
import './dev-env-queries.ts';
import './dev-env-mutations.ts';
import './dev-env-state.ts';
import { builder } from './builder.ts';

/** The executable schema; `schema.graphql` is its print. */
export const schema = builder.toSchema();
