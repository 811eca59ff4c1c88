import { audit } from '../../access/audit.service.ts';
import { requireScope } from '../../access/scopes.ts';
import { type CurrentRules, RulesChanged } from '../../identity/current-rules.service.ts';
import { lockForGood } from '../../identity/customers.queries.ts';
import type { CustomersRegrouped } from '../../identity/identity.events.ts';
import { lockIdentities } from '../../identity/identity.queries.ts';
import { holdRules, lockRules } from '../../identity/identity-rules.queries.ts';
import { appendChanges } from '../../kernel/changes.queries.ts';
import type { Context } from '../../kernel/context.ts';
import type { Database, Tx } from '../../kernel/database.ts';
import { DomainError, notFound } from '../../kernel/errors.ts';
import { deriveUuid, fingerprintUuid, toPublicId } from '../../kernel/ids.ts';
import { canonicalJson } from '../../kernel/json.ts';
import { checkIdempotencyKey } from '../../kernel/request-input.ts';
import type { Closing, Erasure, Found, PersonalTable, Subject } from '../personal-data.ts';
import {
  findSubjectRequest,
  findTableReceipts,
  insertSubjectRequest,
  insertTableReceipts,
  type SubjectRequest,
  type TableReceipt,
} from '../subject-requests.queries.ts';
import { findReasons, withheldDigest, withholdReasons } from './access.erasure.queries.ts';
import { isSamePerson, type Known, subjectOf, suppressionsOf } from './erasure.ts';
import { checkErasureReason } from './erasure-input.ts';
import { LeftTies } from './left-ties.service.ts';
import { findSubjectIdentifiers, findSubjectRecords } from './subject.queries.ts';
import { findSuppression, insertSuppressions } from './suppressions.queries.ts';

export interface ErasureSettings {
  readonly idSecret: string;
  readonly rules: CurrentRules;
  /** What other modules keep up to date about customers, in order: erasing one can let others be joined. */
  readonly reactions: readonly CustomersRegrouped[];
  readonly closings: readonly Closing[];
  /** Every table of the database, in the order in which they are erased. */
  readonly tables: readonly PersonalTable[];
}

export interface EraseCustomer {
  /** UUID: an id that leads, or led, to the customer. */
  readonly customerId: string;
  readonly reason: string;
  readonly idempotencyKey?: string | null;
  /** Does everything, says what it did, and takes it back. */
  readonly dryRun?: boolean | null;
}

export interface Erased {
  /** Null: it was only tried. */
  readonly request: SubjectRequest | null;
  readonly receipt: readonly TableReceipt[];
  /** This person had been erased before, by `request`. */
  readonly before: boolean;
}

const mostAttempts = 5;
const retryable = new Set(['40001', '40P01', '55P03']);

/**
 * Erases people: everything that is theirs goes, what is counted by it stays as nobody's, and nothing that comes later brings
 * them back. One transaction, in which ingestion and everything else that decides who is who stands still.
 */
export class ErasureService {
  readonly #settings: ErasureSettings;
  readonly #ties: LeftTies;

  constructor(settings: ErasureSettings) {
    this.#settings = settings;
    this.#ties = new LeftTies(settings);
  }

  /** Erasing somebody again answers the first receipt. Throws `NOT_FOUND` for an id that never led to anybody. */
  async eraseCustomer(ctx: Context, input: EraseCustomer): Promise<Erased> {
    requireScope(ctx, 'privacy:manage');
    const asked = this.#read(ctx, input);
    for (let attempt = 1; ; attempt += 1) {
      try {
        const done = await this.#attempt(ctx, asked);
        ctx.loaders.clear();
        ctx.feed.wake();
        return done;
      } catch (error) {
        if (error instanceof Rehearsed) return error.erased;
        if (error instanceof RulesChanged) await this.#settings.rules.reload(ctx.pool);
        else if (!mayPass(error) || attempt === mostAttempts) throw error;
      }
    }
  }

  #read(ctx: Context, { customerId, reason, idempotencyKey, dryRun }: EraseCustomer): Asked {
    const key = checkIdempotencyKey(idempotencyKey);
    const said = { customerId, reason: checkErasureReason(reason) };
    const { keyId } = ctx.viewer;
    return {
      ...said,
      id: key === null ? ctx.ids.uuid() : deriveUuid(this.#settings.idSecret, 'data subject request', keyId, key),
      fingerprint: fingerprintUuid(canonicalJson({ ...said, kind: 'ERASURE' })),
      dryRun: dryRun === true,
    };
  }

  async #attempt(ctx: Context, asked: Asked): Promise<Erased> {
    const repeated = await findRepeat(ctx.pool, asked);
    if (repeated) return repeated;
    const known = await look(ctx.pool, asked.customerId);
    if (known.records.length === 0) return findEarlier(ctx.pool, asked.customerId);
    const subject = subjectOf(known);
    // What no index leads to is looked for before anybody has to wait.
    const found = await this.#survey(ctx.pool, subject, new Map());
    const locked = await this.#lockable(ctx.pool, subject);
    return (await ctx.pool.begin((tx) => this.#erase(tx, ctx, { asked, known, found, locked }))) as Erased;
  }

  async #erase(tx: Tx, ctx: Context, { asked, known, found, locked }: Prepared): Promise<Erased> {
    await this.#lock(tx, locked);
    const repeated = await findRepeat(tx, asked);
    if (repeated) return repeated;
    const subject = subjectOf(known);
    const again = await look(tx, asked.customerId);
    const wanted = await this.#lockable(tx, subject);
    if (!isSamePerson(known, again) || wanted.some((id) => !locked.includes(id))) throw new Restless();
    const erasure = await this.#open(tx, ctx, { asked, subject, found });
    const suppressions = suppressionsOf(known, this.#settings.rules.inForce.rules);
    await insertSuppressions(tx, suppressions, { requestId: asked.id, at: erasure.at });
    for (const { close } of this.#settings.closings) await close(tx, erasure);
    const left = await this.#ties.find(tx, known);
    const receipt = await this.#eraseTables(tx, erasure, suppressions.length);
    for (const { settle } of this.#settings.closings) await settle?.(tx, erasure);
    await this.#ties.settle(tx, ctx, left);
    return this.#conclude(tx, ctx, { asked, erasure, receipt, known });
  }

  /** Ingestion and decisions hold the rules, the others their customers: whoever is at work is waited for. */
  async #lock(tx: Tx, customerIds: readonly string[]): Promise<void> {
    const [, version] = await Promise.all([lockRules(tx), holdRules(tx), lockIdentities(tx)]);
    if (version !== this.#settings.rules.inForce.version) throw new RulesChanged();
    await lockForGood(tx, customerIds);
  }

  async #lockable(db: Database, subject: Subject): Promise<string[]> {
    const companions = await Promise.all(this.#settings.closings.map((closing) => closing.companions(db, subject)));
    return [...new Set([subject.customerId, ...companions.flat()])].sort();
  }

  async #survey(db: Database, subject: Subject, before: Survey): Promise<Survey> {
    const survey = new Map<string, Found>();
    for (const { table, find } of this.#settings.tables) {
      if (find) survey.set(table, await find(db, { subject, after: before.get(table)?.upTo ?? null }));
    }
    return survey;
  }

  async #open(
    tx: Tx,
    ctx: Context,
    { asked, subject, found }: { asked: Asked; subject: Subject; found: Survey },
  ): Promise<Erasure> {
    const since = await this.#survey(tx, subject, found);
    const keysOf = (table: string) => [...new Set([...found.get(table)!.keys, ...since.get(table)!.keys])];
    return {
      requestId: asked.id,
      at: ctx.clock.now(),
      ids: ctx.ids,
      actor: ctx.viewer.name,
      subject,
      salt: `${ctx.ids.uuid()}${ctx.ids.uuid()}`,
      found: new Map([...found.keys()].map((table) => [table, keysOf(table)])),
      changes: [],
      audited: { own: new Set(), shared: new Set() },
    };
  }

  async #eraseTables(tx: Tx, erasure: Erasure, suppressed: number): Promise<TableReceipt[]> {
    const receipt: TableReceipt[] = [];
    for (const { table, effect, afterwards, erase } of this.#settings.tables) {
      if (effect === undefined) continue;
      const rows = erase ? await erase(tx, erasure) : table === 'suppressions' ? suppressed : 0;
      receipt.push({ table, effect, rows, what: afterwards ?? '' });
    }
    return receipt;
  }

  async #conclude(tx: Tx, ctx: Context, { asked, erasure, receipt, known }: Conclusion): Promise<Erased> {
    const withheld = await findReasons(tx, erasure.audited);
    if (withheld.length > 0) await withholdReasons(tx, withheld);
    const lines = receipt.map((line) => (line.table === 'audit_entries' ? { ...line, rows: withheld.length } : line));
    const request = requestOf(ctx, { asked, erasure, known });
    await insertSubjectRequest(tx, request);
    await insertTableReceipts(tx, request.id, lines);
    const customerId = erasure.subject.customerId;
    await audit(tx, ctx, {
      action: 'privacy.customer_erased',
      subject: toPublicId('dsr', request.id),
      reason: asked.reason,
      detail: {
        ...request.detail,
        customer: toPublicId('cus', customerId),
        withheld: Object.fromEntries(withheld.map((entry) => [toPublicId('aud', entry.id), withheldDigest(entry)])),
      },
    });
    const erased = {
      topic: 'customer.erased',
      customerId,
      subjectId: customerId,
      detail: { request: request.id },
    } as const;
    await appendChanges(tx, erasure.at, [...erasure.changes, erased]);
    const result = { request, receipt: [...lines].sort(byTable), before: false };
    if (asked.dryRun) throw new Rehearsed({ ...result, request: null });
    return result;
  }
}

interface Asked {
  readonly id: string;
  readonly customerId: string;
  readonly reason: string;
  readonly fingerprint: string;
  readonly dryRun: boolean;
}

type Survey = ReadonlyMap<string, Found>;

interface Prepared {
  readonly asked: Asked;
  readonly known: Known;
  readonly found: Survey;
  readonly locked: readonly string[];
}

interface Conclusion {
  readonly asked: Asked;
  readonly erasure: Erasure;
  readonly receipt: readonly TableReceipt[];
  readonly known: Known;
}

/** Somebody was merged, split or learnt about meanwhile: begun anew. */
class Restless extends Error {}

/** Takes a trial back, with what it came to. */
class Rehearsed extends Error {
  readonly erased: Erased;

  constructor(erased: Erased) {
    super('This erasure was only tried.');
    this.erased = erased;
  }
}

function mayPass(error: unknown): boolean {
  return error instanceof Restless || retryable.has((error as { code?: string }).code ?? '');
}

async function look(db: Database, anyId: string): Promise<Known> {
  const records = await findSubjectRecords(db, anyId);
  if (records.length === 0) return { records, identifiers: [] };
  const identifiers = await findSubjectIdentifiers(
    db,
    records.map(({ id }) => id),
  );
  return { records, identifiers };
}

async function findRepeat(db: Database, { id, fingerprint }: Asked): Promise<Erased | undefined> {
  const request = await findSubjectRequest(db, id);
  if (!request) return undefined;
  if (request.fingerprint === fingerprint) {
    return { request, receipt: await findTableReceipts(db, id), before: false };
  }
  throw new DomainError('IDEMPOTENCY_CONFLICT', 'This idempotency key was used before with another input.', {
    field: 'input.idempotencyKey',
  });
}

/** Ids of customers are those of their records, which stay suppressed by them. */
async function findEarlier(db: Database, customerId: string): Promise<Erased> {
  const suppression = await findSuppression(db, customerId);
  const request = suppression && (await findSubjectRequest(db, suppression.requestId));
  if (!request) throw notFound('customer', toPublicId('cus', customerId));
  return { request, receipt: await findTableReceipts(db, request.id), before: true };
}

function requestOf(ctx: Context, { asked, erasure, known }: Omit<Conclusion, 'receipt'>): SubjectRequest {
  const { identifierIds, sharedIdentifierIds } = erasure.subject;
  return {
    id: asked.id,
    kind: 'ERASURE',
    status: 'DONE',
    customerId: erasure.subject.customerId,
    keyId: ctx.viewer.keyId,
    actor: ctx.viewer.name,
    reason: asked.reason,
    detail: {
      records: known.records.length,
      identifiers: identifierIds.length,
      sharedIdentifiers: sharedIdentifierIds.length,
    },
    fingerprint: asked.fingerprint,
    requestedAt: erasure.at,
    finishedAt: erasure.at,
    expiresAt: null,
  };
}

function byTable(a: TableReceipt, b: TableReceipt): number {
  return a.table < b.table ? -1 : 1;
}
