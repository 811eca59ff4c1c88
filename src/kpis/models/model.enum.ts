import { registerEnumType } from 'type-graphql';
import type { FailureReason, ModelKind } from './fit-models.ts';
import type { ModelStatus } from './model-detail.ts';
import type { ModelWarningCode } from './model-warnings.ts';

type Names<T extends string> = { readonly [Name in T]: Name };

export const KpiModelKindEnum = { BG_NBD: 'BG_NBD', PARETO_NBD: 'PARETO_NBD' } as const satisfies Names<ModelKind>;

registerEnumType(KpiModelKindEnum, {
  name: 'KpiModelKind',
  description: 'A model of when customers buy, and when they stop.',
  valuesConfig: {
    BG_NBD: {
      description:
        'BG/NBD (Fader, Hardie, Lee 2005), with Gamma-Gamma for what a purchase is worth, by currency: what predicted ' +
        'values are made with.',
    },
    PARETO_NBD: { description: 'Pareto/NBD (Schmittlein, Morrison, Colombo 1987): to compare with, never used.' },
  },
});

export const KpiModelStatusEnum = {
  CONVERGED: 'CONVERGED',
  NOT_CONVERGED: 'NOT_CONVERGED',
} as const satisfies Names<ModelStatus>;

registerEnumType(KpiModelStatusEnum, {
  name: 'KpiModelStatus',
  description: 'What became of a fit.',
  valuesConfig: {
    CONVERGED: { description: 'It has the parameters of the greatest likelihood.' },
    NOT_CONVERGED: { description: 'The data do not say which parameters: it has none, and is never used.' },
  },
});

export const KpiModelFailureEnum = {
  AT_BOUND: 'AT_BOUND',
  NO_CURVATURE: 'NO_CURVATURE',
  TOO_MANY_STEPS: 'TOO_MANY_STEPS',
  UNDEFINED: 'UNDEFINED',
  NO_DATA: 'NO_DATA',
  TOO_FEW_CUSTOMERS: 'TOO_FEW_CUSTOMERS',
} as const satisfies Names<FailureReason>;

registerEnumType(KpiModelFailureEnum, {
  name: 'KpiModelFailure',
  description: 'Why a fit has no parameters.',
  valuesConfig: {
    AT_BOUND: { description: 'The likelihood still rises where parameters make no sense any more: see `atBound`.' },
    NO_CURVATURE: { description: 'The likelihood is flat: many parameters fit equally well.' },
    TOO_MANY_STEPS: { description: 'The search did not end in time.' },
    UNDEFINED: { description: 'The likelihood could not be computed.' },
    NO_DATA: { description: 'Nobody has been a customer for even a day.' },
    TOO_FEW_CUSTOMERS: { description: 'Fewer than 50 customers, or fewer than 20 who have bought again.' },
  },
});

export const KpiModelWarningCodeEnum = {
  SPEND_DEPENDS_ON_FREQUENCY: 'SPEND_DEPENDS_ON_FREQUENCY',
  SPEND_NOT_CONVERGED: 'SPEND_NOT_CONVERGED',
  FEW_REPEATERS: 'FEW_REPEATERS',
  TIMES_ROUNDED: 'TIMES_ROUNDED',
} as const satisfies Names<ModelWarningCode>;

registerEnumType(KpiModelWarningCodeEnum, {
  name: 'KpiModelWarningCode',
  description: 'What to know before one trusts a fit.',
  valuesConfig: {
    SPEND_DEPENDS_ON_FREQUENCY: {
      description: 'Repeats and their mean worth are correlated by more than 0.3: expect biased values.',
    },
    SPEND_NOT_CONVERGED: {
      description: 'Purchases in this currency have no model of their worth: there are no values.',
    },
    FEW_REPEATERS: { description: 'Fewer than 200 customers have bought again: another fit may differ much.' },
    TIMES_ROUNDED: {
      description: 'Too many different histories: times were rounded, so likelihoods cannot be compared.',
    },
  },
});
