import { isHeadersTooLarge } from '../../modelarts/wire/error-codes.ts';
import type { ErrorCode, ModelArtsError } from '../../modelarts/wire/errors.ts';

const byClass: Readonly<Record<ErrorCode, string | null>> = {
  UNAUTHENTICATED: 'Sign in again with `issueToken` and send the token in the `X-Auth-Token` header.',
  FORBIDDEN:
    'Check that `X-Project-Id` is the project of the token, or ask an administrator of the account for the permission.',
  NOT_FOUND: 'Check the id and the project; a deleted object is not found either.',
  BAD_USER_INPUT: 'Correct the input and send it again.',
  CONFLICT: 'Read the object again, and wait until its status allows this.',
  QUOTA_EXCEEDED: 'Delete an object that is no longer needed, or ask for a higher quota.',
  CAPACITY: 'Choose another flavor, or try again later.',
  BILLING: 'Settle the account; ModelArts releases it afterwards.',
  RATE_LIMITED: 'Wait before the next request, as long as `retryAfterSeconds` says when it is given.',
  UPSTREAM_SETUP: 'Grant ModelArts the access it needs in the global settings of its console.',
  UPSTREAM_TIMEOUT: 'Try again; if it lasts, look at the status of the service.',
  UPSTREAM_UNAVAILABLE: 'Try again in a while; if it lasts, look at the status of the service.',
  UPSTREAM_INVALID: 'Report this with the request id: the gateway and ModelArts disagree on the shape of an answer.',
  OUTCOME_UNKNOWN: 'Read the object or the list first; repeat the change only if it has not taken effect.',
};

/** Better advice than the class gives, for codes whose cure is known. Numbers are `ModelArts.NNNN`. */
const byCode: ReadonlyMap<string, string> = new Map(
  Object.entries({
    '6304': 'Stop the instance, wait until it is STOPPED, and delete it then.',
    '6305': 'Nothing to do: it is running.',
    '6307': 'Nothing to do: it is stopped.',
    '6318': 'End the path with a slash, for example `/bucket/directory/`.',
    '6319': 'Add the access key for OBS in the global settings of ModelArts.',
    '6320': 'Correct the access key for OBS in the global settings of ModelArts.',
    '6327': 'Start the notebook and wait until it is RUNNING.',
    '6329': 'Choose another flavor: `flavors` says which are sold out.',
    '6333': 'Wait a minute, then send the same request again.',
    '6355': 'Wait a minute, then send the same request again.',
    '6357': 'Read the status: another operation is running, or the instance is already where you want it.',
    '6358': 'Name a directory inside the bucket, not the bucket itself.',
    '6716': 'Choose another flavor: `flavors` says which are sold out.',
    '6737': 'Choose another tag, or delete the image that has this one.',
    '6768': 'Add an endpoint with service SSH and a key pair, or choose an image that offers NOTEBOOK.',
    '6797': 'Choose an image from `images` with status ACTIVE.',
    '6870': 'Choose an image whose resource categories and architecture fit the flavor.',
    '0428':
      'Authorise ModelArts for this account once, on the global settings page of its console; another token changes nothing.',
    '2785': 'Authorise ModelArts for this user once, on the global settings page of its console.',
    '0210': 'Send the project id the token was issued for in `X-Project-Id`.',
  }),
);

/** Codes that mean something else on one operation. */
const byOperation: ReadonlyMap<string, string> = new Map(
  Object.entries({
    'deleteImage 6357': 'Delete the notebooks that use the image first, or wait until the operation on it is over.',
    'registerImage 6797': 'Check the path in the container registry, its tag included, and that ModelArts may read it.',
  }),
);

const unknownApi =
  'Ask the operator of the gateway to check its endpoints and their region: ModelArts does not offer this API there.';

const shorterToken =
  'Ask IAM for a token with `nocatalog=true`, as `issueToken` does, or sign in as a user with fewer agencies and permissions.';

/** What to do next, in our own words. */
export function remedyOf(error: ModelArtsError): string | null {
  if (error.code === 'UNAUTHENTICATED' && error.operationId === 'issueToken') {
    return 'Check domain, user and password, and the passcode when the user has virtual MFA. Several failures lock the user for a while.';
  }
  if (isHeadersTooLarge(error.upstreamStatus)) return shorterToken;
  // no code: an answer 404 that is not of ModelArts
  const isApiUnknown = error.upstreamCode === null || /^APIGW?\./.test(error.upstreamCode);
  if (error.code === 'UPSTREAM_SETUP' && isApiUnknown) return unknownApi;
  const number = error.upstreamCode?.startsWith('ModelArts.') ? error.upstreamCode.slice('ModelArts.'.length) : null;
  return (
    (number === null ? undefined : (byOperation.get(`${error.operationId} ${number}`) ?? byCode.get(number))) ??
    byClass[error.code]
  );
}
