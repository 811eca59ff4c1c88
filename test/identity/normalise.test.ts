import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { identifierId, normaliseIdentifier } from '../../src/identity/normalise.ts';

const swiss = { defaultRegion: 'CH' };

function matchKey(kind: string, value: string, options = swiss): string | undefined {
  const normalised = normaliseIdentifier(kind, value, options);
  return normalised.ok ? normalised.value : undefined;
}

describe('an e-mail address', () => {
  test.each([
    ['Jo@Example.COM', 'jo@example.com'],
    ['  jo@example.com\n', 'jo@example.com'],
    ['ｊｏ＠ｅｘａｍｐｌｅ．ｃｏｍ', 'jo@example.com'],
    ['jo.doe+shop@example.com', 'jo.doe+shop@example.com'],
    ['Jo.Doe@gmail.com', 'jodoe@gmail.com'],
    ['jo.d.oe+shop+2@googlemail.com', 'jodoe@gmail.com'],
    ['jodoe@gmail.com', 'jodoe@gmail.com'],
    ['jo.doe+news@outlook.com', 'jo.doe@outlook.com'],
    ['jo.doe+news@protonmail.com', 'jo.doe@protonmail.com'],
    ['+41791234567@gmail.com', '+41791234567@gmail.com'],
    ['...@gmail.com', '...@gmail.com'],
    ["o'brien@example.co.uk", "o'brien@example.co.uk"],
    ['jürg@müller.example', 'jürg@müller.example'],
    ['ju\u0308rg@example.ch', 'j\u00fcrg@example.ch'],
    ['J\u030co@example.ch', '\u01f0o@example.ch'],
    ['jo@sub.sub.example.museum', 'jo@sub.sub.example.museum'],
    [`${'a'.repeat(64)}@example.com`, `${'a'.repeat(64)}@example.com`],
  ])('%j matches as %s', (given, expected) => {
    expect(matchKey('email', given)).toBe(expected);
  });

  test.each([
    'jo',
    'jo@',
    '@example.com',
    'jo@example',
    'jo@@example.com',
    'jo doe@example.com',
    'jo@exa mple.com',
    'jo@example..com',
    'jo@.com',
    'jo@-example.com',
    'jo@example-.com',
    'Jo <jo@example.com>',
    'mailto:jo@example.com',
    'a@x.ch,b@x.ch',
    'a@x.ch;b@x.ch',
    'jo@example.c',
    `${'a'.repeat(65)}@example.com`,
    'jo@example.com\u0007x',
  ])('%j is none', (given) => {
    expect(normaliseIdentifier('email', given, swiss)).toEqual({
      ok: false,
      expected: 'an e-mail address such as jo@example.com',
    });
  });

  test('is kept as given beside its match key, where they differ', () => {
    expect(normaliseIdentifier('email', ' Jo.Doe+Shop@GMail.com ', swiss)).toMatchObject({
      given: 'jo.doe+shop@gmail.com',
    });
    expect(normaliseIdentifier('email', 'JO@example.com', swiss)).toMatchObject({ given: null });
  });

  test('is judged quickly, however it is made', () => {
    const started = performance.now();
    for (const text of [`a@${'a-'.repeat(250)}`, `a@${'a.'.repeat(250)}`, `a@${'a'.repeat(500)}!`])
      matchKey('email', text);
    expect(performance.now() - started).toBeLessThan(200);
  });
});

describe('a phone number', () => {
  test.each([
    '044 668 18 00',
    '0446681800',
    '044/668-18-00',
    '(044) 668 18 00',
    '+41 44 668 18 00',
    '+41446681800',
    '0041 44 668 18 00',
    '+41 (0)44 668 18 00',
    '０４４ ６６８ １８ ００',
    '044 668 18 00 ext. 5',
  ])('%s dialled in Switzerland is +41446681800', (given) => {
    expect(matchKey('phone', given)).toBe('+41446681800');
  });

  test('without a country code belongs to the region of the installation', () => {
    expect(matchKey('phone', '030 901820', { defaultRegion: 'DE' })).toBe('+4930901820');
    expect(matchKey('phone', '(212) 555-0100', { defaultRegion: 'US' })).toBe('+12125550100');
  });

  test('with a country code is the same in every region', () => {
    for (const defaultRegion of ['CH', 'DE', 'US'])
      expect(matchKey('phone', '+43 1 58858', { defaultRegion })).toBe('+43158858');
  });

  test.each(['0', '123', '117', '0000000', '+000', '999999999999999999', 'ring me', 'call 044 668 18 00', '+41'])(
    '%j is none',
    (given) => {
      const expected = 'a phone number such as +41446681800, or one that can be dialled within CH';
      expect(normaliseIdentifier('phone', given, swiss)).toEqual({ ok: false, expected });
    },
  );
});

describe('other kinds', () => {
  test.each([
    ['loyaltyCard', ' 2501 0000-1234x ', '250100001234X'],
    ['deviceId', 'AEBE52E7-03EE-455A-B3C4-E57283966239', 'aebe52e7-03ee-455a-b3c4-e57283966239'],
    ['userId', ' AbC ', 'AbC'],
    ['anonymousId', 'a B-c', 'a B-c'],
    ['customerNo', '００7', '007'],
  ])('%s %j matches as %s', (kind, given, expected) => {
    expect(matchKey(kind, given)).toBe(expected);
  });

  test.each(['userId', 'email', 'phone', 'loyaltyCard', 'deviceId', 'anonymousId', 'customerNo'])(
    'a blank %s is none',
    (kind) => {
      for (const blank of ['', ' ', '\t\n', '\u3000', '\u00a0']) expect(matchKey(kind, blank)).toBeUndefined();
    },
  );

  test('a card of nothing but separators is none', () => {
    expect(matchKey('loyaltyCard', '- - -')).toBeUndefined();
  });

  test('512 characters are the limit', () => {
    expect(matchKey('userId', 'x'.repeat(512))).toBe('x'.repeat(512));
    expect(matchKey('userId', 'x'.repeat(513))).toBeUndefined();
  });
});

describe('every normaliser', () => {
  const kind = fc.constantFrom('email', 'phone', 'loyaltyCard', 'deviceId', 'userId', 'customerNo');
  const user = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 12 });
  const value = fc.oneof(
    fc.string({ unit: 'grapheme' }),
    fc.emailAddress(),
    fc.tuple(user, fc.constantFrom('gmail.com', 'Example.ch')).map((parts) => parts.join('@')),
    fc.stringMatching(/^(\+41|0041|0)[ -]?\(?\d{2}\)?[ -]?\d{3} ?\d{4}$/),
  );

  test('finds what it made already normal', () => {
    fc.assert(
      fc.property(kind, value, (name, given) => {
        const once = matchKey(name, given);
        if (once !== undefined) expect(matchKey(name, once)).toBe(once);
      }),
      { numRuns: 2000 },
    );
  });

  test('never throws, whatever comes', () => {
    const anyText = fc.array(fc.nat({ max: 0xffff })).map((units) => String.fromCharCode(...units));
    fc.assert(
      fc.property(kind, anyText, (name, given) => {
        expect(normaliseIdentifier(name, given, swiss)).toHaveProperty('ok');
      }),
    );
  });
});

test('an identifier has one id in a database, and another in every other database', () => {
  expect(identifierId('s', 'email', 'jo@x.ch')).toBe(identifierId('s', 'email', 'jo@x.ch'));
  const others = [
    identifierId('t', 'email', 'jo@x.ch'),
    identifierId('s', 'userId', 'jo@x.ch'),
    identifierId('s', 'email', 'ja@x.ch'),
  ];
  expect(new Set([identifierId('s', 'email', 'jo@x.ch'), ...others]).size).toBe(4);
});
