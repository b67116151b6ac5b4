import { afterAll, beforeAll, expect, it } from 'vitest';
import { startTestBed, type TestBed } from '../../support/gateway.ts';
import { notebookInput } from '../../support/notebooks.ts';
import { type Received, type ScriptedUpstream, startUpstream } from '../../support/wire/scripted-upstream.ts';
import { overSse, overWebSocket } from '../../support/wire/transports.ts';

/** With every character that URLs, JSON and HTML write otherwise. */
const token = `MII<q>"r&s'/\\%41${'T0k+n/='.repeat(40)}-end-of-the-token`;
const exchanged = `MII-exchanged/${'x+Y/'.repeat(60)}=`;
const password = 'pässwörd with "spaces" & more';
const short = 'qwerty7';
const passcode = '918273';
const secrets = [token, exchanged, password, short, passcode];

/** So much of a longer secret is not to be seen. */
const shownLength = 16;

type Write = (received: Received) => string;

const whole: Write = ({ headers, body }) => `got ${headers['x-auth-token']} and ${body}`;
const cutOff =
  (length: number): Write =>
  ({ headers, body }) =>
    `token ${String(headers['x-auth-token']).slice(0, length)}... in ${secretsIn(body)
      .map((one) => one.slice(0, Math.max(length, passcode.length)))
      .join(' | ')}`;
const secretsIn = (body: string): string[] => {
  const found: string[] = [];
  JSON.parse(body === '' ? '{}' : body, (_, value) => {
    if (typeof value === 'string' && secrets.includes(value)) found.push(value);
    return value;
  });
  return found;
};

/** How an upstream may repeat what it was sent. */
const shapes: Readonly<Record<string, Write>> = {
  'as it came': whole,
  'in JSON': ({ headers, body }) => JSON.stringify({ headers, body: body === '' ? null : JSON.parse(body) }),
  'in JSON in JSON': (received) => JSON.stringify({ request: JSON.stringify(received) }),
  'in a URL': ({ headers, body }) =>
    `see https://iam.test/?t=${encodeURIComponent(String(headers['x-auth-token']))}&b=${encodeURIComponent(body)}`,
  'in a form': ({ headers, body }) => new URLSearchParams({ t: String(headers['x-auth-token']), b: body }).toString(),
  'in a URL in a URL': ({ headers, body }) =>
    `?next=${encodeURIComponent(`?t=${encodeURIComponent(`${headers['x-auth-token']} ${secretsIn(body).join(' ')}`)}`)}`,
  'in HTML': (received) => whole(received).replace(/[&<>"']/g, (one) => `&#${one.charCodeAt(0)};`),
  'in escapes of JSON': (received) =>
    [...whole(received)].map((one) => `\\u${one.charCodeAt(0).toString(16).padStart(4, '0')}`).join(''),
  'cut off after 16 characters': cutOff(16),
  'cut off after 100 characters': cutOff(100),
  'behind a long text': (received) => 'x'.repeat(460) + whole(received),
};

/** Where it may do so, and as what. */
const bodies: Readonly<Record<string, (text: string) => unknown>> = {
  'error_msg of ModelArts': (text) => ({ error_code: 'ModelArts.0104', error_msg: text }),
  'error_message of the legacy API': (text) => ({ error_code: 'ModelArts.6357', error_message: text }),
  "IAM's message": (text) => ({ error: { code: 403, message: text, title: 'Forbidden' } }),
  'code and request id': (text) => ({ error_code: text, error_msg: 'no', request_id: text }),
};
const statuses = [400, 403, 409, 500];

const onError = '... on Error { message code remedy upstreamCode requestId }';
const operations: readonly (readonly [string, string, Record<string, unknown>])[] = [
  ['a list', '{ notebooks { totalCount } }', {}],
  ['a read', '{ image(id: "e1a07296-22a8-4f05-8bc8-e936c8e54090") { name } }', {}],
  [
    'a change',
    `mutation($input: CreateNotebookInput!) { createNotebook(input: $input) { __typename ${onError} } }`,
    { input: { ...notebookInput('echo'), validate: undefined } },
  ],
  [
    'a sign-in',
    `mutation($input: IssueTokenInput!) { issueToken(input: $input) { __typename ${onError} } }`,
    { input: { domain: 'acme', user: 'demo', password, passcode, projectName: 'eu-de' } },
  ],
  [
    'a sign-in with a short password',
    `mutation($input: IssueTokenInput!) { issueToken(input: $input) { __typename ${onError} } }`,
    { input: { domain: 'acme', user: 'demo', password: short, projectName: 'eu-de' } },
  ],
  [
    'an exchange',
    `mutation($input: IssueTokenInput!) { issueToken(input: $input) { __typename ${onError} } }`,
    { input: { token: exchanged, projectName: 'eu-de' } },
  ],
  [
    'a renewal',
    `mutation($token: String!) { renewSession(input: { token: $token }) { __typename ${onError} } }`,
    { token: exchanged },
  ],
];

let upstream: ScriptedUpstream;
let bed: TestBed;
let write: Write;
let bodyOf: (text: string) => unknown;
let status: number;

beforeAll(async () => {
  upstream = await startUpstream((response, received) => {
    response.writeHead(status, { 'content-type': 'application/json' });
    response.end(JSON.stringify(bodyOf(write(received))));
  });
  bed = await startTestBed({
    gateway: { projectId: 'p1', endpoints: { modelarts: upstream.url, iam: upstream.url }, isEachCallAlone: true },
  });
});
afterAll(async () => {
  await bed.close();
  await upstream.close();
});

/** What of the secrets stands in the text, in any of the ways it may have been written. */
function shownIn(text: string): string[] {
  const read = [text];
  for (let depth = 0; depth < 4; depth += 1) read.push(undone(read.at(-1) ?? ''));
  const parts = secrets.flatMap((secret) =>
    secret.length <= shownLength
      ? [secret]
      : Array.from({ length: secret.length - shownLength + 1 }, (_, at) => secret.slice(at, at + shownLength)),
  );
  return parts.filter((part) =>
    read.some((one) =>
      [part, part.replaceAll(' ', '+'), Buffer.from(part).toString('latin1')].some((w) => one.includes(w)),
    ),
  );
}

const undone = (text: string): string =>
  text
    .replace(/%([0-9a-f]{2})/gi, (_, hex) => String.fromCharCode(Number.parseInt(hex, 16)))
    .replace(/\\u([0-9a-f]{4})/gi, (_, hex) => String.fromCharCode(Number.parseInt(hex, 16)))
    .replace(/&#(\d+);/g, (_, code) => String.fromCharCode(Number(code)))
    .replace(/\\(["\\/])/g, '$1');

it.each(Object.keys(shapes).flatMap((shape) => Object.keys(bodies).map((place) => [shape, place] as const)))(
  'a text that repeats the request %s, as %s, shows no secret of it in answers and logs',
  async (shape, place) => {
    write = shapes[shape] ?? whole;
    bodyOf = bodies[place] ?? String;
    for (status of statuses) {
      for (const [what, query, variables] of operations) {
        const logged = bed.logLines.length;
        const sent = upstream.received.length;
        const headers = { 'x-auth-token': token };
        const answers =
          status === 403
            ? [
                await bed.ask(query, variables, headers),
                await overSse(bed, { query, variables }, headers),
                await overWebSocket(bed, { query, variables }, headers),
              ]
            : [await bed.ask(query, variables, headers)];
        // it was asked, and what it said is a failure
        expect(upstream.received.length, what).toBeGreaterThan(sent);
        for (const answer of answers) expect(JSON.stringify(answer), what).toMatch(/"code":/);
        expect(shownIn(JSON.stringify(answers)), `${what}, ${status}`).toEqual([]);
        expect(shownIn(bed.logLines.slice(logged).join('')), `log of ${what}, ${status}`).toEqual([]);
      }
    }
  },
);

it('a text that repeats nothing of the request is answered as it came', async () => {
  write = () => 'The name is taken by notebook nb-17.';
  bodyOf = bodies['error_msg of ModelArts'] ?? String;
  status = 400;
  const { errors } = await bed.ask('{ notebooks { totalCount } }', {}, { 'x-auth-token': token });
  expect(errors?.[0].message).toBe('The name is taken by notebook nb-17.');
});
