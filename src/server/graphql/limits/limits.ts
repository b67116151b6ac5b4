import { GraphQLError } from 'graphql';

/** What a client may ask for at most; each is a setting `LIMIT_*`. */
export type Limits = {
  /** of a request body, and of a WebSocket message */
  readonly bodyBytes: number;
  /** ms a request may take to arrive */
  readonly uploadMs: number;
  /** of an answer, and of an event of a subscription */
  readonly responseBytes: number;
  readonly tokens: number;
  /** nested selections, lists and input objects */
  readonly depth: number;
  readonly aliases: number;
  readonly rootFields: number;
  readonly directives: number;
  readonly fields: number;
  /** pairs of fields to compare when a document is validated; a quarter where no upstream has accepted the caller's token */
  readonly validation: number;
  /** upstream calls one operation may cost, or one event of a subscription */
  readonly cost: number;
  /** items on a page of a list */
  readonly pageSize: number;
  /** errors in an answer */
  readonly errors: number;
  /** operations at the same time on one WebSocket or event stream */
  readonly operations: number;
};

/** The setting that holds a limit, as clients and operators know it. */
const settingOf = (limit: keyof Limits): string =>
  `LIMIT_${limit.replace(/[A-Z]/g, (letter) => `_${letter}`)}`.toUpperCase();

export type Excess = {
  readonly limit: keyof Limits;
  readonly maximum: number;
  /** left out where counting stopped at the maximum */
  readonly actual?: number;
};

/** The error of an operation that is refused before anything is done for it: `extensions.code` LIMIT_EXCEEDED. */
export const limitError = (message: string, { limit, maximum, actual }: Excess): GraphQLError =>
  refusal(message, {
    code: 'LIMIT_EXCEEDED',
    limit: settingOf(limit),
    maximum,
    ...(actual !== undefined && { actual }),
  });

/** An error whose answer is a 400 for clients that accept `application/graphql-response+json`. */
export const refusal = (message: string, extensions: Readonly<Record<string, unknown>>): GraphQLError =>
  new GraphQLError(message, { extensions: { ...extensions, http: { spec: true, status: 400 } } });

export const tooManyOperations = (maximum: number): GraphQLError =>
  limitError(`This connection runs ${maximum} operations already: complete one first.`, {
    limit: 'operations',
    maximum,
  });

/** What is said in place of an answer of too many bytes. */
export const answerTooLarge = (maximum: number, actual: number): GraphQLError =>
  limitError(
    `The answer is too large: it has ${actual} bytes, and may have ${maximum}. Ask for smaller pages or fewer fields; a change that was asked for is made.`,
    { limit: 'responseBytes', maximum, actual },
  );

/** What is said in place of an answer whose client has not read enough of those before. */
export const unreadOutput = (maximum: number): GraphQLError =>
  limitError(
    `What this connection was sent is not read: of answers that large, ${maximum} bytes may wait. Read, and ask again; a change that was asked for is made.`,
    { limit: 'responseBytes', maximum },
  );

/** Answers of at most this many bytes are kept for a client that does not read, whatever waits already. */
export const alwaysSentBytes = 64 * 1024;
