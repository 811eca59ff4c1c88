import type { Database, Tx } from '../../kernel/database.ts';
import { idList } from '../../kernel/sql-array.ts';
import { buckets } from '../ledger/bucket.ts';
import { lotColumns, toLot } from '../ledger/ledger.queries.ts';
import type { AccountKey, Lot } from '../ledger/lot.ts';

/** Something of which the database holds another value than it should. */
export interface FoundDifference {
  /** What it is about, by the ids of the tables. */
  readonly record: string;
  readonly expected: string;
  readonly stored: string;
}

/** The first differences of a kind, and how many there are. */
export interface FoundDifferences {
  readonly total: number;
  readonly first: readonly FoundDifference[];
}

const mostShown = 100;

type Statement = ReturnType<typeof noStatement>;

function noStatement(db: Database) {
  return db``;
}

/** Of a statement with the columns record, expected and stored. */
async function firstOf(tx: Tx, statement: Statement): Promise<FoundDifferences> {
  const rows = await tx<(FoundDifference & { total: number })[]>`
    select record, coalesce(expected, '-') as expected, coalesce(stored, '-') as stored,
           (count(*) over ())::int as total
    from (${statement}) as difference order by record limit ${mostShown}`;
  return { total: rows[0]?.total ?? 0, first: rows.map(({ total: _, ...difference }) => difference) };
}

/** Both sides of every row of the ledger: what an account of it gets, and what another one gives. */
const linesView = (db: Database) => db`(
  select record_id, program_id, wallet, entry_id, lot_id, to_bucket as bucket, points from loyalty_postings
  union all
  select record_id, program_id, wallet, entry_id, lot_id, from_bucket, -points from loyalty_postings)`;

const named = (db: Database) => db`(values ('ISSUED', -issued), ('PENDING', pending), ('AVAILABLE', available),
  ('RESERVED', reserved), ('REDEEMED', redeemed), ('EXPIRED', expired), ('REVERSED', reversed), ('ADJUSTED', adjusted),
  ('TRANSFERRED', transferred)) as held (bucket, points)`;

/** Entries whose lines in the ledger's own accounts don't sum to zero in a wallet. */
export function findUnbalancedEntries(tx: Tx): Promise<FoundDifferences> {
  return firstOf(
    tx,
    tx`
      select entry_id || ' ' || wallet as record, '0' as expected, sum(points)::text as stored
      from ${linesView(tx)} as line where bucket = any(${buckets as unknown as string[]}::text[])
      group by entry_id, wallet having sum(points) <> 0`,
  );
}

/** Entries that were written for more than one reason. */
export function findMixedEntries(tx: Tx): Promise<FoundDifferences> {
  return firstOf(
    tx,
    tx`
      select entry_id::text as record, '1 cause at 1 instant' as expected,
             count(distinct (kind, cause_id)) || ' causes at ' || count(distinct at) || ' instants' as stored
      from loyalty_postings group by entry_id
      having count(distinct (kind, cause_id)) > 1 or count(distinct at) > 1`,
  );
}

/** Transfers of which the one side gave another number of points than the other side got. */
export function findUnbalancedTransfers(tx: Tx): Promise<FoundDifferences> {
  return firstOf(
    tx,
    tx`
      select d.id::text as record, given.points::text as expected, got.points::text as stored
      from loyalty_decisions d
      cross join lateral (
        select coalesce(sum(c.points), 0) as points from loyalty_consumptions c
        where c.decision_id = d.id and c.bucket is not null) as given
      left join (
        select source_id, sum(granted) as points from loyalty_lots where source = 'DECISION' group by source_id
      ) as lots on lots.source_id = d.id
      cross join lateral (select coalesce(lots.points, 0) as points) as got
      where d.kind = 'TRANSFER' and given.points <> got.points`,
  );
}

/** Lots whose columns are not what the ledger's rows about them add up to. */
export function findUnbalancedLots(tx: Tx): Promise<FoundDifferences> {
  return firstOf(
    tx,
    tx`
      select coalesce(l.name, p.name) || ' ' || coalesce(l.bucket, p.bucket) as record,
             coalesce(p.points, 0)::text as expected, coalesce(l.points, 0)::text as stored
      from (
        select record_id || ' ' || lot_id as name, bucket, sum(points) as points
        from ${linesView(tx)} as line group by record_id, lot_id, bucket having sum(points) <> 0
      ) as p
      full join (
        select record_id || ' ' || id as name, bucket, points from loyalty_lots cross join lateral ${named(tx)}
        where points <> 0
      ) as l on l.name = p.name and l.bucket = p.bucket
      where l.points is distinct from p.points`,
  );
}

/** Rows of the ledger that are in another account than the lot they are about. */
export function findStrayPostings(tx: Tx): Promise<FoundDifferences> {
  return firstOf(
    tx,
    tx`
      select p.record_id || ' ' || p.id as record, l.program_id || ' ' || l.wallet as expected,
             p.program_id || ' ' || p.wallet as stored
      from loyalty_postings p left join loyalty_lots l on l.record_id = p.record_id and l.id = p.lot_id
      where (l.program_id, l.wallet) is distinct from (p.program_id, p.wallet)`,
  );
}

/** Accounts whose sums are not those of their lots. */
export function findUnbalancedAccounts(tx: Tx): Promise<FoundDifferences> {
  return firstOf(
    tx,
    tx`
      select coalesce(a.name, l.name) || ' ' || coalesce(a.bucket, l.bucket) as record,
             coalesce(l.points, 0)::text as expected, coalesce(a.points, 0)::text as stored
      from (
        select record_id || ' ' || program_id || ' ' || wallet as name, bucket, sum(points) as points
        from loyalty_lots
        cross join lateral (
          select bucket, points from ${named(tx)} union all
          select 'OWED', case when source = 'DEBT' then -available else 0 end) as both_of
        group by record_id, program_id, wallet, bucket having sum(points) <> 0
      ) as l
      full join (
        select record_id || ' ' || program_id || ' ' || wallet as name, bucket, points from loyalty_accounts
        cross join lateral (select bucket, points from ${named(tx)} union all select 'OWED', owed) as both_of
        where points <> 0
      ) as a on a.name = l.name and a.bucket = l.bucket
      where a.points is distinct from l.points`,
  );
}

/** Lots of which nothing tells why they are there, or whose parts are not their whole. */
export function findUnfoundedLots(tx: Tx): Promise<FoundDifferences> {
  return firstOf(
    tx,
    tx`
      select l.record_id || ' ' || l.id as record, 'a ' || lower(l.source) || ' of its time' as expected,
             coalesce(l.source_id::text, 'none') as stored
      from loyalty_lots l
      left join touchpoints t
        on l.source = 'TOUCHPOINT' and t.record_id = l.record_id and t.occurred_at = l.earned_at and t.id = l.source_id
      left join loyalty_decisions d on l.source = 'DECISION' and d.program_id = l.program_id and d.id = l.source_id
      -- What was taken back to the last point may outlive its touchpoint: touchpoints can be deleted.
      where case l.source when 'TOUCHPOINT' then t.id is null and l.granted <> 0 when 'DECISION' then d.id is null
                          when 'DEBT' then l.source_id is not null or l.granted <> 0 else true end
      union all
      select l.record_id || ' ' || l.id, l.granted::text, given.points::text
      from loyalty_lots l
      cross join lateral (
        select coalesce(sum((part ->> 'points')::bigint), 0) as points from jsonb_array_elements(l.grants) as part
      ) as given
      where l.source = 'TOUCHPOINT' and given.points <> l.granted`,
  );
}

/** Budgets that count another number of points than they gave to touchpoints, or gave more than any version allows. */
export function findUnbalancedBudgets(tx: Tx): Promise<FoundDifferences> {
  return firstOf(
    tx,
    tx`
      select coalesce(b.name, v.name) as record, coalesce(v.granted, 0)::text as expected,
             coalesce(b.granted, 0)::text as stored
      from (select program_id || ' ' || rule as name, granted from loyalty_budgets where granted <> 0) as b
      full join (
        select v.program_id || ' ' || said.key as name, sum((said.value ->> 'budget')::bigint) as granted
        from loyalty_verdicts v cross join jsonb_each(v.verdicts) as said
        where said.value ? 'budget' group by v.program_id, said.key having sum((said.value ->> 'budget')::bigint) <> 0
      ) as v on v.name = b.name
      where b.granted is distinct from v.granted`,
  );
}

export interface Counts {
  readonly postings: number;
  readonly lots: number;
  readonly accounts: number;
  readonly members: number;
}

export async function countLedger(tx: Tx): Promise<Counts> {
  const [row] = await tx<Counts[]>`
    select (select count(*) from loyalty_postings)::int as postings, (select count(*) from loyalty_lots)::int as lots,
           (select count(*) from loyalty_accounts)::int as accounts,
           (select count(*) from loyalty_members)::int as members`;
  return row!;
}

/** Records that have anything in a ledger, in order of id, from one on. */
export async function findLedgerRecords(tx: Tx, after: string, limit: number): Promise<string[]> {
  const rows = await tx<{ id: string }[]>`
    select distinct record_id as id from (
      (select distinct record_id from loyalty_lots where record_id > ${after} order by record_id limit ${limit})
      union all
      (select distinct record_id from loyalty_consumptions where record_id > ${after} order by record_id limit ${limit})
    ) as known order by record_id limit ${limit}`;
  return rows.map(({ id }) => id);
}

export async function findAccountsOf(tx: Tx, recordIds: readonly string[]): Promise<AccountKey[]> {
  return tx`
    select record_id as "recordId", program_id as "programId", wallet from loyalty_lots
    where record_id = any(${idList(recordIds)}::uuid[])
    union
    select record_id, program_id, wallet from loyalty_consumptions where record_id = any(${idList(recordIds)}::uuid[])`;
}

/** Members whose customers are no more, or of programmes that were never published. */
export function findOrphanedMembers(tx: Tx): Promise<FoundDifferences> {
  return firstOf(
    tx,
    tx`
      select m.customer_id || ' ' || m.program_id as record, 'a customer' as expected, 'none' as stored
      from loyalty_members m left join customers c on c.id = m.customer_id where c.id is null`,
  );
}

/** Lots that touchpoints gave to records that are nobody's, and whose person was not erased. */
export async function findOwnerlessLots(tx: Tx, programId: string): Promise<Lot[]> {
  const rows = await tx`
    select ${lotColumns(tx)} from loyalty_lots l left join records r on r.id = l.record_id
    where l.program_id = ${programId} and l.source = 'TOUCHPOINT' and l.granted <> 0 and r.customer_id is null
      and r.erased_at is null
    order by l.record_id, l.id limit ${mostShown}`;
  return rows.map((row) => toLot(row as Parameters<typeof toLot>[0]));
}
