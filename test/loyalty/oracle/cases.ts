import { Calendar } from '../../../src/loyalty/earning/calendar.ts';
import { MemberFold, type MemberTerms } from '../../../src/loyalty/earning/member-fold.ts';
import type { EarningFact } from '../../../src/loyalty/earning/purchase.ts';
import { tierAt } from '../../../src/loyalty/earning/tier-level.ts';
import type { LotTerms } from '../../../src/loyalty/ledger/lot.ts';
import type { EarningRule, Program, ProgramDefinition, TierScheme } from '../../../src/loyalty/program.ts';
import type { AcceptedLine } from '../../../src/touchpoints/touchpoint.ts';

// Programmes and histories that a person can follow: one point for each franc, silver from 100 points on, gold from 200.

export const begin = new Date('2020-01-01T00:00:00Z');

export const base: EarningRule = {
  ...{ key: 'base', name: 'Base', wallet: 'points', match: { types: ['order.completed'] }, lines: null },
  earns: { spend: { points: '1', per: '1', currency: 'CHF' } },
  ...{ rounding: 'DOWN', roundedPer: 'ORDER', eligibility: null, tiers: null, validFrom: null, validTo: null },
  ...{ pendingDays: 0, expiry: null, caps: [], budget: null, qualifies: true, partner: null },
};

export const scheme: TierScheme = {
  ...{ basis: { points: { wallet: 'points' } }, window: { rolling: { months: 12 } } },
  ...{ keepsThroughNextPeriod: false, graceDays: 0 },
  tiers: [
    { key: 'base', name: 'Base', threshold: '0', benefits: [] },
    { key: 'silver', name: 'Silver', threshold: '100', benefits: [] },
    { key: 'gold', name: 'Gold', threshold: '200', benefits: [] },
  ],
};

export function definition(rules: readonly Partial<EarningRule>[], tierScheme: TierScheme | null): ProgramDefinition {
  return {
    ...{ mechanics: null, goals: null, enrolment: 'AUTOMATIC', tierScheme, levers: [] },
    wallets: [{ key: 'points', name: 'Points', debt: 'OWED', pointValue: null }],
    rules: rules.map((rule) => ({ ...base, ...rule })),
  };
}

export function programOf(
  rules: readonly Partial<EarningRule>[] = [{}],
  { tierScheme = scheme, later = [] }: { tierScheme?: TierScheme | null; later?: [string, ProgramDefinition][] } = {},
): Program {
  const versions = [[begin.toISOString(), definition(rules, tierScheme)] as const, ...later];
  return {
    ...{ id: '01900000-0000-7000-8000-00000000000a', name: 'Round', leverValues: [] },
    versions: versions.map(([at, said], index) => ({
      version: index + 1,
      effectiveAt: new Date(at),
      definition: said,
    })),
    phases: [{ phase: 'LIVE', effectiveAt: begin }],
  };
}

let count = 0;

interface Given {
  readonly at: string;
  /** In minor units. */
  readonly value?: number;
  readonly order?: string;
  readonly lines?: readonly AcceptedLine[];
  readonly currency?: string;
}

function fact(type: string, { at, value = 0, order, lines, currency = 'CHF' }: Given): EarningFact {
  count += 1;
  return {
    ...{ id: `01900000-0000-7000-8000-${String(count).padStart(12, '0')}`, recordId: 'card', type, currency },
    ...{ source: 'pos', channel: 'POS', direction: 'INBOUND', campaign: null, traits: null },
    ...{ occurredAt: new Date(at), valueMinor: BigInt(value), lines: lines ?? null },
    properties: order === undefined ? null : { orderId: order },
  };
}

export const bought = (given: Given) => fact('order.completed', given);
export const returned = (given: Given) => fact('order.returned', given);

export function line(sku: string, quantity: number, price: string, category: string | null = null): AcceptedLine {
  return { sku, quantity, price, category, name: null };
}

export const alwaysMember: MemberTerms = { customerId: null, memberships: [], overrides: [], verdicts: new Map() };

/** What a history comes to, in a zone. */
export function outcome(
  program: Program,
  facts: readonly EarningFact[],
  { zone = 'Europe/Zurich', member = alwaysMember }: { zone?: string; member?: MemberTerms } = {},
) {
  const fold = new MemberFold({ program, calendar: new Calendar(zone) }, member);
  const inOrder = [...facts].sort((a, b) => Number(a.occurredAt) - Number(b.occurredAt) || (a.id < b.id ? -1 : 1));
  for (const one of inOrder) fold.add(one);
  const lots: LotTerms[] = fold.lots();
  return {
    lots,
    points: lots.reduce((sum, { granted }) => sum + granted, 0n),
    tierOn: (at: string) => {
      const instant = new Date(at);
      const question = fold.tierQuestion(instant);
      return question ? tierAt(question, instant) : null;
    },
  };
}
