import { registerEnumType } from 'type-graphql';
import type { ChurnFactor } from './churn-risk.ts';
import type { LifecycleCause } from './stage.ts';

type Names<Name extends string> = { readonly [Key in Name]: Key };

export const LifecycleCauseEnum = {
  FIRST_TOUCH: 'FIRST_TOUCH',
  IDENTIFIED: 'IDENTIFIED',
  ORDER: 'ORDER',
  RETURN: 'RETURN',
  SILENT: 'SILENT',
  TOUCH: 'TOUCH',
  OVERDUE: 'OVERDUE',
  LONG_OVERDUE: 'LONG_OVERDUE',
  RISK: 'RISK',
  RISK_FELL: 'RISK_FELL',
  CASE: 'CASE',
  CASE_CLOSED: 'CASE_CLOSED',
  PROBABILITY_ALIVE: 'PROBABILITY_ALIVE',
  LONG_SILENT: 'LONG_SILENT',
  CONTRACT: 'CONTRACT',
  CONTRACT_ENDED: 'CONTRACT_ENDED',
  EXIT: 'EXIT',
  SCORES: 'SCORES',
  TIER: 'TIER',
  ADVOCACY: 'ADVOCACY',
  ADVOCACY_ENDED: 'ADVOCACY_ENDED',
} as const satisfies Names<LifecycleCause>;

registerEnumType(LifecycleCauseEnum, {
  name: 'LifecycleCause',
  description: 'What brought a customer from one stage into another.',
  valuesConfig: {
    FIRST_TOUCH: { description: 'The first touchpoint: the beginning. No evidence.' },
    IDENTIFIED: { description: 'An identifier that names a person. Evidence: `orders` so far.' },
    ORDER: { description: 'An order. Evidence: `orders` of which something was kept so far.' },
    RETURN: { description: 'An order came back as a whole. Evidence: `orders` that are left.' },
    SILENT: { description: 'A prospect was silent for too long. Evidence: `limitDays`.' },
    TOUCH: { description: 'An archived prospect was seen again. No evidence.' },
    OVERDUE: {
      description:
        'Longer without an order than 80 % of their own gaps, or the setting. Evidence: `silentDays`, `limitDays`, `ownGaps`.',
    },
    LONG_OVERDUE: { description: 'Longer than 95 % of them, or the setting. Evidence: as of OVERDUE.' },
    RISK: { description: 'The churn risk is high. Evidence: `risk`, `modelVersion`.' },
    RISK_FELL: { description: 'It is not high any more, and they had ordered. Evidence: `risk`, `modelVersion`.' },
    CASE: { description: 'A severe case or complaint was opened. Evidence: `caseId`.' },
    CASE_CLOSED: { description: 'It was resolved, and they had ordered. Evidence: `caseId`.' },
    PROBABILITY_ALIVE: {
      description: 'They have most likely left. Evidence: `probabilityAlive`, `modelVersion`.',
    },
    LONG_SILENT: { description: 'There is no model, and no order for very long. Evidence: `silentDays`, `limitDays`.' },
    CONTRACT: { description: 'A contract was started or renewed. No evidence.' },
    CONTRACT_ENDED: { description: 'Their last contract ended. No evidence.' },
    EXIT: { description: 'They said that they leave. No evidence.' },
    SCORES: { description: 'RFM scores of a scoring. Evidence: `recency`, `frequency`.' },
    TIER: { description: 'A tier of a loyalty programme. Evidence: `rank`, 1 for the lowest.' },
    ADVOCACY: { description: 'A referral, a reference, or NPS of 9 or 10. No evidence.' },
    ADVOCACY_ENDED: { description: 'That was too long ago, or a later answer was lower. No evidence.' },
  },
});

export const ChurnFactorEnum = {
  BASE: 'BASE',
  OVERDUE: 'OVERDUE',
  DETRACTOR: 'DETRACTOR',
  COMPLAINT: 'COMPLAINT',
  CONTRACT: 'CONTRACT',
  ENGAGEMENT: 'ENGAGEMENT',
  TIER_DROP: 'TIER_DROP',
} as const satisfies Names<ChurnFactor>;

registerEnumType(ChurnFactorEnum, {
  name: 'ChurnFactor',
  description: 'What a churn risk is made of.',
  valuesConfig: {
    BASE: {
      description:
        '1 − P(alive) by the model; of one-time buyers, the part of those still waiting who never come back.',
    },
    OVERDUE: { description: 'Silent for longer than usual for them.' },
    DETRACTOR: { description: 'Their latest NPS answer was 6 or lower.' },
    COMPLAINT: { description: 'A case is open that is severe or a complaint.' },
    CONTRACT: { description: 'Their last contract ends soon.' },
    ENGAGEMENT: { description: 'They were here at most half as often as usual, as of the last scoring.' },
    TIER_DROP: { description: 'They are about to lose their tier of a loyalty programme, as of the last scoring.' },
  },
});
