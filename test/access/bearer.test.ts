import { expect, test } from 'vitest';
import { formatApiKey } from '../../src/access/api-key.ts';
import { authorizationFrom, readBearer } from '../../src/access/bearer.ts';

const key = { id: '01890a5d-ac96-774b-bcce-b302099a8057', secret: 'abcdefghijklmnopqrstuvwxyz012345' };
const text = formatApiKey(key);

test.each([`Bearer ${text}`, `bearer ${text}`, `BEARER   ${text} `])('%j is read', (authorization) => {
  expect(readBearer(authorization)).toEqual(key);
});

test.each([undefined, null, '', '   ', 42, ['Bearer x']])('%j is a missing key', (authorization) => {
  expect(() => readBearer(authorization)).toThrow(
    expect.objectContaining({ code: 'UNAUTHENTICATED', details: { reason: 'MISSING' } }),
  );
});

test.each([
  text,
  'Bearer',
  'Bearer ',
  `Basic ${text}`,
  `Bearer${text}`,
  `Bearer ${text} ${text}`,
  `Bearer ${text.slice(0, -1)}`,
  `Bearer ${text.toLowerCase()}`,
  `Bearer Bearer ${text}`,
  `Bearer ${text}\0`,
  `Bearer ${'x'.repeat(100_000)}`,
  `Bearer${' '.repeat(100_000)}`,
])('%.40j… is a malformed key, and the message does not repeat it', (authorization) => {
  expect(() => readBearer(authorization)).toThrow(
    expect.objectContaining({ code: 'UNAUTHENTICATED', details: { reason: 'MALFORMED' } }),
  );
  expect(() => readBearer(authorization)).not.toThrow(new RegExp(key.secret, 'i'));
});

test.each([{ authorization: 'Bearer x' }, { Authorization: 'Bearer x' }, { other: 1, AUTHORIZATION: 'Bearer x' }])(
  'connection_init %j carries it',
  (payload) => {
    expect(authorizationFrom(payload)).toBe('Bearer x');
  },
);

test.each([undefined, null, 'Bearer x', ['Bearer x'], {}, { authorization: ['Bearer x'] }, { authorization: null }])(
  'connection_init %j carries none',
  (payload) => {
    expect(authorizationFrom(payload)).toBeUndefined();
  },
);
