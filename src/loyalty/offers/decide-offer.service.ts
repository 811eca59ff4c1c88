import { audit } from '../../access/audit.service.ts';
import { requireScope } from '../../access/scopes.ts';
import { lockCustomers } from '../../identity/customers.queries.ts';
import { appendChanges, type NewChange } from '../../kernel/changes.queries.ts';
import type { Context } from '../../kernel/context.ts';
import type { Tx } from '../../kernel/database.ts';
import { badInput, DomainError, notFound } from '../../kernel/errors.ts';
import { toPublicId } from '../../kernel/ids.ts';
import { currencyExponent, toMinor } from '../../kernel/money.ts';
import { findBudgets, lockBudgets, release, spend } from './budgets.queries.ts';
import { readInstant } from './instant.ts';
import { isUsedUp } from './judge-offer.ts';
import type { MoneyText } from './offer.ts';
import type { OfferBook } from './offer-book.service.ts';
import { tellOfOffer } from './offer-changes.service.ts';
import { refused } from './offer-errors.ts';
import type { OfferTerms } from './offer-terms.ts';
import { findPersonOfRecord, findUses } from './person.queries.ts';
import { getTerms, presentationId } from './present-offer.service.ts';
import { budgetMove, type Presentation, type Step, takeStep } from './presentation.ts';
import {
  findPresentations,
  lockPresentation,
  nobody,
  type StoredPresentation,
  savePresentation,
} from './presentations.queries.ts';
import { reserveOrLapse, spendOrLapse } from './reservation.service.ts';

/** Exactly one of the two. */
export interface NamedPresentation {
  /** UUID. */
  readonly presentationId?: string | null;
  /** The idempotency key with which this API key presented it. */
  readonly presentationKey?: string | null;
}

export interface DecideOffer extends NamedPresentation {
  readonly occurredAt?: Date | null;
}

export interface RedeemOffer extends DecideOffer {
  /** What was taken off; left out: as much as was reserved. */
  readonly amount?: MoneyText | null;
}

/** What an offer of points gives, in the transaction in which it is redeemed; the customer is locked. */
export type GrantPoints = (
  tx: Tx,
  ctx: Context,
  granted: {
    readonly customerId: string;
    readonly recordId: string;
    readonly programId: string;
    readonly wallet: string;
    readonly points: bigint;
    readonly offerId: string;
    readonly presentationId: string;
    readonly at: Date;
  },
) => Promise<readonly NewChange[]>;

const mostAttempts = 5;

/** What becomes of offers that were presented. Every step can be repeated at will. */
export class DecideOfferService {
  readonly #book: Pick<OfferBook, 'timeZone'>;
  readonly #grant: GrantPoints | undefined;

  /** `grant` puts points of offers on accounts; without it they are noted only. */
  constructor(book: Pick<OfferBook, 'timeZone'>, grant?: GrantPoints) {
    this.#book = book;
    this.#grant = grant;
  }

  /** It stays reserved for `redeemMinutes` from then on. */
  accept(ctx: Context, input: DecideOffer): Promise<StoredPresentation> {
    return this.#decide(ctx, input, ({ offer }, at) => {
      return { kind: 'ACCEPT', at, redeemMinutes: offer.definition.redeemMinutes };
    });
  }

  decline(ctx: Context, input: DecideOffer): Promise<StoredPresentation> {
    return this.#decide(ctx, input, (_, at) => ({ kind: 'DECLINE', at }));
  }

  /** It was used. Also without having been accepted before. */
  redeem(ctx: Context, input: RedeemOffer): Promise<StoredPresentation> {
    return this.#decide(ctx, input, (terms, at, { reserved }) => {
      return { kind: 'REDEEM', at, spent: spentFor(terms, input.amount, reserved) };
    });
  }

  async #decide(ctx: Context, input: DecideOffer, stepOf: StepOf): Promise<StoredPresentation> {
    requireScope(ctx, 'loyalty:operate');
    const id = readName(ctx, input);
    const now = ctx.clock.now();
    const at = readInstant(input.occurredAt, now);
    for (let attempt = 1; attempt <= mostAttempts; attempt += 1) {
      const done = await ctx.pool.begin((tx) => this.#attempt(tx, ctx, { id, at, now, stepOf }));
      if (!done) continue;
      ctx.feed.wake();
      return done;
    }
    throw new DomainError('SERVICE_UNAVAILABLE', 'The customer is being merged and split at the moment. Try again.');
  }

  /** Undefined where the customer was merged or split between being found and being locked. */
  async #attempt(tx: Tx, ctx: Context, { id, at, now, stepOf }: Attempt): Promise<StoredPresentation | undefined> {
    const [found] = await findPresentations(tx, [id]);
    if (!found) throw notFound('presentation', toPublicId('prs', id));
    const customerId = await lockOwner(tx, found.recordId);
    if (customerId === undefined) return undefined;
    const terms = await getTerms(tx, found.offerId);
    const budgeted = await holdBudget(tx, found, now);
    const presentation = (await lockPresentation(tx, found))!;
    const step = stepOf(terms, at, presentation);
    const stepped = takeStep(presentation, step);
    if ('refused' in stepped) throw refused(found.offerId, stepped.refused);
    if ('repeated' in stepped) return presentation;
    if (step.kind !== 'DECLINE') await this.#checkLimit(tx, terms, { presentation, customerId, at, now });
    const held = await moveBudget(tx, { presentation, next: stepped.next, budgeted, now });
    const next = { ...presentation, ...stepped.next, held };
    await savePresentation(tx, next);
    await this.#tell(tx, ctx, { terms, presentation: next, customerId, now });
    return next;
  }

  /** Under the lock on the customer: no two tills use the last one. */
  async #checkLimit(
    tx: Tx,
    terms: OfferTerms,
    {
      presentation,
      customerId,
      at,
      now,
    }: { presentation: Presentation; customerId: string | null; at: Date; now: Date },
  ): Promise<void> {
    const { id: offerId, definition } = terms.offer;
    if (customerId === null || definition.limits.length === 0) return;
    const uses = await findUses(tx, { customerId, offerIds: [offerId], now });
    const others = uses.filter(({ id }) => id !== presentation.id).map(({ at: used }) => used);
    if (isUsedUp(terms, { at, timeZone: this.#book.timeZone }, others)) throw refused(offerId, 'LIMIT');
  }

  async #tell(
    tx: Tx,
    ctx: Context,
    {
      terms,
      presentation,
      customerId,
      now,
    }: { terms: OfferTerms; presentation: Presentation; customerId: string | null; now: Date },
  ): Promise<void> {
    const { id, status, offerId } = presentation;
    await tellOfOffer(tx, now, { offerId, customerId, detail: { what: status, presentationId: id } });
    // Presentations keep who noted what and when; what costs money is in the audit log too.
    if (status !== 'REDEEMED') return;
    const subject = toPublicId('prs', id);
    const said = { offerId: toPublicId('off', offerId), spent: String(presentation.spent) };
    await audit(tx, ctx, { action: 'loyalty.offer_redeemed', subject, detail: said });
    const { value, offer } = terms;
    if (value.kind !== 'points' || customerId === null || offer.programId === null || !this.#grant) return;
    const changes = await this.#grant(tx, ctx, {
      customerId,
      recordId: presentation.recordId,
      programId: offer.programId,
      wallet: value.wallet,
      points: value.points,
      offerId,
      presentationId: id,
      at: presentation.decidedAt ?? now,
    });
    await appendChanges(tx, now, changes);
  }
}

type StepOf = (terms: OfferTerms, at: Date, presentation: Presentation) => Step;

interface Attempt {
  readonly id: string;
  readonly at: Date;
  readonly now: Date;
  readonly stepOf: StepOf;
}

function readName(ctx: Context, { presentationId: id, presentationKey: key }: NamedPresentation): string {
  if (id != null && key == null) return id;
  if (key != null && id == null) return presentationId(ctx, key, 'input.presentationKey');
  throw badInput('Give `presentationId` or `presentationKey`, exactly one of them.', 'input.presentationId');
}

/** Null: it is nobody's. Undefined: the owner changed while the lock was waited for. */
async function lockOwner(tx: Tx, recordId: string): Promise<string | null | undefined> {
  if (recordId === nobody) return null;
  const owner = await findPersonOfRecord(tx, recordId);
  if (!owner) return null;
  await lockCustomers(tx, [owner.customerId]);
  const again = await findPersonOfRecord(tx, recordId);
  return again?.customerId === owner.customerId ? owner.customerId : undefined;
}

/** Locks the budget that the step moves; answers whether there is one. Others don't have to wait for each other. */
async function holdBudget(tx: Tx, { offerId, held }: Presentation, now: Date): Promise<boolean> {
  const [row] = await findBudgets(tx, { offerIds: [offerId], now });
  const budgeted = row !== undefined && (row.allowed !== null || row.usesAllowed !== null);
  if (budgeted || held) await lockBudgets(tx, [offerId]);
  return budgeted;
}

/** Answers whether it holds something of the budget from then on. */
async function moveBudget(
  tx: Tx,
  {
    presentation,
    next,
    budgeted,
    now,
  }: { presentation: Presentation; next: Pick<Presentation, 'status' | 'spent'>; budgeted: boolean; now: Date },
): Promise<boolean> {
  const { offerId, held } = presentation;
  const move = budgetMove(presentation, next, budgeted);
  switch (move.kind) {
    case 'RESERVE':
      if (!(await reserveOrLapse(tx, { offerId, amount: move.amount, now }))) throw refused(offerId, 'BUDGET');
      return true;
    case 'RELEASE':
      await release(tx, offerId, { amount: move.amount, uses: 1 });
      return false;
    case 'SPEND':
      await spend(tx, offerId, move);
      return false;
    case 'SPEND_UNRESERVED':
      if (!(await spendOrLapse(tx, { offerId, amount: move.spent, now }))) throw refused(offerId, 'BUDGET');
      return false;
    default:
      return held;
  }
}

/** What a use cost: what was taken off, and what it costs beside. Null: as much as was reserved. */
function spentFor(terms: OfferTerms, amount: MoneyText | null | undefined, reserved: bigint): bigint | null {
  if (amount == null) return null;
  const exponent = currencyExponent(amount.currency);
  const minor = exponent === undefined ? undefined : toMinor(amount.amount, exponent);
  if (minor === undefined || minor < 0n) throw badInput('Expected an amount of money, not negative.', 'input.amount');
  const { currency, cost, offer } = terms;
  if (currency !== null && amount.currency !== currency) {
    throw badInput(`The offer is in ${currency}, got ${amount.currency}.`, 'input.amount.currency');
  }
  const spent = minor + (cost ?? 0n);
  const { budget } = offer.definition;
  if (budget && 'money' in budget && spent > reserved) {
    throw badInput('That is more than the offer gives, and more than was reserved for it.', 'input.amount');
  }
  return spent;
}
