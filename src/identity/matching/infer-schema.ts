import type { FieldKind, MatchSchema } from './match-model.ts';

/** Names of columns, without case and separators, as sources use them. The first pattern that fits decides. */
const patterns: readonly (readonly [RegExp, FieldKind])[] = [
  [/^(given|first|fore|christian|middle|vor)names?\d*$|^(fname|firstnm|givenname)$|^prenom$/, 'givenName'],
  [/^(family|last|sur|nach|maiden)names?\d*$|^(lname|surnm|lastnm)$|^nom$/, 'familyName'],
  [/^(full|display|customer|person|contact)?name$/, 'fullName'],
  [/^(date)?(of)?birth(date|day)?$|^dob$|birthdate|dateofbirth|geburtsdatum/, 'birthDate'],
  [/^(.*)e?mail(address|addr)?\d*$/, 'email'],
  [/phone|mobile|^tel|^cell|msisdn|^fax/, 'phone'],
  [/socsec|^ssn|ssn$|nationalid|passport|taxid|^ahv|insurancen|loyaltycard|^nino$|licen[cs]en/, 'identityNumber'],
  [/(street|house|building)(number|nr|no|num)$|^hausnummer$|^number$/, 'houseNumber'],
  [
    /^(street|road|strasse)(name|address)?1?$|^(postal|home|mailing|residential)?(address|addr|adresse)(line)?1?$/,
    'street',
  ],
  [/^(address|addr|street)(line)?[2-9]$|^(unit|flat|apartment|careof)$/, 'addressLine'],
  [/zip|post(al)?code|^plz$|^pcode$|^postcode/, 'postalCode'],
  [/^(city|town|suburb|locality|ort|municipality|place)(name)?$/, 'city'],
  [/^(state|region|province|county|canton|kanton)(code|name)?$/, 'region'],
  [/^country(code|name)?$/, 'country'],
  [/^(gender|sex)$/, 'gender'],
  [/^(company|employer|organi[sz]ation|firm|business)(name)?$/, 'company'],
];

export function kindOf(column: string): FieldKind {
  const plain = column.toLowerCase().replace(/[^a-z0-9]/g, '');
  return patterns.find(([pattern]) => pattern.test(plain))?.[1] ?? 'text';
}

/** What the columns of a table mean, judged by their names. */
export function inferSchema(columns: readonly string[]): MatchSchema {
  return columns.map((name) => ({ name, kind: kindOf(name) }));
}
