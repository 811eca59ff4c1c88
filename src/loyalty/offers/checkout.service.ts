import { requireScope } from '../../access/scopes.ts';
import type { Context } from '../../kernel/context.ts';
import type { Tx } from '../../kernel/database.ts';
import { badInput } from '../../kernel/errors.ts';
import type { Channel } from '../../touchpoints/touchpoint.ts';
import { type Basket, type GivenBasket, readBasket } from './basket.ts';
import { findVouchers, findWalletBalances, type WalletBalance } from './checkout.queries.ts';
import { type PricedBasket, priceBasket } from './checkout.ts';
import { chooseOffers, type NamedOffer } from './chosen-offers.ts';
import { bonusPoints, type EarnedPoints, earningBasket, type PreviewEarning } from './earn-preview.ts';
import type { Scene } from './judge-offer.ts';
import { learn, type Sources } from './knowledge.service.ts';
import { lookUpOnePerson } from './look-up.queries.ts';
import { type OfferTerms, readTerms } from './offer-terms.ts';
import { findOffers } from './offers.queries.ts';
import type { GivenPerson, People } from './people.service.ts';
import { type Found, findTiers } from './person.queries.ts';
import { findPresentations } from './presentations.queries.ts';
import { judgeAll, sift } from './rank-offers.ts';
import { judgeVouchers, type VoucherTerms, voucherCode } from './voucher-terms.ts';

export interface Checkout extends GivenPerson {
  readonly basket: GivenBasket;
  readonly channel?: Channel | null;
  readonly store?: string | null;
  readonly vouchers?: readonly string[] | null;
  /** Only these; left out: every offer for which the customer and the basket qualify. */
  readonly offers?: readonly NamedOffer[] | null;
}

export interface CheckedOut extends PricedBasket {
  readonly basket: Basket;
  readonly customerId: string | null;
  readonly tiers: readonly { readonly programId: string; readonly tier: string }[];
  readonly balances: readonly WalletBalance[];
  /** What the basket would earn, by programmes' rules. */
  readonly earns: readonly EarnedPoints[];
  /** What offers give on top. */
  readonly bonus: readonly EarnedPoints[];
}

const mostVouchers = 50;
const mostOffers = 100;

/** What a till needs to know of a basket before it is paid. Writes nothing. */
export class CheckoutService {
  readonly #sources: Sources;
  readonly #people: People;
  readonly #preview: PreviewEarning;

  /** `preview` tells what a basket would earn. */
  constructor(sources: Sources, people: People, preview: PreviewEarning) {
    this.#sources = sources;
    this.#people = people;
    this.#preview = preview;
  }

  /** Discounts, vouchers and points of a basket. What is wrong with a voucher or an offer is said beside it. */
  async checkout(ctx: Context, input: Checkout): Promise<CheckedOut> {
    requireScope(ctx, 'loyalty:operate');
    const basket = readBasket(input.basket);
    checkSizes(input);
    const now = ctx.clock.now();
    const priced = await ctx.pool.begin('isolation level repeatable read read only', (tx) =>
      this.#price(tx, { input, basket, now }),
    );
    const { customerId } = priced;
    const { channel = null, store = null } = input;
    const asked = { customerId, basket: earningBasket(basket, priced), at: now, channel, store };
    const earns = await this.#preview(ctx, asked);
    return { ...priced, basket, earns, bonus: bonusPoints(priced.offers, earns) };
  }

  async #price(tx: Tx, { input, basket, now }: { input: Checkout; basket: Basket; now: Date }) {
    const codes = input.vouchers ?? [];
    const [, pages, person, stored] = await Promise.all([
      lookUpOnePerson(tx),
      this.#sources.book.open(tx, now),
      this.#people.find(tx, input),
      codes.length === 0 ? [] : findVouchers(tx, codes.map(voucherCode)),
    ]);
    const customerId = person?.customerId ?? null;
    const scene = this.#sceneOf(input, { basket, now, customerId });
    const chosen = await this.#choose(tx, { input, live: pages.offers, scene });
    const found = new Map(stored.map((voucher) => [voucher.code, voucher]));
    const vouchers = judgeVouchers(codes, found, { at: now, currency: basket.currency, customerId });
    const [offers, known] = await Promise.all([
      this.#priceOffers(tx, { pages, chosen, scene, person, now, vouchers }),
      customerId === null ? null : this.#knownOf(tx, customerId, now),
    ]);
    return { ...offers, customerId, tiers: known?.tiers ?? [], balances: known?.balances ?? [] };
  }

  async #priceOffers(tx: Tx, { pages, chosen, scene, person, now, vouchers }: Pricing): Promise<PricedBasket> {
    const { rest, rejected } = sift(chosen, scene);
    const knowledge = await learn(tx, this.#sources, { pages, offers: rest, scene, person, now });
    const judged = judgeAll(rest, { scene, knowledge });
    const priced = priceBasket(scene.basket!, { candidates: judged.candidates, vouchers, knowledge });
    return { ...priced, rejected: [...rejected, ...judged.rejected, ...priced.rejected] };
  }

  /** Those that were named, or all that are live. */
  async #choose(
    tx: Tx,
    { input, live, scene }: { input: Checkout; live: readonly OfferTerms[]; scene: Scene },
  ): Promise<readonly OfferTerms[]> {
    const named = input.offers;
    if (named == null) return live;
    const presentationIds = named.flatMap((one) => ('presentationId' in one ? [one.presentationId] : []));
    const presentations = presentationIds.length === 0 ? [] : await findPresentations(tx, presentationIds);
    const offerIds = [
      ...named.flatMap((one) => ('offerId' in one ? [one.offerId] : [])),
      ...presentations.map(({ offerId }) => offerId),
    ];
    const offers = offerIds.length === 0 ? [] : await findOffers(tx, [...new Set(offerIds)]);
    return chooseOffers(named, { offers: offers.map(readTerms), presentations, at: scene.at });
  }

  async #knownOf(tx: Tx, customerId: string, now: Date) {
    const [tiers, balances] = await Promise.all([
      findTiers(tx, customerId),
      findWalletBalances(tx, { customerId, now }),
    ]);
    return { tiers, balances };
  }

  #sceneOf(
    { channel = null, store = null }: Checkout,
    { basket, now, customerId }: { basket: Basket; now: Date; customerId: string | null },
  ): Scene {
    const { timeZone } = this.#sources.book;
    return { at: now, timeZone, channel, store, basket, currency: basket.currency, customerId };
  }
}

interface Pricing {
  readonly pages: Parameters<typeof learn>[2]['pages'];
  readonly chosen: readonly OfferTerms[];
  readonly scene: Scene;
  readonly person: Found | null;
  readonly now: Date;
  readonly vouchers: readonly VoucherTerms[];
}

function checkSizes({ vouchers, offers }: Checkout): void {
  const [codes, named] = [vouchers?.length ?? 0, offers?.length ?? 0];
  if (codes > mostVouchers) throw badInput(`At most ${mostVouchers} vouchers, got ${codes}.`, 'input.vouchers');
  if (named > mostOffers) throw badInput(`At most ${mostOffers} offers, got ${named}.`, 'input.offers');
}
