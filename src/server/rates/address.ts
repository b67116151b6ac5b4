import type { IncomingMessage } from 'node:http';
import { isIPv4, isIPv6 } from 'node:net';

/**
 * Where a request comes from, for limits by address: an IPv4 address, or the first 64 bits of an IPv6 one, which is what a
 * single customer has at least.
 * @param trustedProxies how many proxies of the operator's own stand before the gateway. Each appends the address it was
 *   asked from to `X-Forwarded-For`, so that many entries from the right can be believed and no others; 0: the header is not read
 */
export function clientAddress({ headers, socket }: IncomingMessage, trustedProxies: number): string {
  if (trustedProxies === 0) return peerAddress(socket);
  // node:http joins several of them in their order
  const entries = [headers['x-forwarded-for'] ?? []].flat().join(',').split(',');
  const believed = entries.length >= trustedProxies ? entries[entries.length - trustedProxies] : undefined;
  return networkOf(bare(believed ?? '')) ?? peerAddress(socket);
}

/** Where a connection comes from. */
export const peerAddress = ({ remoteAddress = 'unknown' }: { readonly remoteAddress?: string | undefined }): string =>
  networkOf(remoteAddress) ?? remoteAddress;

/** Some proxies write a port behind the address. */
function bare(entry: string): string {
  const text = entry.trim();
  const bracketed = /^\[([^\]]*)\](?::\d+)?$/.exec(text);
  if (bracketed !== null) return bracketed[1] ?? '';
  return /^[\d.]+:\d+$/.test(text) ? text.slice(0, text.indexOf(':')) : text;
}

/** @returns null: it is no address */
function networkOf(address: string): string | null {
  if (isIPv4(address)) return address;
  if (!isIPv6(address)) return null;
  const mapped = /^::ffff:([\d.]+)$/i.exec(address)?.[1];
  if (mapped !== undefined) return mapped;
  const [left = '', right] = address.replace(/%.*$/, '').toLowerCase().split('::');
  const groups = left === '' ? [] : left.split(':');
  const behind = right === undefined || right === '' ? [] : right.split(':');
  // one with dots at its end takes the place of two groups
  const missing = 8 - groups.length - behind.length - (address.includes('.') ? 1 : 0);
  const whole = right === undefined ? groups : [...groups, ...Array<string>(Math.max(0, missing)).fill('0'), ...behind];
  return `${whole
    .slice(0, 4)
    .map((group) => group.replace(/^0+(?=.)/, ''))
    .join(':')}::/64`;
}
