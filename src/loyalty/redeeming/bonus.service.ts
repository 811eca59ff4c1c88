import { fingerprintUuid } from '../../kernel/ids.ts';
import type { JsonObject } from '../../kernel/json.ts';
import { groupBy } from '../../kernel/lists.ts';
import { accountName, type LotTerms } from '../ledger/lot.ts';
import { decisionLot, type Gift, timesOf } from './bonus-rule.ts';
import type { DecisionKind } from './decision.ts';
import { findDecisions, findTiersOf, insertDecisions, type NewDecision, takeFromBudget } from './decisions.queries.ts';
import type { OpenDesk } from './open-desk.service.ts';

/** What the programme gives somebody by a rule, without anybody deciding it: once for each id. */
export interface Bonus {
  /** Derived from the occasion, so that it is given once. */
  readonly id: string;
  readonly kind: DecisionKind;
  readonly recordId: string;
  readonly customerId: string;
  readonly subjectId?: string | null;
  readonly gift: Gift;
  /** Its points can be spent at once, whatever the rule says: what it says has been waited for. */
  readonly atOnce?: boolean;
}

export function bonusId(...occasion: readonly string[]): string {
  return fingerprintUuid(['bonus', ...occasion].join('\n'));
}

/**
 * Gives bonuses that have not been given yet, as far as budgets go; answers the ids of those that were given now. The
 * customers are locked. A constant number of statements, but for rules that have a budget.
 */
export async function giveBonuses(desk: OpenDesk, bonuses: readonly Bonus[]): Promise<ReadonlySet<string>> {
  const wanted = await withTiers(desk, await notGivenYet(desk, bonuses));
  const affordable: Bonus[] = [];
  for (const bonus of wanted) if (await isAffordable(desk, bonus)) affordable.push(bonus);
  if (affordable.length === 0) return new Set();
  const given = new Set(
    await insertDecisions(
      desk.tx,
      affordable.map((bonus) => toDecision(desk, bonus)),
    ),
  );
  for (const { recordId, customerId } of affordable) desk.know(recordId, customerId);
  await enterLots(
    desk,
    affordable.filter(({ id }) => given.has(id)),
  );
  return given;
}

async function notGivenYet(desk: OpenDesk, bonuses: readonly Bonus[]): Promise<Bonus[]> {
  const known = await findDecisions(
    desk.tx,
    bonuses.map(({ id }) => id),
  );
  const ids = new Set(known.map(({ id }) => id));
  return bonuses.filter(({ id }) => !ids.has(id));
}

async function withTiers(desk: OpenDesk, bonuses: readonly Bonus[]): Promise<readonly Bonus[]> {
  const asking = bonuses.filter(({ gift }) => gift.rule.tiers !== null);
  if (asking.length === 0) return bonuses;
  const tiers = await findTiersOf(
    desk.tx,
    desk.program.id,
    asking.map(({ customerId }) => customerId),
  );
  const tierOf = new Map(tiers.map(({ customerId, tier }) => [customerId, tier]));
  return bonuses.filter(({ gift, customerId }) => gift.rule.tiers?.includes(tierOf.get(customerId) ?? '') ?? true);
}

async function isAffordable(desk: OpenDesk, { gift }: Bonus): Promise<boolean> {
  const { rule, points, budget } = gift;
  if (budget === null) return true;
  return takeFromBudget(desk.tx, { programId: desk.program.id, rule: rule.key, points, budget });
}

function toDecision(desk: OpenDesk, { id, kind, recordId, subjectId = null, gift }: Bonus): NewDecision {
  const detail: JsonObject = { rule: gift.rule.key };
  return {
    ...{ id, kind, recordId, subjectId, detail },
    programId: desk.program.id,
    status: 'DONE',
    at: desk.now,
    recordedAt: desk.now,
    points: gift.points,
    wallet: gift.rule.wallet,
    expiresAt: null,
    actor: desk.ctx.viewer.name,
    reason: null,
    fingerprint: id,
  };
}

async function enterLots(desk: OpenDesk, bonuses: readonly Bonus[]): Promise<void> {
  const lots = bonuses.map((bonus) => toLot(desk, bonus));
  const accounts = [...groupBy(lots, accountName).values()].map((of) => {
    const { recordId, programId, wallet } = of[0]!;
    return { recordId, programId, wallet, lots: of };
  });
  // The ledger asks with the lot itself: what is issued for it is caused by its own decision.
  await desk.settle(accounts, (lot) => ({ kind: 'BONUS', causeId: lot.sourceId }));
}

function toLot(desk: OpenDesk, { id, recordId, gift, atOnce = false }: Bonus): LotTerms {
  return decisionLot({
    ...timesOf(gift, { at: desk.now, calendar: desk.settings.calendar, pending: !atOnce }),
    recordId,
    programId: desk.program.id,
    wallet: gift.rule.wallet,
    decisionId: id,
    points: gift.points,
    version: gift.version,
    rule: gift.rule.key,
  });
}
