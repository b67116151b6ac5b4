import type { IncomingMessage } from 'node:http';
import { describe, expect, it } from 'vitest';
import { clientAddress } from '../../../../src/server/rates/address.ts';

/** A request from a peer, as far as its address is read. */
const requestFrom = (remoteAddress: string, forwardedFor?: string): IncomingMessage =>
  // what a test needs of it
  ({ socket: { remoteAddress }, headers: { 'x-forwarded-for': forwardedFor } }) as unknown as IncomingMessage;

describe('the address of a caller', () => {
  it.each([
    ['is the peer where no proxy is trusted', 0, '203.0.113.1', '203.0.113.9', '203.0.113.1'],
    ['is an IPv4 address however it is written', 0, '::ffff:203.0.113.1', undefined, '203.0.113.1'],
    ['is the network of an IPv6 address', 0, '2001:db8:1:2:3:4:5:6', undefined, '2001:db8:1:2::/64'],
    ['is the network of a short IPv6 address', 0, '2001:db8::6', undefined, '2001:db8:0:0::/64'],
    ['is loopback', 0, '::1', undefined, '0:0:0:0::/64'],
    ['is the last entry behind one proxy', 1, '10.0.0.1', '1.1.1.1, 203.0.113.9', '203.0.113.9'],
    ['is the last entry but one behind two', 2, '10.0.0.1', '1.1.1.1, 203.0.113.9, 10.0.0.2', '203.0.113.9'],
    ['is without a port', 1, '10.0.0.1', '203.0.113.9:4711', '203.0.113.9'],
    ['is without brackets and port', 1, '10.0.0.1', '[2001:db8:1:2::1]:4711', '2001:db8:1:2::/64'],
    ['is the peer where the header is missing', 1, '10.0.0.1', undefined, '10.0.0.1'],
    ['is the peer where the header has too few entries', 2, '10.0.0.1', '203.0.113.9', '10.0.0.1'],
    ['is the peer where the entry is no address', 1, '10.0.0.1', '203.0.113.9, unknown', '10.0.0.1'],
  ])('the address %s', (_, trustedProxies, peer, forwardedFor, address) => {
    expect(clientAddress(requestFrom(peer, forwardedFor), trustedProxies)).toBe(address);
  });
});
