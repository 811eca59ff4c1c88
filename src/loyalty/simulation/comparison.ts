import type { EarningFact } from '../earning/purchase.ts';
import { type SampleSize, type TotalEstimate, Totals } from './estimate.ts';
import type { Outcome, Period } from './replay.ts';

/** The same number without the change, with it, and the difference. */
export interface Compared {
  readonly baseline: TotalEstimate;
  readonly changed: TotalEstimate;
  readonly delta: TotalEstimate;
}

export interface ComparedRule {
  readonly wallet: string;
  readonly rule: string;
  readonly granted: Compared;
}

export interface ComparedWallet {
  readonly wallet: string;
  readonly granted: Compared;
  /** Of what was granted, what no partner pays for. */
  readonly borne: Compared;
  readonly outstanding: Compared;
  readonly owed: Compared;
}

/** How many members have one tier without the change and another with it; the same for those whom it does not move. */
export interface TierMove {
  readonly from: string | null;
  readonly to: string | null;
  readonly members: TotalEstimate;
}

export interface RevenueOf {
  readonly currency: string;
  /** Orders less returns of the period, in minor units. */
  readonly revenue: TotalEstimate;
}

export interface Findings {
  readonly wallets: readonly ComparedWallet[];
  readonly rules: readonly ComparedRule[];
  readonly tierMoves: readonly TierMove[];
  readonly revenue: readonly RevenueOf[];
  /** Members with more points, and with less. */
  readonly up: TotalEstimate;
  readonly down: TotalEstimate;
  /** Customers with anything that the programme looks at. */
  readonly members: TotalEstimate;
}

type Side = 'baseline' | 'changed' | 'delta';

/** Adds up what a change makes of each member. */
export class Comparison {
  readonly #totals = new Totals();
  readonly #period: Period;
  readonly #isPaidByPartner: (rule: string) => boolean;

  constructor(period: Period, isPaidByPartner: (rule: string) => boolean) {
    this.#period = period;
    this.#isPaidByPartner = isPaidByPartner;
  }

  add(facts: readonly EarningFact[], baseline: Outcome, changed: Outcome): void {
    const totals = this.#totals;
    totals.add('members', 1n);
    let more = 0n;
    for (const wallet of new Set([...baseline.granted.keys(), ...changed.granted.keys()])) {
      more += this.#addGrants(wallet, baseline.granted.get(wallet), changed.granted.get(wallet));
    }
    if (more !== 0n) totals.add(more > 0n ? 'up' : 'down', 1n);
    this.#addSums('outstanding', baseline.outstanding, changed.outstanding);
    this.#addSums('owed', baseline.owed, changed.owed);
    if (baseline.tier !== null || changed.tier !== null) totals.add(nameOf('tier', baseline.tier, changed.tier), 1n);
    for (const [currency, minor] of revenueOf(facts, this.#period)) totals.add(nameOf('revenue', currency), minor);
  }

  findings(size: SampleSize): Findings {
    const of = (name: string) => this.#totals.estimate(name, size);
    const compared = (...name: string[]): Compared => ({
      baseline: of(nameOf(...name, 'baseline')),
      changed: of(nameOf(...name, 'changed')),
      delta: of(nameOf(...name, 'delta')),
    });
    const wallets = [...new Set(['granted', 'outstanding', 'owed'].flatMap((what) => this.#namesOf(what, 0)))].sort();
    return {
      wallets: wallets.map((wallet) => ({
        wallet,
        granted: compared('granted', wallet),
        borne: compared('borne', wallet),
        outstanding: compared('outstanding', wallet),
        owed: compared('owed', wallet),
      })),
      rules: [...new Set(this.#parts('rule').map(([wallet, rule]) => nameOf(wallet!, rule!)))].map((name) => {
        const [wallet, rule] = partsOf(name) as [string, string];
        return { wallet, rule, granted: compared('rule', wallet, rule) };
      }),
      tierMoves: this.#parts('tier').map(([from, to]) => ({
        from: from ?? null,
        to: to ?? null,
        members: of(nameOf('tier', from ?? null, to ?? null)),
      })),
      revenue: this.#namesOf('revenue', 0).map((currency) => ({ currency, revenue: of(nameOf('revenue', currency)) })),
      up: of('up'),
      down: of('down'),
      members: of('members'),
    };
  }

  #addGrants(wallet: string, before: Rules = nothing, after: Rules = nothing): bigint {
    let [baseline, changed] = [0n, 0n];
    let [paidBefore, paidAfter] = [0n, 0n];
    for (const rule of new Set([...before.keys(), ...after.keys()])) {
      const [was, is] = [before.get(rule) ?? 0n, after.get(rule) ?? 0n];
      this.#addSides(['rule', wallet, rule], was, is);
      baseline += was;
      changed += is;
      if (this.#isPaidByPartner(rule)) continue;
      paidBefore += was;
      paidAfter += is;
    }
    this.#addSides(['granted', wallet], baseline, changed);
    this.#addSides(['borne', wallet], paidBefore, paidAfter);
    return changed - baseline;
  }

  #addSums(what: string, baseline: Rules, changed: Rules): void {
    for (const wallet of new Set([...baseline.keys(), ...changed.keys()])) {
      this.#addSides([what, wallet], baseline.get(wallet) ?? 0n, changed.get(wallet) ?? 0n);
    }
  }

  #addSides(name: readonly string[], baseline: bigint, changed: bigint): void {
    const add = (side: Side, points: bigint) => this.#totals.add(nameOf(...name, side), points);
    add('baseline', baseline);
    add('changed', changed);
    add('delta', changed - baseline);
  }

  #parts(what: string): (string | null)[][] {
    return this.#totals.names
      .map(partsOf)
      .filter(([first]) => first === what)
      .map(([, ...rest]) => rest);
  }

  #namesOf(what: string, part: number): string[] {
    return [...new Set(this.#parts(what).map((parts) => parts[part]!))];
  }
}

type Rules = ReadonlyMap<string, bigint>;
const nothing: Rules = new Map();

/** Keys of wallets, rules and tiers have no blank. */
function nameOf(...parts: (string | null)[]): string {
  return parts.map((part) => part ?? '').join(' ');
}

function partsOf(name: string): (string | null)[] {
  return name.split(' ').map((part) => (part === '' ? null : part));
}

function revenueOf(facts: readonly EarningFact[], { from }: Period): Map<string, bigint> {
  const revenue = new Map<string, bigint>();
  for (const { type, occurredAt, currency, valueMinor } of facts) {
    if (currency === null || valueMinor === null || occurredAt < from) continue;
    if (type !== 'order.completed' && type !== 'order.returned') continue;
    const amount = type === 'order.completed' ? valueMinor : -valueMinor;
    revenue.set(currency, (revenue.get(currency) ?? 0n) + amount);
  }
  return revenue;
}
