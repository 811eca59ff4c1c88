import { type Grant, type LotTerms, lotId } from '../ledger/lot.ts';
import type { EarningRule, Expiry, TierScheme } from '../program.ts';
import type { Terms } from '../terms.ts';
import { type Calendar, endOf, plusDays, plusMonths } from './calendar.ts';
import type { BasketLine, EarningFact, Purchase } from './purchase.ts';
import type { RuleGrant } from './rule-grants.ts';

export type Basis = TierScheme['basis'];

export interface Adding {
  readonly fact: EarningFact;
  readonly lines: readonly BasketLine[];
  readonly terms: Terms;
  readonly purchase: Purchase | null;
}

/** What one touchpoint earned, and what of it is left. */
export class Earned {
  readonly fact: EarningFact;
  readonly grants: readonly RuleGrant[];
  /** As much has been counted, by basis and by cap. */
  readonly #counted = new Map<string, bigint>();
  readonly #adding: Adding;
  readonly #calendar: Calendar;

  constructor(adding: Adding, grants: readonly RuleGrant[], calendar: Calendar) {
    this.fact = adding.fact;
    this.#adding = adding;
    this.grants = grants;
    this.#calendar = calendar;
  }

  /** Counts an amount under a name; answers by how much it differs from what has been counted before. */
  turnedTo(name: string, amount: bigint): bigint {
    const before = this.#counted.get(name) ?? 0n;
    if (amount !== before) this.#counted.set(name, amount);
    return amount - before;
  }

  qualifies(basis: Basis): bigint {
    const { purchase, lines, fact } = this.#adding;
    if ('points' in basis) {
      const counting = this.grants.filter(({ rule }) => rule.qualifies && rule.wallet === basis.points.wallet);
      return counting.reduce((sum, grant) => sum + this.netOf(grant), 0n);
    }
    if (purchase === null) return 0n;
    if ('orders' in basis) return purchase.isWhollyReturned ? 0n : 1n;
    if (fact.currency !== basis.spend.currency) return 0n;
    return lines.reduce((sum, { paid }, index) => sum + purchase.left(index, paid), 0n);
  }

  /** One lot for all points of a wallet that come and go together. */
  lots(): LotTerms[] {
    if (this.grants.length === 0) return [];
    const groups = Map.groupBy(this.grants, ({ rule }) => lotNameOf(rule));
    const lots = [...groups.values()].map((grants) => this.#lot(grants));
    return lots.length > 1 ? merged(lots) : lots;
  }

  #lot(grants: readonly RuleGrant[]): LotTerms {
    const { fact, terms } = this.#adding;
    const { wallet, pendingDays, expiry } = grants[0]!.rule;
    const availableAt = this.#availableAt(pendingDays);
    const expiresAt = this.#expiresAt(expiry);
    const { programId, version } = terms;
    const net: Grant[] = [];
    for (const grant of grants) this.#addNet(grant, net);
    return {
      recordId: fact.recordId,
      programId,
      wallet,
      id: lotId({ programId, wallet, sourceId: fact.id, availableAt, expiresAt }),
      source: 'TOUCHPOINT',
      sourceId: fact.id,
      earnedAt: fact.occurredAt,
      availableAt,
      expiresAt,
      version,
      grants: net,
      granted: net.reduce((sum, { points }) => sum + points, 0n),
    };
  }

  #addNet({ rule, points }: RuleGrant, net: Grant[]): void {
    const { lines, purchase } = this.#adding;
    for (const [index, share] of points.entries()) {
      if (share === 0n) continue;
      net.push({ rule: rule.key, line: lines[index]!.line, points: purchase ? purchase.left(index, share) : share });
    }
  }

  netOf({ points }: RuleGrant): bigint {
    const { purchase } = this.#adding;
    let sum = 0n;
    for (const [index, share] of points.entries()) sum += purchase ? purchase.left(index, share) : share;
    return sum;
  }

  #availableAt(pendingDays: number): Date {
    const { occurredAt } = this.fact;
    if (pendingDays === 0) return occurredAt;
    return this.#calendar.startOf(plusDays(this.#calendar.dayOf(occurredAt), pendingDays));
  }

  #expiresAt(expiry: Expiry | null): Date | null {
    return expiry && expiryOf(expiry, this.fact.occurredAt, this.#calendar);
  }
}

const lotNames = new WeakMap<EarningRule, string>();

/** Rules with the same name grant points that come and go together. */
function lotNameOf(rule: EarningRule): string {
  const known = lotNames.get(rule);
  if (known !== undefined) return known;
  const name = JSON.stringify([rule.wallet, rule.pendingDays, rule.expiry]);
  lotNames.set(rule, name);
  return name;
}

/** The midnight at which points expire: the end of their last day. */
export function expiryOf({ count, unit: counted, endOf: rounds }: Expiry, earnedAt: Date, calendar: Calendar): Date {
  const day = calendar.dayOf(earnedAt);
  const shifted = counted === 'DAY' ? plusDays(day, count) : plusMonths(day, counted === 'MONTH' ? count : count * 12);
  return calendar.startOf(plusDays(endOf(shifted, rounds), 1));
}

/** Rules that say the same times in other words give one lot. */
function merged(lots: readonly LotTerms[]): LotTerms[] {
  const byId = new Map<string, LotTerms>();
  for (const lot of lots) {
    const other = byId.get(lot.id);
    byId.set(
      lot.id,
      other ? { ...other, grants: [...other.grants, ...lot.grants], granted: other.granted + lot.granted } : lot,
    );
  }
  return [...byId.values()];
}
