import type { JsonObject } from './json.ts';

/** Which of the upstream's three error bodies an operation answers with. */
export type ErrorStyle = 'modelarts' | 'demanager' | 'iam';

/**
 * Text of every code the simulator answers, without the `ModelArts.` prefix, as the error table of Open Telekom Cloud words it:
 * `{}` stands for a value. Those marked are in no table. HTTP status is 400 unless stated at the throw.
 */
const texts = {
  '0010': 'Internal error.',
  '0102': 'The workspace does not exist.',
  '0104': 'Parameter error.',
  '0108': 'You are not authorized to perform the ({}) operation.',
  '0204': 'Failed to parse the token.',
  '0207': 'Token must contain project info of current region.',
  '0210': 'The project id in the request URL does not match the token.',
  '6101': 'The system is busy now. Please try again later.',
  '6301': 'The instance already exists.',
  '6302': 'The instance count already reaches the maximum value.',
  '6303': 'The field does not support sorting.',
  '6304': 'Please stop the instance before deleting.',
  '6305': 'The instance is already running.',
  '6306': 'The instance is starting.',
  '6307': 'The instance has already been stopped.',
  '6308': 'The instance is stopping.',
  '6309': 'The instance does not exist.',
  '6316': "The param 'storage' is needed for creating notebook instance.",
  '6317': "The 'path' parameter is required when the storage type is OBS.",
  // as in the sample of the workflow page; the table has the name in apostrophes
  '6318': 'The param path needs to end with /.',
  '6323': 'The flavor is not supported, please check it.',
  '6324': 'This location type is not supported. Please check it.',
  '6326': 'The instance is frozen. Check whether your account is in arrears in Billing Center.',
  '6327': 'The instance is not in running. Please refresh the page and start it.',
  '6329': 'Sorry, this flavor specification is sold out. Please try others.',
  '6330': 'The flavor type of profile does not match the type of flavor. Please check it.',
  '6331': 'The evs volume size ranges from {} GB to {} GB.',
  '6332': "Incorrect parameter type. The '{}' parameter must be of the '{}' type.",
  '6334': 'Invalid value for name or description. The character `{}` is not allowed.',
  '6335': "'{}' is a required property.",
  '6336': "'{}' property value is incorrect.",
  '6347': "When the instance is in the '{}' status, the '{}' parameter cannot be modified.",
  '6348': "The 'duration' parameter is mandatory for enabling auto stop.",
  '6349': "The 'duration' parameter is incorrect. The value ranges from {} to {}.",
  '6357':
    'The operation is not allowed because another operation is being performed on the instance or the instance is in the target state.',
  '6358':
    'The path parameter is incorrect. It cannot be the root directory of an OBS bucket, but must be a specific directory in the OBS bucket.',
  '6400': 'Invalid request payload {}, please check.',
  // in no table
  '6404': 'The resource does not exist.',
  '6737': 'Conflict tag {} for image {}, tag cannot be duplicated.',
  '6768': 'SSH configuration is missing, target image {} only support SSH dev service.',
  '6792': 'Instance {} does not support to update flavor to {}, please try another flavor.',
  '6797': 'Specified image {} cannot be found.',
  '6870': 'Specified flavor {} does not support current instance feature {}.',
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

/** How many values the text of a code has room for. */
type ValuesOf<Text extends string> = Text extends `${string}{}${infer Rest}`
  ? readonly [string | number, ...ValuesOf<Rest>]
  : readonly [];

type Values<C extends ModelArtsCode> = ValuesOf<(typeof texts)[C]>;

/** A ModelArts refusal in the words of the error table. @param values what the text names, in its order */
export const refusal = <C extends ModelArtsCode>(code: C, ...values: Values<C>): Refusal =>
  refusalWith(400, code, ...values);

/** @param status HTTP status; not-found, conflicts and quota are 400 upstream as well */
export function refusalWith<C extends ModelArtsCode>(status: number, code: C, ...values: Values<C>): Refusal {
  const left = values.map(String);
  return new Refusal(
    status,
    `ModelArts.${code}`,
    texts[code].replaceAll('{}', () => left.shift() ?? ''),
  );
}

/** A refusal in words of our own, where the table has none that fit. */
export const refusalSaying = (code: ModelArtsCode, text: string, status = 400): Refusal =>
  new Refusal(status, `ModelArts.${code}`, text);

/** What the API gateway answers where nothing stands behind a path. */
export const unknownApi = (): Refusal =>
  new Refusal(404, 'APIG.0101', 'The API does not exist or has not been published in the environment');

/** A parameter in the query that is none of its values; the table's words name nothing. */
export const invalidParameter = (): Refusal => refusal('0104');

/** A property of a body that is not there. */
export const missing = (name: string): Refusal => refusal('6335', name);

/** A property of a body with a value of another type than it takes. */
export const wrongType = (name: string, type: string): Refusal => refusal('6332', name, type);

/** A property of a body with a value it does not take. */
export const wrongValue = (name: string): Refusal => refusal('6336', name);

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
