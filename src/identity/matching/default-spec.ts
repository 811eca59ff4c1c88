import { defaultBlocking, defaultTraining } from './default-blocking.ts';
import type { ComparisonSpec, FieldKind, MatchSchema, MatchSpec } from './match-model.ts';
import { SchemaFields } from './schema-fields.ts';

/** More would not fit into a pattern of levels; what comes last is text that says little of a person. */
const mostComparisons = 16;

/** The one configuration of a schema. It follows from the kinds of its fields, never from the data. */
export function defaultSpec(schema: MatchSchema): MatchSpec {
  const fields = new SchemaFields(schema);
  return {
    schema,
    comparisons: compareWhatThereIs(fields).slice(0, mostComparisons),
    blocking: defaultBlocking(fields),
    training: defaultTraining(fields),
  };
}

function compareWhatThereIs(fields: SchemaFields): ComparisonSpec[] {
  return [...compareNameFields(fields), ...compareAddressFields(fields), ...compareSingleFields(fields)];
}

/** A whole name beside its parts would be counted twice. */
function compareNameFields(fields: SchemaFields): ComparisonSpec[] {
  const given = fields.all('givenName')[0];
  const family = fields.all('familyName')[0];
  const comparisons: ComparisonSpec[] = [];
  if (given) comparisons.push(comparison('givenName', [given], family ? [family] : []));
  if (family) comparisons.push(comparison('familyName', [family], given ? [given] : []));
  if (given && family) comparisons.push({ ...comparison('nameOrder', [given, family]), name: 'order of names' });
  if (!(given && family)) {
    comparisons.push(...fields.all('fullName').map((field) => comparison('fullName', [field])));
  }
  return comparisons;
}

/** Parts of an address depend on each other, so they are compared as a street and a place. */
function compareAddressFields(fields: SchemaFields): ComparisonSpec[] {
  const comparisons = fields.all('addressLine').map((field) => comparison('addressLine', [field]));
  if (fields.has('street')) comparisons.push(comparison('street', fields.firstOf('street', 'houseNumber')));
  const place = fields.firstOf('postalCode', 'city', 'region');
  if (place.length > 0) comparisons.push({ ...comparison('place', place), name: 'place' });
  else comparisons.push(...fields.all('country').map((field) => comparison('category', [field])));
  return comparisons;
}

function compareSingleFields(fields: SchemaFields): ComparisonSpec[] {
  const each = (kind: FieldKind, comparator: string, context: string[] = []) =>
    fields.all(kind).map((field) => comparison(comparator, [field], context));
  return [
    ...each('birthDate', 'birthDate'),
    ...each('email', 'email', fields.has('givenName', 'familyName') ? fields.firstOf('givenName', 'familyName') : []),
    ...each('phone', 'phone'),
    ...each('identityNumber', 'identityNumber'),
    ...each('gender', 'category'),
    ...each('company', 'words'),
    ...each('text', 'words'),
  ];
}

function comparison(comparator: string, fields: string[], context: string[] = []): ComparisonSpec {
  return { name: fields[0]!, comparator, fields, context };
}
