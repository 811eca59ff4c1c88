import { registerEnumType } from 'type-graphql';
import { attributionModels } from './attribution/attribution.ts';
import { churnDefinitions } from './churn/churn.ts';
import { analysisGrains } from './period.ts';

function enumOf<T extends string>(values: readonly T[]): { [Key in T]: Key } {
  return Object.fromEntries(values.map((value) => [value, value])) as { [Key in T]: Key };
}

export const AnalysisGrainEnum = enumOf(analysisGrains);
registerEnumType(AnalysisGrainEnum, {
  name: 'AnalysisGrain',
  description:
    'How long the buckets of an analysis are. They are whole ones of the calendar, in the time zone asked for.',
  valuesConfig: {
    WEEK: { description: 'From Monday to Monday.' },
    MONTH: { description: 'Months of the calendar.' },
    QUARTER: { description: 'From 1 January, April, July or October.' },
    YEAR: { description: 'From 1 January.' },
  },
});

export const CohortBasisEnum = enumOf(['ORDER', 'ACTIVITY'] as const);
registerEnumType(CohortBasisEnum, {
  name: 'CohortBasis',
  description: 'What makes a customer one of a cohort, and what counts as being active in a later period.',
  valuesConfig: {
    ORDER: { description: 'Their first order ever; an order in the period, whatever was returned of it.' },
    ACTIVITY: {
      description:
        'When they were first seen; a touchpoint in the period that came from them (INBOUND). Of identified customers only.',
    },
  },
});

export const ChurnDefinitionEnum = enumOf(churnDefinitions);
registerEnumType(ChurnDefinitionEnum, {
  name: 'ChurnDefinition',
  description:
    'When a customer counts as lost. All but CONTRACT go by what was known of them at the time, by the settings and the model in ' +
    'force then.',
  valuesConfig: {
    SILENT: {
      description:
        'They have bought nothing for longer than the 80 % quantile of the gaps between their own purchase days; with fewer gaps ' +
        'than the lever `ownGaps`, longer than the lever `overdueDays`.',
    },
    P_ALIVE: {
      description:
        'By the model they are less likely to be customers than a threshold. Of one-time buyers, of whom BG/NBD cannot say it: by ' +
        'how many of those who had not bought again by then ever do.',
    },
    CONTRACT: { description: 'None of their contracts runs: all have been ended, or were not renewed by their end.' },
  },
});

export const AttributionModelEnum = enumOf(attributionModels);
registerEnumType(AttributionModelEnum, {
  name: 'AttributionModel',
  description: 'How the credit for an order is shared by the touchpoints before it.',
  valuesConfig: {
    FIRST: { description: 'All of it to the first one.' },
    LAST: { description: 'All of it to the last one.' },
    LINEAR: { description: 'Equally to each.' },
    TIME_DECAY: {
      description:
        'Half as much for every `halfLifeDays` before the order: of 7 days, touchpoints 0, 7, 14 and 28 days old get 55.2, 27.6, ' +
        '13.8 and 3.4 %.',
    },
    POSITION: {
      description:
        '40 % to the first, 40 % to the last, 20 % equally to those between. Two share equally; one gets all.',
    },
    MARKOV: {
      description:
        'By what would be lost without each (removal effect), in a Markov chain of the first order over all paths: those that led ' +
        'to no order are needed, and looked at, too.',
    },
    SHAPLEY: {
      description:
        'By Shapley values: what each adds, on average over all orders in which they could have come together, where a set of ' +
        'channels is worth the orders whose paths have no other. Exact, however many there are.',
    },
  },
});

export const AttributionKeyEnum = enumOf(['CHANNEL', 'CAMPAIGN', 'SOURCE'] as const);
registerEnumType(AttributionKeyEnum, {
  name: 'AttributionKey',
  description: 'What credit is shared by.',
  valuesConfig: {
    CHANNEL: { description: 'Channels of touchpoints.' },
    CAMPAIGN: { description: 'Campaigns. Touchpoints without one are left out.' },
    SOURCE: { description: 'The systems that saw the touchpoints.' },
  },
});
