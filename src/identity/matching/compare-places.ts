import { editDistance } from './edit-distance.ts';

const numbers = /\b\d+\p{L}?\b/gu;

/** Takes the number of the house from a street: "12 river rd" → "river rd", "12". */
export function splitStreet(street: string): readonly [name: string, number: string] {
  const found = street.match(numbers);
  if (!found) return [street, ''];
  const name = street.replace(numbers, ' ').replace(/ +/g, ' ').trim();
  return [name, found.join(' ')];
}

export const StreetLevel = {
  same: 0,
  close: 1,
  numberSlip: 2,
  otherNumber: 3,
  similar: 4,
  different: 5,
} as const;

/** How close two numbers of houses are. */
export type NumberAgreement = 'same' | 'slip' | 'unknown' | 'different';

export function compareHouseNumbers(a: string, b: string): NumberAgreement {
  if (a === '' || b === '') return 'unknown';
  if (a === b) return 'same';
  return Math.min(a.length, b.length) >= 2 && editDistance(a, b, 1) === 1 ? 'slip' : 'different';
}

/** `name` is the level that `compareTexts` found for the names of the streets. */
export function combineStreet(name: number, number: NumberAgreement): number {
  if (name === 0 && number === 'same') return StreetLevel.same;
  if (name === 1 && number === 'same') return StreetLevel.close;
  if (name <= 1) return number === 'different' ? StreetLevel.otherNumber : StreetLevel.numberSlip;
  if (name === 2 && number === 'same') return StreetLevel.similar;
  return StreetLevel.different;
}

export const PlaceLevel = {
  codeAndCity: 0,
  code: 1,
  cityAndNearCode: 2,
  city: 3,
  nearCity: 4,
  nearCode: 5,
  region: 6,
  different: 7,
} as const;

/** Levels of the parts: 0 the same, 1 close, more is different; −1 unknown. */
export interface PlaceParts {
  readonly code: number;
  readonly city: number;
  readonly region: number;
}

/** Code, city and region depend on each other: together they are one statement, as strong as its finest part. */
export function combinePlace({ code, city, region }: PlaceParts): number {
  if (code < 0 && city < 0 && region < 0) return -1;
  if (code === 0) return city === 0 || city === 1 ? PlaceLevel.codeAndCity : PlaceLevel.code;
  if (city === 0 && code === 1) return PlaceLevel.cityAndNearCode;
  if (city === 0) return PlaceLevel.city;
  if (city === 1) return PlaceLevel.nearCity;
  if (code === 1) return PlaceLevel.nearCode;
  return region === 0 ? PlaceLevel.region : PlaceLevel.different;
}
