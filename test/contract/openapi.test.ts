import { readdirSync, readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import {
  contractOf,
  type Headers,
  loadContract,
  type RecordedCall,
  type Violation,
} from '../support/contract/contract.ts';

type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
type Sample = { file: string; operationId: string; side: Violation['side']; status: number; value: Json };

const DOCUMENT = new URL('../../contract/modelarts.openapi.yaml', import.meta.url);
const SAMPLES = new URL('../../contract/samples/', import.meta.url);
const PROJECT = '/v1/a4a5d4098fb4474fa22cd05f897d6b99';
const UUID = '936bea3e-d3df-435e-8b58-d817283284ae';
const NOTEBOOK = `${PROJECT}/notebooks/${UUID}`;
const JSON_HEADERS = { 'content-type': 'application/json; charset=utf-8' };

const contract = await loadContract();
const samples = readdirSync(SAMPLES).map(sampleOf);

describe('the operations of the contract', () => {
  it('are all the contract names, each once', async () => {
    const named = (await readFile(DOCUMENT, 'utf8')).match(/(?<=^ +operationId: )\w+/gm) ?? [];
    const found = contract.operations.map(({ operationId }) => operationId);
    const hint =
      'contract/modelarts.openapi.yaml: every operationId stands under a method of a path, and no two are the same';
    expect([...found].sort(), hint).toEqual([...named].sort());
    expect(new Set(found).size, hint).toBe(found.length);
  });

  it.each(contract.operations)('$operationId is found under its own path', ({ operationId, method, path }) => {
    expect(
      contract.operationOf(method, filled(path))?.operationId,
      'contract/modelarts.openapi.yaml: another path of it matches as well',
    ).toBe(operationId);
  });

  it.each([
    ['GET', `${PROJECT}/notebooks/all`, 'listAllNotebooks'],
    ['GET', `${PROJECT}/notebooks/flavors`, 'listFlavors'],
    ['GET', `${NOTEBOOK}/flavors`, 'showSwitchableFlavors'],
    ['GET', `${PROJECT}/images/group`, 'listImageGroup'],
    ['DELETE', `${PROJECT}/notebooks/all`, undefined],
    ['DELETE', `${PROJECT}/images/group`, undefined],
    ['GET', `${NOTEBOOK}/start`, undefined],
    ['POST', `/${NOTEBOOK}/stop`, undefined],
    ['GET', '/v1/notebooks', undefined],
  ])('%s %s is %s', (method, path, operationId) => {
    expect(contract.operationOf(method, path)?.operationId).toBe(operationId);
  });

  it('may be listed in any order', () => {
    const reversed = contractOf([...contract.operations].reverse());
    expect(reversed.operationOf('GET', `${PROJECT}/notebooks/all`)?.operationId).toBe('listAllNotebooks');
    expect(reversed.operationOf('GET', NOTEBOOK)?.operationId).toBe('showNotebook');
  });

  it('that it does not have are violations on both sides', () => {
    const violations = contract.check(exchange('GET', `${NOTEBOOK}/start`, { response: { status: 404 } }));
    expect(violations.map(({ operationId, side }) => [operationId, side])).toEqual([
      [null, 'request'],
      [null, 'response'],
    ]);
  });
});

describe('the samples of the contract', () => {
  it('are named by its operations', () => {
    const known = new Set(contract.operations.map(({ operationId }) => operationId));
    const hint = 'name the file contract/samples/<operationId>.request.json or <operationId>.response-<status>.json';
    expect(
      samples.filter(({ operationId }) => !known.has(operationId)).map(({ file }) => file),
      hint,
    ).toEqual([]);
    expect(samples).not.toEqual([]);
  });

  it.each(samples)('$file is valid', (sample) => {
    const hint = `contract/samples/${sample.file} does not fit ${sample.operationId} in contract/modelarts.openapi.yaml: correct the one that misreads the documents (contract/NOTES.md)`;
    expect(faultsOf(sample), hint).toEqual([]);
  });

  it.each(samples)('$file is refused whenever one of its values has another type', (sample) => {
    const accepted = pathsOf(sample.value).filter((path) => {
      return faultsOf({ ...sample, value: replaced(sample.value, path, otherType) }).length === 0;
    });
    expect(accepted, `contract/modelarts.openapi.yaml, ${sample.operationId}: give these the type they have`).toEqual(
      [],
    );
  });

  it.each(samples.filter(({ side }) => side === 'request'))('$file is refused with an unknown key', (sample) => {
    const hint = `contract/modelarts.openapi.yaml: \`additionalProperties: false\` in the request of ${sample.operationId}`;
    expect(faultsOf(withKey(sample)), hint).toEqual([expect.stringContaining('surprise')]);
  });

  it.each(samples.filter(({ side }) => side === 'response'))('$file may carry an unknown key', (sample) => {
    const hint = `contract/modelarts.openapi.yaml: no \`additionalProperties: false\` in the answer of ${sample.operationId}`;
    expect(faultsOf(withKey(sample)), hint).toEqual([]);
  });

  it.each([
    ['createNotebook.request.json', 'volume.category', 'NFS'],
    ['createNotebook.request.json', 'feature', 'notebook'],
    ['createNotebook.response-200.json', 'status', 'SLEEPING'],
    ['createNotebook.response-200.json', 'action_progress.0.status', 'DONE'],
    ['showNotebook.response-200.json', 'billing_items.0', 'NETWORK'],
    ['startNotebook.response-200.json', 'volume.category', 'NFS'],
    ['stopNotebook.response-200.json', 'image.type', 'PUBLIC'],
    ['renewLease.request.json', 'type', 'TIMING'],
    ['renewLease.response-200.json', 'type', 'Timing'],
    ['listImage.response-200.json', 'data.3.dev_services.0', 'VNC'],
    ['createDevEnvironment.request.json', 'spec.storage.type', 'OBS'],
    ['createDevEnvironment.response-200.json', 'status', 'SLEEPING'],
    ['createDevEnvironment.response-200.json', 'spec.storage.type', 'nfs'],
  ])('%s is refused with %s %s', (file, path, value) => {
    const sample = sampleNamed(file);
    expect(pathsOf(sample.value)).toContain(path);
    const [fault] = faultsOf({ ...sample, value: replaced(sample.value, path, () => value) });
    expect(fault).toMatch(new RegExp(`/${path.replaceAll('.', '/')} .*allowedValues`));
  });
});

describe('checkRequest', () => {
  const list = (query: string) => exchange('GET', `${PROJECT}/notebooks`, { query });
  const create = (body: Json) => exchange('POST', `${PROJECT}/notebooks`, json(body));
  const createDev = (body: Json) => exchange('POST', `${PROJECT}/demanager/instances`, json(body));
  const identity = { methods: ['token'], token: { id: 'x' } };
  const auth = { auth: { identity, scope: { project: { name: 'eu-de' } } } };
  const notebook = sampleNamed('createNotebook.request.json').value;
  const dev = sampleNamed('createDevEnvironment.request.json').value;

  it.each<[string, RecordedCall]>([
    ['every kind of parameter', list('limit=20&offset=0&name=a-1&sort_dir=DESC&status=RUNNING&workspaceId=0')],
    ['both spellings of a workspace', list('workspaceId=0&workspace_id=0')],
    ['a boolean parameter', exchange('DELETE', `${PROJECT}/images/${UUID}`, { query: 'force=true' })],
    ['a boolean that travels as a string', devList('de_type=Notebook&show_self=true')],
    ['a name of digits', list('name=17')],
    ['no auto stop', exchange('POST', `${NOTEBOOK}/start`, { query: 'duration=-1' })],
    ['no token where one is issued', exchange('POST', '/v3/auth/tokens', { ...json(auth), headers: JSON_HEADERS })],
    ['an optional body left out', exchange('POST', `${NOTEBOOK}/stop`, {})],
    ['an empty object where nothing is expected', exchange('POST', `${NOTEBOOK}/stop`, json({}))],
    ['a legacy id', exchange('GET', `${PROJECT}/demanager/instances/DE-${UUID}`, {})],
    [
      'a DEDICATED share with uri and id',
      create(replaced(notebook, 'volume', () => dedicated({ uri: 'a:/', id: 'b' }))),
    ],
    ['a managed share, which needs neither', create(replaced(notebook, 'volume.capacity', () => 5))],
  ])('passes %s', (_, sent) => expect(contract.checkRequest(sent)).toEqual([]));

  it.each<[string, RecordedCall, RegExp]>([
    ['a call without a token', exchange('GET', NOTEBOOK, { headers: {} }), /X-Auth-Token is missing/],
    ['an unknown parameter', list('workspace=0'), /query workspace is not/],
    ['a parameter given twice', list('limit=10&limit=20'), /limit is given 2 times/],
    ['a limit that is not offered', list('limit=11'), /query limit .*allowed/],
    ['an integer in another spelling', list('offset=01'), /query offset .*integer/],
    ['a negative offset', list('offset=-1'), /query offset .*>= 0/],
    ['sort_dir in lower case', list('sort_dir=desc'), /query sort_dir/],
    [
      'a boolean in another spelling',
      exchange('DELETE', `${PROJECT}/images/${UUID}`, { query: 'force=1' }),
      /query force/,
    ],
    ['a required parameter left out', devList(''), /query de_type is missing/],
    ['a lease below one hour', exchange('POST', `${NOTEBOOK}/start`, { query: 'duration=1000' }), /query duration/],
    ['an id that is no UUID', exchange('GET', `${PROJECT}/notebooks/nb-17`, {}), /path id .*pattern/],
    ['an id that climbs', exchange('GET', `${PROJECT}/images/%2e%2e`, {}), /path id .*pattern/],
    ['a GET with a body', exchange('GET', NOTEBOOK, { body: '{}' }), /takes no body/],
    [
      'a GET with Content-Length',
      exchange('GET', NOTEBOOK, { headers: { 'X-Auth-Token': 't', 'Content-Length': '0' } }),
      /no content-length/,
    ],
    ['a DELETE with a body', exchange('DELETE', NOTEBOOK, json({})), /takes no body/],
    ['a required body left out', exchange('POST', `${PROJECT}/notebooks`, {}), /the body is missing/],
    [
      'a body without Content-Type',
      exchange('POST', `${PROJECT}/notebooks`, { body: JSON.stringify(notebook) }),
      /Content-Type/,
    ],
    ['a body that is not JSON', exchange('POST', `${PROJECT}/notebooks`, { ...json(null), body: '{' }), /not JSON/],
    [
      'an unknown key further down',
      create(replaced(notebook, 'volume', () => dedicated({ uri: 'a:/', id: 'b', size: 1 }))),
      /body\/volume .*size/,
    ],
    [
      'a DEDICATED share without uri',
      create(replaced(notebook, 'volume', () => dedicated({ id: 'b' }))),
      /body\/volume .*uri/,
    ],
    [
      'auto stop without duration',
      createDev(replaced(dev, 'spec.auto_stop', () => ({ enable: true }))),
      /auto_stop .*duration/,
    ],
    ['obs without location', createDev(replaced(dev, 'spec.storage', () => ({ type: 'obs' }))), /storage .*location/],
  ])('refuses %s', (_, sent, message) => {
    const messages = contract.checkRequest(sent).map((violation) => violation.message);
    expect(messages).toContainEqual(expect.stringMatching(message));
  });
});

describe('checkResponse', () => {
  const error = JSON.stringify({ error_code: 'ModelArts.6404', error_msg: 'no such notebook' });
  const answered = (method: string, path: string, status: number, body = '', headers: Headers = JSON_HEADERS) =>
    exchange(method, path, { response: { status, headers, body } });
  const token = JSON.stringify({ token: { methods: ['password'], expires_at: '2019-02-13T06:52:13.855000Z' } });

  it.each<[string, RecordedCall]>([
    ['an error', answered('GET', NOTEBOOK, 400, error)],
    ['any 5XX where the range is listed', answered('GET', NOTEBOOK, 503, error)],
    ['204 without a body', answered('DELETE', NOTEBOOK, 204, '', {})],
    ['a token', answered('POST', '/v3/auth/tokens', 201, token, { ...JSON_HEADERS, 'x-subject-token': 'MII' })],
    ['an injected fault', { ...answered('GET', NOTEBOOK, 200, '{'), fault: 'malformed' }],
    ['no answer', exchange('GET', NOTEBOOK, {})],
  ])('passes %s', (_, received) => expect(contract.checkResponse(received)).toEqual([]));

  it.each<[string, RecordedCall, RegExp]>([
    ['a status that is not listed', answered('GET', NOTEBOOK, 409, error), /status 409 is not listed/],
    ['a 5XX where single ones are listed', answered('POST', '/v3/auth/tokens', 502, error), /status 502 is not listed/],
    ['204 with a body', answered('DELETE', NOTEBOOK, 204, '{}'), /has no body/],
    ['200 without a body', answered('GET', NOTEBOOK, 200), /not JSON/],
    [
      'a body of another media type',
      answered('GET', NOTEBOOK, 400, error, { 'content-type': 'text/html' }),
      /Content-Type is text\/html/,
    ],
    ['an error without its text', answered('GET', NOTEBOOK, 400, '{"error_code":"ModelArts.6404"}'), /error_msg/],
    ['a token body without the token', answered('POST', '/v3/auth/tokens', 201, token), /X-Subject-Token is missing/],
    [
      'an empty token',
      answered('POST', '/v3/auth/tokens', 201, token, { ...JSON_HEADERS, 'x-subject-token': '' }),
      /X-Subject-Token .*fewer/,
    ],
  ])('refuses %s', (_, received, message) => {
    const messages = contract.checkResponse(received).map((violation) => violation.message);
    expect(messages).toContainEqual(expect.stringMatching(message));
  });

  it('closes a flavor’s inline enum', () => {
    const page = (storage: string) => JSON.stringify({ data: [{ id: 'modelarts.vm.cpu.2u', storages: [storage] }] });
    const flavors = (storage: string) => answered('GET', `${PROJECT}/notebooks/flavors`, 200, page(storage));
    expect(contract.checkResponse(flavors('OBSFS'))).toEqual([]);
    expect(contract.checkResponse(flavors('NFS'))).toHaveLength(1);
  });
});

function sampleOf(file: string): Sample {
  const [operationId = '', kind = ''] = file.split('.');
  const value: Json = JSON.parse(readFileSync(new URL(file, SAMPLES), 'utf8'));
  const [side, status] = kind.split('-');
  return { file, operationId, side: side === 'request' ? side : 'response', status: Number(status) || 400, value };
}

function sampleNamed(file: string): Sample {
  const sample = samples.find((candidate) => candidate.file === file);
  if (!sample) throw new Error(`No sample ${file}.`);
  return sample;
}

function faultsOf({ operationId, side, status, value }: Sample): string[] {
  const operation = contract.operations.find((candidate) => candidate.operationId === operationId);
  if (!operation) throw new Error(`No operation ${operationId}.`);
  const { headers, body } = json(value);
  const message = side === 'request' ? { headers, body } : { response: { status, headers, body } };
  const sent = exchange(operation.method, filled(operation.path), message);
  return (side === 'request' ? contract.checkRequest(sent) : contract.checkResponse(sent)).map((v) => v.message);
}

/** An exchange that is in order apart from what is given. */
function exchange(
  method: string,
  path: string,
  rest: Partial<Omit<RecordedCall['request'], 'method' | 'path'>> & {
    response?: Partial<NonNullable<RecordedCall['response']>>;
  },
): RecordedCall {
  const { response, ...request } = rest;
  return {
    request: { method, path, query: '', headers: { 'X-Auth-Token': 't' }, body: '', ...request },
    response: response ? { status: 200, headers: {}, body: '', ...response } : null,
    fault: null,
  };
}

function json(body: Json) {
  return { headers: { 'x-auth-token': 't', ...JSON_HEADERS }, body: JSON.stringify(body) };
}

function devList(query: string): RecordedCall {
  return exchange('GET', `${PROJECT}/demanager/instances`, { query });
}

function dedicated(rest: { [key: string]: Json }): Json {
  return { category: 'EFS', ownership: 'DEDICATED', ...rest };
}

function withKey(sample: Sample): Sample {
  return { ...sample, value: Object.assign({}, sample.value, { surprise: 1 }) };
}

function filled(template: string): string {
  return template.replace('/v1/{project_id}', PROJECT).replace(/\{\w+\}/g, UUID);
}

/** Dotted paths of every value below the root. */
function pathsOf(value: Json, prefix = ''): string[] {
  if (value === null || typeof value !== 'object') return [];
  return Object.entries(value).flatMap(([key, child]) => [prefix + key, ...pathsOf(child, `${prefix}${key}.`)]);
}

function replaced(value: Json, path: string, replacement: (old: Json) => Json): Json {
  if (path === '') return replacement(value);
  const [key = '', ...rest] = path.split('.');
  const copy: [string, Json][] = Object.entries(value ?? {});
  const entry = copy.find(([name]) => name === key);
  if (!entry) throw new Error(`Nothing at ${path}.`);
  entry[1] = replaced(entry[1], rest.join('.'), replacement);
  return Array.isArray(value) ? copy.map(([, item]) => item) : Object.fromEntries(copy);
}

function otherType(old: Json): Json {
  return typeof old === 'string' ? 7 : 'text';
}
