import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestBed, type TestBed } from '../../support/gateway.ts';
import { createNotebook } from '../../support/notebooks.ts';

/** What urql sends with every operation. */
const anything =
  'application/graphql-response+json, application/graphql+json, application/json, text/event-stream, multipart/mixed';

/** The project of the simulator's demo user, whose token could enter another one too. */
const projectId = 'a4a5d4098fb4474fa22cd05f897d6b99';

const types = [
  [anything, 'application/graphql-response+json; charset=utf-8'],
  ['application/json, text/event-stream', 'application/json; charset=utf-8'],
  ['text/event-stream, application/json', 'application/json; charset=utf-8'],
  ['text/event-stream', 'text/event-stream'],
] as const;

// the first time a document comes it goes another way than the second time
const times = [1, 2, 3];

describe.each([
  ['as it is', {}],
  ['without the fast path', { isFastPathOn: false, areQueryPlansOn: false }],
])('a client that takes JSON and event streams, %s', (_, gateway) => {
  let bed: TestBed;
  beforeAll(async () => {
    bed = await startTestBed({ gateway: { projectId, ...gateway } });
  });
  afterAll(() => bed.close());

  const asked = async (query: string, accept: string) => {
    const headers = { accept, 'content-type': 'application/json', 'x-auth-token': bed.simulator.demo.token };
    const response = await fetch(bed.gateway.url, { method: 'POST', headers, body: JSON.stringify({ query }) });
    return { type: response.headers.get('content-type'), text: await response.text() };
  };

  it.each(types)('gets one result as JSON where it takes that: %s', async (accept, type) => {
    for (const time of times) expect([time, (await asked('{ __typename }', accept)).type]).toEqual([time, type]);
  });

  it.each(types)('gets an error as JSON where it takes that: %s', async (accept, type) => {
    for (const query of ['{ notebook(id: "..") { name } }', '{ gone }', '{']) {
      expect([query, (await asked(query, accept)).type]).toEqual([query, type]);
    }
  });

  it.each(types)('gets the events of a subscription as a stream: %s', async (accept) => {
    const id = await createNotebook(bed, 'watched');
    const until = '[CREATING, RUNNING]';
    const { type, text } = await asked(
      `subscription { notebookStatusChanged(id: "${id}", until: ${until}) { kind } }`,
      accept,
    );
    expect(type).toBe('text/event-stream');
    expect(text).toContain('SNAPSHOT');
  });
});
