import type { Call, ProjectCall } from '../call.ts';
import { Refusal, refusalWith } from '../errors.ts';

/**
 * The call with its user, if its token is scoped to the project in the path.
 * @throws Refusal APIG.0301 or APIGW.0301 (401), ModelArts.0204 or 0207 (401, no project), ModelArts.0210 (403, another project)
 */
export function authenticate(call: Call): ProjectCall {
  const { token, state, now } = call;
  if (token === undefined || token === '') throw gatewayRefusal('APIG.0301', 'x-auth-token not found');
  const grant = state.tokens.find(token);
  if (grant === undefined) throw gatewayRefusal('APIGW.0301', 'decrypt token fail');
  if (grant.expiresAt <= now) throw gatewayRefusal('APIGW.0301', 'token expires');
  const { user, scope } = grant;
  if (scope.kind === 'domain') throw refusalWith(401, '0204');
  if (scope.kind === 'none') throw refusalWith(401, '0207');
  if (scope.project.id !== call.params.projectId) throw refusalWith(403, '0210');
  return { ...call, user, project: scope.project };
}

const gatewayRefusal = (code: string, reason: string): Refusal =>
  new Refusal(401, code, `Incorrect IAM authentication information: ${reason}`);
