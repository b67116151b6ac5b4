import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Caller, OperationCaller } from '../graphql/context.ts';

export type OpenRequest = {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly caller: Caller;
  /** JSON of the request body */
  readonly body: object;
};

/**
 * Answers a POST without Yoga's HTTP layer.
 * @returns false: it is for Yoga, and nothing was done for it
 */
export type AnswerJson = (open: OpenRequest) => false | void | Promise<void>;

/**
 * Answers a request that asks for a subscription by an event stream without Yoga's HTTP layer.
 * @param body JSON of a POST; null: the request is a GET
 * @returns null when it is answered, or what Yoga is to be handed with the request
 */
export type AnswerEvents = (
  request: IncomingMessage,
  response: ServerResponse,
  asked: { readonly caller: Caller; readonly body: object | null },
) => Promise<OperationCaller | null>;
