import { registerEnumType } from 'type-graphql';
import type { LosingReason, Strategy } from './survivorship.ts';

export const SurvivorshipStrategy = {
  MOST_RECENT: 'MOST_RECENT',
  OLDEST: 'OLDEST',
  MOST_FREQUENT: 'MOST_FREQUENT',
  SOURCE_PRIORITY: 'SOURCE_PRIORITY',
  LONGEST: 'LONGEST',
  MIN: 'MIN',
  MAX: 'MAX',
  SUM: 'SUM',
  SET_UNION: 'SET_UNION',
  MOST_RESTRICTIVE: 'MOST_RESTRICTIVE',
} as const satisfies { [K in Strategy]: K };

registerEnumType(SurvivorshipStrategy, {
  name: 'SurvivorshipStrategy',
  description:
    'How the golden value of a trait comes from what the source records of a customer say. Each record says one thing: ' +
    'the latest value that it was given. Where several count alike, the one set last does. A `null` is heard by ' +
    'MOST_RECENT only; for all others that record says nothing.',
  valuesConfig: {
    MOST_RECENT: {
      description: 'The value that was set last, by the time of its touchpoint. What every trait starts with.',
    },
    OLDEST: { description: 'The value that was set first.' },
    MOST_FREQUENT: { description: 'The value that most records hold.' },
    SOURCE_PRIORITY: {
      description: 'That of the most trusted source, in the order of `sources`; within a source the latest.',
    },
    LONGEST: { description: 'The longest text, in characters.' },
    MIN: { description: 'The smallest number, or the earliest date or time.' },
    MAX: { description: 'The greatest number, or the latest date or time.' },
    SUM: { description: 'The numbers of all records, added up: for counters that each source keeps of its own.' },
    SET_UNION: {
      description: 'A list of everything that any record holds, each once, in the order of their JSON text.',
    },
    MOST_RESTRICTIVE: {
      description: 'The value that stands first in `ranking`: for consents, where one no is enough.',
    },
  },
});

export const TraitLosingReason = {
  OLDER: 'OLDER',
  NEWER: 'NEWER',
  LESS_FREQUENT: 'LESS_FREQUENT',
  LESS_TRUSTED_SOURCE: 'LESS_TRUSTED_SOURCE',
  SHORTER: 'SHORTER',
  GREATER: 'GREATER',
  SMALLER: 'SMALLER',
  LESS_RESTRICTIVE: 'LESS_RESTRICTIVE',
  SAME_VALUE: 'SAME_VALUE',
  NO_VALUE: 'NO_VALUE',
  WRONG_TYPE: 'WRONG_TYPE',
  NOT_RANKED: 'NOT_RANKED',
} as const satisfies { [K in LosingReason]: K };

registerEnumType(TraitLosingReason, {
  name: 'TraitLosingReason',
  description: 'Why what a record says about a trait is not the golden value.',
  valuesConfig: {
    OLDER: { description: 'Another one was set later.' },
    NEWER: { description: 'Another one was set earlier (OLDEST).' },
    LESS_FREQUENT: { description: 'More records hold another value (MOST_FREQUENT).' },
    LESS_TRUSTED_SOURCE: { description: 'A more trusted source has one (SOURCE_PRIORITY).' },
    SHORTER: { description: 'Another text is longer (LONGEST).' },
    GREATER: { description: 'Another one is smaller or earlier (MIN).' },
    SMALLER: { description: 'Another one is greater or later (MAX).' },
    LESS_RESTRICTIVE: { description: 'Another one stands further up in the ranking (MOST_RESTRICTIVE).' },
    SAME_VALUE: { description: 'It says the same as the one that counts.' },
    NO_VALUE: { description: 'The record says that there is none.' },
    WRONG_TYPE: { description: 'The strategy can do nothing with a value of this type.' },
    NOT_RANKED: { description: 'The value is not in the ranking (MOST_RESTRICTIVE).' },
  },
});
