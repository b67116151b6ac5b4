import { isAsyncIterable, type Plugin, processRegularResult } from 'graphql-yoga';
import { jsonType } from '../../http/media-type.ts';
import type { OperationCaller } from '../context.ts';
import type { Failures } from '../errors/failures.ts';

/** Refuses answers that are too large where Yoga writes them; other writers ask `failures` themselves. */
export const limitResponses = (failures: Failures): Plugin<OperationCaller, OperationCaller> => ({
  onResultProcess({ request, serverContext: { caller }, result, setResult, resultProcessor, setResultProcessor }) {
    if (isAsyncIterable(result) || resultProcessor === undefined) return;
    if (resultProcessor !== processRegularResult) {
      // of several parts, or as events: few ask for that where there is one result
      const refused = failures.tooLarge(bytesOf(result), caller);
      if (refused !== null) setResult(refused);
      return;
    }
    const type = jsonType(request.headers.get('accept'));
    setResultProcessor((result, fetchAPI) => {
      const response = processRegularResult(result, fetchAPI, type);
      const refused = failures.tooLarge(Number(response.headers.get('content-length')), caller);
      return refused === null ? response : processRegularResult(refused, fetchAPI, type);
    }, type);
  },
});

function bytesOf(result: unknown): number {
  try {
    return Buffer.byteLength(JSON.stringify(result));
  } catch {
    // for whoever writes it to say
    return 0;
  }
}
