import { coreLeaves } from '../../../src/conditions/core-leaves.queries.ts';
import { ConditionLanguage } from '../../../src/conditions/language.ts';
import type { Context } from '../../../src/kernel/context.ts';
import type { Pool } from '../../../src/kernel/database.ts';
import { fromPublicId } from '../../../src/kernel/ids.ts';
import { CheckoutService } from '../../../src/loyalty/offers/checkout.service.ts';
import { DecideOfferService, type GrantPoints } from '../../../src/loyalty/offers/decide-offer.service.ts';
import type { PreviewEarning } from '../../../src/loyalty/offers/earn-preview.ts';
import { NextBestOffers } from '../../../src/loyalty/offers/next-best-offers.service.ts';
import { type GivenDefinition, OfferService } from '../../../src/loyalty/offers/offer.service.ts';
import { OfferBook } from '../../../src/loyalty/offers/offer-book.service.ts';
import type { OfferView } from '../../../src/loyalty/offers/offer-terms.ts';
import { People } from '../../../src/loyalty/offers/people.service.ts';
import { PresentOfferService } from '../../../src/loyalty/offers/present-offer.service.ts';
import { ProgramBook } from '../../../src/loyalty/programs/program-book.service.ts';
import type { IngestService } from '../../../src/touchpoints/ingest.service.ts';
import type { TouchpointDraft } from '../../../src/touchpoints/touchpoint.ts';
import { TestClock } from '../../segments/fixture.ts';
import { openIngest, touchpoint } from '../../support/ingest.ts';

export interface OffersFixture {
  readonly ctx: Context;
  readonly clock: TestClock;
  readonly ingest: IngestService;
  readonly book: OfferBook;
  readonly offers: OfferService;
  readonly best: NextBestOffers;
  readonly presenter: PresentOfferService;
  readonly decider: DecideOfferService;
  readonly checkout: CheckoutService;
  /** Creates an offer and makes it live. */
  live(name: string, definition: GivenDefinition, programId?: string): Promise<OfferView>;
  /** Ingests something of a person; answers the customer's UUID. */
  person(key: string, draft?: Partial<TouchpointDraft>): Promise<string>;
}

export interface FixtureOptions {
  readonly now?: string;
  readonly preview?: PreviewEarning;
  readonly grant?: GrantPoints;
}

/** One node: offers, put together as the server does. */
export async function openOffers(pool: Pool, options: FixtureOptions = {}): Promise<OffersFixture> {
  const { now = '2026-11-02T12:00:00Z', preview = async () => [], grant } = options;
  const clock = new TestClock(now);
  const { ingest, ctx, idSecret } = await openIngest(pool, { clock });
  const book = new OfferBook({ leaves: coreLeaves, timeZone: 'Europe/Zurich' });
  const programs = new ProgramBook();
  const language = new ConditionLanguage(coreLeaves.map(({ kind }) => kind));
  const offers = new OfferService(programs, { language, resolve: async (_ctx, _db, { condition }) => condition });
  const people = new People({ idSecret, defaultRegion: 'CH' });
  const sources = { book, programs };
  return {
    ctx,
    clock,
    ingest,
    book,
    offers,
    best: new NextBestOffers(sources, people),
    presenter: new PresentOfferService(sources, people),
    decider: new DecideOfferService(book, grant),
    checkout: new CheckoutService(sources, people, preview),
    async live(name, definition, programId) {
      const { id } = await offers.create(ctx, { name, definition, programId });
      return offers.setStatus(ctx, { offerId: id, status: 'LIVE' });
    },
    async person(key, draft = {}) {
      const [result] = await ingest.submit(ctx, [
        touchpoint({ source: 'pos', key, identifiers: [{ kind: 'loyaltyCard', value: key }], ...draft }),
      ]);
      if (result?.status !== 'STORED') throw new Error(JSON.stringify(result));
      return fromPublicId('cus', result.customerId!);
    },
  };
}

/** Five francs off, for everybody; worth ten. */
export function fiveOff(further: Partial<GivenDefinition> = {}): GivenDefinition {
  return {
    value: { fixed: { amount: chf('5') } },
    expected: { worth: chf('10'), acceptance: '0.5' },
    ...further,
  };
}

export function chf(amount: string) {
  return { amount, currency: 'CHF' };
}

export function basket(
  ...lines: { sku: string; price: string; quantity?: number; category?: string; cost?: string }[]
) {
  return { currency: 'CHF', lines: lines.map((line) => ({ quantity: 1, ...line })) };
}

/** A published programme with the tiers `base` and `gold` and the wallet `points`, written past its service. */
export async function writeProgram(pool: Pool, id: string): Promise<void> {
  const definition = {
    mechanics: null,
    goals: null,
    enrolment: 'AUTOMATIC',
    wallets: [{ key: 'points', name: 'Points', debt: 'OWED', pointValue: chf('0.01') }],
    rules: [],
    tierScheme: {
      basis: { orders: true },
      window: { rolling: { months: 12 } },
      keepsThroughNextPeriod: false,
      graceDays: 0,
      tiers: [
        { key: 'base', name: 'Base', threshold: '0', benefits: [] },
        { key: 'gold', name: 'Gold', threshold: '10', benefits: [] },
      ],
    },
    levers: [],
  };
  const at = new Date('2026-01-01T00:00:00Z');
  await pool`
    insert into loyalty_programs (id, name, published_version, created_at, updated_at, fingerprint)
    values (${id}, ${`Programme ${id}`}, 1, ${at}, ${at}, ${id})`;
  await pool`
    insert into loyalty_program_versions (program_id, version, status, definition, effective_at, actor, created_at, updated_at)
    values (${id}, 1, 'PUBLISHED', ${definition as never}::jsonb, ${at}, 'test', ${at}, ${at})`;
  await pool`
    insert into loyalty_phases (program_id, id, phase, effective_at, actor) values (${id}, ${id}, 'LIVE', ${at}, 'test')`;
  await pool`update loyalty_book set revision = revision + 1`;
}
