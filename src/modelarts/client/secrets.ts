import type { Call } from './call.ts';

/** Fields of a request whose value is a secret. */
const secretName = /pass(?:word|code|phrase)|token|secret|signature|credential|private_?key|access_?key/i;

/** `?Signature=…` of an address that was signed, and `user:password@`. */
const inAddress = [
  /[?&;](?:[\w-]*(?:signature|token|secret|password|access_?key(?:_?id)?)|sig)=([^&#;\s]+)/gi,
  /\/\/[^/:@\s]*:([^/@\s]+)@/g,
];

/** Bodies of requests are a few levels deep. */
const maxDepth = 12;

/** Everything a request carries that may be repeated to nobody: its token, and the secrets in its query and body. */
export function secretsOf(token: string | null, { query, body }: Call): ReadonlySet<string> {
  const secrets = new Set<string>();
  if (token !== null) secrets.add(token);
  collect({ query, body }, { name: '', depth: 0, secrets });
  return secrets;
}

type Place = { readonly name: string; readonly depth: number; readonly secrets: Set<string> };

function collect(value: unknown, { name, depth, secrets }: Place): void {
  if (typeof value === 'string') {
    if (secretName.test(name)) secrets.add(value);
    for (const pattern of inAddress) for (const [, secret] of value.matchAll(pattern)) add(secret, secrets);
    return;
  }
  if (typeof value !== 'object' || value === null || depth >= maxDepth) return;
  for (const [key, inner] of Object.entries(value)) {
    // Keystone has the token to exchange in `token: { id }`; items of a list are of the list's name
    const isNamedAbove = Array.isArray(value) || (key === 'id' && /^token$/i.test(name));
    collect(inner, { name: isNamedAbove ? name : key, depth: depth + 1, secrets });
  }
}

/** As it stands in the address, and as it is meant. */
function add(secret: string | undefined, secrets: Set<string>): void {
  if (secret === undefined) return;
  secrets.add(secret);
  try {
    secrets.add(decodeURIComponent(secret));
  } catch {
    // it is no encoding, so it means itself
  }
}
