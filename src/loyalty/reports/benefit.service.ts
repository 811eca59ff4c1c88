import { requireScope } from '../../access/scopes.ts';
import type { Context } from '../../kernel/context.ts';
import { badInput } from '../../kernel/errors.ts';
import { scaled, unit } from '../earning/fraction.ts';
import type { Program } from '../program.ts';
import type { ProgramBook } from '../programs/program-book.service.ts';
import {
  countMembers,
  type GrantedPoints,
  type MemberRevenue,
  type RewardCost,
  sumGranted,
  sumRevenue,
  sumRewards,
} from './cost-benefit.queries.ts';
import { type MonthFlow, sumFlows, sumRules } from './ledger-reports.queries.ts';
import { type LiftGroup, sumGroups } from './lift.queries.ts';
import { type GroupRevenue, type GroupSums, heldOutIn, type Lift, liftOf, revenueOf } from './lift.ts';
import { moneyOf, type PointMoney } from './point-money.ts';
import { checkReportPeriod, getPublished, readAtOnce, walletAt } from './reading.service.ts';

export interface PeriodInput {
  /** UUID. */
  readonly programId: string;
  readonly from: Date;
  /** Left out: now. */
  readonly to?: Date | null;
}

export interface FlowReport extends MonthFlow {
  /** Redeemed by issued. Null: nothing was issued. */
  readonly rate: number | null;
}

export interface RedemptionRate {
  readonly from: Date;
  readonly to: Date;
  readonly months: readonly FlowReport[];
  /** By wallet. */
  readonly total: readonly Omit<FlowReport, 'month'>[];
}

export interface WalletCost {
  readonly wallet: string;
  /** Points of the period, net of what was taken back since. */
  readonly granted: bigint;
  /** Of them, what partners pay for. */
  readonly partnered: bigint;
  readonly redeemed: bigint;
  readonly expired: bigint;
  /** What was granted and no partner pays for. */
  readonly grantedCost: PointMoney | null;
  readonly redeemedCost: PointMoney | null;
}

export interface RevenueReport extends MemberRevenue {
  readonly margin: bigint | null;
}

export interface CostBenefit {
  readonly from: Date;
  readonly to: Date;
  readonly members: number;
  readonly wallets: readonly WalletCost[];
  readonly rewards: readonly RewardCost[];
  readonly revenue: readonly RevenueReport[];
}

export interface SettlementLine {
  readonly partner: string;
  readonly month: string;
  readonly wallet: string;
  readonly points: bigint;
  readonly touchpoints: number;
  readonly amount: PointMoney | null;
}

export interface PartnerSettlement {
  readonly from: Date;
  readonly to: Date;
  readonly lines: readonly SettlementLine[];
}

export interface LiftReport {
  readonly from: Date;
  readonly to: Date;
  readonly currency: string;
  readonly takingPart: GroupRevenue;
  readonly heldOut: GroupRevenue;
  /** Held out in a part of the period only. */
  readonly changedCustomers: number;
  /** Null: nothing can be said. */
  readonly lift: Lift | null;
}

/** What a programme costs, what members bring, and who pays. */
export class BenefitReports {
  readonly #book: ProgramBook;
  readonly #timeZone: string;

  constructor(book: ProgramBook, timeZone: string) {
    this.#book = book;
    this.#timeZone = timeZone;
  }

  async redemptionRate(ctx: Context, input: PeriodInput): Promise<RedemptionRate> {
    requireScope(ctx, 'loyalty:read');
    const period = checkReportPeriod(ctx, input);
    await getPublished(ctx, this.#book, input.programId);
    const asked = { ...period, programId: input.programId, zone: this.#timeZone };
    const months = await readAtOnce(ctx, (tx) => sumFlows(tx, asked));
    return { ...period, months: months.map(withRate), total: totals(months) };
  }

  async costBenefit(ctx: Context, input: PeriodInput & { marginRate?: string | null }): Promise<CostBenefit> {
    requireScope(ctx, 'loyalty:read');
    const period = checkReportPeriod(ctx, input);
    const marginRate = checkMarginRate(input.marginRate);
    const program = await getPublished(ctx, this.#book, input.programId);
    const asked = { ...period, programId: program.id };
    return readAtOnce(ctx, async (tx) => {
      const granted = await sumGranted(tx, asked);
      const flows = totals(await sumFlows(tx, { ...asked, zone: this.#timeZone }));
      const revenue = await sumRevenue(tx, asked);
      return {
        ...period,
        members: await countMembers(tx, program.id),
        wallets: costsOf(program, { granted, flows, at: period.to }),
        rewards: await sumRewards(tx, asked),
        revenue: revenue.map((one) => ({ ...one, margin: marginOf(one.revenue, marginRate) })),
      };
    });
  }

  async lift(ctx: Context, { currency, ...input }: PeriodInput & { currency: string }): Promise<LiftReport> {
    requireScope(ctx, 'loyalty:read');
    const period = checkReportPeriod(ctx, input);
    const program = await getPublished(ctx, this.#book, input.programId);
    const asked = { ...period, ...heldOutIn(program, period), programId: program.id, currency };
    const groups = await readAtOnce(ctx, (tx) => sumGroups(tx, asked));
    const of = (name: LiftGroup) => groups.find(({ group }) => group === name) ?? nobody;
    const [takingPart, heldOut] = [revenueOf(of('TAKING_PART')), revenueOf(of('HELD_OUT'))];
    const lift = liftOf(takingPart, heldOut);
    return { ...period, currency, takingPart, heldOut, changedCustomers: of(null).customers, lift };
  }

  async partnerSettlement(ctx: Context, input: PeriodInput): Promise<PartnerSettlement> {
    requireScope(ctx, 'loyalty:read');
    const period = checkReportPeriod(ctx, input);
    const program = await getPublished(ctx, this.#book, input.programId);
    const partners = partnersOf(program);
    const rules = [...new Set([...partners.values()].flatMap((byRule) => [...byRule.keys()]))];
    const asked = { ...period, programId: program.id, zone: this.#timeZone, rules };
    const sums = rules.length === 0 ? [] : await readAtOnce(ctx, (tx) => sumRules(tx, asked));
    return { ...period, lines: settle(program, sums, partners) };
  }
}

const nobody: GroupSums = { customers: 0, buyers: 0, orders: 0, revenue: 0n, squares: 0n };

function withRate<T extends { issued: bigint; redeemed: bigint }>(flow: T): T & { rate: number | null } {
  return { ...flow, rate: flow.issued > 0n ? Number(flow.redeemed) / Number(flow.issued) : null };
}

function totals(months: readonly MonthFlow[]): Omit<FlowReport, 'month'>[] {
  const wallets = Map.groupBy(months, ({ wallet }) => wallet);
  return [...wallets].map(([wallet, flows]) => {
    const sum = (pick: (flow: MonthFlow) => bigint) => flows.reduce((all, flow) => all + pick(flow), 0n);
    return withRate({
      wallet,
      issued: sum(({ issued }) => issued),
      reversed: sum(({ reversed }) => reversed),
      redeemed: sum(({ redeemed }) => redeemed),
      expired: sum(({ expired }) => expired),
    });
  });
}

/** Who pays for a rule, by version. */
function partnersOf({ versions }: Program): Map<number, Map<string, string>> {
  return new Map(
    versions.map(({ version, definition: { rules } }) => [
      version,
      new Map(rules.flatMap(({ key, partner }) => (partner === null ? [] : [[key, partner]]))),
    ]),
  );
}

function costsOf(
  program: Program,
  { granted, flows, at }: { granted: readonly GrantedPoints[]; flows: readonly Omit<FlowReport, 'month'>[]; at: Date },
): WalletCost[] {
  const keys = [...new Set([...granted, ...flows].map(({ wallet }) => wallet))].sort();
  const latest = new Map(
    program.versions.flatMap(({ definition: { rules } }) => rules.map((rule) => [rule.key, rule.partner])),
  );
  return keys.map((key) => {
    const wallet = walletAt(program, key, at);
    const own = granted.filter((one) => one.wallet === key);
    const sum = (some: readonly GrantedPoints[]) => some.reduce((all, { points }) => all + points, 0n);
    const partnered = sum(own.filter(({ rule }) => rule !== null && latest.get(rule) != null));
    const flow = flows.find((one) => one.wallet === key);
    const [all, redeemed] = [sum(own), flow?.redeemed ?? 0n];
    return {
      ...{ wallet: key, granted: all, partnered, redeemed, expired: flow?.expired ?? 0n },
      grantedCost: moneyOf(all - partnered, wallet),
      redeemedCost: moneyOf(redeemed, wallet),
    };
  });
}

function checkMarginRate(rate: string | null | undefined): bigint | null {
  if (rate == null) return null;
  const value = scaled(rate);
  if (value < 0n || value > unit) throw badInput('Expected a part of revenue, from 0 to 1.', 'marginRate');
  return value;
}

function marginOf(revenue: bigint, rate: bigint | null): bigint | null {
  if (rate === null) return null;
  const exact = (revenue < 0n ? -revenue : revenue) * rate;
  const rounded = (2n * exact + unit) / (2n * unit);
  return revenue < 0n ? -rounded : rounded;
}

/** By partner, month and wallet; each version's points at the value that it gives them. */
function settle(
  program: Program,
  sums: readonly {
    version: number;
    rule: string;
    wallet: string;
    month: string;
    points: bigint;
    touchpoints: number;
  }[],
  partners: ReadonlyMap<number, ReadonlyMap<string, string>>,
): SettlementLine[] {
  const lines = new Map<string, SettlementLine>();
  for (const { version, rule, wallet, month, points, touchpoints } of sums) {
    const partner = partners.get(version)?.get(rule);
    if (partner === undefined) continue;
    const said = program.versions.find((one) => one.version === version)!.definition;
    const amount = moneyOf(points, said.wallets.find(({ key }) => key === wallet) ?? { pointValue: null });
    const key = JSON.stringify([month, partner, wallet, amount?.currency]);
    const known = lines.get(key);
    lines.set(key, {
      ...{ partner, month, wallet },
      points: (known?.points ?? 0n) + points,
      touchpoints: (known?.touchpoints ?? 0) + touchpoints,
      amount: amount && { ...amount, minor: amount.minor + (known?.amount?.minor ?? 0n) },
    });
  }
  return [...lines.keys()].sort().map((key) => lines.get(key)!);
}
