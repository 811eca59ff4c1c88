import { describe, expect, test } from 'vitest';
import { NetworkList, readAddress, readNetwork } from '../../src/kernel/networks.ts';

describe('a network', () => {
  test.each([
    ['203.0.113.0/24', '203.0.113.0/24'],
    [' 203.0.113.9 ', '203.0.113.9/32'],
    ['0.0.0.0/0', '0.0.0.0/0'],
    ['2001:DB8::/32', '2001:db8::/32'],
    ['::1', '::1/128'],
  ])('%j is %s', (text, network) => {
    expect(readNetwork(text)).toBe(network);
  });

  test.each([
    '',
    'home',
    '10.0.0/8',
    '10.0.0.0/33',
    '10.0.0.0/-1',
    '10.0.0.0/',
    '::/129',
    '256.0.0.1',
    '::ffff:10.0.0.0/104',
  ])('%j is none', (text) => {
    expect(readNetwork(text)).toBeUndefined();
  });
});

describe('an address', () => {
  test.each([
    ['203.0.113.9', '203.0.113.9'],
    ['::ffff:203.0.113.9', '203.0.113.9'],
    ['203.0.113.9:4711', '203.0.113.9'],
    ['[2001:db8::9]:4711', '2001:db8::9'],
    ['[2001:db8::9]', '2001:db8::9'],
    ['fe80::1%eth0', 'fe80::1'],
  ])('%j is %s', (text, address) => {
    expect(readAddress(text)).toBe(address);
  });

  test.each(['', 'unknown', '_hidden', '1.2.3', '203.0.113.9/24', 'a:b'])('%j is none', (text) => {
    expect(readAddress(text)).toBeUndefined();
  });
});

test.each([
  ['203.0.113.0', true],
  ['203.0.113.255', true],
  ['203.0.114.0', false],
  ['::ffff:203.0.113.9', true],
  ['::ffff:203.0.114.9', false],
  ['2001:db8:0:1::', true],
  ['2001:db9::', false],
  ['198.51.100.7', true],
  ['198.51.100.8', false],
  ['nonsense', false],
  [undefined, false],
])('a list has %s: %s', (address, inside) => {
  const list = new NetworkList(['203.0.113.77/24', '2001:db8::/32', '198.51.100.7/32']);
  expect(list.has(address)).toBe(inside);
});
