import type { IncomingMessage } from 'node:http';
import { expect, test } from 'vitest';
import { addressReader } from '../../src/server/client-address.ts';

const request = (remoteAddress: string | undefined, forwarded?: string) =>
  ({ socket: { remoteAddress }, headers: forwarded === undefined ? {} : { 'x-forwarded-for': forwarded } }) as Pick<
    IncomingMessage,
    'headers' | 'socket'
  >;

test('without trusted proxies it is the socket’s, whatever the header claims', () => {
  const addressOf = addressReader(undefined);
  expect(addressOf(request('::ffff:203.0.113.9', '10.0.0.1'))).toBe('203.0.113.9');
  expect(addressOf(request(undefined, '10.0.0.1'))).toBeUndefined();
});

test.each([
  ['the proxy’s own request', '10.0.0.1', undefined, '10.0.0.1'],
  ['one proxy', '10.0.0.1', '203.0.113.9', '203.0.113.9'],
  ['two proxies', '10.0.0.1', '203.0.113.9, 10.0.0.2', '203.0.113.9'],
  ['a client that made something up', '10.0.0.1', '192.0.2.1, 203.0.113.9', '203.0.113.9'],
  ['a client that claims to be a proxy', '203.0.113.9', '192.0.2.1', '203.0.113.9'],
  ['proxies all the way', '10.0.0.1', '10.0.0.3,10.0.0.2', '10.0.0.3'],
  ['a port, as some proxies add', '10.0.0.1', '203.0.113.9:4711', '203.0.113.9'],
  ['IPv6', '::1', '2001:db8::9', '2001:db8::9'],
  ['something that is no address', '10.0.0.1', '203.0.113.9, unknown', undefined],
])('behind trusted proxies: %s', (_what, peer, forwarded, address) => {
  expect(addressReader('10.0.0.0/8, ::1')(request(peer, forwarded))).toBe(address);
});
