import { describe, expect, it } from 'vitest';
import { describeBed, sharedBed } from '../../support/bed.ts';
import { createNotebook } from '../../support/notebooks.ts';
import { collect, transports as subscriptions } from '../../support/subscription.ts';
import { overGet, refusalOf, transportsOf } from '../../support/wire/transports.ts';

const responseBytes = 100_000;
const bed = sharedBed({ limits: { responseBytes } });

const fragment = 'fragment Type on __Type { name description fields { name description args { name description } } }';
const large = `query Large { __schema { types { ...Type } } } ${fragment}`;
const small = '{ __schema { queryType { name } } }';

const refused = { code: 'LIMIT_EXCEEDED', limit: 'LIMIT_RESPONSE_BYTES', maximum: responseBytes };

describe('an answer of more bytes than LIMIT_RESPONSE_BYTES', () => {
  it.each([...transportsOf, overGet])('is refused by name over %s, and others are given', async (_name, ask) => {
    for (let again = 0; again < 3; again += 1) {
      const result = await ask(bed, { query: large });
      expect(refusalOf(result)).toMatchObject(refused);
      expect(refusalOf(result).requestId).toEqual(expect.any(String));
      expect(result.data ?? null).toBeNull();
      expect(await ask(bed, { query: small })).toEqual({ data: { __schema: { queryType: { name: 'Query' } } } });
    }
  });

  it('is refused with 400 for clients of the GraphQL media type, and with 200 for others', async () => {
    const statusFor = async (accept: string): Promise<number> => {
      const response = await fetch(bed.gateway.url, {
        method: 'POST',
        headers: { accept, 'content-type': 'application/json' },
        body: JSON.stringify({ query: large }),
      });
      expect(await response.json()).toMatchObject({ errors: [{ extensions: refused }] });
      return response.status;
    };
    expect(await statusFor('application/graphql-response+json')).toBe(400);
    expect(await statusFor('application/graphql-response+json; charset=utf-8')).toBe(400);
    expect(await statusFor('application/json')).toBe(200);
  });

  it('is refused where it would be sent in parts', async () => {
    const response = await fetch(bed.gateway.url, {
      method: 'POST',
      headers: { accept: 'multipart/mixed', 'content-type': 'application/json' },
      body: JSON.stringify({ query: large }),
    });
    const text = await response.text();
    expect(text).toContain('"limit":"LIMIT_RESPONSE_BYTES"');
    expect(text.length).toBeLessThan(2000);
  });

  it('is written to the log with its size and the request it belongs to', () => {
    const lines = bed.logLines.map((line) => JSON.parse(line)).filter(({ limit }) => limit === 'LIMIT_RESPONSE_BYTES');
    expect(lines[0]).toMatchObject({ requestId: expect.any(String), bytes: expect.any(Number) });
    expect(lines[0].bytes).toBeGreaterThan(responseBytes);
  });
});

describeBed('an event of more bytes than LIMIT_RESPONSE_BYTES', { limits: { responseBytes: 1000 } }, (own) => {
  it.each(subscriptions)('ends its subscription over %s, which says why', async (name, subscribe) => {
    const id = await createNotebook(own, `large-${name.slice(0, 3)}`);
    const aliases = Array.from({ length: 25 }, (_, index) => `a${index}: notebook { name notebookId }`).join(' ');
    const query = `subscription($id: ID!) { notebookStatusChanged(id: $id) { ${aliases} } }`;
    const events = await collect(subscribe(own, query, { variables: { id } }));
    expect(events).toMatchObject([{ errors: [{ extensions: { ...refused, maximum: 1000 } }] }]);
    expect(events[0]?.errors?.[0].extensions.requestId).toEqual(expect.any(String));
    await expect.poll(() => own.gateway.watchStats().listeners).toBe(0);
  });
});
