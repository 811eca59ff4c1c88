import { requireScope } from '../../access/scopes.ts';
import { lockCustomers } from '../../identity/customers.queries.ts';
import type { Context } from '../../kernel/context.ts';
import type { Tx } from '../../kernel/database.ts';
import { DomainError } from '../../kernel/errors.ts';
import { fingerprintUuid } from '../../kernel/ids.ts';
import { canonicalJson } from '../../kernel/json.ts';
import type { Channel } from '../../touchpoints/touchpoint.ts';
import { type GivenBasket, readBasket } from './basket.ts';
import { isLate, readInstant } from './instant.ts';
import { isValidAt, judgePerson, judgeScene, mostCost, type Scene } from './judge-offer.ts';
import { learn, type Sources } from './knowledge.service.ts';
import { lookUpOnePerson } from './look-up.queries.ts';
import type { Rejection } from './offer.ts';
import { tellOfOffer } from './offer-changes.service.ts';
import { noOffer, refused } from './offer-errors.ts';
import { type OfferTerms, readTerms } from './offer-terms.ts';
import { findOffers } from './offers.queries.ts';
import type { GivenPerson, People } from './people.service.ts';
import type { Found } from './person.queries.ts';
import { minutesAfter } from './presentation.ts';
import {
  findPresentations,
  insertPresentation,
  lockRequest,
  nobody,
  type StoredPresentation,
} from './presentations.queries.ts';
import { requestId } from './request-id.ts';
import { reserveOrLapse } from './reservation.service.ts';

export interface PresentOffer extends GivenPerson {
  readonly offerId: string;
  readonly channel?: Channel | null;
  readonly store?: string | null;
  readonly basket?: GivenBasket | null;
  /** When it took place, up to 30 days ago: of a till that was offline. */
  readonly occurredAt?: Date | null;
  readonly idempotencyKey: string;
}

const mostAttempts = 5;

/** Notes that an offer was shown to somebody, and holds its budget for them for a while. */
export class PresentOfferService {
  readonly #sources: Sources;
  readonly #people: People;

  constructor(sources: Sources, people: People) {
    this.#sources = sources;
    this.#people = people;
  }

  /** Throws `OFFER_REFUSED` with the `reason`. Repeating it answers what it made the first time. */
  async present(ctx: Context, input: PresentOffer): Promise<StoredPresentation> {
    requireScope(ctx, 'loyalty:operate');
    const request = this.#read(ctx, input);
    for (let attempt = 1; attempt <= mostAttempts; attempt += 1) {
      const done = await ctx.pool.begin((tx) => this.#attempt(tx, ctx, request));
      if (!done) continue;
      ctx.feed.wake();
      return done;
    }
    throw new DomainError('SERVICE_UNAVAILABLE', 'The customer is being merged and split at the moment. Try again.');
  }

  #read(ctx: Context, input: PresentOffer): Request {
    const now = ctx.clock.now();
    const id = presentationId(ctx, input.idempotencyKey);
    const { idempotencyKey: _, ...said } = input;
    const fingerprint = fingerprintUuid(
      canonicalJson({ present: { ...said, occurredAt: said.occurredAt?.getTime() } }),
    );
    const basket = input.basket == null ? null : readBasket(input.basket);
    return { id, fingerprint, input, basket, at: readInstant(input.occurredAt, now), now };
  }

  /** Undefined where the customer was merged or split between being found and being locked. */
  async #attempt(tx: Tx, ctx: Context, request: Request): Promise<StoredPresentation | undefined> {
    const { id, input } = request;
    const [, person, [known]] = await Promise.all([
      lookUpOnePerson(tx),
      this.#people.find(tx, input),
      findPresentations(tx, [id]),
    ]);
    if (known) return checkRepeat(known, request);
    if (person) {
      await lockCustomers(tx, [person.customerId]);
      // In a statement after the one that locks: whoever regroups a customer holds its lock.
      const again = await this.#people.find(tx, input);
      if (again?.customerId !== person.customerId || again.recordId !== person.recordId) return undefined;
    }
    await lockRequest(tx, id);
    const [meanwhile] = await findPresentations(tx, [id]);
    if (meanwhile) return checkRepeat(meanwhile, request);
    return this.#present(tx, ctx, { ...request, person });
  }

  async #present(tx: Tx, ctx: Context, request: Request & { person: Found | null }): Promise<StoredPresentation> {
    const { input, at, now, person, id, fingerprint } = request;
    const terms = await getTerms(tx, input.offerId);
    const reason = await this.#judge(tx, terms, request);
    if (reason) throw refused(input.offerId, reason);
    const { definition, version } = terms.offer;
    const expiresAt = minutesAfter(at, definition.holdMinutes);
    // What was over before it was heard of holds nothing: it takes its share when it was accepted.
    const held = definition.budget !== null && expiresAt > now;
    if (held && !(await reserveOrLapse(tx, { offerId: input.offerId, amount: mostCost(terms), now }))) {
      throw refused(input.offerId, 'BUDGET');
    }
    const row: StoredPresentation = {
      recordId: person?.recordId ?? nobody,
      id,
      offerId: input.offerId,
      version,
      status: 'PRESENTED',
      presentedAt: at,
      decidedAt: null,
      expiresAt,
      recordedAt: now,
      reserved: mostCost(terms),
      held,
      spent: null,
      channel: input.channel ?? null,
      store: input.store ?? null,
      detail: null,
      fingerprint,
    };
    await insertPresentation(tx, { ...row, actor: ctx.viewer.name });
    const detail = { what: 'PRESENTED', presentationId: id };
    await tellOfOffer(tx, now, { offerId: input.offerId, customerId: person?.customerId ?? null, detail });
    return row;
  }

  /**
   * What speaks against it. Who comes back from being offline has shown it already: then only whether it was valid at that
   * time, and what is left of the budget.
   */
  async #judge(tx: Tx, terms: OfferTerms, { input, basket, at, now, person }: Request & { person: Found | null }) {
    if (isLate(at, now)) return lateObjection(terms, at);
    const scene: Scene = {
      at,
      timeZone: this.#sources.book.timeZone,
      channel: input.channel ?? null,
      store: input.store ?? null,
      basket,
      currency: basket?.currency ?? null,
      customerId: person?.customerId ?? null,
    };
    const objection = judgeScene(terms, scene);
    if (objection) return objection;
    const pages = await this.#sources.book.open(tx, now);
    const knowledge = await learn(tx, this.#sources, { pages, offers: [terms], scene, person, now });
    const judged = judgePerson(terms, scene, knowledge);
    return typeof judged === 'string' ? judged : null;
  }
}

interface Request {
  readonly id: string;
  readonly fingerprint: string;
  readonly input: PresentOffer;
  readonly basket: Scene['basket'];
  readonly at: Date;
  readonly now: Date;
}

function lateObjection(terms: OfferTerms, at: Date): Rejection | null {
  if (terms.offer.status === 'DRAFT') return 'STATUS';
  return isValidAt(terms, at) ? null : 'VALIDITY';
}

/** By the key with which it was presented: a till that is offline does not know the id yet. */
export function presentationId(ctx: Context, idempotencyKey: string, field?: string): string {
  return requestId('presentations', ctx.viewer.keyId, idempotencyKey, field);
}

export async function getTerms(tx: Tx, offerId: string): Promise<OfferTerms> {
  const [offer] = await findOffers(tx, [offerId]);
  if (!offer) throw noOffer(offerId);
  return readTerms(offer);
}

function checkRepeat(known: StoredPresentation, { fingerprint }: Request): StoredPresentation {
  if (known.fingerprint === fingerprint) return known;
  throw new DomainError('IDEMPOTENCY_CONFLICT', 'This idempotency key was used to present something else.', {
    field: 'input.idempotencyKey',
  });
}
