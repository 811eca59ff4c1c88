import type { Database, Tx } from '../../kernel/database.ts';
import type { JsonObject } from '../../kernel/json.ts';
import { column, idColumn, idList, jsonLines } from '../../kernel/sql-array.ts';
import type { Consent, ConsentOrigin, Stated } from './consent.ts';

/** A row of `consent_statements`. */
export interface StatementRow extends Stated {
  readonly origin: ConsentOrigin;
  readonly evidence: JsonObject | null;
  readonly actor: string | null;
  readonly reason: string | null;
  readonly recordedAt: Date;
  readonly fingerprint: string | null;
}

/** Answers how many were not there. */
export async function insertStatements(tx: Tx, statements: readonly StatementRow[]): Promise<number> {
  const inserted = await tx`
    insert into consent_statements (record_id, id, purpose, channel, status, legal_basis, origin, source, actor, reason,
                                    stated_at, recorded_at, expires_at, fingerprint, evidence)
    select record_id, id, purpose, channel, status, legal_basis, origin, source, actor, reason, stated_at, recorded_at,
           expires_at, fingerprint, evidence::jsonb
    from rows from (
      unnest(
        ${idColumn(statements, (one) => one.recordId)}::uuid[],
        ${idColumn(statements, (one) => one.id)}::uuid[],
        ${column(statements, (one) => one.purpose)}::text[],
        ${column(statements, (one) => one.channel)}::text[],
        ${column(statements, (one) => one.status)}::text[],
        ${column(statements, (one) => one.legalBasis)}::text[],
        ${column(statements, (one) => one.origin)}::text[],
        ${column(statements, (one) => one.source)}::text[],
        ${column(statements, (one) => one.actor)}::text[],
        ${column(statements, (one) => one.reason)}::text[],
        ${column(statements, (one) => one.statedAt)}::timestamptz[],
        ${column(statements, (one) => one.recordedAt)}::timestamptz[],
        ${column(statements, (one) => one.expiresAt)}::timestamptz[],
        ${idColumn(statements, (one) => one.fingerprint)}::uuid[]),
      string_to_table(${jsonLines(statements, (one) => one.evidence)}::text, E'\\n', 'null')
    ) as new (record_id, id, purpose, channel, status, legal_basis, origin, source, actor, reason, stated_at, recorded_at,
              expires_at, fingerprint, evidence)
    on conflict (record_id, id) do nothing`;
  return inserted.count;
}

export interface OwnedStatement extends Stated {
  readonly customerId: string;
}

/** What was said of the records that these customers have now. */
export async function findStatementsOf(db: Database, customerIds: readonly string[]): Promise<OwnedStatement[]> {
  return db`
    select r.customer_id as "customerId", s.record_id as "recordId", s.id, s.purpose, s.channel, s.status,
           s.legal_basis as "legalBasis", s.source, s.stated_at as "statedAt", s.expires_at as "expiresAt"
    from unnest(${idList(customerIds)}::uuid[]) as c (id)
    cross join lateral (select id, customer_id from records where customer_id = c.id offset 0) as r
    cross join lateral (select * from consent_statements where record_id = r.id offset 0) as s`;
}

/** A row of `customer_consents`. */
export interface StoredConsent extends Consent {
  readonly customerId: string;
}

export async function findConsents(db: Database, customerIds: readonly string[]): Promise<StoredConsent[]> {
  return db`
    select customer_id as "customerId", purpose, channel, status, legal_basis as "legalBasis", source,
           record_id as "recordId", statement_id as "statementId", stated_at as "statedAt", expires_at as "expiresAt",
           conflict
    from customer_consents where customer_id = any(${idList(customerIds)}::uuid[])
    order by customer_id, purpose collate "C", channel collate "C"`;
}

/** `told`: what has ended by then, the change feed is told of in this transaction. */
export async function upsertConsents(tx: Tx, consents: readonly StoredConsent[], told: Date): Promise<void> {
  await tx`
    insert into customer_consents (customer_id, purpose, channel, status, legal_basis, source, record_id, statement_id,
                                   stated_at, expires_at, conflict, told_expiry)
    select *, case when expires_at <= ${told} then expires_at end
    from unnest(
      ${idColumn(consents, (one) => one.customerId)}::uuid[],
      ${column(consents, (one) => one.purpose)}::text[],
      ${column(consents, (one) => one.channel)}::text[],
      ${column(consents, (one) => one.status)}::text[],
      ${column(consents, (one) => one.legalBasis)}::text[],
      ${column(consents, (one) => one.source)}::text[],
      ${idColumn(consents, (one) => one.recordId)}::uuid[],
      ${idColumn(consents, (one) => one.statementId)}::uuid[],
      ${column(consents, (one) => one.statedAt)}::timestamptz[],
      ${column(consents, (one) => one.expiresAt)}::timestamptz[],
      ${column(consents, (one) => one.conflict)}::boolean[]
    ) as new (customer_id, purpose, channel, status, legal_basis, source, record_id, statement_id, stated_at, expires_at,
              conflict)
    on conflict (customer_id, purpose, channel) do update
    set status = excluded.status, legal_basis = excluded.legal_basis, source = excluded.source,
        record_id = excluded.record_id, statement_id = excluded.statement_id, stated_at = excluded.stated_at,
        expires_at = excluded.expires_at, conflict = excluded.conflict, told_expiry = excluded.told_expiry`;
}

export async function deleteConsents(
  tx: Tx,
  consents: readonly Pick<StoredConsent, 'customerId' | 'purpose' | 'channel'>[],
): Promise<void> {
  await tx`
    delete from customer_consents as k using unnest(
      ${idColumn(consents, (one) => one.customerId)}::uuid[],
      ${column(consents, (one) => one.purpose)}::text[],
      ${column(consents, (one) => one.channel)}::text[]
    ) as gone (customer_id, purpose, channel)
    where k.customer_id = gone.customer_id and k.purpose = gone.purpose and k.channel = gone.channel`;
}

/** Of customers that there are not. */
export async function deleteStrayConsents(db: Database): Promise<void> {
  await db`delete from customer_consents k where not exists (select from customers c where c.id = k.customer_id)`;
}

/** The rows of decisions: one for each record that the customer had. */
export async function findDecisionRows(db: Database, ids: readonly string[]): Promise<StatementRow[]> {
  return db`
    select ${statementColumns(db)} from consent_statements s
    where s.id = any(${idList(ids)}::uuid[]) and s.origin <> 'TOUCHPOINT'
    order by s.record_id`;
}

export async function findStatement(db: Database, recordId: string, id: string): Promise<StatementRow | undefined> {
  const [row] = await db<StatementRow[]>`
    select ${statementColumns(db)} from consent_statements s where s.record_id = ${recordId} and s.id = ${id}`;
  return row;
}

export const statementColumns = (db: Database) => db`
  s.record_id as "recordId", s.id, s.purpose, s.channel, s.status, s.legal_basis as "legalBasis", s.origin, s.source,
  s.evidence, s.actor, s.reason, s.stated_at as "statedAt", s.recorded_at as "recordedAt", s.expires_at as "expiresAt",
  s.fingerprint`;
