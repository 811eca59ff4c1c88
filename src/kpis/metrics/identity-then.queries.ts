import type { Fragment } from 'postgres';
import type { Database, Tx } from '../../kernel/database.ts';
import { DomainError } from '../../kernel/errors.ts';
import { idColumn, idList } from '../../kernel/sql-array.ts';
import { type GivenReceipt, identityThen, type Regrouped, recordsNamed } from './identity-then.ts';

/** What is undone in memory, and handed to the statement. */
const most = 100_000;

/**
 * Takes the place of the tables `records` and `customers` in a statement: whose records were then. Throws `BAD_USER_INPUT`
 * where more has changed since than is undone.
 */
export async function readIdentityThen(tx: Tx, at: Date): Promise<{ records: Fragment; customers: Fragment }> {
  const [regrouped, receipts] = [await findRegrouped(tx, at), await findReceipts(tx, at)];
  if (regrouped.length > most || receipts.length > most) throw tooFar();
  const customerOf = await findCustomersOf(tx, recordsNamed({ regrouped, receipts }));
  const then = [...identityThen({ regrouped, receipts, customerOf })];
  if (then.length > most) throw tooFar();
  const ids = idColumn(then, ([recordId]) => recordId);
  return {
    // One below the other, and not joined: so that looks at few records still find them by the indexes of the table.
    records: tx`
      select id, customer_id from records where id <> all(${ids}::uuid[])
      union all
      select * from unnest(${ids}::uuid[], ${idColumn(then, ([, customerId]) => customerId)}::uuid[])`,
    customers: tx`select distinct customer_id as id from records where customer_id is not null`,
  };
}

async function findRegrouped(db: Database, at: Date): Promise<Regrouped[]> {
  return db`
    select id, at, kind, customer_id as "customerId", other_id as "otherId", record_ids as "recordIds"
    from regroupings where at > ${at} order by at desc, id desc limit ${most + 1}`;
}

/**
 * Receipts have no line among the regroupings when they come to somebody, or go from them: decisions tell. Those of which no
 * decision has come or gone since are as they were.
 */
async function findReceipts(db: Database, at: Date): Promise<GivenReceipt[]> {
  const held = db`d.decided_at <= ${at} and (d.revoked_at is null or d.revoked_at > ${at})`;
  return db`
    select r.id as "recordId", owner.id as "withRecordId", coalesce(apart.ids, '{}') as "apartFrom"
    from (
      select distinct named.record_id as id
      from decision_records named join decisions d on d.id = named.decision_id
      where d.decided_at > ${at} or d.revoked_at > ${at}
    ) as changed
    join records r on r.id = changed.id and not r.owned
    left join lateral (
      select other.id
      from decision_records named join decisions d on d.id = named.decision_id
      join decision_records beside on beside.decision_id = d.id and beside.record_id <> r.id
      join records other on other.id = beside.record_id and other.owned
      where named.record_id = r.id and d.kind in ('LINK', 'MERGE', 'MATCH') and ${held}
      order by other.id limit 1
    ) as owner on true
    left join lateral (
      select array_agg(beside.record_id) as ids
      from decision_records named join decisions d on d.id = named.decision_id
      join decision_records beside on beside.decision_id = d.id and beside.side <> named.side
      where named.record_id = r.id and d.kind in ('VETO', 'UNMERGE') and ${held}
    ) as apart on true
    limit ${most + 1}`;
}

async function findCustomersOf(
  db: Database,
  recordIds: readonly string[],
): Promise<ReadonlyMap<string, string | null>> {
  const rows = await db<{ id: string; customerId: string | null }[]>`
    select id, customer_id as "customerId" from records where id = any(${idList(recordIds)}::uuid[])`;
  return new Map(rows.map(({ id, customerId }) => [id, customerId]));
}

function tooFar() {
  const message = `More than ${most} records have changed hands since: ask for the identity of a later date.`;
  return new DomainError('BAD_USER_INPUT', message, { field: 'identityAsOf', reason: 'LIMIT_EXCEEDED', limit: most });
}
