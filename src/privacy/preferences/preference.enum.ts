import { registerEnumType } from 'type-graphql';
import type { PreferenceOrigin } from './preference.ts';
import type { PreferenceKind } from './preference-definition.ts';

type Names<Name extends string> = { readonly [Key in Name]: Key };

export const PreferenceOriginEnum = {
  TOUCHPOINT: 'TOUCHPOINT',
  DECISION: 'DECISION',
  PREFERENCE_CENTER: 'PREFERENCE_CENTER',
} as const satisfies Names<PreferenceOrigin>;

registerEnumType(PreferenceOriginEnum, {
  name: 'PreferenceOrigin',
  description: 'How a preference came to be known.',
  valuesConfig: {
    TOUCHPOINT: { description: 'A touchpoint of the type `preference.set` said so.' },
    DECISION: { description: '`setPreference`, for all records that the customer had then.' },
    PREFERENCE_CENTER: { description: 'The customer, in the preference centre.' },
  },
});

export const PreferenceKindEnum = {
  TEXT: 'TEXT',
  YES_NO: 'YES_NO',
  ONE_OF: 'ONE_OF',
  SOME_OF: 'SOME_OF',
} as const satisfies Names<PreferenceKind>;

registerEnumType(PreferenceKindEnum, {
  name: 'PreferenceKind',
  description: 'How customers answer in the preference centre.',
  valuesConfig: {
    TEXT: { description: 'With any text of up to 500 characters.' },
    YES_NO: { description: 'With yes or no: `true` or `false`.' },
    ONE_OF: { description: 'With one of the options.' },
    SOME_OF: { description: 'With any of the options: a list.' },
  },
});
