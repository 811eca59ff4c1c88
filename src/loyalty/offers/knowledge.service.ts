import type { Database } from '../../kernel/database.ts';
import { groupBy } from '../../kernel/lists.ts';
import { currencyExponent, toMinor } from '../../kernel/money.ts';
import type { Program } from '../program.ts';
import type { ProgramBook } from '../programs/program-book.service.ts';
import { termsAt } from '../terms.ts';
import { type Knowledge, mostCost, type Scene } from './judge-offer.ts';
import { type FoundKnowledge, findKnowledge, type NamedPerson } from './knowledge.queries.ts';
import type { OfferBook, OfferPages } from './offer-book.service.ts';
import type { OfferTerms } from './offer-terms.ts';
import type { Found } from './person.queries.ts';

export interface Sources {
  readonly book: OfferBook;
  readonly programs: Pick<ProgramBook, 'current'>;
}

interface Asked {
  readonly pages: Pick<OfferPages, 'statements' | 'answers' | 'further'>;
  readonly offers: readonly OfferTerms[];
}

/** What the database knows of somebody and of these offers: one statement. */
export function look(
  db: Database,
  book: OfferBook,
  { pages, offers, person, now }: Asked & { readonly person: NamedPerson; readonly now: Date },
): Promise<FoundKnowledge> {
  return findKnowledge(db, {
    person,
    limited: offers.filter(({ offer }) => offer.definition.limits.length > 0).map(({ offer }) => offer.id),
    budgeted: offers
      .filter(({ offer }) => offer.definition.budget !== null)
      .map((terms) => ({ offerId: terms.offer.id, cost: mostCost(terms) })),
    shortHistory: book.readsFacts(pages, offers) ? book.shortHistory : null,
    further: pages.further,
    now,
  });
}

/** What has to be known to judge offers, of what was found of them; further statements only where a condition needs the database. */
export async function knowledgeOf(
  db: Database,
  { book, programs }: Sources,
  { pages, offers, scene, found }: Asked & { readonly scene: Scene; readonly found: FoundKnowledge },
): Promise<Knowledge> {
  const { person, facts, tiers, uses, exhausted } = found;
  const [eligible, known] = await Promise.all([
    person ? book.judge(db, pages, { offers, person, facts, now: scene.at }) : new Set<string>(),
    // What a point costs.
    offers.some(({ value }) => value.kind === 'points') ? programs.current(db) : [],
  ]);
  const usesOf = groupBy(uses, ({ offerId }) => offerId);
  return {
    tiers: new Map(tiers.map(({ programId, tier }) => [programId, tier])),
    uses: new Map([...usesOf].map(([offerId, ofOffer]) => [offerId, ofOffer.map(({ at }) => at)])),
    exhausted: new Set(exhausted),
    answers: pages.answers,
    eligible,
    pointCost: (terms) => pointCost(known, terms, scene),
  };
}

/** Of somebody who has been found before. `now`: budgets and holds are as they are now, whenever the scene took place. */
export async function learn(
  db: Database,
  sources: Sources,
  { person, now, ...asked }: Asked & { readonly scene: Scene; readonly person: Found | null; readonly now: Date },
): Promise<Knowledge> {
  const named = { recordId: person?.recordId ?? null, identifierId: null };
  const found = await look(db, sources.book, { ...asked, person: named, now });
  return knowledgeOf(db, sources, { ...asked, found });
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
