import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { errorOfAnswer } from '../../../src/modelarts/wire/error-body.ts';
import { classify, isRetryable, knownErrorCodes } from '../../../src/modelarts/wire/error-codes.ts';
import { remedyOf } from '../../../src/schema/core/remedy.ts';

const read = (path: string): string => readFileSync(new URL(`../../../contract/${path}`, import.meta.url), 'utf8');

/** What the class column of the table calls the codes of the gateway. */
const names: Readonly<Record<string, readonly string[]>> = {
  QUOTA: ['QUOTA_EXCEEDED'],
  BAD_INPUT: ['BAD_USER_INPUT'],
  UPSTREAM: ['UPSTREAM_TIMEOUT', 'UPSTREAM_UNAVAILABLE'],
};

/** Codes the table names with no row of their own, and those of the sentence on IAM below it. */
const inTheText: [code: string, errorClass: string][] = [
  ['ModelArts.2786', 'FORBIDDEN'],
  ...['0001', '0061', '0062', '0066', '0067'].map((code): [string, string] => [`IAM.${code}`, 'UNAUTHENTICATED']),
  ...['0002', '0003'].map((code): [string, string] => [`IAM.${code}`, 'FORBIDDEN']),
  ['IAM.0011', 'BAD_INPUT'],
  ['IAM.0012', 'RATE_LIMITED'],
];

/** What the API gateway in front of ModelArts says by itself, from its own documents: no such API. */
const ofTheApiGateway = ['APIG', 'APIGW'].map((prefix): [string, string] => [`${prefix}.0101`, 'UPSTREAM_SETUP']);

/** `0201–0204` as its four codes. */
const spelledOut = (cell: string): string =>
  cell.replaceAll(/(\d{4})–(\d{4})/g, (_, from: string, to: string) =>
    Array.from({ length: Number(to) - Number(from) + 1 }, (__, i) => String(Number(from) + i).padStart(4, '0')).join(
      ' ',
    ),
  );

/** Rows of the table in section (f) of the notes; where a row has two classes, they go by the place of the code. */
function tableRows(): [code: string, errorClass: string][] {
  const section = read('NOTES.md').split('## (f)')[1]?.split('\n## ')[0] ?? '';
  const rows = section.split('\n').filter((line) => /^\| .*\d{4}/.test(line));
  return rows.flatMap((row) => {
    const [, codeCell = '', , , classCell = ''] = row.split('|').map((cell) => cell.trim());
    const codes = [...spelledOut(codeCell).matchAll(/(?:APIGW?\.)?\b\d{4}\b/g)].map(([code]) =>
      code.startsWith('APIG') ? code : `ModelArts.${code}`,
    );
    const classes = classCell.split(' / ').map((name) => name.replace(/,.*/, ''));
    return codes.map((code, index): [string, string] => [code, classes[index] ?? classes[0] ?? '']);
  });
}

/** One code under several statuses, with a meaning for each: the text beside its rows. */
const byStatus = ['ModelArts.0210', 'ModelArts.0112'];

const documented = [...tableRows(), ...inTheText, ...ofTheApiGateway].filter(([code]) => !byStatus.includes(code));

describe('an upstream code', () => {
  it('is documented more than a hundred times', () => {
    expect(new Set(documented.map(([code]) => code)).size).toBeGreaterThan(100);
  });

  it.each(documented)('%s is %s, whatever the status', (code, name) => {
    const classes = new Set([400, 401, 403, 404, 408, 429, 500].map((status) => classify(status, code)));
    expect(classes.size).toBe(1);
    expect(names[name] ?? [name]).toContain([...classes][0]);
  });

  it.each([
    ['ModelArts.0210', 403, 'FORBIDDEN'],
    ['ModelArts.0210', 401, 'UNAUTHENTICATED'],
    ['ModelArts.0210', 400, 'BAD_USER_INPUT'],
    ['ModelArts.0112', 403, 'FORBIDDEN'],
    ['ModelArts.0112', 401, 'UNAUTHENTICATED'],
  ])('%s with status %i is %s', (code, status, errorClass) => {
    expect(classify(status, code)).toBe(errorClass);
  });

  it('in the table of the gateway is documented', () => {
    const known = new Set([...documented.map(([code]) => code), ...byStatus]);
    expect([...knownErrorCodes.keys()].filter((code) => !known.has(code))).toEqual([]);
  });

  it('that the contract names with an operation is in the table of the gateway', () => {
    const paths: Record<string, Record<string, { 'x-error-codes'?: string[] }>> = parse(
      read('modelarts.openapi.yaml'),
    ).paths;
    const codes = Object.values(paths).flatMap((item) =>
      Object.values(item).flatMap((operation) => operation['x-error-codes'] ?? []),
    );
    expect(codes.length).toBeGreaterThan(80);
    expect(codes.filter((code) => !knownErrorCodes.has(code))).toEqual([]);
  });

  it('that the contract names for all operations is in the table of the gateway', () => {
    const common: Record<string, string[]> = parse(read('modelarts.openapi.yaml')).components['x-common-error-codes'];
    const codes = Object.values(common).flat();
    expect(codes.length).toBeGreaterThan(20);
    expect(codes.filter((code) => !knownErrorCodes.has(code))).toEqual([]);
  });

  it.each(['ModelArts.6333', 'ModelArts.6355'])('%s passes by itself: the same request may be sent again', (code) => {
    expect(isRetryable(classify(400, code), code)).toBe(true);
  });

  it('always has a remedy', () => {
    for (const code of knownErrorCodes.keys()) {
      const error = errorOfAnswer({ status: 400, body: { error_code: code }, isWrite: true }, {});
      expect(remedyOf(error), code).toMatch(/^[A-Z`].{20,}\.$/s);
    }
  });
});

describe('an answer to headers that are too large', () => {
  it.each([431, 494])('with status %i means that the token is too long, whoever answers', (status) => {
    for (const body of [undefined, { error_code: 'APIG.0201', error_msg: 'Request headers too large' }]) {
      const error = errorOfAnswer({ status, body, isWrite: true }, {});
      expect(error).toMatchObject({ code: 'BAD_USER_INPUT', retryable: false });
      expect(error.message).toMatch(/`X-Auth-Token` is too long/);
      expect(remedyOf(error)).toMatch(/nocatalog=true/);
    }
  });
});

describe('a refusal', () => {
  it.each([
    ['ModelArts', { error_code: 'ModelArts.6309', error_msg: 'gone' }],
    ['demanager', { error_code: 'ModelArts.6309', error_message: 'gone' }],
    ['the API gateway', { error_code: 'ModelArts.6309', error_msg: 'gone', request_id: 'r-1' }],
  ])('in the body of %s is read alike', (_, body) => {
    const error = errorOfAnswer({ status: 400, body, isWrite: false }, { requestId: 'ours' });
    expect(error).toMatchObject({ code: 'NOT_FOUND', upstreamCode: 'ModelArts.6309', message: 'gone' });
    expect(error.requestId).toBe('request_id' in body ? 'r-1' : 'ours');
  });

  it('in the body of Keystone goes by its status', () => {
    const body = { error: { code: 403, message: 'not you', title: 'Forbidden' } };
    const error = errorOfAnswer({ status: 403, body, isWrite: false }, {});
    expect(error).toMatchObject({ code: 'FORBIDDEN', upstreamCode: null, message: 'not you' });
  });

  it.each([
    ['a code of its own', 401, '111401001', '111401001'],
    ['the status as a number', 401, 401, null],
    ['the status as text', 401, '401', null],
    ['another status', 403, '401', null],
    ['an empty text', 401, '', null],
  ])('in the body of Keystone is read with %s', (_, status, code, upstreamCode) => {
    const body = { error: { code, message: 'no', title: 'Unauthorized' } };
    const error = errorOfAnswer({ status, body, isWrite: false }, {});
    expect(error).toMatchObject({ code: status === 401 ? 'UNAUTHENTICATED' : 'FORBIDDEN', upstreamCode });
  });

  it.each([408, 502, 504])('of a write with status %i leaves the outcome open, whatever the code', (status) => {
    const body = { error_code: 'ModelArts.6100', error_msg: 'x' };
    expect(errorOfAnswer({ status, body, isWrite: true }, {}).code).toBe('OUTCOME_UNKNOWN');
    expect(errorOfAnswer({ status, body, isWrite: false }, {}).code).toBe('UPSTREAM_TIMEOUT');
  });

  it('of a write with status 500 is certain with a code of ModelArts, and open without one', () => {
    const code = (body: unknown) => errorOfAnswer({ status: 500, body, isWrite: true }, {}).code;
    expect(code({ error_code: 'ModelArts.0010', error_msg: 'x' })).toBe('UPSTREAM_UNAVAILABLE');
    expect(code(undefined)).toBe('OUTCOME_UNKNOWN');
  });
});
