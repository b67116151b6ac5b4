import { type Answer, loadOperations, type Operation, type Parameter } from './openapi.ts';

export type Headers = Record<string, string | string[] | undefined>;

/** One call as it went over the wire. `query` has no `?`; `response` is null when none came; `fault` names one that was injected. */
export type RecordedCall = {
  request: { method: string; path: string; query: string; headers: Headers; body: string };
  response: { status: number; headers: Headers; body: string } | null;
  fault: string | null;
};

/** `operationId` is null when the contract has no operation under that method and path. Messages never quote a token or a body. */
export type Violation = { operationId: string | null; side: 'request' | 'response'; message: string };

export type Contract = {
  operations: readonly Operation[];
  /** A literal segment wins over a template, before the method is looked at: `DELETE …/notebooks/all` is no operation. */
  operationOf(method: string, path: string): Operation | null;
  checkRequest(exchange: RecordedCall): Violation[];
  /** Passes what was not answered, and answers with an injected fault. */
  checkResponse(exchange: RecordedCall): Violation[];
  check(exchange: RecordedCall): Violation[];
};

let loaded: Promise<Contract> | undefined;

/**
 * The upstream contract as a judge of recorded traffic: requests closed as written, response enums closed, response objects open.
 * Read once per process.
 * @throws Error the document has a schema that does not compile or a reference to nothing
 */
export function loadContract(): Promise<Contract> {
  loaded ??= loadOperations().then(contractOf);
  return loaded;
}

/** @param operations in any order */
export function contractOf(operations: readonly Operation[]): Contract {
  // In this order a literal comes before a template at the first difference: `{` sorts after every letter and digit.
  const templates = [...new Set(operations.map((operation) => operation.path))].sort();

  function operationOf(method: string, path: string): Operation | null {
    const template = templates.find((candidate) => matches(candidate, path));
    return operations.find((operation) => operation.path === template && operation.method === method) ?? null;
  }

  function judge(
    side: Violation['side'],
    { request }: RecordedCall,
    faults: (operation: Operation) => string[],
  ): Violation[] {
    const operation = operationOf(request.method, request.path);
    if (!operation) {
      return [{ operationId: null, side, message: `${request.method} ${request.path} is not in the contract` }];
    }
    return faults(operation).map((message) => ({ operationId: operation.operationId, side, message }));
  }

  const checkRequest = (exchange: RecordedCall) =>
    judge('request', exchange, (operation) => requestFaults(operation, exchange.request));

  function checkResponse(exchange: RecordedCall): Violation[] {
    const { response, fault } = exchange;
    if (!response || fault !== null) return [];
    return judge('response', exchange, (operation) => responseFaults(operation, response));
  }

  const check = (exchange: RecordedCall) => [...checkRequest(exchange), ...checkResponse(exchange)];
  return { operations, operationOf, checkRequest, checkResponse, check };
}

function requestFaults(operation: Operation, request: RecordedCall['request']): string[] {
  const faults = [
    ...pathFaults(operation, request.path),
    ...queryFaults(operation, request.query),
    ...requestHeaderFaults(operation, request.headers),
  ];
  if (operation.needsToken && !header(request.headers, 'x-auth-token')) faults.push('X-Auth-Token is missing');
  if (request.method === 'GET') {
    for (const name of ['content-length', 'transfer-encoding']) {
      if (header(request.headers, name) !== undefined) faults.push(`a GET carries no ${name}`);
    }
  }
  const { requestBody } = operation;
  if (request.body === '') return requestBody?.isRequired ? [...faults, 'the body is missing'] : faults;
  if (!requestBody) return [...faults, 'the operation takes no body'];
  return [...faults, ...jsonFaults(request, requestBody.check)];
}

function responseFaults(operation: Operation, response: NonNullable<RecordedCall['response']>): string[] {
  const status = String(response.status);
  const answer = operation.answers.get(status) ?? operation.answers.get(`${status.charAt(0)}XX`);
  if (!answer) return [`status ${status} is not listed`];
  return [...headerFaults(answer, response.headers), ...bodyFaults(answer, response)].map((f) => `${status}: ${f}`);
}

function bodyFaults(answer: Answer, response: NonNullable<RecordedCall['response']>): string[] {
  if (answer.body) return jsonFaults(response, answer.body);
  return response.body === '' ? [] : ['the answer has no body'];
}

const headerFaults = (answer: Answer, headers: Headers): string[] =>
  [...answer.headers].flatMap(([name, { isRequired, check }]) => {
    const value = header(headers, name);
    if (value === undefined) return isRequired ? [`header ${name} is missing`] : [];
    return check(value).map((fault) => `header ${name} ${fault}`);
  });

function jsonFaults(message: { headers: Headers; body: string }, check: (value: unknown) => string[]): string[] {
  const mediaType = header(message.headers, 'content-type')?.split(';')[0]?.trim().toLowerCase();
  const faults = mediaType === 'application/json' ? [] : [`Content-Type is ${mediaType}, not application/json`];
  let value: unknown;
  try {
    value = JSON.parse(message.body);
  } catch {
    return [...faults, 'the body is not JSON'];
  }
  return [...faults, ...check(value).map((fault) => `body${fault}`)];
}

/** Segments are judged undecoded: no path parameter of the contract admits a character that needs percent-encoding. */
function pathFaults(operation: Operation, path: string): string[] {
  const segments = path.split('/');
  return operation.path.split('/').flatMap((name, index) => {
    const parameter = operation.parameters.find((p) => p.in === 'path' && name === `{${p.name}}`);
    return parameter ? textFaults(parameter, segments[index] ?? '') : [];
  });
}

function queryFaults(operation: Operation, query: string): string[] {
  const known = operation.parameters.filter((parameter) => parameter.in === 'query');
  const sent = new URLSearchParams(query);
  const unknown = [...new Set(sent.keys())].filter((name) => !known.some((parameter) => parameter.name === name));
  return [
    ...unknown.map((name) => `query ${name} is not in the contract`),
    ...known.flatMap((parameter) => {
      const values = sent.getAll(parameter.name);
      if (values.length > 1) return [`query ${parameter.name} is given ${values.length} times`];
      if (values[0] === undefined) return parameter.isRequired ? [`query ${parameter.name} is missing`] : [];
      return textFaults(parameter, values[0]);
    }),
  ];
}

const requestHeaderFaults = (operation: Operation, headers: Headers): string[] =>
  operation.parameters.flatMap((parameter) => {
    if (parameter.in !== 'header') return [];
    const value = header(headers, parameter.name);
    if (value === undefined) return parameter.isRequired ? [`header ${parameter.name} is missing`] : [];
    return parameter.check(value).map((fault) => `header ${parameter.name} ${fault}`);
  });

/** A parameter travels as text; it is valid as that text or as the integer or boolean the text spells. */
function textFaults(parameter: Parameter, text: string): string[] {
  const isLiteral = /^(-?(0|[1-9]\d*)|true|false)$/.test(text);
  const asText = parameter.check(text);
  const faults = asText.length > 0 && isLiteral ? parameter.check(JSON.parse(text)) : asText;
  return faults.map((fault) => `${parameter.in} ${parameter.name} ${fault}`);
}

/** @param name in any case */
function header(headers: Headers, name: string): string | undefined {
  const value = Object.entries(headers).find(([key]) => key.toLowerCase() === name.toLowerCase())?.[1];
  return Array.isArray(value) ? value.join(', ') : value;
}

function matches(template: string, path: string): boolean {
  const segments = path.split('/');
  const expected = template.split('/');
  return expected.length === segments.length && expected.every((e, i) => e.startsWith('{') || e === segments[i]);
}
