import { getOperationAST, parse } from 'graphql';
import { rawAnswer } from '../wire/raw-http.ts';

/** An operation a test asked for over HTTP. */
export type AskedOperation = { readonly body: string; readonly headers: Readonly<Record<string, string>> };

/** What is replayed of one bed: enough to meet every kind of request, and not the thousandth of the same. */
const maxReplayed = 30;
/** Time passes between the two answers, and with it what they tell. */
const attempts = 8;

/**
 * Sends what a test has asked once more, by the fast path and through Yoga's HTTP layer.
 * @throws Error the answers differ in any byte: status line, headers, body
 */
export async function assertPathParity(url: string, asked: readonly AskedOperation[]): Promise<void> {
  const distinct = new Map(asked.filter(isRepeatable).map((one) => [one.body + JSON.stringify(one.headers), one]));
  for (const operation of [...distinct.values()].slice(0, maxReplayed)) await compare(url, operation);
}

async function compare(url: string, { body, headers }: AskedOperation): Promise<void> {
  // one that is not taken would be made up anew for each
  const operation = { body, headers: { ...headers, 'x-request-id': 'replayed' } };
  const yogas = { body, headers: { ...operation.headers, accept: unusual(headers.accept) } };
  let answers: string[] = [];
  for (let attempt = 0; attempt < attempts; attempt++) {
    answers = [await rawAnswer(url, operation), await rawAnswer(url, yogas)];
    if (answers[0] === answers[1]) return;
  }
  throw new Error(`the fast path answers otherwise:\n${operation.body}\n${answers.join('\n--- through Yoga:\n')}`);
}

/** The same types with a parameter each, which means the same and is not for the fast path. */
const unusual = (accept = '*/*'): string =>
  accept
    .split(',')
    .map((type) => `${type};q=1`)
    .join(',');

/** Changes are made once; what counts down differs by itself. */
function isRepeatable({ body }: AskedOperation): boolean {
  if (body.includes('remainingSeconds')) return false;
  try {
    const { query, operationName } = JSON.parse(body) as { query: string; operationName?: string };
    return getOperationAST(parse(query), operationName)?.operation !== 'mutation';
  } catch {
    return true;
  }
}
