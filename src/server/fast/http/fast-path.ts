import type { ServerResponse } from 'node:http';
import type { DocumentNode, ExecutionResult } from 'graphql';
import { isAsyncIterable, processRegularResult } from 'graphql-yoga';
import { writeTogether } from '../../../runtime/batched-writes.ts';
import type { Caller, OperationCaller } from '../../graphql/context.ts';
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
};

/**
 * Answers plain requests without Yoga's HTTP layer: a JSON POST of a valid query or mutation, by a client that takes JSON.
 * All hooks on parse, validate, context and execute run as they do there, and the answer is the same byte for byte.
 */
export function createFastPath({ yoga, plugins, failures }: FastPathOptions): AnswerJson {
  const documents = createKnownDocuments((initial) => yoga.getEnveloped(initial));
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
    if (result instanceof WrittenResult) return write(open, result.text);
    if (isLarge(result)) return textInTurns(result).then((text) => write(open, text));
    write(open, JSON.stringify(result));
  }

  function answerAsYoga(result: ExecutionResult, { response, caller, mediaType }: FastRequest): Promise<void> {
    response.setHeader('x-request-id', caller.requestId);
    return writeAsYoga(response, result, { yoga, mediaType });
  }

  /** Nothing of an answer was sent: what throws does so before. */
  const fail = (error: unknown, open: FastRequest): Promise<void> =>
    answerAsYoga(failures.resultOf(error, open.caller), open);

  return ({ request, response, caller, body }) => {
    const mediaType = acceptedType(request.headers.accept);
    if (mediaType === null || !isPlain(body)) return false;
    const initial: OperationCaller & TextTaker & { readonly params: Plain } = { caller, params: body, takesText: true };
    // what is wrong with it is said in Yoga's words; a refusal is noted once for each caller
    const known = documents.of(body, initial);
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

function write({ response, caller, mediaType }: FastRequest, text: string): void {
  // as a list they are written as they are, without being kept by name before
  const type = `${mediaType}; charset=utf-8`;
  const length = String(Buffer.byteLength(text));
  response.writeHead(200, ['x-request-id', caller.requestId, 'Content-Type', type, 'content-length', length]);
  writeTogether(() => {
    response.end(text);
  });
}

/** Status, headers and wording of errors are Yoga's. */
async function writeAsYoga(
  response: ServerResponse,
  result: ExecutionResult,
  { yoga, mediaType }: { readonly yoga: Yoga; readonly mediaType: string },
): Promise<void> {
  const writable = isLarge(result) ? await writableInTurns(result) : result;
  const answer = processRegularResult(writable, yoga.fetchAPI, mediaType);
  response.statusCode = answer.status;
  answer.headers.forEach((value, name) => {
    response.setHeader(name, value);
  });
  const text = await answer.text();
  response.setHeader('content-length', Buffer.byteLength(text));
  response.end(text);
}
