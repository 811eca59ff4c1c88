import { expect, test } from 'vitest';
import { checkKeyRequest } from '../../src/access/key-request.ts';

const now = new Date('2026-03-01T12:00:00Z');
const later = new Date('2026-03-01T12:00:00.001Z');

test('a good request is tidied: the name trimmed, each scope once, in the order of the catalogue', () => {
  const request = { name: '  till, Basel ', scopes: ['customers:read', 'ingest', 'customers:read'], expiresAt: later };
  expect(checkKeyRequest(request, now)).toEqual({
    name: 'till, Basel',
    scopes: ['ingest', 'customers:read'],
    expiresAt: later,
    allowedNetworks: [],
    requestsPerMinute: null,
    requestsPerDay: null,
    boundary: null,
    writeOnly: false,
    allowedOrigins: [],
    costPerMinute: null,
    trustedDocumentsOnly: false,
    maxConnections: null,
    maxSubscriptions: null,
    test: false,
  });
});

test('networks are tidied: an address is a network of one, each once', () => {
  const allowedNetworks = [' 203.0.113.9', '2001:DB8::/32', '203.0.113.9/32'];
  const { allowedNetworks: checked } = checkKeyRequest({ name: 'x', scopes: ['ingest'], allowedNetworks }, now);
  expect(checked).toEqual(['203.0.113.9/32', '2001:db8::/32']);
});

test('a key for tests may ingest and read', () => {
  const reading = ['ingest', 'customers:read', 'pii:read', 'segments:read'];
  expect(checkKeyRequest({ name: 'x', scopes: reading, test: true }, now)).toMatchObject({ test: true });
});

test('without an expiry it never expires', () => {
  expect(checkKeyRequest({ name: 'x', scopes: ['ingest'] }, now).expiresAt).toBeNull();
  expect(checkKeyRequest({ name: 'x', scopes: ['ingest'], expiresAt: null }, now).expiresAt).toBeNull();
});

test.each([
  ['an empty name', { name: ' ' }, 'input.name', /1 to 100 characters/],
  ['a name that is too long', { name: 'x'.repeat(101) }, 'input.name', /got 101/],
  ['a name that moves the cursor', { name: 'a\u001b[2Jb' }, 'input.name', /line breaks/],
  ['a name of two lines', { name: 'a\nb' }, 'input.name', /line breaks/],
  ['no scope', { scopes: [] }, 'input.scopes', /at least one scope/],
  [
    'a scope that there is not',
    { scopes: ['ingest', 'customers:write'] },
    'input.scopes',
    /no scope "customers:write"; there are ingest, /,
  ],
  ['an expiry that is now', { expiresAt: now }, 'input.expiresAt', /in the future/],
  ['a network that is none', { allowedNetworks: ['10.0.0.0/8', 'home'] }, 'input.allowedNetworks[1]', /got "home"/],
  ['too many networks', { allowedNetworks: Array(101).fill('10.0.0.1') }, 'input.allowedNetworks', /at most 100/],
  ['a quota of nothing', { requestsPerMinute: 0 }, 'input.requestsPerMinute', /from 1 to .*, got 0/],
  ['half a request', { requestsPerDay: 1.5 }, 'input.requestsPerDay', /got 1.5/],
  ['a test that changes something', { test: true, scopes: ['segments:manage'] }, 'input.scopes', /got segments:manage/],
  ['an expiry in the past', { expiresAt: new Date(0) }, 'input.expiresAt', /1970-01-01T00:00:00.000Z/],
])('%s is refused, and the field is named', (_what, part, field, message) => {
  const request = { name: 'x', scopes: ['ingest'], ...part };
  expect(() => checkKeyRequest(request, now)).toThrow(
    expect.objectContaining({ code: 'BAD_USER_INPUT', details: { field }, message: expect.stringMatching(message) }),
  );
});
