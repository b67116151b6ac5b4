import type { Answer } from '../call.ts';
import type { SimulatedClock } from '../clock.ts';
import { readProvider } from '../iam/identity-providers.ts';
import { isObject, type JsonObject } from '../json.ts';
import { change } from '../notebook/lifecycle.ts';
import { notebookStatuses } from '../notebook/record.ts';
import type { Routes } from '../routes.ts';
import { clouds, type State } from '../state.ts';
import { type Faults, faultNames } from './faults.ts';

/** What `/_simulator` can reach. */
export type Controls = {
  readonly state: State;
  readonly faults: Faults;
  readonly routes: Routes;
  readonly clock: SimulatedClock;
  reset(): void;
};

export type ControlRequest = { readonly method: string; readonly path: string; readonly bodyText: string };

/** Answers `/_simulator…`: faults, clock, the cloud it plays, tokens to revoke, identity providers, reset, and a notebook's state by force. No authentication: everything here is make-believe. */
export function control(controls: Controls, { method, path, bodyText }: ControlRequest): Answer {
  try {
    const [, , topic = '', id = ''] = path.split('/');
    return route(controls, `${method} ${topic}`, { id, body: parse(bodyText) });
  } catch (error) {
    return { status: 400, body: { error: error instanceof Error ? error.message : String(error) } };
  }
}

function route(controls: Controls, request: string, { id, body }: { id: string; body: JsonObject }): Answer {
  const { state, faults, clock, routes } = controls;
  switch (request) {
    case 'GET ':
      return { status: 200, body: about(state, routes) };
    case 'GET faults':
      return { status: 200, body: { faults: faults.list() } };
    case 'POST faults':
      return { status: 201, body: faults.add(body) };
    case 'DELETE faults':
      faults.clear();
      return { status: 200, body: { faults: [] } };
    case 'GET clock':
      return { status: 200, body: { now: clock.now() } };
    case 'POST clock': {
      const { advanceMs } = body;
      if (typeof advanceMs !== 'number' || !(advanceMs >= 0)) throw new Error('advanceMs must be a number from 0.');
      clock.advance(advanceMs);
      return { status: 200, body: { now: clock.now() } };
    }
    case 'PATCH settings':
      return { status: 200, body: changeSettings(state, body) };
    case 'DELETE tokens':
      return { status: 200, body: revoke(state, body) };
    case 'PUT identity-providers':
      state.identityProviders.set(id, readProvider(id, body));
      return { status: 200, body: { id } };
    case 'POST reset':
      controls.reset();
      return { status: 200, body: { reset: true } };
    case 'PATCH notebooks':
      return { status: 200, body: forceNotebook(state, id, body) };
    default:
      return { status: 404, body: { error: `The simulator has no ${request.trim()}; see GET /_simulator.` } };
  }
}

function changeSettings({ settings }: State, body: JsonObject): JsonObject {
  const { cloud = settings.cloud, emptyAnswers = settings.emptyAnswers } = body;
  const known = clouds.find((name) => name === cloud);
  if (known === undefined) throw new Error(`cloud must be one of ${clouds.join(', ')}.`);
  if (typeof emptyAnswers !== 'boolean') throw new Error('emptyAnswers must be true or false.');
  Object.assign(settings, { cloud: known, emptyAnswers });
  return { cloud: known, emptyAnswers };
}

/** A token can have 32 KiB, so it comes in the body. */
function revoke({ tokens }: State, { token }: JsonObject): JsonObject {
  if (typeof token !== 'string' || !tokens.revoke(token)) throw new Error('token must be one that was issued.');
  return { revoked: true };
}

/** Puts a notebook into any state at once, for those that nothing here leads to (CREATE_FAILED, ERROR, FROZEN). */
function forceNotebook(state: State, id: string, body: JsonObject): JsonObject {
  const notebook = state.notebooks.get(id);
  if (notebook === undefined) throw new Error(`There is no notebook ${id}.`);
  const status = notebookStatuses.find((known) => known === body.status);
  if (status === undefined) throw new Error(`status must be one of ${notebookStatuses.join(', ')}.`);
  change(notebook, status, status, { from: state.clock.now(), durationMs: 0 });
  notebook.transition = null;
  notebook.failReason = typeof body.fail_reason === 'string' ? body.fail_reason : undefined;
  return { id, status };
}

const about = (state: State, { operations }: Routes): JsonObject => ({
  what: 'A simulated ModelArts and IAM. Nothing here is real: the accounts below are meant to be used.',
  accounts: state.settings.accounts.map(({ domain, user, password, passcode, projects }) => ({
    domain: domain.name,
    user,
    password,
    passcode,
    projects,
  })),
  operations: operations.map(({ operationId, method, path }) => ({ operationId, method, path })),
  faults: faultNames,
  control: [
    'GET, POST, DELETE /_simulator/faults',
    'GET, POST /_simulator/clock {"advanceMs"}',
    'PATCH /_simulator/settings {"cloud", "emptyAnswers"}',
    'DELETE /_simulator/tokens {"token"}',
    'PUT /_simulator/identity-providers/{id} {"issuer", "clientId", "signingKey", "domain", "protocolId", "userClaim", "users"}',
    'POST /_simulator/reset',
    'PATCH /_simulator/notebooks/{id} {"status", "fail_reason"}',
  ],
});

function parse(text: string): JsonObject {
  if (text === '') return {};
  const body: unknown = JSON.parse(text);
  if (!isObject(body)) throw new Error('The body must be a JSON object.');
  return body;
}
