import type { Database } from '../../kernel/database.ts';
import { groupBy } from '../../kernel/lists.ts';
import { currencyExponent, toMinor } from '../../kernel/money.ts';
import type { Program } from '../program.ts';
import type { ProgramBook } from '../programs/program-book.service.ts';
import { termsAt } from '../terms.ts';
import { type BudgetRow, findBudgets } from './budgets.queries.ts';
import type { BudgetLeft, Knowledge, Scene } from './judge-offer.ts';
import type { OfferBook, OfferPages } from './offer-book.service.ts';
import type { OfferTerms } from './offer-terms.ts';
import { type Found, findTiers, findUses } from './person.queries.ts';

export interface Sources {
  readonly book: OfferBook;
  readonly programs: Pick<ProgramBook, 'current'>;
}

interface Asked {
  readonly pages: Pick<OfferPages, 'statements' | 'answers'>;
  readonly offers: readonly OfferTerms[];
  readonly scene: Scene;
  /** Whom the scene is about. */
  readonly person: Found | null;
  /** The present: budgets and holds are as they are now, whenever the scene took place. */
  readonly now: Date;
}

/** What has to be known to judge these offers. All statements are sent at once, as many for one offer as for hundreds. */
export async function learn(db: Database, { book, programs }: Sources, asked: Asked): Promise<Knowledge> {
  const { pages, offers, scene, person, now } = asked;
  const [tiers, uses, budgets, eligible, known] = await Promise.all([
    person && offers.some(({ offer }) => offer.definition.tiers !== null) ? findTiers(db, person.customerId) : [],
    readUses(db, asked),
    readBudgets(db, offers, now),
    person ? book.judge(db, pages, { offers, person, now: scene.at }) : new Set<string>(),
    // What a point costs.
    offers.some(({ value }) => value.kind === 'points') ? programs.current(db) : [],
  ]);
  return {
    tiers: new Map(tiers.map(({ programId, tier }) => [programId, tier])),
    uses,
    budgets,
    answers: pages.answers,
    eligible,
    pointCost: (terms) => pointCost(known, terms, scene),
  };
}

async function readUses(db: Database, { offers, scene: { customerId }, now }: Asked): Promise<Knowledge['uses']> {
  const offerIds = offers.filter(({ offer }) => offer.definition.limits.length > 0).map(({ offer }) => offer.id);
  if (customerId === null || offerIds.length === 0) return new Map();
  const rows = groupBy(await findUses(db, { customerId, offerIds, now }), ({ offerId }) => offerId);
  return new Map([...rows].map(([offerId, uses]) => [offerId, uses.map(({ at }) => at)]));
}

async function readBudgets(db: Database, offers: readonly OfferTerms[], now: Date): Promise<Knowledge['budgets']> {
  const offerIds = offers.filter(({ offer }) => offer.definition.budget !== null).map(({ offer }) => offer.id);
  if (offerIds.length === 0) return new Map();
  const rows = await findBudgets(db, { offerIds, now });
  return new Map(rows.map((row) => [row.offerId, leftOf(row)]));
}

function leftOf({ allowed, taken, usesAllowed, usesTaken }: BudgetRow): BudgetLeft {
  return {
    money: allowed === null ? null : allowed - taken,
    uses: usesAllowed === null ? null : usesAllowed - usesTaken,
  };
}

/** What the programme counts a point of the offer's wallet as: millionths of a minor unit. */
function pointCost(programs: readonly Program[], terms: OfferTerms, { at, currency }: Scene): bigint | null {
  const { value, offer } = terms;
  const program = programs.find(({ id }) => id === offer.programId);
  if (value.kind !== 'points' || !program) return null;
  const wallet = termsAt(program, at)?.definition.wallets.find(({ key }) => key === value.wallet);
  const worth = wallet?.pointValue;
  const wanted = terms.currency ?? currency;
  if (!worth || (wanted !== null && worth.currency !== wanted)) return null;
  return toMinor(worth.amount, (currencyExponent(worth.currency) ?? 2) + 6) ?? null;
}
