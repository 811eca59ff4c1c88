import { audit } from '../../access/audit.service.ts';
import { isKept, outside } from '../../access/boundary.ts';
import { requireScope } from '../../access/scopes.ts';
import { holdCustomer } from '../../identity/customers.queries.ts';
import { checkDecisionBase } from '../../identity/decision-input.ts';
import type { Context } from '../../kernel/context.ts';
import type { Database } from '../../kernel/database.ts';
import { DomainError, notFound } from '../../kernel/errors.ts';
import { deriveUuid, fingerprintUuid, toPublicId } from '../../kernel/ids.ts';
import { canonicalJson, type Json } from '../../kernel/json.ts';
import type { ExportedTable, PersonalTable, Subject } from '../personal-data.ts';
import { findSubjectRequest, insertSubjectRequest, type SubjectRequest } from '../subject-requests.queries.ts';
import { expireExports, openSnapshot, saveExported } from './access-export.queries.ts';
import type { ExportPart } from './export-document.ts';
import { readSubject } from './read-subject.service.ts';

/** What is worked out about a person when somebody asks, and stored nowhere: why they are what they are. */
export interface Explained {
  readonly of: string;
  readonly explain: (ctx: Context, customerId: string) => Promise<Json>;
}

export interface AccessExportParts {
  readonly idSecret: string;
  readonly exports: readonly ExportedTable[];
  readonly tables: readonly Pick<PersonalTable, 'table' | 'why'>[];
  readonly explained: readonly Explained[];
}

export interface AccessExportRequest {
  /** UUID of any id that the customer ever had. */
  readonly customerId: string;
  readonly reason: string;
  readonly idempotencyKey?: string | null;
}

/** A week: for as long it can be fetched, each time as of then. */
const lastsMs = 7 * 86_400_000;

/** Everything that is held about somebody, for them. */
export class AccessExportService {
  readonly #parts: AccessExportParts;

  constructor(parts: AccessExportParts) {
    this.#parts = parts;
  }

  /** Nothing is copied: whoever fetches it reads what is there then. */
  async create(ctx: Context, input: AccessExportRequest): Promise<SubjectRequest> {
    requireAccess(ctx);
    checkDecisionBase(input);
    const { customerId, reason, idempotencyKey } = input;
    const id =
      idempotencyKey == null
        ? ctx.ids.uuid()
        : deriveUuid(this.#parts.idSecret, 'data subject request', ctx.viewer.keyId, idempotencyKey);
    const fingerprint = fingerprintUuid(canonicalJson({ kind: 'ACCESS', customerId, reason }));
    const request = await ctx.pool.begin(async (tx) => {
      const before = await findSubjectRequest(tx, id);
      if (before) return sameOrConflict(before, fingerprint);
      const now = ctx.clock.now();
      const subject = await readSubject(tx, customerId);
      // Who is being erased has no request that would outlive them.
      const isThere = subject !== undefined && (await holdCustomer(tx, subject.customerId));
      if (!isThere) throw notFound('customer', toPublicId('cus', customerId));
      await expireExports(tx, now);
      const made: SubjectRequest = {
        ...{ id, kind: 'ACCESS', status: 'READY', customerId: subject.customerId, reason, fingerprint, detail: {} },
        ...{ keyId: ctx.viewer.keyId, actor: ctx.viewer.name },
        ...{ requestedAt: now, finishedAt: null, expiresAt: new Date(now.getTime() + lastsMs) },
      };
      await insertSubjectRequest(tx, made);
      await log(tx, ctx, made, 'privacy.access_requested');
      return made;
    });
    return request as SubjectRequest;
  }

  /**
   * All of it, part by part, as of one instant. Throws `NOT_FOUND` where there is no such export, or nobody any more. That it
   * was fetched is in the audit log before the first part leaves; what was handed over is in the receipt after the last.
   */
  async *open(ctx: Context, requestId: string, signal?: AbortSignal): AsyncGenerator<ExportPart, void, void> {
    requireAccess(ctx);
    const request = await getReady(ctx, requestId);
    await ctx.pool.begin((tx) => log(tx, ctx, request, 'privacy.access_fetched'));
    const snapshot = await openSnapshot(ctx.pool);
    try {
      const subject = await readSubject(snapshot.db, request.customerId);
      if (!subject) throw notFound('customer', toPublicId('cus', request.customerId));
      yield this.#header(ctx, request, subject);
      const rows: Record<string, number> = {};
      for (const exported of this.#parts.exports) {
        rows[exported.table] = 0;
        for await (const page of exported.export(snapshot.db as Database, subject)) {
          signal?.throwIfAborted();
          rows[exported.table]! += page.length;
          yield { kind: 'ROWS', table: exported.table, rows: page };
        }
      }
      yield* this.#explain(ctx, subject);
      await this.#save(ctx, requestId, rows);
      yield { kind: 'END', rows };
    } finally {
      await snapshot.end();
    }
  }

  async *#explain(ctx: Context, { customerId }: Subject): AsyncGenerator<ExportPart, void, void> {
    for (const { of, explain } of this.#parts.explained) {
      yield { kind: 'EXPLANATION', of, explanation: await explain(ctx, customerId) };
    }
  }

  #header(ctx: Context, request: SubjectRequest, subject: Subject): ExportPart {
    const about = new Map(this.#parts.tables.map(({ table, why }) => [table, why]));
    return {
      kind: 'HEADER',
      header: {
        format: 'rundum-access-export/1',
        request: toPublicId('dsr', request.id),
        customer: toPublicId('cus', subject.customerId),
        asOf: ctx.clock.now().toISOString(),
        tables: this.#parts.exports.map(({ table }) => ({ table, about: about.get(table) ?? '' })),
      },
    };
  }

  async #save(ctx: Context, requestId: string, rows: Readonly<Record<string, number>>): Promise<void> {
    const receipts = Object.entries(rows).map(([table, count]) => {
      return { table, rows: count, effect: 'EXPORTED', what: 'Handed over.' } as const;
    });
    await ctx.pool.begin((tx) => saveExported(tx, requestId, { receipts, now: ctx.clock.now() }));
  }
}

/** Everything about somebody, unmasked: whoever may see less may not see this. */
function requireAccess(ctx: Context): void {
  requireScope(ctx, 'privacy:manage');
  requireScope(ctx, 'pii:read');
  if (isKept(ctx)) throw outside('An access export has everything about somebody, and this key is kept to some of it.');
}

async function getReady(ctx: Context, requestId: string): Promise<SubjectRequest> {
  const request = await findSubjectRequest(ctx.pool, requestId);
  if (request?.kind !== 'ACCESS') throw notFound('access export', toPublicId('dsr', requestId));
  if (request.status === 'READY' && request.expiresAt !== null && request.expiresAt > ctx.clock.now()) return request;
  throw new DomainError('NOT_FOUND', 'This access export cannot be fetched any more. Ask for another one.');
}

function sameOrConflict(request: SubjectRequest, fingerprint: string): SubjectRequest {
  if (request.fingerprint === fingerprint) return request;
  throw new DomainError('IDEMPOTENCY_CONFLICT', 'This idempotency key was used before with another input.', {
    field: 'input.idempotencyKey',
  });
}

function log(
  tx: Parameters<typeof audit>[0],
  ctx: Context,
  { id, customerId, reason }: SubjectRequest,
  action: 'privacy.access_requested' | 'privacy.access_fetched',
): Promise<void> {
  const detail = { request: toPublicId('dsr', id) };
  return audit(tx, ctx, { action, subject: toPublicId('cus', customerId), reason, detail });
}
