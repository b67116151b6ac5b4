import { getOperationAST, parse } from 'graphql';
import { readConfig } from '../../src/config.ts';
import { createGateway, type GatewayOptions } from '../../src/gateway.ts';
import { rawAnswer } from './raw-http.ts';

/** An operation a test asked for over HTTP. */
export type AskedOperation = { readonly body: string; readonly headers: Readonly<Record<string, string>> };

/** What is replayed of one bed: enough to meet every kind of request, and not the thousandth of the same. */
const maxReplayed = 30;
/** Time passes between the two answers, and with it what they tell. */
const tries = 4;

/**
 * Sends what a test has asked once more, the short way and through Yoga's HTTP layer.
 * @throws Error the answers differ in any byte: status line, headers, body
 */
export async function replayBothWays(
  shortUrl: string,
  options: Omit<GatewayOptions, 'limits'> & Partial<Pick<GatewayOptions, 'limits'>>,
  asked: readonly AskedOperation[],
): Promise<number> {
  const distinct = new Map(asked.filter(isRepeatable).map((one) => [one.body + JSON.stringify(one.headers), one]));
  const some = [...distinct.values()].slice(0, maxReplayed);
  if (some.length === 0) return 0;
  const other = await createGateway({
    limits: readConfig({}).limits,
    ...options,
    isShortWayOn: false,
    logLevel: 'silent',
    redis: null,
  });
  try {
    for (const operation of some) await compare(shortUrl, other.url, operation);
  } finally {
    await other.close();
  }
  return some.length;
}

async function compare(shortUrl: string, yogaUrl: string, operation: AskedOperation): Promise<void> {
  let answers: string[] = [];
  for (let tried = 0; tried < tries; tried++) {
    answers = [await rawAnswer(shortUrl, operation), await rawAnswer(yogaUrl, operation)];
    if (answers[0] === answers[1]) return;
  }
  throw new Error(`the short way answers otherwise:\n${operation.body}\n${answers.join('\n--- through Yoga:\n')}`);
}

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
