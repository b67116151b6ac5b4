import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { secretsOf } from '../../../src/modelarts/client/secrets.ts';
import { withoutSecrets } from '../../../src/modelarts/wire/mask.ts';

const printable = Array.from({ length: 94 }, (_, index) => String.fromCharCode(0x21 + index)).filter((c) => c !== ',');
const ofIam = [...'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+-=/'];
/** As IAM makes them, cut off after 16 characters and more; and any other, of which an escape within takes more for one. */
const anyToken = fc.oneof(
  fc.record({
    token: fc.string({ unit: fc.constantFrom(...ofIam), minLength: 24, maxLength: 600 }),
    least: fc.constant(16),
  }),
  fc.record({
    token: fc.string({ unit: fc.constantFrom(...printable), minLength: 60, maxLength: 600 }),
    least: fc.constant(50),
  }),
);

const htmlOf = (text: string): string =>
  text.replace(/[&<>"']/g, (one) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' })[one] ?? `&#39;`);
const inJson = (text: string): string => JSON.stringify({ headers: { 'x-auth-token': text } });
const escaped = (text: string): string =>
  [...text].map((one) => `\\u${one.charCodeAt(0).toString(16).padStart(4, '0')}`).join('');
const writings: Readonly<Record<string, (text: string) => string>> = {
  'as it is': (text) => text,
  'in JSON': inJson,
  'in JSON in JSON': (text) => inJson(inJson(text)),
  'in a URL': encodeURIComponent,
  'in a URL in lower case': (text) => encodeURIComponent(text).replace(/%../g, (one) => one.toLowerCase()),
  'in a URL in a URL': (text) => encodeURIComponent(encodeURIComponent(text)),
  'in a URL in JSON': (text) => inJson(encodeURIComponent(text)),
  'in HTML': htmlOf,
  'in escapes of JSON': escaped,
  'with slashes of JSON escaped': (text) => inJson(text).replaceAll('/', '\\/'),
};

describe('a secret in a text of the upstream', () => {
  it.each(Object.entries(writings))('is masked when it is written %s, whole or cut off', (_, write) => {
    fc.assert(
      fc.property(
        anyToken,
        fc.integer({ min: 16 }),
        fc.string(),
        fc.string(),
        ({ token, least }, length, before, after) => {
          for (const part of [token, token.slice(0, Math.max(least, length % token.length)), token.slice(-least)]) {
            const told = withoutSecrets(`${before} ${write(part)} ${after}`, [token]);
            expect(told).toContain('[masked]');
            for (let at = 0; at + 16 <= part.length; at += 1)
              expect(told.includes(part.slice(at, at + 16))).toBe(false);
            expect(told).not.toContain(write(part));
          }
        },
      ),
    );
  });

  it('leaves what stands around it', () => {
    const token = 'MIIxyz0123456789+/=-abcdef';
    expect(withoutSecrets(`the token "${encodeURIComponent(token)}" is no token of eu-de`, [token])).toBe(
      'the token "[masked]" is no token of eu-de',
    );
  });

  it('leaves a text as it is that has nothing of it', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        fc.pre(!text.includes('correct'));
        expect(withoutSecrets(text, ['correct horse battery staple'])).toBe(text);
      }),
    );
  });

  it.each([
    ['a password of six letters', 'qwerty', 'The password qwerty is too weak.', 'The password [masked] is too weak.'],
    ['one with a space, as forms write it', 'my pass word', 'password=my+pass+word&x', 'password=[masked]&x'],
    ['one beyond ASCII, as URLs write it', 'pässwörd', 'p=p%C3%A4ssw%C3%B6rd!', 'p=[masked]!'],
    ['one that looks encoded', 'a%41b%42', 'was a%41b%42.', 'was [masked].'],
    ['several, side by side', 'secret-1', 'secret-1secret-1', '[masked]'],
  ])('is masked: %s', (_, secret, text, told) => {
    expect(withoutSecrets(text, [secret])).toBe(told);
  });

  it('is sought in a token of 32 KiB that repeats itself as in any other', () => {
    const token = 'ab'.repeat(16_384);
    expect(withoutSecrets(`got ${token.slice(0, 1500)}!`, [token])).toBe('got [masked]!');
  });
});

describe('what a request carries that is a secret', () => {
  const call = { operationId: 'x', method: 'POST', service: 'iam', path: '/v3/auth/tokens' } as const;

  it('is its token, and each password, passcode and token of its body', () => {
    const identity = {
      methods: ['password', 'totp'],
      password: { user: { name: 'demo', password: 'p4ssword', domain: { name: 'acme' } } },
      totp: { user: { id: 'u1', passcode: '123456' } },
      token: { id: 'MII-exchanged' },
    };
    expect([
      ...secretsOf('MII-own', { ...call, body: { auth: { identity, scope: { project: { id: 'p1' } } } } }),
    ]).toEqual(['MII-own', 'p4ssword', '123456', 'MII-exchanged']);
  });

  it('is the signature and the password of an address in it', () => {
    const body = {
      source: 'https://bucket.obs.test/key?AWSAccessKeyId=AK1&X-Amz-Signature=abc%2Bdef&x=1',
      repository: 'https://me:hunter22@git.test/r.git',
    };
    expect([...secretsOf(null, { ...call, body, query: { signature: 'query-signature', limit: 5 } })].sort()).toEqual(
      ['AK1', 'abc%2Bdef', 'abc+def', 'hunter22', 'query-signature'].sort(),
    );
  });
});
