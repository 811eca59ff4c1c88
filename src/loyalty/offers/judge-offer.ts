import type { Channel } from '../../touchpoints/touchpoint.ts';
import { type Basket, countPieces } from './basket.ts';
import { type Discount, discountOf } from './discount.ts';
import { type Answers, acceptancePpm, expectedValue, keepsMargin, marginOf } from './expected-value.ts';
import { isHeldOut } from './holdout.ts';
import { periodAround } from './limit-period.ts';
import type { Reason, Rejection } from './offer.ts';
import type { OfferTerms } from './offer-terms.ts';

/** Where and when somebody is about to be made an offer. */
export interface Scene {
  readonly at: Date;
  readonly timeZone: string;
  readonly channel: Channel | null;
  readonly store: string | null;
  readonly basket: Basket | null;
  /** In which offers have to be that name an amount; null: in any. */
  readonly currency: string | null;
  /** Null: nobody knows who it is. */
  readonly customerId: string | null;
}

/** May find it out when it is asked. */
export interface Eligible {
  has(offerId: string): boolean;
}

/** What is known of the person and the offers. */
export interface Knowledge {
  /** Programme → tier. */
  readonly tiers: ReadonlyMap<string, string>;
  /** Offer → when the person used it. */
  readonly uses: ReadonlyMap<string, readonly Date[]>;
  /** Offers whose budget has no room for one more use, which {@link mostCost} is reserved for. */
  readonly exhausted: ReadonlySet<string>;
  readonly answers: ReadonlyMap<string, Answers>;
  /** Whether the person fulfils an offer's condition; not asked for offers without one. */
  readonly eligible: Eligible;
  /** What a point of a wallet costs: in the offer's currency, millionths of its minor unit; null: not known. */
  pointCost(terms: OfferTerms): bigint | null;
}

/** An offer that can be made. */
export interface Candidate {
  readonly terms: OfferTerms;
  /** Off the basket that there is. */
  readonly discount: Discount | null;
  /** What one acceptance leaves for the business, minor units; null: nobody knows. */
  readonly gain: bigint | null;
  readonly acceptancePpm: bigint;
  readonly expected: bigint;
  readonly reasons: readonly Reason[];
}

/** Only for people who are known: it tests something about them. */
export function needsPerson({ offer: { definition } }: OfferTerms): boolean {
  return definition.eligibility !== null || definition.tiers !== null || definition.limits.length > 0;
}

/** What the scene alone decides. Null: nothing against it. */
export function judgeScene(terms: OfferTerms, scene: Scene): Rejection | null {
  const { definition, status } = terms.offer;
  if (status !== 'LIVE') return 'STATUS';
  if (!isValidAt(terms, scene.at)) return 'VALIDITY';
  if (definition.channels && !(scene.channel && definition.channels.includes(scene.channel))) return 'CHANNEL';
  if (definition.stores && !(scene.store && definition.stores.includes(scene.store))) return 'STORE';
  if (terms.currency !== null && scene.currency !== null && terms.currency !== scene.currency) return 'CURRENCY';
  if (definition.basket && !fitsBasket(terms, scene.basket)) return 'BASKET';
  return needsPerson(terms) && scene.customerId === null ? 'UNKNOWN_PERSON' : null;
}

export function isValidAt({ validFrom, validTo }: Pick<OfferTerms, 'validFrom' | 'validTo'>, at: Date): boolean {
  return (validFrom === null || validFrom <= at) && (validTo === null || at < validTo);
}

function fitsBasket({ minimum, offer }: OfferTerms, basket: Basket | null): boolean {
  if (basket === null) return false;
  if (minimum !== null && basket.total < minimum) return false;
  return (offer.definition.basket?.items ?? []).every((item) => countPieces(basket, item) >= item.quantity);
}

/** The rest, after {@link judgeScene}: what has to be known of the person and of what is left of the offer. */
export function judgePerson(terms: OfferTerms, scene: Scene, knowledge: Knowledge): Rejection | Candidate {
  const { definition, id, programId } = terms.offer;
  const { customerId } = scene;
  const tier = programId === null ? undefined : knowledge.tiers.get(programId);
  if (definition.tiers && !(tier !== undefined && definition.tiers.includes(tier))) return 'TIER';
  if (definition.eligibility && !knowledge.eligible.has(id)) return 'NOT_ELIGIBLE';
  if (customerId !== null && isHeldOut(customerId, id, terms.holdout)) return 'HOLDOUT';
  if (isUsedUp(terms, scene, knowledge.uses.get(id) ?? [])) return 'LIMIT';
  if (knowledge.exhausted.has(id)) return 'BUDGET';
  return weigh(terms, scene, knowledge);
}

export function isUsedUp(
  { offer }: OfferTerms,
  { at, timeZone }: Pick<Scene, 'at' | 'timeZone'>,
  uses: readonly Date[],
) {
  return offer.definition.limits.some(({ per, uses: most }) => {
    // Calendars are slow, and most people have used nothing.
    if (uses.length < most) return false;
    const period = periodAround(per, at, timeZone);
    return uses.filter((used) => period === null || (used >= period.start && used < period.end)).length >= most;
  });
}

/** What one use costs at most, discount and all: what is reserved of a budget. */
export function mostCost({ value, cost }: OfferTerms): bigint {
  const discount = value.kind === 'percent' ? (value.maximum ?? 0n) : value.kind === 'fixed' ? value.amount : 0n;
  return discount + (cost ?? 0n);
}

function weigh(terms: OfferTerms, scene: Scene, knowledge: Knowledge): Rejection | Candidate {
  const { basket } = scene;
  const prices = basket?.lines.map(({ amount }) => amount) ?? [];
  const discount = basket && discountOf(terms.value, basket.lines, prices);
  const further = furtherCost(terms, knowledge);
  if (!keepsMarginAfter(terms, { basket, prices, discount, further })) return 'MARGIN';
  const gain = gainOf(terms, { basket, prices, discount, further });
  if (gain !== null && gain < 0n) return 'NO_VALUE';
  const acceptance = acceptancePpm(terms, knowledge.answers.get(terms.offer.id) ?? { presented: 0, accepted: 0 });
  const expected = expectedValue(terms, { gain, acceptancePpm: acceptance });
  return {
    terms,
    discount,
    gain,
    acceptancePpm: acceptance,
    expected,
    // Only asked for of those that are chosen.
    get reasons() {
      return reasonsFor(terms, knowledge);
    },
  };
}

const million = 1_000_000n;

/** Beside the discount: what is configured, or what points are worth; rounded up. */
export function furtherCost(terms: OfferTerms, { pointCost }: Pick<Knowledge, 'pointCost'>): bigint {
  if (terms.cost !== null) return terms.cost;
  if (terms.value.kind !== 'points') return 0n;
  return (terms.value.points * (pointCost(terms) ?? 0n) + million - 1n) / million;
}

interface Costs {
  readonly basket: Basket | null;
  /** What the lines cost before this offer. */
  readonly prices: readonly bigint[];
  readonly discount: Discount | null;
  readonly further: bigint;
}

export function keepsMarginAfter(terms: OfferTerms, { basket, prices, discount, further }: Costs): boolean {
  const { margin } = terms.offer.definition;
  if (margin === null) return true;
  const left = basket && marginAfter(basket, prices, discount);
  if (left === null) return margin.ifUnknown === 'ALLOW';
  const price = total(prices) - (discount?.amount ?? 0n);
  return keepsMargin(left - further, price, terms.marginPpm ?? 0n);
}

function gainOf(terms: OfferTerms, { basket, prices, discount, further }: Costs): bigint | null {
  if (terms.worth !== null) return terms.worth - (discount?.amount ?? mostDiscount(terms)) - further;
  const left = basket && marginAfter(basket, prices, discount);
  return left === null ? null : left - further;
}

/** Where no basket tells. */
function mostDiscount(terms: OfferTerms): bigint {
  return mostCost(terms) - (terms.cost ?? 0n);
}

function marginAfter(basket: Basket, prices: readonly bigint[], discount: Discount | null): bigint | null {
  return marginOf(
    basket,
    prices.map((price, index) => price - (discount?.lines[index] ?? 0n)),
  );
}

function total(prices: readonly bigint[]): bigint {
  return prices.reduce((sum, price) => sum + price, 0n);
}

function reasonsFor({ offer, validTo }: OfferTerms, { answers }: Knowledge): Reason[] {
  const { definition } = offer;
  const given: readonly (readonly [Reason, boolean])[] = [
    ['ELIGIBLE', definition.eligibility !== null],
    ['TIER', definition.tiers !== null],
    ['CHANNEL', definition.channels !== null],
    ['STORE', definition.stores !== null],
    ['BASKET', definition.basket !== null],
    ['LIMITED_TIME', validTo !== null],
    ['MARGIN_KEPT', definition.margin !== null],
    ['LEARNED_ACCEPTANCE', (answers.get(offer.id)?.presented ?? 0) > 0],
  ];
  return given.filter(([, holds]) => holds).map(([reason]) => reason);
}
