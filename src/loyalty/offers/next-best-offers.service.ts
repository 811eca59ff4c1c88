import { requireScope } from '../../access/scopes.ts';
import type { Context } from '../../kernel/context.ts';
import type { Pool, Tx } from '../../kernel/database.ts';
import { badInput } from '../../kernel/errors.ts';
import type { Channel } from '../../touchpoints/touchpoint.ts';
import { type Basket, type GivenBasket, readBasket } from './basket.ts';
import type { Scene } from './judge-offer.ts';
import type { NamedPerson } from './knowledge.queries.ts';
import { knowledgeOf, look, type Sources } from './knowledge.service.ts';
import { lookUpOnePerson } from './look-up.queries.ts';
import type { OfferPages } from './offer-book.service.ts';
import { type GivenPerson, orNotFound, type People } from './people.service.ts';
import { chooseBest, type Ranking, rankOffers, sift } from './rank-offers.ts';

export interface AskForOffers extends GivenPerson {
  readonly channel?: Channel | null;
  readonly store?: string | null;
  readonly basket?: GivenBasket | null;
  /** Offers that name an amount have to be in it; left out: the basket's. */
  readonly currency?: string | null;
  readonly first?: number | null;
  /** Also say why the other live offers are not made. */
  readonly includeRejected?: boolean | null;
}

/** `rejected` only where it was asked for. */
export interface BestOffers extends Ranking {
  readonly scene: Scene;
}

const defaultFirst = 3;
const mostFirst = 50;

/** Which offers to make to whoever stands in front of a till, or looks at a page. Writes nothing. */
export class NextBestOffers {
  readonly #sources: Sources;
  readonly #people: People;

  constructor(sources: Sources, people: People) {
    this.#sources = sources;
    this.#people = people;
  }

  /** Everything is of one moment. A constant number of statements, however many offers there are. */
  async find(ctx: Context, input: AskForOffers): Promise<BestOffers> {
    requireScope(ctx, 'loyalty:operate');
    const first = readFirst(input.first);
    const basket = input.basket == null ? null : readBasket(input.basket);
    const named = this.#people.name(input);
    const now = ctx.clock.now();
    const { scene, rest, rejected, knowledge } = await answerOf(ctx.pool, async (tx) => {
      // Whoever is named counts as known until the database says otherwise: which offers are worth a question depends on it.
      const presumed = this.#sceneOf(input, { basket, now, customerId: named.recordId ?? named.identifierId });
      const [, { pages, sifted, found }] = await Promise.all([
        lookUpOnePerson(tx),
        this.#look(tx, { named, presumed, now }),
      ]);
      const customerId = orNotFound(input, found.person)?.customerId ?? null;
      const scene = { ...presumed, customerId };
      // Wrong only of an identifier that nobody carries.
      const presumedRightly = (customerId === null) === (presumed.customerId === null);
      const { rest, rejected } = presumedRightly ? sifted : sift(pages.offers, scene);
      const knowledge = await knowledgeOf(tx, this.#sources, { pages, offers: rest, scene, found });
      return { scene, rest, rejected, knowledge };
    });
    const asked = { scene, knowledge, first };
    if (!input.includeRejected) return { chosen: chooseBest(rest, asked), rejected: [], scene };
    const ranking = rankOffers(rest, asked);
    return { ...ranking, rejected: [...rejected, ...ranking.rejected], scene };
  }

  /** By the offers that this process knows; once more, should they be others by now. */
  async #look(tx: Tx, { named, presumed, now }: { named: NamedPerson; presumed: Scene; now: Date }) {
    const { book } = this.#sources;
    const lookWith = async (pages: OfferPages) => {
      const sifted = sift(pages.offers, presumed);
      return { pages, sifted, found: await look(tx, book, { pages, offers: sifted.rest, person: named, now }) };
    };
    const looked = await lookWith(book.latest(now) ?? (await book.open(tx, now)));
    return looked.found.revision === looked.pages.revision ? looked : lookWith(await book.open(tx, now));
  }

  #sceneOf(input: AskForOffers, found: { basket: Basket | null; now: Date; customerId: string | null }): Scene {
    const { basket, now, customerId } = found;
    return {
      at: now,
      timeZone: this.#sources.book.timeZone,
      channel: input.channel ?? null,
      store: input.store ?? null,
      basket,
      currency: basket?.currency ?? input.currency ?? null,
      customerId,
    };
  }
}

/** What is read in one snapshot. Not waited for is the end of the transaction: nothing that has been read depends on it. */
function answerOf<T>(pool: Pool, read: (tx: Tx) => Promise<T>): Promise<T> {
  const { promise, resolve, reject } = Promise.withResolvers<T>();
  pool
    .begin('isolation level repeatable read read only', async (tx) => {
      resolve(await read(tx));
    })
    .catch(reject);
  return promise;
}

function readFirst(first: number | null | undefined): number {
  const wanted = first ?? defaultFirst;
  if (wanted >= 1 && wanted <= mostFirst) return wanted;
  throw badInput(`Expected \`first\` from 1 to ${mostFirst}, got ${wanted}.`, 'input.first');
}
