import { invalidParameter, missing, refusal, wrongType, wrongValue } from './errors.ts';
import type { Account, Project } from './iam/accounts.ts';
import { isObject, type Json, type JsonObject } from './json.ts';
import type { PathParameters } from './routes.ts';
import type { State } from './state.ts';

/** One request to one operation, before anybody looked at its token. */
export type Call = {
  readonly state: State;
  readonly params: PathParameters;
  readonly query: URLSearchParams;
  readonly bodyText: string;
  readonly token: string | undefined;
  /** Of a name in lower case; of one that came twice the first. */
  readonly header: (name: string) => string | undefined;
  /** Epoch ms, read once per request. */
  readonly now: number;
};

/** A call whose token is valid and scoped to the project in the path. */
export type ProjectCall = Call & { readonly user: Account; readonly project: Project };

export type Answer = { readonly status: number; readonly headers?: Record<string, string>; readonly body: Json };

/** 204: without a body. */
export const noContent: Answer = { status: 204, body: null };

export const ok = (body: Json): Answer => ({ status: 200, body });

/** The request body as an object. @throws Refusal ModelArts.6400 when it is not one */
export function readBody(call: Call): JsonObject {
  try {
    const body: unknown = JSON.parse(call.bodyText === '' ? '{}' : call.bodyText);
    if (isObject(body)) return body;
  } catch {
    // Falls through: not JSON and not an object are the same refusal.
  }
  throw refusal('6400', call.bodyText.slice(0, 100));
}

/** Readers of one field. `null` counts as absent. @throws Refusal ModelArts.6332 on another type */
export function stringField(body: JsonObject, name: string): string | undefined {
  const value = body[name] ?? undefined;
  if (value === undefined || typeof value === 'string') return value;
  throw wrongType(name, 'string');
}

export function requiredString(body: JsonObject, name: string): string {
  const value = stringField(body, name);
  if (value === undefined || value === '') throw missing(name);
  return value;
}

export function integerField(body: JsonObject, name: string): number | undefined {
  const value = body[name] ?? undefined;
  if (value === undefined || (typeof value === 'number' && Number.isSafeInteger(value))) return value;
  throw wrongType(name, 'integer');
}

export function booleanField(body: JsonObject, name: string): boolean | undefined {
  const value = body[name] ?? undefined;
  if (value === undefined || typeof value === 'boolean') return value;
  throw wrongType(name, 'boolean');
}

export function objectField(body: JsonObject, name: string): JsonObject | undefined {
  const value = body[name] ?? undefined;
  if (value === undefined || isObject(value)) return value;
  throw wrongType(name, 'object');
}

export function objectsField(body: JsonObject, name: string): JsonObject[] | undefined {
  const value = body[name] ?? undefined;
  if (value === undefined) return undefined;
  if (Array.isArray(value) && value.every(isObject)) return [...value];
  throw wrongType(name, 'array');
}

export function stringsField(body: JsonObject, name: string): string[] | undefined {
  const value = body[name] ?? undefined;
  if (value === undefined) return undefined;
  if (Array.isArray(value) && value.every((item) => typeof item === 'string')) return [...value];
  throw wrongType(name, 'array');
}

/**
 * The value in upper case when it is one of the choices. Requests come in either case, answers are upper case.
 * @throws Refusal ModelArts.6336 when it is none
 */
export function choice<T extends string>(
  value: string | undefined,
  name: string,
  choices: readonly T[],
): T | undefined {
  if (value === undefined) return undefined;
  const found = choices.find((option) => option.toLowerCase() === value.toLowerCase());
  if (found === undefined) throw wrongValue(name);
  return found;
}

/** A parameter of the query that has its choices. @throws Refusal ModelArts.0104 when it is none of them */
export function queryChoice<T extends string>(query: URLSearchParams, name: string, choices: readonly T[]) {
  const value = query.get(name)?.toLowerCase();
  if (value === undefined) return undefined;
  const found = choices.find((option) => option.toLowerCase() === value);
  if (found === undefined) throw invalidParameter();
  return found;
}

/** A whole number in the query. @throws Refusal ModelArts.0104 when it is not one or below the minimum */
export function queryInteger(query: URLSearchParams, name: string, minimum: number): number | undefined {
  const text = query.get(name);
  if (text === null || text === '') return undefined;
  const value = /^-?\d+$/.test(text) ? Number(text) : Number.NaN;
  if (!(value >= minimum)) throw invalidParameter();
  return value;
}
