import fc from 'fast-check';
import { expect, test } from 'vitest';
import { base62, formatApiKey, hashSecret, isSecretOf, parseApiKey, secretLength } from '../../src/access/api-key.ts';
import { newApiKey } from '../../src/access/new-api-key.ts';
import { randomIds } from '../../src/kernel/ids.ts';

const keys = fc.record({
  id: fc.uuid(),
  secret: fc.string({ unit: fc.constantFrom(...base62), minLength: secretLength, maxLength: secretLength }),
});

test('a known key has this text, for ever: keys in the wild must keep working', () => {
  const key = { id: '01890a5d-ac96-774b-bcce-b302099a8057', secret: 'abcdefghijklmnopqrstuvwxyz012345' };
  expect(formatApiKey(key)).toBe('rundum_live_02tcRIyrxLXTR81B3dqdOxabcdefghijklmnopqrstuvwxyz0123450Q5WcT');
});

test('every key survives being written and read', () => {
  fc.assert(
    fc.property(keys, (key) => {
      expect(parseApiKey(formatApiKey(key))).toEqual(key);
    }),
  );
});

test('the smallest and the greatest id fit', () => {
  for (const id of ['00000000-0000-0000-0000-000000000000', 'ffffffff-ffff-ffff-ffff-ffffffffffff']) {
    expect(parseApiKey(formatApiKey({ id, secret: 'a'.repeat(secretLength) }))?.id).toBe(id);
  }
});

test('a secret scanner finds a key with the documented pattern, in the middle of a text', () => {
  fc.assert(
    fc.property(keys, (key) => {
      const text = formatApiKey(key);
      expect(`KEY="${text}";`.match(/rundum_live_[0-9A-Za-z]{60}/)?.[0]).toBe(text);
    }),
  );
});

test('no single wrong character goes unnoticed, wherever it is', () => {
  const anyCharacter = fc.oneof(fc.constantFrom(...base62), fc.string({ minLength: 1, maxLength: 1 }));
  fc.assert(
    fc.property(keys, fc.nat(71), anyCharacter, (key, at, wrong) => {
      const text = formatApiKey(key);
      fc.pre(text[at] !== wrong);
      expect(parseApiKey(text.slice(0, at) + wrong + text.slice(at + 1))).toBeUndefined();
    }),
    { numRuns: 2_000 },
  );
});

test('no two neighbours can be swapped, and nothing can be cut off or added', () => {
  fc.assert(
    fc.property(keys, fc.nat(70), (key, at) => {
      const text = formatApiKey(key);
      const [one = '', other = ''] = text.slice(at, at + 2);
      if (one !== other) expect(parseApiKey(text.slice(0, at) + other + one + text.slice(at + 2))).toBeUndefined();
      expect(parseApiKey(text.slice(0, at))).toBeUndefined();
      expect(parseApiKey(text + one)).toBeUndefined();
    }),
  );
});

test.each([
  ['nothing', ''],
  ['another service’s key', 'sk_live_4eC39HqLyjWDarjtT1zdp7dc'],
  ['a line break at the end', `${formatApiKey({ id: randomIds.uuid(), secret: 'a'.repeat(32) })}\n`],
  [
    'an id beyond 128 bits, with the right checksum',
    'rundum_live_zzzzzzzzzzzzzzzzzzzzzzaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa2D16wU',
  ],
])('%s is no key', (_what, text) => {
  expect(parseApiKey(text)).toBeUndefined();
});

test('a secret is at least 128 random bits, from the whole alphabet and never the same', () => {
  const made = Array.from({ length: 300 }, () => newApiKey(randomIds));
  expect(secretLength * Math.log2(base62.length)).toBeGreaterThan(128);
  expect(new Set(made.map((key) => key.secret)).size).toBe(300);
  expect([...new Set(made.flatMap((key) => [...key.secret]))].sort().join('')).toBe(base62);
  for (const key of made) expect(key.secret).toHaveLength(secretLength);
});

test('only the secret itself matches its hash, and a damaged hash matches nothing', () => {
  fc.assert(
    fc.property(keys, keys, ({ secret }, { secret: other }) => {
      expect(isSecretOf(hashSecret(secret), secret)).toBe(true);
      expect(isSecretOf(hashSecret(secret), other)).toBe(secret === other);
      expect(isSecretOf(hashSecret(secret).subarray(0, 31), secret)).toBe(false);
    }),
  );
});
