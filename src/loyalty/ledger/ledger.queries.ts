import type { Database, Tx } from '../../kernel/database.ts';
import { column, idColumn, jsonLines } from '../../kernel/sql-array.ts';
import type { Consumption } from './allocation.ts';
import type { Bucket, EntryKind, Holding } from './bucket.ts';
import type { AccountKey, Lot } from './lot.ts';

/** A lot as the database answers it; `grants` with points as JSON numbers. */
interface LotRow extends Omit<Lot, 'holdings' | 'grants'> {
  readonly grants: readonly { rule: string | null; line: number | null; points: number }[];
  readonly pending: bigint;
  readonly available: bigint;
  readonly reserved: bigint;
  readonly redeemed: bigint;
  readonly expired: bigint;
  readonly reversed: bigint;
  readonly adjusted: bigint;
  readonly transferred: bigint;
}

export const lotColumns = (db: Database) => db`
  l.record_id as "recordId", l.program_id as "programId", l.wallet, l.id, l.source, l.source_id as "sourceId",
  l.earned_at as "earnedAt", l.available_at as "availableAt", l.expires_at as "expiresAt", l.version, l.grants, l.granted,
  l.issued, l.pending, l.available, l.reserved, l.redeemed, l.expired, l.reversed, l.adjusted, l.transferred,
  l.due_at as "dueAt"`;

export function toLot(row: LotRow): Lot {
  const { pending, available, reserved, redeemed, expired, reversed, adjusted, transferred, ...rest } = row;
  return {
    ...rest,
    grants: row.grants.map((grant) => ({ ...grant, points: BigInt(grant.points) })),
    holdings: {
      PENDING: pending,
      AVAILABLE: available,
      RESERVED: reserved,
      REDEEMED: redeemed,
      EXPIRED: expired,
      REVERSED: reversed,
      ADJUSTED: adjusted,
      TRANSFERRED: transferred,
    },
  };
}

const keys = (db: Database, accounts: readonly AccountKey[]) => db`
  unnest(
    ${idColumn(accounts, ({ recordId }) => recordId)}::uuid[],
    ${idColumn(accounts, ({ programId }) => programId)}::uuid[],
    ${column(accounts, ({ wallet }) => wallet)}::text[]) as k (record_id, program_id, wallet)`;

/** All lots of these accounts. `offset 0` keeps it a look-up for each: the planner would rather read a whole programme. */
export async function findLots(db: Database, accounts: readonly AccountKey[]): Promise<Lot[]> {
  const rows = await db<LotRow[]>`
    select ${lotColumns(db)} from ${keys(db, accounts)}
    cross join lateral (
      select * from loyalty_lots where record_id = k.record_id offset 0
    ) as l
    where l.program_id = k.program_id and l.wallet = k.wallet`;
  return rows.map(toLot);
}

export interface StoredConsumption extends AccountKey, Consumption {}

/** What is taken out of these accounts: nothing that was released or taken back. */
export async function findConsumptions(db: Database, accounts: readonly AccountKey[]): Promise<StoredConsumption[]> {
  return db`
    select c.record_id as "recordId", c.program_id as "programId", c.wallet, c.decision_id as "decisionId", c.at, c.points,
           c.bucket
    from ${keys(db, accounts)}
    cross join lateral (
      select * from loyalty_consumptions
      where record_id = k.record_id and program_id = k.program_id and wallet = k.wallet and bucket is not null offset 0
    ) as c`;
}

export interface AccountState extends AccountKey {
  readonly owed: bigint;
  readonly lastConsumedAt: Date | null;
}

/** Writes lots as they are now. */
export async function upsertLots(tx: Tx, lots: readonly Lot[]): Promise<void> {
  await tx`
    insert into loyalty_lots as stored
      (record_id, id, program_id, wallet, source, source_id, earned_at, available_at, expires_at, version, granted, issued,
       pending, available, reserved, redeemed, expired, reversed, adjusted, transferred, due_at, grants)
    select record_id, id, program_id, wallet, source, source_id, earned_at, available_at, expires_at, version, granted,
           issued, pending, available, reserved, redeemed, expired, reversed, adjusted, transferred, due_at, grants::jsonb
    from rows from (
      unnest(
        ${idColumn(lots, ({ recordId }) => recordId)}::uuid[],
        ${idColumn(lots, ({ id }) => id)}::uuid[],
        ${idColumn(lots, ({ programId }) => programId)}::uuid[],
        ${column(lots, ({ wallet }) => wallet)}::text[],
        ${column(lots, ({ source }) => source)}::text[],
        ${idColumn(lots, ({ sourceId }) => sourceId)}::uuid[],
        ${column(lots, ({ earnedAt }) => earnedAt)}::timestamptz[],
        ${column(lots, ({ availableAt }) => availableAt)}::timestamptz[],
        ${column(lots, ({ expiresAt }) => expiresAt)}::timestamptz[],
        ${column(lots, ({ version }) => version)}::integer[],
        ${column(lots, ({ granted }) => granted)}::bigint[],
        ${column(lots, ({ issued }) => issued)}::bigint[],
        ${column(lots, ({ holdings }) => holdings.PENDING)}::bigint[],
        ${column(lots, ({ holdings }) => holdings.AVAILABLE)}::bigint[],
        ${column(lots, ({ holdings }) => holdings.RESERVED)}::bigint[],
        ${column(lots, ({ holdings }) => holdings.REDEEMED)}::bigint[],
        ${column(lots, ({ holdings }) => holdings.EXPIRED)}::bigint[],
        ${column(lots, ({ holdings }) => holdings.REVERSED)}::bigint[],
        ${column(lots, ({ holdings }) => holdings.ADJUSTED)}::bigint[],
        ${column(lots, ({ holdings }) => holdings.TRANSFERRED)}::bigint[],
        ${column(lots, ({ dueAt }) => dueAt)}::timestamptz[]),
      string_to_table(${jsonLines(lots, ({ grants }) => grants.map(plainGrant))}::text, E'\\n')
    ) as new (record_id, id, program_id, wallet, source, source_id, earned_at, available_at, expires_at, version, granted,
              issued, pending, available, reserved, redeemed, expired, reversed, adjusted, transferred, due_at, grants)
    on conflict (record_id, id) do update
    set version = excluded.version, grants = excluded.grants, granted = excluded.granted, issued = excluded.issued,
        pending = excluded.pending, available = excluded.available, reserved = excluded.reserved,
        redeemed = excluded.redeemed, expired = excluded.expired, reversed = excluded.reversed,
        adjusted = excluded.adjusted, transferred = excluded.transferred, due_at = excluded.due_at`;
}

/** A lot that nobody has stored, and where all of its points are. */
export interface IssuedLot {
  readonly lot: Lot;
  readonly place: Holding;
}

/** Writes lots that are new. One that is there already is a mistake of the caller's, and fails. */
export async function insertLots(tx: Tx, lots: readonly IssuedLot[]): Promise<void> {
  await tx`
    insert into loyalty_lots
      (record_id, id, program_id, wallet, source, source_id, earned_at, available_at, expires_at, version, granted, issued,
       pending, available, expired, reserved, redeemed, reversed, adjusted, transferred, due_at, grants)
    select record_id, id, program_id, wallet, source, source_id, earned_at, available_at, expires_at, version, granted,
           granted, case when place = 'PENDING' then granted else 0 end,
           case when place = 'AVAILABLE' then granted else 0 end, case when place = 'EXPIRED' then granted else 0 end,
           0, 0, 0, 0, 0, due_at, grants::jsonb
    from rows from (
      unnest(
        ${idColumn(lots, ({ lot }) => lot.recordId)}::uuid[],
        ${idColumn(lots, ({ lot }) => lot.id)}::uuid[],
        ${idColumn(lots, ({ lot }) => lot.programId)}::uuid[],
        ${column(lots, ({ lot }) => lot.wallet)}::text[],
        ${column(lots, ({ lot }) => lot.source)}::text[],
        ${idColumn(lots, ({ lot }) => lot.sourceId)}::uuid[],
        ${column(lots, ({ lot }) => lot.earnedAt)}::timestamptz[],
        ${column(lots, ({ lot }) => lot.availableAt)}::timestamptz[],
        ${column(lots, ({ lot }) => lot.expiresAt)}::timestamptz[],
        ${column(lots, ({ lot }) => lot.version)}::integer[],
        ${column(lots, ({ lot }) => lot.granted)}::bigint[],
        ${column(lots, ({ place }) => place)}::text[],
        ${column(lots, ({ lot }) => lot.dueAt)}::timestamptz[]),
      string_to_table(${jsonLines(lots, ({ lot }) => lot.grants.map(plainGrant))}::text, E'\\n')
    ) as new (record_id, id, program_id, wallet, source, source_id, earned_at, available_at, expires_at, version, granted,
              place, due_at, grants)`;
}

function plainGrant({ rule, line, points }: Lot['grants'][number]) {
  return { rule, line, points: Number(points) };
}

export interface Posting extends AccountKey {
  readonly id: string;
  readonly entryId: string;
  readonly lotId: string;
  readonly at: Date;
  readonly from: Bucket;
  readonly to: Bucket;
  readonly points: bigint;
  readonly kind: EntryKind;
  readonly causeId: string | null;
}

export async function insertPostings(tx: Tx, postings: readonly Posting[]): Promise<void> {
  await tx`
    insert into loyalty_postings
      (record_id, id, entry_id, program_id, wallet, lot_id, at, from_bucket, to_bucket, points, kind, cause_id)
    select * from unnest(
      ${idColumn(postings, ({ recordId }) => recordId)}::uuid[],
      ${idColumn(postings, ({ id }) => id)}::uuid[],
      ${idColumn(postings, ({ entryId }) => entryId)}::uuid[],
      ${idColumn(postings, ({ programId }) => programId)}::uuid[],
      ${column(postings, ({ wallet }) => wallet)}::text[],
      ${idColumn(postings, ({ lotId }) => lotId)}::uuid[],
      ${column(postings, ({ at }) => at)}::timestamptz[],
      ${column(postings, ({ from }) => from)}::text[],
      ${column(postings, ({ to }) => to)}::text[],
      ${column(postings, ({ points }) => points)}::bigint[],
      ${column(postings, ({ kind }) => kind)}::text[],
      ${idColumn(postings, ({ causeId }) => causeId)}::uuid[])`;
}

/** By how much an account's sums change. */
export interface AccountChange extends AccountKey {
  readonly issued: bigint;
  readonly holdings: Lot['holdings'];
  readonly owed: bigint;
  readonly lastConsumedAt: Date | null;
  /** Why points moved; empty where none did. */
  readonly kinds: ReadonlySet<EntryKind>;
  /** The account is there, and nothing happened to it but that it got lots that are new. */
  readonly isRaise: boolean;
}

/** Adds what new lots hold to accounts that are there. One that isn't is a mistake of the caller's, and fails. */
export async function raiseAccounts(tx: Tx, changes: readonly AccountChange[]): Promise<void> {
  const { count } = await tx`
    update loyalty_accounts a
    set issued = a.issued + new.pending + new.available + new.expired, pending = a.pending + new.pending,
        available = a.available + new.available, expired = a.expired + new.expired
    from unnest(
      ${idColumn(changes, ({ recordId }) => recordId)}::uuid[],
      ${idColumn(changes, ({ programId }) => programId)}::uuid[],
      ${column(changes, ({ wallet }) => wallet)}::text[],
      ${column(changes, ({ holdings }) => holdings.PENDING)}::bigint[],
      ${column(changes, ({ holdings }) => holdings.AVAILABLE)}::bigint[],
      ${column(changes, ({ holdings }) => holdings.EXPIRED)}::bigint[])
      as new (record_id, program_id, wallet, pending, available, expired)
    where a.record_id = new.record_id and a.program_id = new.program_id and a.wallet = new.wallet`;
  if (count !== changes.length) throw new Error(`${changes.length} accounts get points, ${count} are there.`);
}

export async function addToAccounts(tx: Tx, changes: readonly AccountChange[], now: Date): Promise<void> {
  await tx`
    insert into loyalty_accounts as stored
      (record_id, program_id, wallet, issued, pending, available, reserved, redeemed, expired, reversed, adjusted,
       transferred, owed, last_consumed_at, opened_at)
    select *, ${now} from unnest(
      ${idColumn(changes, ({ recordId }) => recordId)}::uuid[],
      ${idColumn(changes, ({ programId }) => programId)}::uuid[],
      ${column(changes, ({ wallet }) => wallet)}::text[],
      ${column(changes, ({ issued }) => issued)}::bigint[],
      ${column(changes, ({ holdings }) => holdings.PENDING)}::bigint[],
      ${column(changes, ({ holdings }) => holdings.AVAILABLE)}::bigint[],
      ${column(changes, ({ holdings }) => holdings.RESERVED)}::bigint[],
      ${column(changes, ({ holdings }) => holdings.REDEEMED)}::bigint[],
      ${column(changes, ({ holdings }) => holdings.EXPIRED)}::bigint[],
      ${column(changes, ({ holdings }) => holdings.REVERSED)}::bigint[],
      ${column(changes, ({ holdings }) => holdings.ADJUSTED)}::bigint[],
      ${column(changes, ({ holdings }) => holdings.TRANSFERRED)}::bigint[],
      ${column(changes, ({ owed }) => owed)}::bigint[],
      ${column(changes, ({ lastConsumedAt }) => lastConsumedAt)}::timestamptz[])
    on conflict (record_id, program_id, wallet) do update
    set issued = stored.issued + excluded.issued, pending = stored.pending + excluded.pending,
        available = stored.available + excluded.available, reserved = stored.reserved + excluded.reserved,
        redeemed = stored.redeemed + excluded.redeemed, expired = stored.expired + excluded.expired,
        reversed = stored.reversed + excluded.reversed, adjusted = stored.adjusted + excluded.adjusted,
        transferred = stored.transferred + excluded.transferred, owed = stored.owed + excluded.owed,
        last_consumed_at = greatest(stored.last_consumed_at, excluded.last_consumed_at)`;
}

/** Lots that time has moved, the earliest first. */
export async function findDueLots(
  db: Database,
  now: Date,
  limit: number,
): Promise<(AccountKey & { customerId: string | null })[]> {
  return db`
    select distinct l.record_id as "recordId", l.program_id as "programId", l.wallet, r.customer_id as "customerId"
    from (select * from loyalty_lots where due_at <= ${now} order by due_at, record_id, id limit ${limit}) as l
    join records r on r.id = l.record_id`;
}

export async function findNextDueLot(db: Database): Promise<Date | null> {
  const [row] = await db<{ at: Date | null }[]>`select min(due_at) as at from loyalty_lots where due_at is not null`;
  return row?.at ?? null;
}

/** All lots of these customers' records, with the customer. */
export async function findLotsOf(
  db: Database,
  customerIds: readonly string[],
): Promise<{ customerId: string; lot: Lot }[]> {
  const rows = await db<(LotRow & { customerId: string })[]>`
    select r.customer_id as "customerId", ${lotColumns(db)}
    from unnest(${idColumn(customerIds, (id) => id)}::uuid[]) as c (id)
    join records r on r.customer_id = c.id
    cross join lateral (select * from loyalty_lots where record_id = r.id offset 0) as l`;
  return rows.map(({ customerId, ...row }) => ({ customerId, lot: toLot(row) }));
}
