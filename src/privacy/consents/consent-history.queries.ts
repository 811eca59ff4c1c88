import type { Database } from '../../kernel/database.ts';
import type { PageRequest } from '../../kernel/paging.ts';
import { idList } from '../../kernel/sql-array.ts';
import { type StatementRow, statementColumns } from './consents.queries.ts';

/** A statement with the customer who has its record now. */
export interface StatementOf extends StatementRow {
  readonly customerId: string;
}

/** All that was said of the records that these customers have now. */
export async function findFullStatements(db: Database, customerIds: readonly string[]): Promise<StatementOf[]> {
  return db`
    select r.customer_id as "customerId", ${statementColumns(db)}
    from unnest(${idList(customerIds)}::uuid[]) as c (id)
    cross join lateral (select id, customer_id from records where customer_id = c.id offset 0) as r
    cross join lateral (select * from consent_statements where record_id = r.id offset 0) as s`;
}

export interface HistoryFilter {
  readonly purpose: string | null;
  /** Empty text: what was said of every channel. */
  readonly channel: string | null;
}

/** A statement once, however many records it stands on. */
export interface HistoryRow extends StatementOf {
  readonly recordIds: readonly string[];
}

/** What was said of each customer, the latest first. */
export async function listHistory(
  db: Database,
  customerIds: readonly string[],
  { purpose, channel, page }: HistoryFilter & { readonly page: PageRequest },
): Promise<HistoryRow[]> {
  const { after } = page;
  const behind = after ? db`and (s.stated_at, s.id) < (${after.at}, ${after.id})` : db``;
  return db`
    select owner.id as "customerId", ${statementColumns(db)}, s.record_ids as "recordIds"
    from unnest(${idList(customerIds)}::uuid[]) as owner (id)
    cross join lateral (
      select distinct on (s.stated_at, s.id) s.*,
             array_agg(s.record_id) over (partition by s.stated_at, s.id) as record_ids
      from records r cross join lateral (select * from consent_statements where record_id = r.id offset 0) as s
      where r.customer_id = owner.id ${behind}
        and (${purpose}::text is null or s.purpose = ${purpose})
        and (${channel}::text is null or s.channel = ${channel})
      order by s.stated_at desc, s.id desc, s.record_id
      limit ${page.size + 1}
    ) as s
    order by s.stated_at desc, s.id desc`;
}
