import type { JsonObject } from './json.ts';

/** Which of the upstream's three error bodies an operation answers with. */
export type ErrorStyle = 'modelarts' | 'demanager' | 'iam';

/** Text of every code the simulator answers, without the `ModelArts.` prefix. HTTP status is 400 unless stated at the throw. */
const texts = {
  '0010': 'Internal error.',
  '0102': 'The workspace does not exist.',
  '0104': 'Invalid parameter.',
  '0108': 'You do not have permission to perform this operation.',
  '0204': 'The token does not contain project information.',
  '0207': 'The token has no scope.',
  '0210': 'The project ID in the URL is different from the project ID in the token.',
  '6101': 'The system is busy. Try again later.',
  '6301': 'The instance name already exists.',
  '6302': 'The number of instances has reached the maximum.',
  '6303': 'The sorting field is not supported.',
  '6304': 'The instance is running. Stop it before deleting it.',
  '6305': 'The instance is already running.',
  '6306': 'The instance is starting.',
  '6307': 'The instance has been stopped.',
  '6308': 'The instance is stopping.',
  '6309': 'The instance does not exist.',
  '6316': 'The param storage is missing.',
  '6317': 'The param path is missing.',
  '6318': 'The param path needs to end with /.',
  '6323': 'The flavor is not supported.',
  '6324': 'The storage type is not supported.',
  '6326': 'The instance is frozen.',
  '6327': 'The instance is not running.',
  '6329': 'The flavor is sold out.',
  '6330': 'The flavor does not match the profile.',
  '6331': 'The size of the EVS disk is out of range.',
  '6332': 'The profile is invalid.',
  '6334': 'The name or description contains invalid characters.',
  '6347': 'The parameter cannot be changed in the current status of the instance.',
  '6348': 'The param duration is missing.',
  '6349': 'The param duration is out of range.',
  '6357':
    'The operation is not allowed because another operation is being performed on the instance or the instance is in the target state.',
  '6358': 'The root directory of an OBS bucket is not allowed.',
  '6400': 'The request body is invalid.',
  '6404': 'The resource does not exist.',
  '6737': 'The image tag already exists.',
  '6768': 'The image supports only SSH. Configure SSH.',
  '6792': 'The instance cannot be switched to the flavor.',
  '6797': 'The image does not exist or is not accessible.',
  '6870': 'The flavor does not fit the image or the feature.',
} as const;

export type ModelArtsCode = keyof typeof texts;

/** An answer that is not a success. Thrown by operations, written by the server in the operation's error style. */
export class Refusal extends Error {
  readonly status: number;
  readonly code: string;

  constructor(status: number, code: string, message: string) {
    super(message);
    this.name = 'Refusal';
    this.status = status;
    this.code = code;
  }
}

/**
 * A ModelArts refusal.
 * @param detail replaces the stock text
 * @param status HTTP status; not-found, conflicts and quota are 400 upstream as well
 */
export const refusal = (code: ModelArtsCode, detail?: string, status = 400): Refusal =>
  new Refusal(status, `ModelArts.${code}`, detail ?? texts[code]);

/** What the API gateway answers where nothing stands behind a path. */
export const unknownApi = (): Refusal =>
  new Refusal(404, 'APIG.0101', 'The API does not exist or has not been published in the environment');

/** A parameter that is missing, of the wrong type or out of its range. */
export const invalidParameter = (name: string, expectation: string): Refusal =>
  refusal('0104', `Invalid parameter ${name}: ${expectation}.`);

const titles: Record<number, string> = {
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  429: 'Too Many Requests',
};

/**
 * The body of a refusal. The API gateway's own codes (APIG, APIGW) have one shape whatever stands behind it.
 * IAM answers Keystone's shape.
 */
export function errorBody(refused: Refusal, style: ErrorStyle, requestId: string): JsonObject {
  if (refused.code.startsWith('APIG'))
    return { error_msg: refused.message, error_code: refused.code, request_id: requestId };
  if (style === 'demanager') return { error_message: refused.message, error_code: refused.code };
  if (style === 'modelarts') return { error_code: refused.code, error_msg: refused.message };
  return {
    error: { message: refused.message, code: refused.status, title: titles[refused.status] ?? 'Internal Server Error' },
  };
}
