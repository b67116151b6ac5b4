import { afterEach, describe, expect, it } from 'vitest';
import { type Client, createClient } from '../../../src/modelarts/client/client.ts';
import { TokenStandings } from '../../../src/modelarts/client/token-standing.ts';
import { showNotebook } from '../../../src/modelarts/notebooks.ts';
import {
  answerNotebook,
  notebookId,
  projectId,
  type Reply,
  type ScriptedUpstream,
  sendJson,
  startUpstream,
} from '../../support/wire/scripted-upstream.ts';

let upstream: ScriptedUpstream | null = null;
let client: Client | null = null;

afterEach(async () => {
  await client?.close();
  await upstream?.close();
});

const clientOver = async (reply: Reply): Promise<Client> => {
  upstream = await startUpstream(reply);
  client = createClient({ endpoints: { modelarts: upstream.url, iam: upstream.url }, timeoutMs: 5000 });
  return client;
};

const show = (over: Client, token: string): Promise<unknown> =>
  showNotebook(over.session({ token, requestId: 'request-1' }), projectId, notebookId).catch((error: unknown) => error);

describe('a token', () => {
  it('is not accepted before the upstream has answered a call with it', async () => {
    const over = await clientOver(answerNotebook);
    expect(over.isAccepted(over.keyOf('token-1'))).toBe(false);
    await show(over, 'token-1');
    expect(over.isAccepted(over.keyOf('token-1'))).toBe(true);
    expect(over.isAccepted(over.keyOf('token-2'))).toBe(false);
  });

  it('is not accepted by an answer that only says no', async () => {
    const over = await clientOver((response) => sendJson(response, { error_code: 'ModelArts.0203' }, { status: 403 }));
    await show(over, 'token-1');
    expect(over.isAccepted(over.keyOf('token-1'))).toBe(false);
  });

  it('is no longer accepted once the upstream has answered 401', async () => {
    const over = await clientOver((response, received, turn) => {
      if (turn === 1) answerNotebook(response, received, turn);
      else sendJson(response, { error_code: 'ModelArts.0201' }, { status: 401 });
    });
    await show(over, 'token-1');
    await show(over, 'token-1');
    expect(over.isAccepted(over.keyOf('token-1'))).toBe(false);
  });
});

it('the oldest of more than 20,000 accepted tokens is forgotten', () => {
  const tokens = new TokenStandings(60_000);
  for (let index = 0; index <= 20_000; index++) tokens.accept(`key-${index}`, 0);
  expect(tokens.isAccepted('key-0')).toBe(false);
  expect(tokens.isAccepted('key-20000')).toBe(true);
});
