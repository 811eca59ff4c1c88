import type { FieldKind } from './match-model.ts';

/** What people and programs write where they know nothing. */
const nothing = new Set(['null', 'none', 'nan', 'n/a', 'na', 'unknown', 'undefined', '-', '--', '?', '.']);

/** Letters that have no decomposition into a base letter and marks. */
const letters: Readonly<Record<string, string>> = {
  ß: 'ss',
  æ: 'ae',
  œ: 'oe',
  ø: 'o',
  ł: 'l',
  đ: 'd',
  ð: 'd',
  þ: 'th',
  ı: 'i',
};

/** The same word of an address, whichever way it is written. */
const addressWords: Readonly<Record<string, string>> = {
  street: 'st',
  strasse: 'st',
  str: 'st',
  road: 'rd',
  avenue: 'ave',
  av: 'ave',
  drive: 'dr',
  lane: 'ln',
  court: 'ct',
  crt: 'ct',
  place: 'pl',
  boulevard: 'blvd',
  terrace: 'tce',
  ter: 'tce',
  crescent: 'cres',
  circuit: 'cct',
  square: 'sq',
  highway: 'hwy',
  parade: 'pde',
  close: 'cl',
  apartment: 'apt',
  apmnt: 'apt',
  saint: 'st',
  sankt: 'st',
  village: 'vlge',
  north: 'n',
  south: 's',
  east: 'e',
  west: 'w',
};

const companyForms =
  /\b(inc|incorporated|ltd|limited|llc|plc|corp|corporation|co|company|gmbh|ag|sa|sarl|bv|kg|se|oy|ab)\b/g;

/** Lower case, compatibility forms unified, without accents; everything but letters and digits becomes one blank. */
export function foldText(value: string): string {
  return foldLetters(value)
    .replace(/['’`´]/g, '')
    .replace(/[^\p{L}\p{N}]+/gu, ' ')
    .trim();
}

/** The value as it is compared; null where it says nothing. */
export function normaliseValue(kind: FieldKind, value: string | null | undefined): string | null {
  if (value === null || value === undefined) return null;
  const trimmed = value.trim();
  if (trimmed === '' || nothing.has(trimmed.toLowerCase())) return null;
  return normalisers[kind](trimmed) || null;
}

type Normaliser = (trimmed: string) => string;

const normalisers: Readonly<Record<FieldKind, Normaliser>> = {
  givenName: foldText,
  familyName: foldText,
  fullName: foldText,
  birthDate: normaliseDate,
  email: (value) => foldLetters(value).replace(/\s+/g, ''),
  phone: normalisePhone,
  identityNumber: compact,
  street: unifyAddressWords,
  houseNumber: compact,
  addressLine: unifyAddressWords,
  postalCode: compact,
  city: unifyAddressWords,
  region: foldText,
  country: foldText,
  gender: (value) => foldText(value).slice(0, 1),
  company: (value) => withoutCompanyForms(foldText(value)),
  text: foldText,
};

function foldLetters(value: string): string {
  const lower = value.normalize('NFKC').toLowerCase();
  if (isAscii(lower)) return lower;
  return lower
    .normalize('NFD')
    .replace(/\p{M}+/gu, '')
    .replace(/[ßæœøłđðþı]/g, (letter) => letters[letter]!);
}

function isAscii(text: string): boolean {
  for (let at = 0; at < text.length; at++) if (text.charCodeAt(at) > 127) return false;
  return true;
}

function compact(value: string): string {
  return foldText(value).replaceAll(' ', '');
}

/** The digits, without the prefix of an international call. Fewer than five are no number that one could call. */
function normalisePhone(value: string): string {
  const digits = value.normalize('NFKC').replace(/\D+/g, '').replace(/^00/, '');
  return digits.length < 5 ? '' : digits;
}

function unifyAddressWords(value: string): string {
  return foldText(value)
    .split(' ')
    .map((word) => addressWords[word] ?? word)
    .join(' ');
}

/** "Hooli Inc." and "Hooli" are one; a company that is called "Company" keeps its name. */
function withoutCompanyForms(name: string): string {
  return name.replace(companyForms, ' ').replace(/ +/g, ' ').trim() || name;
}

/** `yyyymmdd`. Impossible days and months stay as they are: a slip of the pen still resembles what was meant. */
function normaliseDate(value: string): string {
  const text = value.normalize('NFKC');
  const [, year, month, day] = /^(\d{4})\D?(\d{1,2})\D?(\d{1,2})(?!\d)/.exec(text) ?? [];
  if (year) return year + month!.padStart(2, '0') + day!.padStart(2, '0');
  const [, first, second, lastYear] = /^(\d{1,2})\D(\d{1,2})\D(\d{4})$/.exec(text) ?? [];
  if (!lastYear) return '';
  const monthFirst = Number(second) > 12;
  const [d, m] = monthFirst ? [second!, first!] : [first!, second!];
  return lastYear + m.padStart(2, '0') + d.padStart(2, '0');
}
