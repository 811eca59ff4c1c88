import { registerEnumType } from 'type-graphql';
import type { NoClvReason } from '../models/forecast.ts';
import type { RelationshipType } from './relationship.ts';

type Names<T extends string> = { readonly [Key in T]: Key };

export const AbcClassEnum = { A: 'A', B: 'B', C: 'C' } as const satisfies Names<'A' | 'B' | 'C'>;
registerEnumType(AbcClassEnum, {
  name: 'AbcClass',
  description: 'How much of the whole a customer brings, of those who pay in the same currency.',
  valuesConfig: {
    A: { description: 'Among those who bring most of it: by default the first 80 %.' },
    B: { description: 'Behind those: by default up to 95 %.' },
    C: { description: 'All others, and everybody who brings nothing.' },
  },
});

export const RelationshipTypeEnum = {
  TRANSACTIONAL: 'TRANSACTIONAL',
  COLLABORATIVE: 'COLLABORATIVE',
} as const satisfies Names<RelationshipType>;
registerEnumType(RelationshipTypeEnum, {
  name: 'RelationshipType',
  description: 'What kind of relationship a customer has to the organisation.',
  valuesConfig: {
    TRANSACTIONAL: { description: 'They buy now and then.' },
    COLLABORATIVE: { description: 'They have bought under their name as often as the settings ask for.' },
  },
});

export const NoClvReasonEnum = {
  NO_MARGIN: 'NO_MARGIN',
  NO_SPEND_MODEL: 'NO_SPEND_MODEL',
  NO_MEAN: 'NO_MEAN',
  NOT_COMPUTABLE: 'NOT_COMPUTABLE',
} as const satisfies Names<NoClvReason>;
registerEnumType(NoClvReasonEnum, {
  name: 'NoClvReason',
  description: 'Why there is no predicted value.',
  valuesConfig: {
    NO_MARGIN: { description: 'Neither the costs of what they bought nor a margin rate in the settings are known.' },
    NO_SPEND_MODEL: { description: 'There is no model of what purchases in their currency are worth.' },
    NO_MEAN: { description: 'By the model, the worth of a purchase has no mean.' },
    NOT_COMPUTABLE: { description: 'The horizon is too far beyond what was observed.' },
  },
});
