import { coreLeaves } from '../../src/conditions/core-leaves.queries.ts';
import { sightOf } from '../../src/identity/masking.ts';
import type { Context } from '../../src/kernel/context.ts';
import { randomIds } from '../../src/kernel/ids.ts';
import type { Phase } from '../../src/loyalty/program.ts';
import type { GivenDefinition, GivenRule } from '../../src/loyalty/programs/given-program.ts';
import type { ProgramService } from '../../src/loyalty/programs/program.service.ts';
import type { ProgramView } from '../../src/loyalty/programs/programs.queries.ts';
import type { RuleConditions } from '../../src/loyalty/programs/rule-conditions.ts';
import { prepareDefinition } from '../../src/segments/segment-definition.service.ts';
import { SegmentEvaluator } from '../../src/segments/segment-evaluator.service.ts';
import { segmentLeaves } from '../../src/segments/segment-leaves.queries.ts';
import { findHidden } from '../../src/segments/segment-sight.ts';

/** What segments answer to programmes, as the wiring has it. */
export function ruleConditions({ language }: Pick<SegmentEvaluator, 'language'>): RuleConditions {
  return {
    language,
    async resolve(ctx, db, { condition, field }) {
      const given = { segmentId: null, definition: condition, field };
      return (await prepareDefinition(ctx, db, language, given)).expanded;
    },
    isHidden: (ctx, condition) => findHidden(condition, language, sightOf(ctx)) !== undefined,
  };
}

export const testConditions: RuleConditions = ruleConditions(
  new SegmentEvaluator({ leaves: [...coreLeaves, ...segmentLeaves], timeZone: 'Europe/Zurich' }, randomIds),
);

/** One point for each franc of an order, for good and at once. */
export function exampleRule(overrides: Partial<GivenRule> = {}): GivenRule {
  return {
    key: 'base',
    name: 'A point for each franc',
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
    ...overrides,
  };
}

/** One wallet, one rule, no tiers and no levers. */
export function exampleDefinition(overrides: Partial<GivenDefinition> = {}): GivenDefinition {
  return {
    mechanics: null,
    goals: null,
    enrolment: 'AUTOMATIC',
    wallets: [{ key: 'points', name: 'Points', debt: 'OWED', pointValue: { amount: '0.01', currency: 'CHF' } }],
    rules: [exampleRule()],
    tierScheme: null,
    levers: [],
    ...overrides,
  };
}

let programs = 0;

/** Creates a programme, publishes it and sets its phase, all from now on. */
export async function publishProgram(
  ctx: Context,
  service: ProgramService,
  definition: GivenDefinition = exampleDefinition(),
  { name, phase = 'LIVE' }: { name?: string; phase?: Phase } = {},
): Promise<ProgramView> {
  programs += 1;
  const { id: programId } = await service.create(ctx, { name: name ?? `Programme ${programs}`, definition });
  const published = await service.publish(ctx, { programId });
  return phase === 'PREPARATION' ? published : service.setPhase(ctx, { programId, phase });
}
