import type { BlockingRule, FieldKind, KeyPart } from './match-model.ts';
import type { SchemaFields } from './schema-fields.ts';

type Part = readonly [kind: FieldKind, transform: string];

/** `either`: the two names, whichever stands first. */
type RulePart = Part | 'either';

interface Template {
  readonly parts: readonly RulePart[];
  readonly refine?: readonly Part[];
}

const family: Part = ['familyName', 'sound'];
const given: Part = ['givenName', 'sound'];
const givenInitial: Part = ['givenName', 'initial'];
const year: Part = ['birthDate', 'year'];
const monthDay: Part = ['birthDate', 'monthDay'];
const postalCode: Part = ['postalCode', 'whole'];
const city: Part = ['city', 'prefix4'];

/** From the most selective to the least: a pair belongs to the first rule that brings it. */
const predictionTemplates: readonly Template[] = [
  { parts: [['identityNumber', 'whole']], refine: [family, year] },
  { parts: [['email', 'whole']], refine: [given, family] },
  { parts: [['phone', 'tail']], refine: [given, family] },
  { parts: ['either', ['birthDate', 'year']], refine: [monthDay] },
  { parts: ['either', postalCode], refine: [year] },
  { parts: ['either'], refine: [year, city] },
  { parts: [['birthDate', 'whole']], refine: [givenInitial, family] },
  { parts: [['email', 'user']], refine: [given, family] },
  { parts: [family, year], refine: [givenInitial, ['birthDate', 'yearMonth']] },
  { parts: [given, ['birthDate', 'yearMonth']], refine: [['familyName', 'initial'], city] },
  { parts: [given, monthDay], refine: [['familyName', 'initial'], city] },
  { parts: [family, monthDay], refine: [givenInitial] },
  { parts: [family, postalCode], refine: [givenInitial] },
  { parts: [given, postalCode], refine: [year] },
  {
    parts: [
      ['street', 'streetName'],
      ['houseNumber', 'whole'],
    ],
    refine: [givenInitial, year],
  },
  {
    parts: [
      ['street', 'streetName'],
      ['street', 'streetNumber'],
    ],
    refine: [givenInitial, year],
  },
  { parts: [['street', 'streetName'], postalCode], refine: [givenInitial, year] },
  { parts: [family, city], refine: [givenInitial, year] },
  { parts: [given, city], refine: [year, ['familyName', 'initial']] },
  { parts: [['fullName', 'sortedSounds']], refine: [year, city] },
  { parts: [['fullName', 'lastWord'], year], refine: [['fullName', 'initial']] },
  { parts: [['fullName', 'firstWord'], monthDay] },
  { parts: [['fullName', 'lastWord'], postalCode], refine: [['fullName', 'initial']] },
  { parts: [['fullName', 'prefix4'], city], refine: [year] },
  { parts: [['company', 'prefix4'], family], refine: [givenInitial] },
  { parts: [['text', 'whole'], family], refine: [givenInitial] },
  { parts: [family], refine: [givenInitial, year] },
  { parts: [given], refine: [['familyName', 'initial'], year] },
  // A table that is small enough is compared whole.
  { parts: [] },
];

const trainingTemplates: readonly Template[] = [
  { parts: [['identityNumber', 'whole']] },
  { parts: [['email', 'whole']] },
  { parts: [['phone', 'tail']] },
  { parts: [['birthDate', 'whole']] },
  { parts: ['either'] },
  { parts: [['fullName', 'whole']] },
  { parts: [['street', 'whole'], postalCode] },
  { parts: [['street', 'whole'], city] },
];

/** For schemas without names: organisations, places, things. */
const namelessTemplates: readonly Template[] = [
  { parts: [['company', 'prefix4']], refine: [city, postalCode] },
  { parts: [['text', 'whole']] },
  { parts: [['text', 'prefix4']], refine: [['text', 'lastWord']] },
  { parts: [['text', 'lastWord']], refine: [['text', 'prefix4']] },
];

/** For schemas in which little else tells people apart. */
const poorTrainingTemplates: readonly Template[] = [
  { parts: [family, city] },
  { parts: [given, city] },
  { parts: [['fullName', 'sortedSounds']] },
  { parts: [['text', 'whole']] },
];

export function defaultBlocking(fields: SchemaFields): BlockingRule[] {
  const hasNames = fields.has('givenName') || fields.has('familyName') || fields.has('fullName');
  return fill(hasNames ? predictionTemplates : [...namelessTemplates, ...predictionTemplates], fields);
}

export function defaultTraining(fields: SchemaFields): BlockingRule[] {
  const rules = fill(trainingTemplates, fields);
  return rules.length >= 2 ? rules : [...rules, ...fill(poorTrainingTemplates, fields)];
}

/** The templates whose kinds the schema has, once for every field of their first kind. */
function fill(templates: readonly Template[], fields: SchemaFields): BlockingRule[] {
  return templates.flatMap(({ parts, refine = [] }) => {
    const known = parts.every((part) =>
      part === 'either' ? fields.has('givenName', 'familyName') : fields.has(part[0]),
    );
    if (!known) return [];
    const variants = typeof parts[0] === 'object' ? fields.all(parts[0][0]) : [undefined];
    return variants.map((first) =>
      toRule(
        parts,
        refine.filter(([kind]) => fields.has(kind)),
        fields,
        first,
      ),
    );
  });
}

function toRule(
  parts: readonly RulePart[],
  refine: readonly Part[],
  fields: SchemaFields,
  first: string | undefined,
): BlockingRule {
  const keyParts = parts.map((part, at) => toKeyPart(part, fields, at === 0 ? first : undefined));
  return {
    name: keyParts.map(describePart).join(' + ') || 'everything',
    parts: keyParts,
    refine: refine.map((part) => toKeyPart(part, fields)),
  };
}

function toKeyPart(part: RulePart, fields: SchemaFields, field?: string): KeyPart {
  if (part !== 'either') return { field: field ?? fields.all(part[0])[0]!, transform: part[1] };
  const [one, other] = fields.firstOf('givenName', 'familyName');
  return { field: one!, orField: other!, transform: 'sound' };
}

function describePart({ field, orField, transform }: KeyPart): string {
  const what = orField === undefined ? field : `${field} and ${orField}`;
  return transform === 'whole' ? what : `${transform} of ${what}`;
}
