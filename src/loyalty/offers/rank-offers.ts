import { type Candidate, judgePerson, judgeScene, type Knowledge, type Scene } from './judge-offer.ts';
import type { Rejection } from './offer.ts';
import type { OfferTerms } from './offer-terms.ts';
import { compareOffers, type Stackable, Stacking, stack } from './stacking.ts';

export interface Rejected {
  readonly terms: OfferTerms;
  readonly reason: Rejection;
}

export interface Ranking {
  /** The most valuable first. All of them can be used together. */
  readonly chosen: readonly Candidate[];
  readonly rejected: readonly Rejected[];
}

/** Splits offers by what the scene alone says: only the rest is worth a look into the database. */
export function sift(offers: readonly OfferTerms[], scene: Scene): { rest: OfferTerms[]; rejected: Rejected[] } {
  const rest: OfferTerms[] = [];
  const rejected: Rejected[] = [];
  for (const terms of offers) {
    const reason = judgeScene(terms, scene);
    if (reason === null) rest.push(terms);
    else rejected.push({ terms, reason });
  }
  return { rest, rejected };
}

/** The best offers for somebody. The answer does not depend on the order of the argument. */
export function rankOffers(
  offers: readonly OfferTerms[],
  { scene, knowledge, first }: { scene: Scene; knowledge: Knowledge; first: number },
): Ranking {
  const { candidates, rejected } = judgeAll(offers, { scene, knowledge });
  const { taken, out } = stack(candidates.map((candidate) => toStackable(candidate, candidate.expected)));
  const ranked = [...taken].sort(byValue);
  const reject = (entries: readonly Entry[], reason: Rejection): Rejected[] =>
    entries.map(({ candidate: { terms } }) => ({ terms, reason }));
  return {
    chosen: ranked.slice(0, first).map(({ candidate }) => candidate),
    rejected: [...rejected, ...reject(out, 'STACKED_OUT'), ...reject(ranked.slice(first), 'BEYOND_FIRST')],
  };
}

/**
 * The same offers as {@link rankOffers} chooses, without a word on the others: conditions, which are the dear part, are only
 * judged of offers that can still be among the first.
 */
export function chooseBest(
  offers: readonly OfferTerms[],
  { scene, knowledge, first }: { scene: Scene; knowledge: Knowledge; first: number },
): Candidate[] {
  const { candidates } = judgeAll(offers, { scene, knowledge: { ...knowledge, eligible: everybody } });
  const isEligible = ({ terms: { offer } }: Candidate) =>
    offer.definition.eligibility === null || knowledge.eligible.has(offer.id);
  const entries = candidates.map((candidate) => toStackable(candidate, candidate.expected)).sort(compareOffers);
  const stacking = new Stacking();
  const best: Entry[] = [];
  for (const entry of entries) {
    const last = best[first - 1];
    // Of all that were taken, only those count that others can't go with, and the first ones.
    if (last && byValue(entry, last) > 0 && entry.group === null && !entry.exclusive) continue;
    if (!stacking.fits(entry) || !isEligible(entry.candidate)) continue;
    stacking.take(entry);
    best.splice(placeOf(entry, best), 0, entry);
  }
  return best.slice(0, first).map(({ candidate }) => candidate);
}

/** Where it belongs among those that are sorted. */
function placeOf(entry: Entry, sorted: readonly Entry[]): number {
  const place = sorted.findIndex((other) => byValue(entry, other) < 0);
  return place === -1 ? sorted.length : place;
}

/** Whatever their priority. */
function byValue(a: Entry, b: Entry): number {
  return a.value === b.value ? (a.id < b.id ? -1 : a.id > b.id ? 1 : 0) : a.value > b.value ? -1 : 1;
}

const everybody = { has: () => true };

/** The same offers after {@link sift}, one by one. */
export function judgeAll(
  offers: readonly OfferTerms[],
  { scene, knowledge }: { scene: Scene; knowledge: Knowledge },
): { candidates: Candidate[]; rejected: Rejected[] } {
  const candidates: Candidate[] = [];
  const rejected: Rejected[] = [];
  for (const terms of offers) {
    const judged = judgePerson(terms, scene, knowledge);
    if (typeof judged === 'string') rejected.push({ terms, reason: judged });
    else candidates.push(judged);
  }
  return { candidates, rejected };
}

interface Entry extends Stackable {
  readonly candidate: Candidate;
}

export function toStackable(candidate: Candidate, value: bigint): Entry {
  const { id, definition } = candidate.terms.offer;
  const { exclusive, group, priority } = definition.stacking;
  return { candidate, id, value, exclusive, group, priority };
}
