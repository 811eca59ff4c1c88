import { requireScope } from '../../access/scopes.ts';
import type { Context } from '../../kernel/context.ts';
import { badInput } from '../../kernel/errors.ts';
import type { Channel } from '../../touchpoints/touchpoint.ts';
import { type Basket, type GivenBasket, readBasket } from './basket.ts';
import type { Scene } from './judge-offer.ts';
import { learn, type Sources } from './knowledge.service.ts';
import { lookUpOnePerson } from './look-up.queries.ts';
import type { GivenPerson, People } from './people.service.ts';
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
    const now = ctx.clock.now();
    return ctx.pool.begin('isolation level repeatable read read only', async (tx) => {
      const [, pages, person] = await Promise.all([
        lookUpOnePerson(tx),
        this.#sources.book.open(tx, now),
        this.#people.find(tx, input),
      ]);
      const scene = this.#sceneOf(input, { basket, now, customerId: person?.customerId ?? null });
      const { rest, rejected } = sift(pages.offers, scene);
      const knowledge = await learn(tx, this.#sources, { pages, offers: rest, scene, person, now });
      const asked = { scene, knowledge, first };
      if (!input.includeRejected) return { chosen: chooseBest(rest, asked), rejected: [], scene };
      const ranking = rankOffers(rest, asked);
      return { ...ranking, rejected: [...rejected, ...ranking.rejected], scene };
    });
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

function readFirst(first: number | null | undefined): number {
  const wanted = first ?? defaultFirst;
  if (wanted >= 1 && wanted <= mostFirst) return wanted;
  throw badInput(`Expected \`first\` from 1 to ${mostFirst}, got ${wanted}.`, 'input.first');
}
