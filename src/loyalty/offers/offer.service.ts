import { audit } from '../../access/audit.service.ts';
import { requireScope } from '../../access/scopes.ts';
import type { Condition } from '../../conditions/condition.ts';
import { parseCondition } from '../../conditions/parse-condition.ts';
import type { Context } from '../../kernel/context.ts';
import type { Tx } from '../../kernel/database.ts';
import { badInput, DomainError } from '../../kernel/errors.ts';
import { fingerprintUuid, toPublicId } from '../../kernel/ids.ts';
import { canonicalJson, type JsonObject } from '../../kernel/json.ts';
import { checkReason } from '../../kernel/request-input.ts';
import type { ProgramBook } from '../programs/program-book.service.ts';
import type { RuleConditions } from '../programs/rule-conditions.ts';
import { saveAllowance } from './budgets.queries.ts';
import type { OfferDefinition, OfferStatus } from './offer.ts';
import { tellOfOffer } from './offer-changes.service.ts';
import { checkOffer, type Eligibility, type GivenOffer, withEligibility } from './offer-check.ts';
import { noOffer } from './offer-errors.ts';
import { checkProgram } from './offer-program.ts';
import { minorOf, type OfferView } from './offer-terms.ts';
import {
  findFingerprint,
  findOffers,
  insertOffer,
  lockOffer,
  saveOffer,
  saveOfferStatus,
  turnOfferPage,
} from './offers.queries.ts';
import { requestId } from './request-id.ts';

/** A definition with who is eligible, as a tree or in words. */
export interface GivenDefinition extends GivenOffer {
  readonly eligibility?: Condition | null;
  readonly eligibilityText?: string | null;
}

export interface CreateOffer {
  readonly name: string;
  readonly programId?: string | null;
  readonly definition: GivenDefinition;
  readonly reason?: string | null;
  readonly idempotencyKey?: string | null;
}

export interface UpdateOffer {
  readonly offerId: string;
  readonly name?: string | null;
  /** Instead of the one before, as a whole. */
  readonly definition?: GivenDefinition | null;
  readonly expectedVersion?: number | null;
  readonly reason?: string | null;
}

export interface SetOfferStatus {
  readonly offerId: string;
  readonly status: OfferStatus;
  readonly reason?: string | null;
}

/** Creates and changes offers. */
export class OfferService {
  readonly #programs: Pick<ProgramBook, 'current'>;
  readonly #conditions: Pick<RuleConditions, 'language' | 'resolve'>;

  constructor(programs: Pick<ProgramBook, 'current'>, conditions: Pick<RuleConditions, 'language' | 'resolve'>) {
    this.#programs = programs;
    this.#conditions = conditions;
  }

  /** As a draft. */
  async create(ctx: Context, input: CreateOffer): Promise<OfferView> {
    requireScope(ctx, 'loyalty:manage');
    const name = checkName(input.name);
    const reason = checkReason(input.reason);
    const programId = input.programId ?? null;
    const { idempotencyKey, ...said } = input;
    const id = idempotencyKey == null ? ctx.ids.uuid() : requestId('offers', ctx.viewer.keyId, idempotencyKey);
    const fingerprint = fingerprintUuid(canonicalJson({ create: plain(said) }));
    await ctx.pool.begin(async (tx) => {
      const definition = await this.#prepare(ctx, tx, { programId, given: input.definition });
      const now = ctx.clock.now();
      if (!(await insertOffer(tx, { id, programId, name, definition, now, fingerprint }))) {
        return checkRepeat(tx, id, fingerprint);
      }
      await saveAllowance(tx, id, allowanceOf(definition));
      await this.#tell(tx, ctx, { id, what: 'CREATED', version: 1, reason, detail: { name, definition } });
    });
    ctx.feed.wake();
    return getOffer(ctx, id);
  }

  /** What it says from now on. What was presented before stays as it was presented. */
  async update(ctx: Context, input: UpdateOffer): Promise<OfferView> {
    requireScope(ctx, 'loyalty:manage');
    const { offerId: id, expectedVersion } = input;
    const reason = checkReason(input.reason);
    await ctx.pool.begin(async (tx) => {
      const offer = await getLocked(tx, id);
      if (expectedVersion != null && expectedVersion !== offer.version) throw versionConflict(offer, expectedVersion);
      if (offer.status === 'ENDED') throw badInput('The offer has ended: make another one.', 'input.offerId');
      const { programId } = offer;
      const name = input.name == null ? offer.name : checkName(input.name);
      const given = input.definition;
      const definition = given == null ? offer.definition : await this.#prepare(ctx, tx, { programId, given });
      if (canonicalJson([name, definition]) === canonicalJson([offer.name, offer.definition])) return;
      await saveOffer(tx, { id, name, definition, now: ctx.clock.now() });
      await saveAllowance(tx, id, allowanceOf(definition));
      const version = offer.version + 1;
      await this.#tell(tx, ctx, { id, what: 'UPDATED', version, reason, detail: { name, definition } });
    });
    ctx.feed.wake();
    return getOffer(ctx, id);
  }

  /** LIVE: it is made from now on, within its validity. ENDED is for good. */
  async setStatus(ctx: Context, { offerId: id, status, ...said }: SetOfferStatus): Promise<OfferView> {
    requireScope(ctx, 'loyalty:manage');
    const reason = checkReason(said.reason);
    await ctx.pool.begin(async (tx) => {
      const offer = await getLocked(tx, id);
      if (offer.status === status) return;
      checkTurn(offer.status, status);
      await saveOfferStatus(tx, { id, status, now: ctx.clock.now() });
      const version = offer.version + 1;
      await this.#tell(tx, ctx, { id, what: status, version, reason, detail: { from: offer.status, to: status } });
    });
    ctx.feed.wake();
    return getOffer(ctx, id);
  }

  async #prepare(
    ctx: Context,
    tx: Tx,
    { programId, given }: { programId: string | null; given: GivenDefinition },
  ): Promise<OfferDefinition> {
    const { eligibility, eligibilityText, ...others } = given;
    const definition = checkOffer(others);
    checkProgram(await this.#programs.current(tx), { programId, definition, now: ctx.clock.now() });
    const read = readEligibility({ eligibility, eligibilityText });
    return withEligibility(definition, read && (await this.#resolve(ctx, tx, read)));
  }

  async #resolve(
    ctx: Context,
    tx: Tx,
    { condition, field }: { condition: Condition; field: string },
  ): Promise<Eligibility> {
    const given = this.#conditions.language.check(condition, field);
    return { given, resolved: await this.#conditions.resolve(ctx, tx, { condition: given, field }) };
  }

  async #tell(
    tx: Tx,
    ctx: Context,
    {
      id,
      what,
      version,
      reason,
      detail,
    }: { id: string; what: string; version: number; reason: string | null; detail: object },
  ): Promise<void> {
    await turnOfferPage(tx);
    const said = { version, ...(plain(detail) as JsonObject) };
    const action = `loyalty.offer_${what.toLowerCase()}`;
    await audit(tx, ctx, { action, subject: toPublicId('off', id), reason, detail: said });
    await tellOfOffer(tx, ctx.clock.now(), { offerId: id, customerId: null, detail: { what, version } });
  }
}

export async function getOffer(ctx: Context, id: string): Promise<OfferView> {
  const [offer] = await findOffers(ctx.pool, [id]);
  if (!offer) throw noOffer(id);
  return offer;
}

async function getLocked(tx: Tx, id: string): Promise<OfferView> {
  const offer = await lockOffer(tx, id);
  if (!offer) throw noOffer(id);
  return offer;
}

function readEligibility({ eligibility, eligibilityText }: Pick<GivenDefinition, 'eligibility' | 'eligibilityText'>) {
  if (eligibility != null && eligibilityText != null) {
    throw badInput('Give `eligibility` or `eligibilityText`, not both.', 'input.definition.eligibilityText');
  }
  if (eligibility != null) return { condition: eligibility, field: 'input.definition.eligibility' };
  if (eligibilityText == null) return null;
  const field = 'input.definition.eligibilityText';
  return { condition: parseCondition(eligibilityText, field), field };
}

function allowanceOf({ budget }: OfferDefinition): { money: bigint | null; uses: number | null } {
  return {
    money: budget && 'money' in budget ? minorOf(budget.money) : null,
    uses: budget && 'uses' in budget ? budget.uses : null,
  };
}

function checkTurn(from: OfferStatus, to: OfferStatus): void {
  if (from === 'ENDED') throw badInput('The offer has ended, for good.', 'input.status');
  if (to === 'DRAFT') throw badInput('What has been live is no draft any more: pause it.', 'input.status');
}

async function checkRepeat(tx: Tx, id: string, fingerprint: string): Promise<void> {
  if ((await findFingerprint(tx, id)) === fingerprint) return;
  throw new DomainError('IDEMPOTENCY_CONFLICT', 'This idempotency key was used for another offer.', {
    field: 'input.idempotencyKey',
  });
}

function checkName(name: string): string {
  const tidy = name.trim();
  if (tidy.length >= 1 && tidy.length <= 200 && !/\p{Cc}/u.test(tidy)) return tidy;
  throw badInput(`Expected a name of 1 to 200 characters, got ${tidy.length}.`, 'input.name');
}

function versionConflict({ version }: OfferView, expected: number): DomainError {
  return new DomainError(
    'VERSION_CONFLICT',
    `Expected version ${expected} of the offer, but it is at ${version}: somebody changed it meanwhile.`,
    { field: 'input.expectedVersion', currentVersion: version },
  );
}

/** As JSON: no dates, no big numbers, no classes of inputs. */
function plain(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value, (_, member) => (typeof member === 'bigint' ? Number(member) : member)));
}
