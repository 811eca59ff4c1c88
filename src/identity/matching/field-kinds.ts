import type { FieldKind } from './match-model.ts';

/** What people call the same thing, compared without case and punctuation: `firstName`, `first_name`, `First name`. */
const namesOfKinds: Readonly<Record<Exclude<FieldKind, 'text'>, string>> = {
  givenName: 'firstname givenname forename given first vorname prenom',
  familyName: 'lastname familyname surname family last nachname nom',
  fullName: 'name fullname displayname personname',
  birthDate: 'birthdate birthday dateofbirth dob bornon geburtsdatum',
  email: 'email emailaddress mail',
  phone: 'phone phonenumber telephone tel mobile mobilenumber mobilephone cell cellphone',
  identityNumber: 'socialsecuritynumber socsecid ssn nationalid passportnumber taxid ahvnumber identitynumber',
  street: 'street streetaddress address address1 addressline1 streetname road strasse',
  houseNumber: 'housenumber streetnumber buildingnumber houseno streetno',
  addressLine: 'address2 addressline2 addressline careof flat apartment unit',
  postalCode: 'postalcode postcode zip zipcode plz',
  city: 'city town suburb locality municipality place ort',
  region: 'region state canton province county',
  country: 'country countrycode nation',
  gender: 'gender sex',
  company: 'company companyname organisation organization employer firm',
};

const kindOfName: ReadonlyMap<string, FieldKind> = new Map(
  Object.entries(namesOfKinds).flatMap(([kind, names]) => names.split(' ').map((name) => [name, kind as FieldKind])),
);

/** What a column or trait of this name means; `undefined` where the name is none that people agree on. */
export function fieldKindOf(name: string): FieldKind | undefined {
  return kindOfName.get(name.toLowerCase().replace(/[^\p{L}\p{N}]/gu, ''));
}
