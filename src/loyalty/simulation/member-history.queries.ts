import type { Database, Tx } from '../../kernel/database.ts';
import { type HistoryRow, historyKinds } from './member-history.ts';

/** Customers whose hash is below this share of all hashes. One customer is in every larger sample too. */
const hashes = 4_294_967_296;

export interface HistoryQuestion {
  readonly programId: string;
  /** What happened from then on is left out. Null: nothing is. */
  readonly before: Date | null;
  /** Types of touchpoints; null: all. */
  readonly types: readonly string[] | null;
  /** Whether rules test anything else of properties than the order's number. */
  readonly properties: 'ALL' | 'ORDER_ID';
  /** Whether any rule has stored verdicts: about who was eligible, and what a budget gave. */
  readonly verdicts: boolean;
  /** Which lots to tell of. */
  readonly lots: 'DECISION' | 'TOUCHPOINT';
  /** Whether to tell what is stored of members. */
  readonly standings: boolean;
  readonly of: Population;
}

/** Whose history it is. */
export interface Population {
  readonly programId: string;
  /** Only customers of whose records one carries a membership. */
  readonly membersOnly: boolean;
  /** Which part of them, from 0 to 1. */
  readonly sample: number;
}

/** How many customers there are, and how many of them are in the sample. */
export async function countSample(tx: Tx, population: Population): Promise<{ total: number; sampled: number }> {
  const sampled = inSample(tx, population.sample, tx`c.id`);
  const [row] = await tx<{ total: number; sampled: number }[]>`
    select count(*)::int as total, (count(*) filter (where ${sampled}))::int as sampled
    from customers c where ${isMember(tx, population, tx`c.id`)}`;
  return row!;
}

/** What budgets had given before, by rule. */
export async function findBudgetsGiven(
  tx: Tx,
  { programId, before, rules }: { programId: string; before: Date; rules: readonly string[] },
): Promise<Map<string, bigint>> {
  const rows = await tx<{ rule: string; given: bigint }[]>`
    select said.key as rule, sum((said.value ->> 'budget')::bigint)::bigint as given
    from loyalty_verdicts v
    join touchpoints t on t.record_id = v.record_id and t.id = v.touchpoint_id and t.occurred_at < ${before}
    cross join jsonb_each(v.verdicts) as said
    where v.program_id = ${programId} and said.key = any(${rules as string[]}::text[]) and said.value ? 'budget'
    group by said.key`;
  return new Map(rows.map(({ rule, given }) => [rule, given]));
}

/**
 * Hands over what is known of everybody, customer by customer, by one statement: whatever its size, a row at a time is in
 * memory. No cursor: PostgreSQL would answer it from a single process. While `each` works, the socket fills up, and
 * PostgreSQL waits.
 */
export async function streamHistories(
  tx: Tx,
  question: HistoryQuestion,
  { each, signal }: { each: (row: HistoryRow) => void; signal?: AbortSignal },
): Promise<void> {
  signal?.throwIfAborted();
  const query = tx<HistoryRow[]>`
    select customer_id as "customerId", kind, record_id as "recordId", occurred_at as "occurredAt", id, type, source, channel,
           direction, campaign, value_minor as "valueMinor", currency, properties, told, verdicts
    from (${historyOf(tx, question)}) as history
    order by customer_id, kind, occurred_at, id`;
  let failure: unknown;
  const cancel = () => query.cancel();
  signal?.addEventListener('abort', cancel, { once: true });
  try {
    await query.forEach((row) => {
      if (failure !== undefined) return;
      try {
        each(row as HistoryRow);
      } catch (error) {
        // Thrown here it would end in the socket's handler, which has nobody to tell.
        failure = error;
        cancel();
      }
    });
  } catch (error) {
    if (failure === undefined && !signal?.aborted) throw error;
  } finally {
    signal?.removeEventListener('abort', cancel);
  }
  if (failure !== undefined) throw failure;
  signal?.throwIfAborted();
}

const historyOf = (db: Database, question: HistoryQuestion) => db`
  ${membershipsOf(db, question)} union all ${overridesOf(db, question)} union all ${consumptionsOf(db, question)}
  union all ${lotsOf(db, question)} ${question.standings ? db`union all ${standingsOf(db, question)}` : db``}
  union all ${factsOf(db, question)}`;

/** Columns of what is no touchpoint. */
const plain = (db: Database, kind: number, told: ReturnType<typeof fragment>) => db`
  r.customer_id, ${kind}::int as kind, r.id as record_id, null::timestamptz(3) as occurred_at, null::uuid as id,
  null::text as type, null::text as source, null::text as channel, null::text as direction, null::text as campaign,
  null::bigint as value_minor, null::text as currency, null::text as properties, (${told})::text as told,
  null::text as verdicts`;

function fragment(db: Database) {
  return db``;
}

const membershipsOf = (db: Database, { programId, of }: HistoryQuestion) => db`
  select ${plain(db, historyKinds.membership, db`json_build_object('from', m.enrolled_at, 'to', m.left_at, 'how', m.how)`)}
  from loyalty_membership_spans m join records r on r.id = m.record_id
  where m.program_id = ${programId} and (m.how <> 'AUTOMATIC' or m.left_at is not null) and ${isAsked(db, of)}`;

const overridesOf = (db: Database, { programId, of }: HistoryQuestion) => db`
  select ${plain(
    db,
    historyKinds.override,
    db`json_build_object('id', o.id, 'tier', o.tier, 'from', o.valid_from, 'to', least(o.valid_to, o.revoked_at))`,
  )}
  from loyalty_tier_overrides o join records r on r.id = o.record_id
  where o.program_id = ${programId} and ${isAsked(db, of)}`;

const consumptionsOf = (db: Database, { programId, of, before }: HistoryQuestion) => db`
  select ${plain(
    db,
    historyKinds.consumption,
    db`json_build_object('wallet', c.wallet, 'decisionId', c.decision_id, 'at', c.at, 'points', c.points::text,
                         'bucket', c.bucket)`,
  )}
  from loyalty_consumptions c join records r on r.id = c.record_id
  where c.program_id = ${programId} and c.bucket is not null and (${before}::timestamptz is null or c.at < ${before})
    and ${isAsked(db, of)}`;

const standingsOf = (db: Database, { programId, of }: HistoryQuestion) => db`
  select r.customer_id, ${historyKinds.standing}::int, r.customer_id, null, null, null, null, null, null, null, null, null,
         null, json_build_object('state', r.state, 'tier', r.tier, 'dueAt', r.due_at)::text, null
  from loyalty_members r where r.program_id = ${programId} and ${isAsked(db, of)}`;

const lotsOf = (db: Database, { programId, of, before, lots }: HistoryQuestion) => db`
  select ${plain(
    db,
    historyKinds.lot,
    db`json_build_object('wallet', l.wallet, 'id', l.id, 'source', l.source, 'sourceId', l.source_id,
                         'earnedAt', l.earned_at, 'availableAt', l.available_at, 'expiresAt', l.expires_at,
                         'version', l.version, 'grants', l.grants, 'granted', l.granted::text)`,
  )}
  from loyalty_lots l join records r on r.id = l.record_id
  where l.program_id = ${programId} and l.source = ${lots}
    and (${before}::timestamptz is null or l.earned_at < ${before}) and ${isAsked(db, of)}`;

const factsOf = (db: Database, { programId, of, before, types, properties, verdicts }: HistoryQuestion) => db`
  select r.customer_id, ${historyKinds.fact}::int, t.record_id, t.occurred_at, t.id, t.type, t.source, t.channel, t.direction,
         t.campaign, t.value_minor, t.currency,
         ${
           properties === 'ALL'
             ? db`t.properties::text`
             : db`case when t.properties ? 'orderId' then '{"orderId":' || (t.properties -> 'orderId')::text || '}' end`
         },
         t.lines::text, ${verdicts ? db`v.verdicts::text` : db`null::text`}
  from touchpoints t join records r on r.id = t.record_id
  ${
    verdicts
      ? db`left join loyalty_verdicts v on v.record_id = t.record_id and v.touchpoint_id = t.id
             and v.program_id = ${programId}`
      : db``
  }
  where (${before}::timestamptz is null or t.occurred_at < ${before})
    ${types === null ? db`` : db`and t.type = any(${types as string[]}::text[])`} and ${isAsked(db, of)}`;

/** Records `r` of the customers who are asked for. */
const isAsked = (db: Database, population: Population) => db`
  (r.customer_id is not null and ${inSample(db, population.sample, db`r.customer_id`)}
   and ${isMember(db, population, db`r.customer_id`)})`;

const isMember = (db: Database, { membersOnly, programId }: Population, id: ReturnType<typeof fragment>) =>
  membersOnly
    ? db`${id} in (select own.customer_id from loyalty_memberships carried join records own on own.id = carried.record_id
                   where carried.program_id = ${programId})`
    : db`true`;

const inSample = (db: Database, sample: number, id: ReturnType<typeof fragment>) =>
  sample >= 1 ? db`true` : db`(uuid_hash_extended(${id}, 0) & ${hashes - 1}) < ${Math.round(sample * hashes)}`;
