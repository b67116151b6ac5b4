import { Refusal } from '../errors.ts';

type Stock = readonly [status: number, text: string];

const noAgency: Stock = [400, 'The agency or its authorization for ModelArts is missing or invalid.'];

/** Answers that no operation of the simulator gives by itself: they tell of the account, or of the cloud's gateway. Set by the fault `refused`. */
const stock: Readonly<Record<string, Stock>> = {
  ...Object.fromEntries(
    Array.from({ length: 12 }, (_, index): [string, Stock] => [
      `ModelArts.${String(420 + index).padStart(4, '0')}`,
      noAgency,
    ]),
  ),
  'ModelArts.0428': [401, 'The account is not authorized to use ModelArts.'],
  'ModelArts.2785': [403, 'ModelArts is not authorized for the user.'],
  'ModelArts.4106': [403, 'The account is in arrears.'],
  'ModelArts.4126': [403, 'The account has no permission for this operation.'],
  'ModelArts.7003': [400, 'No permission to change the workspace.'],
  'ModelArts.7004': [400, 'The state of the workspace does not allow this.'],
  ...Object.fromEntries(
    ['APIG', 'APIGW'].flatMap((prefix): [string, Stock][] => [
      [`${prefix}.0104`, [404, 'The plug-ins do not exist.']],
      [`${prefix}.0105`, [404, 'The backend configurations do not exist.']],
      [`${prefix}.0106`, [400, 'Orchestration error']],
    ]),
  ),
};

export const isUpstreamCode = (code: unknown): boolean => typeof code === 'string' && Object.hasOwn(stock, code);

/** The refusal as the upstream words it. @param code one that `isUpstreamCode` */
export function refusalOf(code: string): Refusal {
  const [status, text] = stock[code] ?? [500, 'Unknown'];
  return new Refusal(status, code, text);
}
