import { requireScope } from '../../access/scopes.ts';
import type { Context } from '../../kernel/context.ts';
import type { Database, Tx } from '../../kernel/database.ts';
import { badInput, DomainError, notFound } from '../../kernel/errors.ts';
import { deriveUuid, fingerprintUuid, toPublicId } from '../../kernel/ids.ts';
import { canonicalJson, type JsonObject } from '../../kernel/json.ts';
import { readIds } from '../signed-token.ts';
import { type SpokenFor, speakFor } from '../spoken-for.service.ts';
import { everyChannel, isLater } from './consent.ts';
import { ConsentDesk, type Saying } from './consent-desk.service.ts';
import { readEvidence, readSetConsent, type SetConsent } from './consent-request.ts';
import type { ConsentsMoved } from './consents.events.ts';
import {
  findDecisionRows,
  findStatement,
  findStatementsOf,
  type OwnedStatement,
  type StatementRow,
} from './consents.queries.ts';

export interface ConsentSettings {
  readonly idSecret: string;
  /** What other modules keep up to date about customers, in order. */
  readonly reactions: readonly ConsentsMoved[];
}

/** What was said, and of whom. The same statement stands on each record. */
export interface SaidOfCustomer {
  readonly customerId: string;
  readonly statements: readonly StatementRow[];
}

export interface ConfirmConsent {
  readonly token: string;
  readonly expiresAt?: Date | null;
  readonly evidence?: JsonObject | null;
}

/** What somebody decides about a customer's consents. */
export class ConsentService {
  readonly #settings: ConsentSettings;
  readonly #desk: ConsentDesk;

  constructor(settings: ConsentSettings) {
    this.#settings = settings;
    this.#desk = new ConsentDesk(settings.reactions);
  }

  /**
   * Speaks for all records that the customer has now. A repeat under the same idempotency key says nothing a second time; with
   * another input it throws `IDEMPOTENCY_CONFLICT`.
   */
  async setConsent(ctx: Context, input: SetConsent): Promise<SaidOfCustomer> {
    requireScope(ctx, 'consent:manage');
    const { customerId } = input;
    const { idempotencyKey, ...said } = readSetConsent(input, ctx.clock.now());
    const id = this.#idOf(ctx, idempotencyKey);
    const fingerprint = fingerprintUuid(canonicalJson({ ...said, customerId }));
    const done = await speakFor(ctx, customerId, async (tx, customer) => {
      const repeated = idempotencyKey === null ? undefined : await findRepeat(tx, id, fingerprint);
      if (repeated) return { customerId: customer.customerId, statements: repeated };
      const known = await findStatementsOf(tx, [customer.customerId]);
      const saying = { ...said, id, origin: 'DECISION', fingerprint } as const;
      await this.#desk.state(tx, ctx, { customer, sayings: [saying], known });
      return answer(tx, customer, id);
    });
    if (!done) throw notFound('customer', toPublicId('cus', customerId));
    return done;
  }

  /**
   * The second half of a double opt-in, for all records that the customer has now. Once: a repeat answers the same. Throws
   * `CONSENT_REQUEST_ENDED` where its time is over, or it was refused meanwhile.
   */
  async confirmConsent(ctx: Context, input: ConfirmConsent): Promise<SaidOfCustomer> {
    requireScope(ctx, 'consent:manage');
    const { idSecret } = this.#settings;
    const [recordId, statementId] = readIds(idSecret, 'consent confirmation', input.token, 2) ?? [];
    if (recordId === undefined || statementId === undefined) throw noRequest();
    if (input.expiresAt != null && input.expiresAt <= ctx.clock.now()) {
      throw badInput('Expected a time in the future.', 'input.expiresAt');
    }
    const id = deriveUuid(idSecret, 'consent confirmation', recordId, statementId);
    const done = await speakFor(ctx, recordId, async (tx, customer) => {
      const [before] = await findDecisionRows(tx, [id]);
      if (before) return answer(tx, customer, id);
      await this.#confirm(tx, ctx, { customer, request: await findStatement(tx, recordId, statementId), id, input });
      return answer(tx, customer, id);
    });
    if (!done) throw noRequest();
    return done;
  }

  async #confirm(
    tx: Tx,
    ctx: Context,
    { customer, request, id, input }: { customer: SpokenFor; request: StatementRow | undefined } & Confirmation,
  ): Promise<void> {
    if (request?.status !== 'PENDING') throw noRequest();
    const now = ctx.clock.now();
    const known = await findStatementsOf(tx, [customer.customerId]);
    if (request.expiresAt !== null && request.expiresAt <= now) throw ended('Its time is over.');
    if (known.some((said) => refuses(said, request))) throw ended('It was denied or withdrawn meanwhile.');
    const { purpose, channel, legalBasis, source } = request;
    const evidence = { ...readEvidence(input.evidence), confirms: toPublicId('cns', request.id) };
    const saying: Saying = {
      ...{ id, purpose, channel, legalBasis, source, evidence },
      ...{ status: 'GRANTED', origin: 'CONFIRMATION' },
      ...{ reason: null, statedAt: null, expiresAt: input.expiresAt ?? null, fingerprint: null },
    };
    await this.#desk.state(tx, ctx, { customer, sayings: [saying], known });
  }

  /** Of this API key's: two systems that count from 1 don't meet. */
  #idOf(ctx: Context, key: string | null): string {
    return key === null ? ctx.ids.uuid() : deriveUuid(this.#settings.idSecret, 'consent', ctx.viewer.keyId, key);
  }
}

interface Confirmation {
  readonly id: string;
  readonly input: ConfirmConsent;
}

async function answer(db: Database, { customerId }: SpokenFor, id: string): Promise<SaidOfCustomer> {
  return { customerId, statements: await findDecisionRows(db, [id]) };
}

async function findRepeat(tx: Tx, id: string, fingerprint: string): Promise<StatementRow[] | undefined> {
  const rows = await findDecisionRows(tx, [id]);
  if (rows.length === 0) return undefined;
  if (rows[0]!.fingerprint === fingerprint) return rows;
  throw new DomainError('IDEMPOTENCY_CONFLICT', 'This idempotency key was used before with another input.', {
    field: 'input.idempotencyKey',
  });
}

/** Of a channel that it is about, and later. */
function refuses(said: OwnedStatement, request: StatementRow): boolean {
  const about =
    said.purpose === request.purpose &&
    (said.channel === request.channel || said.channel === everyChannel || request.channel === everyChannel);
  return about && (said.status === 'DENIED' || said.status === 'WITHDRAWN') && isLater(said, request);
}

function noRequest(): DomainError {
  return new DomainError('NOT_FOUND', 'There is no request for consent with this token.', { field: 'input.token' });
}

function ended(why: string): DomainError {
  return new DomainError('CONSENT_REQUEST_ENDED', `This request for consent can't be confirmed any more. ${why}`, {
    field: 'input.token',
  });
}
