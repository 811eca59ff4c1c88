import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isPersonalKey, mask, maskText, Sight } from '../../src/identity/masking.ts';
import { shippedTraits } from '../../src/identity/shipped-traits.ts';

const catalogue = { has: (name: string) => shippedTraits.get(name)?.personal !== false };
const masked = new Sight(false, catalogue);

describe('maskText', () => {
  it.each([
    ['jo.doe@example.com', 'j•••@e•••.com'],
    ['Jo.Doe+shop@mail.example.co.uk', 'J•••@m•••.uk'],
    ['+41446681800', mask],
    ['x', mask],
    ['', mask],
    ['not an e-mail: jo@example.com', mask],
    ['a@b', mask],
    ["o'hara=!x@example.com", 'o•••@e•••.com'],
  ])('%s → %s', (text, expected) => {
    expect(maskText(text)).toBe(expected);
  });

  it('never shows more than three letters and the end of the domain', () => {
    fc.assert(
      fc.property(fc.emailAddress(), (email) => {
        const shown = maskText(email).replaceAll(mask, '');
        const ending = email.slice(email.lastIndexOf('.'));
        expect(shown === '' || shown === `${email[0]}@${email[email.indexOf('@') + 1]}${ending}`).toBe(true);
      }),
    );
  });
});

describe('isPersonalKey', () => {
  it.each([
    'email',
    'customerEmail',
    'e-mail',
    'billing_address',
    'IP',
    'ipAddress',
    'client_ip',
    'Phone Number',
    'firstName',
    'name',
    'userAgent',
    'postal code',
    'dateOfBirth',
    'address1',
    'customeremail',
    'EMAIL_HOME',
  ])('%s is', (key) => expect(isPersonalKey(key)).toBe(true));
  it.each([
    'sku',
    'price',
    'shipping',
    'description',
    'total',
    'path',
    'zipped',
    'message_id',
    'recipe',
    'tip',
    'page',
    'productName',
    'category_name',
  ])('%s is not', (key) => expect(isPersonalKey(key)).toBe(false));
});

describe('what is seen without pii:read', () => {
  it('is no personal trait, and no trait that the catalogue does not know', () => {
    expect(
      masked.traits({
        firstName: 'Jo',
        email: 'jo@example.com',
        language: 'de',
        shoeSize: 42,
        gone: null,
        tags: { a: ['x', 1] },
      }),
    ).toEqual({
      firstName: mask,
      email: 'j•••@e•••.com',
      language: 'de',
      shoeSize: mask,
      gone: null,
      tags: { a: [mask, mask] },
    });
  });

  it('is no personal value however deep it lies in properties', () => {
    const seen = masked.freeForm({
      total: 12,
      customer: { email: 'jo@example.com', plan: 'gold', address: { street: 'Main 1', country: 'CH' } },
      guests: [{ phone: '+41' }, { seat: 3 }],
      url: 'https://shop.example/?u=jo@example.com&v=jo%40example.com',
    });
    expect(seen).toEqual({
      total: 12,
      customer: { email: 'j•••@e•••.com', plan: 'gold', address: { street: mask, country: mask } },
      guests: [{ phone: mask }, { seat: 3 }],
      url: 'https://shop.example/?u=j•••@e•••.com&v=j•••@e•••.com',
    });
  });

  it('keeps a member named __proto__ a member', () => {
    const seen = masked.freeForm(JSON.parse('{"__proto__": {"email": "jo@example.com"}}'));
    expect(JSON.stringify(seen)).toBe('{"__proto__":{"email":"j•••@e•••.com"}}');
  });
});

it('everything is seen with pii:read', () => {
  const json = { email: 'jo@example.com', deep: { ip: '::1' } };
  expect(new Sight(true, catalogue).freeForm(json)).toBe(json);
  expect(new Sight(true, catalogue).traits(json)).toBe(json);
});
