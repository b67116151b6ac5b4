import type { ServerResponse } from 'node:http';
import type { DocumentNode, ExecutionResult } from 'graphql';
import { isAsyncIterable, processRegularResult } from 'graphql-yoga';
import { writeTogether } from '../../../runtime/batched-writes.ts';
import type { Caller, OperationCaller } from '../../graphql/context.ts';
import type { DocumentStore } from '../../graphql/document-store.ts';
import type { Yoga } from '../../graphql/enveloped.ts';
import type { Failures } from '../../graphql/errors/failures.ts';
import { isLarge, textInTurns, writableInTurns } from '../../graphql/result-text.ts';
import type { AnswerJson } from '../../http/answers.ts';
import { acceptedType } from '../../http/media-type.ts';
import type { TextTaker } from '../execution/query-execution.ts';
import { WrittenResult } from '../execution/written-result.ts';
import { createKnownDocuments } from './known-documents.ts';
import { leanEnvelop, type Result } from './lean-envelop.ts';

export type FastPathOptions = {
  readonly yoga: Yoga;
  /** those given to it and its own, in their order */
  readonly plugins: Parameters<typeof leanEnvelop>[0];
  readonly failures: Failures;
  readonly documents: DocumentStore;
};

/**
 * Answers plain requests without Yoga's HTTP layer: a JSON POST of a valid query or mutation, by a client that takes JSON.
 * All hooks on parse, validate, context and execute run as they do there, and the answer is the same byte for byte.
 */
export function createFastPath({ yoga, plugins, failures, documents }: FastPathOptions): AnswerJson {
  const knownDocuments = createKnownDocuments(documents, (initial) => yoga.getEnveloped(initial));
  const { schema } = yoga.getEnveloped({});
  const { contextOf, execute } = leanEnvelop(plugins);

  function run(document: DocumentNode, contextValue: object, open: FastRequest): void | Promise<void> {
    const { variables: variableValues, operationName } = open.params;
    const result = execute({ schema, document, contextValue, variableValues, operationName });
    return result instanceof Promise
      ? result.then((settled) => answer(settled, open)).catch((error: unknown) => fail(error, open))
      : answer(result, open);
  }

  function answer(result: Result, open: FastRequest): void | Promise<void> {
    if (isAsyncIterable(result)) throw new Error('a query or mutation has one result');
    if (result.errors !== undefined || result.extensions?.http !== undefined) return answerAsYoga(result, open);
    if (result instanceof WrittenResult) return send(open, result.text);
    if (isLarge(result)) return textInTurns(result).then((text) => send(open, text));
    return send(open, JSON.stringify(result));
  }

  function send(open: FastRequest, text: string): void | Promise<void> {
    const length = Buffer.byteLength(text);
    const refused = failures.tooLarge(length, open.caller);
    if (refused !== null) return answerAsYoga(refused, open);
    write(open, text, length);
  }

  /** Status, headers and wording of errors are Yoga's. */
  async function answerAsYoga(result: ExecutionResult, { response, caller, mediaType }: FastRequest): Promise<void> {
    response.setHeader('x-request-id', caller.requestId);
    const writable = isLarge(result) ? await writableInTurns(result) : result;
    let written = processRegularResult(writable, yoga.fetchAPI, mediaType);
    let text = await written.text();
    const refused = failures.tooLarge(Buffer.byteLength(text), caller);
    if (refused !== null) {
      written = processRegularResult(refused, yoga.fetchAPI, mediaType);
      text = await written.text();
    }
    response.statusCode = written.status;
    written.headers.forEach((value, name) => {
      response.setHeader(name, value);
    });
    response.setHeader('content-length', Buffer.byteLength(text));
    response.end(text);
  }

  /** Nothing of an answer was sent: what throws does so before. */
  const fail = (error: unknown, open: FastRequest): Promise<void> =>
    answerAsYoga(failures.resultOf(error, open.caller), open);

  return ({ request, response, caller, body }) => {
    const mediaType = acceptedType(request.headers.accept);
    if (mediaType === null || !isPlain(body)) return false;
    const initial: OperationCaller & TextTaker & { readonly params: Plain } = { caller, params: body, takesText: true };
    // what is wrong with it is said in Yoga's words; a refusal is noted once for each caller
    const known = knownDocuments.of(body, initial);
    const kind = known?.kindOf(body.operationName);
    if (known == null || (kind !== 'query' && kind !== 'mutation')) return false;
    const open: FastRequest = { response, params: body, caller, mediaType };
    try {
      const context = contextOf(initial);
      return context instanceof Promise
        ? context.then((built) => run(known.document, built, open)).catch((error: unknown) => fail(error, open))
        : run(known.document, context, open);
    } catch (error) {
      return fail(error, open);
    }
  };
}

type FastRequest = {
  readonly response: ServerResponse;
  readonly caller: Caller;
  readonly params: Plain;
  readonly mediaType: string;
};

type Plain = {
  readonly query: string;
  readonly variables?: Readonly<Record<string, unknown>> | null;
  readonly operationName?: string | null;
};

const isObjectOrNothing = (value: unknown): boolean =>
  value === undefined || value === null || (typeof value === 'object' && !Array.isArray(value));

function isPlain(body: object): body is Plain {
  for (const name in body) {
    if (name !== 'query' && name !== 'variables' && name !== 'operationName' && name !== 'extensions') return false;
  }
  // JSON that is no array, of any shape
  const { query, variables, operationName, extensions } = body as Record<string, unknown>;
  return (
    typeof query === 'string' &&
    isObjectOrNothing(variables) &&
    isObjectOrNothing(extensions) &&
    (operationName === undefined || operationName === null || typeof operationName === 'string')
  );
}

function write({ response, caller, mediaType }: FastRequest, text: string, length: number): void {
  // as a list they are written as they are, without being kept by name before
  const type = `${mediaType}; charset=utf-8`;
  response.writeHead(200, ['x-request-id', caller.requestId, 'Content-Type', type, 'content-length', String(length)]);
  writeTogether(() => {
    response.end(text);
  });
}
