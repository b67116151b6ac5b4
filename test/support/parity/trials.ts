import fc from 'fast-check';
import { type Question, questions } from './document/questions.ts';
import { smaller } from './document/selections.ts';
import { type Transport, transportNames } from './side.ts';
import type { Trial } from './trial.ts';
import { worlds } from './worlds.ts';

/** The way of most requests comes most often. */
const transports: fc.Arbitrary<Transport> = fc.oneof(
  smaller,
  { arbitrary: fc.constant('POST' as const), weight: 4 },
  { arbitrary: fc.constantFrom(...transportNames), weight: 5 },
);

const accepts = fc.oneof(
  smaller,
  { arbitrary: fc.constant('application/json'), weight: 4 },
  { arbitrary: fc.constant('application/graphql-response+json'), weight: 3 },
  { arbitrary: fc.constantFrom(null, '*/*', 'application/graphql-response+json, application/json;q=0.9'), weight: 1 },
);

const often = <T>(most: T, ...others: readonly T[]): fc.Arbitrary<T> =>
  fc.oneof(smaller, { arbitrary: fc.constant(most), weight: 20 }, { arbitrary: fc.constantFrom(...others), weight: 1 });

export const trials: fc.Arbitrary<Trial> = fc.record({
  question: questions as fc.Arbitrary<Question>,
  transport: transports,
  accept: accepts,
  isCostAsked: often(false, true),
  token: often<Trial['token']>('own', 'none', 'wrong'),
  project: often<Trial['project']>('usual', 'unusual', 'other'),
  isFromElsewhere: often(false, true),
  world: worlds,
});
