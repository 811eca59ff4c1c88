import type { EarningRule, ProgramDefinition } from '../../src/loyalty/program.ts';

/** A rule with everything that a test doesn't care about filled in: a point for each franc. */
export function earningRule(rule: Partial<EarningRule> = {}): EarningRule {
  return {
    key: 'base',
    name: 'Base points',
    wallet: 'points',
    match: { types: ['order.completed'] },
    lines: null,
    earns: { spend: { points: '1', per: '1', currency: 'CHF' } },
    rounding: 'DOWN',
    roundedPer: 'ORDER',
    eligibility: null,
    tiers: null,
    validFrom: null,
    validTo: null,
    pendingDays: 0,
    expiry: null,
    caps: [],
    budget: null,
    qualifies: true,
    partner: null,
    ...rule,
  };
}

/** A shop's club: a point for each franc, three tiers by points of twelve months. */
export function exampleProgram(definition: Partial<ProgramDefinition> = {}): ProgramDefinition {
  return {
    mechanics: null,
    goals: null,
    enrolment: 'AUTOMATIC',
    wallets: [{ key: 'points', name: 'Points', debt: 'OWED', pointValue: { amount: '0.01', currency: 'CHF' } }],
    rules: [earningRule()],
    tierScheme: {
      basis: { points: { wallet: 'points' } },
      window: { rolling: { months: 12 } },
      keepsThroughNextPeriod: false,
      graceDays: 0,
      tiers: [
        { key: 'bronze', name: 'Bronze', threshold: '0', benefits: [] },
        { key: 'silver', name: 'Silver', threshold: '200', benefits: [] },
        { key: 'gold', name: 'Gold', threshold: '500', benefits: [] },
      ],
    },
    levers: [],
    ...definition,
  };
}
