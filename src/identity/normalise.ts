import { type CountryCode, parsePhoneNumberFromString } from 'libphonenumber-js';
import { deriveUuid } from '../kernel/ids.ts';

export interface NormaliseOptions {
  /** ISO 3166 region in which a phone number without country code is read, such as `CH`. */
  readonly defaultRegion: string;
}

export interface NormalisedIdentifier {
  readonly kind: string;
  /** The match key: equal for every spelling of the same identifier. */
  readonly value: string;
  /** The value as given, tidied, where it differs from the match key. */
  readonly given: string | null;
}

export type Normalised = ({ ok: true } & NormalisedIdentifier) | { ok: false; expected: string };

/** Kind + value as a sender gives them → match key, or what was expected instead. Never throws. */
export function normaliseIdentifier(kind: string, raw: string, options: NormaliseOptions): Normalised {
  const value = raw.normalize('NFKC').trim();
  if (value === '') return { ok: false, expected: 'a value that is not blank' };
  if (value.length > 512) return { ok: false, expected: 'at most 512 characters' };
  switch (kind) {
    case 'email':
      return normaliseEmail(value);
    case 'phone':
      return normalisePhone(value, options.defaultRegion);
    case 'loyaltyCard':
      return accept(kind, recased(value.replace(/[\s-]/g, '').toUpperCase()), value);
    case 'deviceId':
      return accept(kind, recased(value.toLowerCase()), value);
    default:
      return accept(kind, value, value);
  }
}

/** The id of an identifier. `value` is the match key. */
export function identifierId(secret: string, kind: string, value: string): string {
  return deriveUuid(secret, 'identifier', kind, value);
}

function accept(kind: string, value: string, given: string): Normalised {
  if (value === '') return { ok: false, expected: 'a value with letters or digits' };
  return { ok: true, kind, value, given: given === value ? null : given };
}

const emailPattern = /^[^\s@"(),:;<>[\\\]]{1,64}@(?:[\p{L}\p{N}](?:[\p{L}\p{N}-]*[\p{L}\p{N}])?\.)+[\p{L}\p{N}-]{2,}$/u;

/** What each provider ignores in the part before the @ (from its own help pages). */
const mailProviders = new Map([
  ['gmail.com', { dots: true, domain: 'gmail.com' }],
  ['googlemail.com', { dots: true, domain: 'gmail.com' }],
  ['outlook.com', { dots: false, domain: 'outlook.com' }],
  ['hotmail.com', { dots: false, domain: 'hotmail.com' }],
  ['live.com', { dots: false, domain: 'live.com' }],
  ['icloud.com', { dots: false, domain: 'icloud.com' }],
  ['fastmail.com', { dots: false, domain: 'fastmail.com' }],
  ['proton.me', { dots: false, domain: 'proton.me' }],
  ['protonmail.com', { dots: false, domain: 'protonmail.com' }],
]);

/** A change of case can take a character apart that NFKC had put together. */
function recased(text: string): string {
  return text.normalize('NFKC');
}

function normaliseEmail(value: string): Normalised {
  const given = recased(value.toLowerCase());
  if (!emailPattern.test(given)) return { ok: false, expected: 'an e-mail address such as jo@example.com' };
  const at = given.lastIndexOf('@');
  const provider = mailProviders.get(given.slice(at + 1));
  if (!provider) return accept('email', given, given);
  const untagged = given.slice(0, at).replace(/(?<=.)\+.*$/, '');
  const user = provider.dots ? untagged.replaceAll('.', '') || untagged : untagged;
  return accept('email', `${user}@${provider.domain}`, given);
}

function normalisePhone(value: string, region: string): Normalised {
  const phone = parsePhoneNumberFromString(value, { defaultCountry: region as CountryCode, extract: false });
  if (!phone?.isPossible()) {
    return { ok: false, expected: `a phone number such as +41446681800, or one that can be dialled within ${region}` };
  }
  return accept('phone', phone.number, value);
}

const normalisers = new Map([
  ['email', 'Lower case; dots and +tags are dropped for providers that ignore them.'],
  ['phone', 'E.164; a number without a country code is read in the default region.'],
  ['loyaltyCard', 'Capitals, without spaces and hyphens.'],
  ['deviceId', 'Lower case.'],
]);

/** In words, what {@link normaliseIdentifier} does beside NFKC and trimming, which every kind gets. */
export function describeNormaliser(kind: string): string {
  return normalisers.get(kind) ?? 'Trimmed; capitals count.';
}
