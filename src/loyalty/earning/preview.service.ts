import type { Context } from '../../kernel/context.ts';
import type { Database } from '../../kernel/database.ts';
import { findMembers, findMemberships, findOverrides } from '../members/member.queries.ts';
import type { EarnedPoints, PreviewEarning } from '../offers/earn-preview.ts';
import type { Program } from '../program.ts';
import type { ProgramBook } from '../programs/program-book.service.ts';
import type { Calendar } from './calendar.ts';
import type { Eligibility } from './eligibility.service.ts';
import { emptyState, MemberFold, type MemberState, type MemberTerms, type Verdicts } from './member-fold.ts';
import type { EarningFact } from './purchase.ts';

export interface PreviewParts {
  readonly book: ProgramBook;
  readonly calendar: Calendar;
  readonly eligibility: Eligibility;
}

type Asked = Parameters<PreviewEarning>[1];

/**
 * What a purchase would earn if it happened now: by the same fold that will count it, on the customer's state as it is.
 * Rules with a budget are previewed as if their budget held. Nobody known: what anybody would earn.
 */
export function earningPreview({ book, calendar, eligibility }: PreviewParts): PreviewEarning {
  return async (ctx, asked) => {
    const programs = await book.current(ctx.pool);
    const known = await findKnown(ctx.pool, asked.customerId);
    const earned = await Promise.all(
      programs.map(async (program) => {
        const fact = factOf(asked);
        const verdicts = new Map([[fact.id, await judge(ctx, { program, asked, eligibility })]]);
        const member = { ...known.termsOf(program), verdicts };
        const fold = new MemberFold({ program, calendar }, member, known.stateOf(program));
        fold.add(fact);
        return earnedOf(program, fold);
      }),
    );
    return earned.flat();
  };
}

/** A budget that nobody has decided about holds as much as a number can say. */
const plenty = Number.MAX_SAFE_INTEGER;

async function judge(
  ctx: Context,
  { program, asked, eligibility }: { program: Program; asked: Asked; eligibility: Eligibility },
): Promise<Verdicts> {
  const rules = program.versions.flatMap(({ definition }) => definition.rules);
  const { customerId } = asked;
  const conditional = rules.some((rule) => rule.eligibility !== null) && customerId !== null;
  const eligible = conditional
    ? await eligibility.ask(ctx.pool, { program, customerIds: [customerId], now: asked.at })
    : undefined;
  return Object.fromEntries(
    rules.map((rule) => {
      const holds = rule.eligibility === null || (customerId !== null && (eligible?.has(customerId, rule) ?? false));
      return [rule.key, { eligible: holds, budget: plenty }];
    }),
  );
}

interface Known {
  termsOf(program: Program): Omit<MemberTerms, 'verdicts'>;
  stateOf(program: Program): MemberState;
}

async function findKnown(db: Database, customerId: string | null): Promise<Known> {
  const ids = customerId === null ? [] : [customerId];
  const [members, memberships, overrides] = await Promise.all([
    findMembers(db, ids),
    findMemberships(db, ids),
    findOverrides(db, ids),
  ]);
  const of = <T extends { programId: string }>(rows: readonly T[], { id }: Program) =>
    rows.filter(({ programId }) => programId === id);
  return {
    termsOf: (program) => ({
      customerId,
      memberships: of(memberships, program).map(({ enrolledAt, leftAt, how }) => {
        return { from: enrolledAt, to: leftAt, explicit: how !== 'AUTOMATIC' };
      }),
      overrides: of(overrides, program),
    }),
    stateOf: (program) => of(members, program)[0]?.state ?? emptyState,
  };
}

function factOf({ basket, at, channel, store }: Asked): EarningFact {
  return {
    id: 'ffffffff-ffff-8fff-bfff-ffffffffffff',
    recordId: 'ffffffff-ffff-8fff-bfff-ffffffffffff',
    occurredAt: at,
    type: 'order.completed',
    source: 'pos',
    channel: channel ?? 'POS',
    direction: 'INBOUND',
    campaign: null,
    valueMinor: basket.total,
    currency: basket.currency,
    traits: null,
    properties: store === null ? null : { store },
    lines: basket.lines.map(({ sku, name, category, quantity, price }) => ({ sku, name, category, quantity, price })),
  };
}

function earnedOf({ id }: Program, fold: MemberFold): EarnedPoints[] {
  const byWallet = Map.groupBy(
    fold.lots().filter(({ granted }) => granted > 0n),
    ({ wallet }) => wallet,
  );
  return [...byWallet].map(([wallet, lots]) => ({
    programId: id,
    wallet,
    points: lots.reduce((sum, { granted }) => sum + granted, 0n),
    rules: [...new Set(lots.flatMap(({ grants }) => grants.map(({ rule }) => rule!)))],
  }));
}
