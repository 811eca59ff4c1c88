import type { TraitMeaning } from './trait-definition.ts';
import { mostRecent } from './trait-definition.ts';
import type { TraitType } from './trait-value.ts';

/**
 * Well-known traits, as every database starts with them. What is not listed is personal: a new trait is hidden until
 * somebody has looked at it, never shown by accident.
 */
export const shippedTraits: ReadonlyMap<string, TraitMeaning> = new Map([
  // Who and where somebody is.
  personal('name', 'The whole name, as one text.'),
  personal('firstName', 'Given name.'),
  personal('lastName', 'Family name.'),
  personal('salutation', 'How to address somebody, such as `Ms`.'),
  personal('title', 'Academic or other title.'),
  personal('email', 'E-mail address to show. To tell people apart, send it as an identifier, too.'),
  personal('phone', 'Telephone number to show. To tell people apart, send it as an identifier, too.'),
  personal('birthday', 'Date of birth.', 'DATE'),
  personal('birthYear', 'Year of birth.', 'NUMBER'),
  personal('age', 'Age in years, as of the time it was set.', 'NUMBER', 'years'),
  personal('gender', 'Gender, in the words of the source.'),
  personal('street', 'Street and house number.'),
  personal('postalCode', 'Postal code. Text: it may start with a zero.'),
  personal('city', 'Place of residence.'),
  personal('address', 'The whole address, as one text or object.'),
  personal('company', 'Employer or own firm.'),
  personal('jobTitle', 'Position within the company.'),
  personal('avatar', 'Address of a picture.'),
  personal('username', 'Name of an account.'),
  personal('loyaltyCard', 'Number of a card to show. To tell people apart, send it as an identifier, too.'),

  // Shared by too many people to point at one.
  open('country', 'Country, best as ISO 3166 code.'),
  open('region', 'Region, canton or state.'),
  open('language', 'Preferred language, best as BCP 47 tag.'),
  open('locale', 'Language and region, such as `de-CH`.'),
  open('timeZone', 'IANA time zone, such as `Europe/Zurich`.'),
  open('currency', 'Preferred currency, as ISO 4217 code.'),

  // Dealings with the organisation.
  open('customerSince', 'Day of the first business.', 'DATE'),
  open('customerType', 'Such as `private` or `business`.'),
  open('signupSource', 'Where somebody signed up.'),
  open('acquisitionChannel', 'How somebody was won.'),
  open('preferredChannel', 'How somebody wants to be reached.'),
  open('preferredStore', 'Store that somebody visits most, or named.'),
  open('newsletter', 'Wants the newsletter.', 'BOOLEAN'),
  open('marketingConsent', 'Agrees to marketing.', 'BOOLEAN'),
  open('emailOptIn', 'Agrees to marketing by e-mail.', 'BOOLEAN'),
  open('smsOptIn', 'Agrees to marketing by text message.', 'BOOLEAN'),
  open('plan', 'Plan or subscription.'),
  open('tier', 'Tier of a loyalty programme elsewhere.'),
  open('industry', 'Line of business of the company.'),
  open('companySize', 'Number of people in the company, or a class of it.'),
]);

function personal(name: string, description: string, type?: TraitType, unit?: string): [string, TraitMeaning] {
  return [name, { ...meaning(description, type, unit), personal: true }];
}

function open(name: string, description: string, type?: TraitType): [string, TraitMeaning] {
  return [name, { ...meaning(description, type), personal: false }];
}

function meaning(description: string, type: TraitType = 'TEXT', unit: string | null = null) {
  return { type, unit, description, survivorship: mostRecent };
}
