import type { Database, Tx } from '../kernel/database.ts';
import { cellRows, insertSignalsFrom, purchaseRows } from '../kpis/facts/facts-rebuild.queries.ts';
import { type AcceptedPattern, numberMark, patternCount, timeMark } from './bulk-pattern.ts';

type Fragment = ReturnType<typeof text>;

function text(db: Database, value: string) {
  return db`${value}::text`;
}

/** SQL for `deriveUuid(secret, kind, ...parts)`; `parts` are expressions of type text. */
export function derivedUuid(db: Database, secret: string, kind: string, ...parts: Fragment[]) {
  const named = parts.reduce(
    (name, part) => db`${name} || chr(10) || char_length(${part}) || ':' || ${part}`,
    text(db, `${secret}\n${kind}`),
  );
  return fingerprintUuid(db, named);
}

/** SQL for `fingerprintUuid(text)`. `offset 0`: hashed once, though named twice. */
export function fingerprintUuid(db: Database, hashed: Fragment) {
  return db`(
    select overlay(overlay(left(hex, 32) placing '8' from 13 for 1)
                   placing translate(substr(hex, 17, 1), '0123456789abcdef', '89ab89ab89ab89ab') from 17 for 1)::uuid
    from (select encode(sha256(convert_to(${hashed}, 'UTF8')), 'hex') as hex offset 0) as hash)`;
}

/** Stages the patterns for this transaction. */
export async function stagePatterns(tx: Tx, patterns: readonly AcceptedPattern[]): Promise<void> {
  const rows = patterns.map(({ life, after, body, touchpoint }, step) => ({
    ...touchpoint,
    life,
    after,
    body,
    step,
    valueMinor: touchpoint.valueMinor?.toString(),
    namesPerson: touchpoint.identifiers.some((one) => one.namesPerson),
  }));
  await tx`
    create temporary table bulk_patterns on commit drop as
    select life, step, after, source, key, unidentified, "namesPerson" as names_person, "messageId" as message_id, type,
           channel, direction, "valueMinor" as value_minor, currency, campaign, traits, properties, lines, context, body
    from jsonb_to_recordset(${JSON.stringify(rows)}::text::jsonb) as pattern (
      life integer, step integer, after bigint, source text, key text, unidentified boolean, "namesPerson" boolean,
      "messageId" text, type text, channel text, direction text, "valueMinor" bigint, currency text, campaign text,
      traits text, properties text, lines text, context text, body text)`;
}

/** Stages the identifiers that the patterns carry. */
export async function stageIdentifiers(tx: Tx, patterns: readonly AcceptedPattern[]): Promise<void> {
  const rows = patterns.flatMap(({ touchpoint }, step) =>
    touchpoint.identifiers.map(({ kind, value, given }) => ({ step, kind, value, given })),
  );
  await tx`
    create temporary table bulk_identifiers on commit drop as
    select * from jsonb_to_recordset(${JSON.stringify(rows)}::text::jsonb)
             as carried (step integer, kind text, value text, given text)`;
}

/** The people of one chunk: numbers from `first` to `last`, both included. */
export interface Chunk {
  readonly first: number;
  readonly last: number;
  readonly secret: string;
  readonly now: Date;
  /** Lives start between these, spread by a step that shares no factor with the room. */
  readonly startsFrom: Date;
  readonly startsWithinSeconds: number;
}

/** When the life of person `n` starts; the same as `startOf` in bulk.ts. */
const startStep = 104_729;

/** Stages every touchpoint of the chunk with its derived ids. */
export async function stageTouchpoints(tx: Tx, chunk: Chunk): Promise<void> {
  const numbered = (column: Fragment) => tx`replace(${column}, ${numberMark}, n::text)`;
  const { secret } = chunk;
  await tx`
    create temporary table bulk_touchpoints on commit drop as
    select n, step, unidentified, names_person, source, key, message_id, type, channel, direction, value_minor, currency,
           campaign, traits, properties, lines, context, occurred_at,
           ${derivedUuid(tx, secret, 'touchpoint', tx`source`, tx`message_id`)} as id,
           ${derivedUuid(tx, secret, 'record', tx`source`, tx`key`)} as record_id,
           ${fingerprintUuid(
             tx,
             tx`replace(body, ${timeMark},
             to_char(occurred_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'))`,
           )} as fingerprint
    from (
      select n, step, unidentified, names_person, source, type, channel, direction, value_minor, currency, campaign,
             ${numbered(tx`key`)} as key, ${numbered(tx`message_id`)} as message_id,
             ${numbered(tx`traits`)}::jsonb as traits, ${numbered(tx`properties`)}::jsonb as properties,
             lines::jsonb as lines, context::jsonb as context, ${numbered(tx`body`)} as body,
             (${chunk.startsFrom}::timestamptz + (n * ${startStep} % ${chunk.startsWithinSeconds}) * interval '1 second'
              + after * interval '1 millisecond')::timestamptz(3) as occurred_at
      from generate_series(${chunk.first}::bigint, ${chunk.last}::bigint) as person (n)
           join bulk_patterns on life = n % ${patternCount}
      offset 0
    ) as told`;
}

/** Person `n`'s first touchpoint, as {@link stageTouchpoints} has it. */
export function startOf(n: number, chunk: Pick<Chunk, 'startsFrom' | 'startsWithinSeconds'>): number {
  return chunk.startsFrom.getTime() + ((n * startStep) % chunk.startsWithinSeconds) * 1000;
}

/** Records, each with its customer: the person's earliest record, then the one with the smallest id. */
export async function insertBulkRecords(tx: Tx, now: Date): Promise<void> {
  await tx`
    insert into records (id, source, key, customer_id, first_at, last_at, touchpoints, identified, created_at)
    select record_id, source, key,
           case when not unidentified
                then first_value(record_id) over (partition by n, unidentified order by first_at, record_id) end,
           first_at, last_at, touchpoints, identified, ${now}
    from (
      select n, record_id, source, key, unidentified, min(occurred_at) as first_at, max(occurred_at) as last_at,
             count(*) as touchpoints, bool_or(names_person) as identified
      from bulk_touchpoints group by n, record_id, source, key, unidentified
    ) as folded`;
}

export async function insertBulkClaims(tx: Tx, chunk: Chunk): Promise<void> {
  await tx`
    create temporary table bulk_claims on commit drop as
    select ${derivedUuid(tx, chunk.secret, 'identifier', tx`kind`, tx`value`)} as identifier_id, first_claims.*
    from (
      select distinct on (record_id, kind, value)
             record_id, kind, replace(value, ${numberMark}, n::text) as value,
             replace(given, ${numberMark}, n::text) as given, occurred_at as first_seen_at, id as first_touchpoint_id,
             max((occurred_at at time zone 'UTC')::date) over (partition by record_id, kind, value) as last_seen_on
      from bulk_touchpoints join bulk_identifiers using (step)
      order by record_id, kind, value, occurred_at, id
      offset 0
    ) as first_claims`;
  await tx`
    insert into claims (identifier_id, record_id, kind, given, first_seen_at, first_touchpoint_id, last_seen_on)
    select identifier_id, record_id, kind, given, first_seen_at, first_touchpoint_id, last_seen_on from bulk_claims`;
  await tx`
    insert into identifiers (id, kind, value, records, created_at)
    select identifier_id, kind, value, count(*), ${chunk.now} from bulk_claims group by identifier_id, kind, value`;
}

export async function insertBulkTraits(tx: Tx): Promise<void> {
  await tx`
    insert into record_traits (record_id, name, value, set_at, touchpoint_id)
    select distinct on (record_id, trait.key) record_id, trait.key, trait.value, occurred_at, id
    from bulk_touchpoints cross join jsonb_each(traits) as trait
    order by record_id, trait.key, occurred_at desc, id desc`;
}

export async function insertBulkRevenue(tx: Tx): Promise<void> {
  await tx`
    insert into record_revenue (record_id, currency, orders, returns, gross, returned, first_order_at, last_order_at)
    select record_id, currency,
           count(*) filter (where type = 'order.completed'),
           count(*) filter (where type = 'order.returned'),
           coalesce(sum(value_minor) filter (where type = 'order.completed'), 0),
           coalesce(sum(value_minor) filter (where type = 'order.returned'), 0),
           min(occurred_at) filter (where type = 'order.completed'),
           max(occurred_at) filter (where type = 'order.completed')
    from bulk_touchpoints
    where type in ('order.completed', 'order.returned')
    group by record_id, currency`;
}

/** Touchpoints and their receipts; answers how many. */
export async function insertBulkTouchpoints(tx: Tx, now: Date): Promise<number> {
  const inserted = await tx`
    insert into touchpoints (record_id, occurred_at, id, received_at, source, message_id, type, channel, direction,
                             value_minor, currency, campaign, traits, properties, lines, context)
    select record_id, occurred_at, id, ${now}, source, message_id, type, channel, direction,
           value_minor, currency, campaign, traits, properties, lines, context
    from bulk_touchpoints`;
  await tx`
    insert into receipts (id, fingerprint, record_id, occurred_at)
    select id, fingerprint, record_id, occurred_at from bulk_touchpoints`;
  return inserted.count;
}

/** What KPIs keep of the touchpoints. Their records are new: all shipments of an order are in the chunk. `id`: a new one. */
export async function insertBulkFacts(tx: Tx, id: string): Promise<void> {
  const told = tx`bulk_touchpoints`;
  // On its own: a look for each touchpoint into all purchases that there are would cost more with every chunk.
  await tx`create temporary table bulk_purchases on commit drop as ${purchaseRows(tx, told)}`;
  // Without it the planner takes them for small, and compares each of the one with each of the other.
  await tx`analyze bulk_touchpoints, bulk_purchases`;
  await tx`
    insert into purchases (record_id, occurred_at, id, kind, order_id, opens_order, source, channel, campaign, store,
                           currency, value_minor, cost_minor, items)
    select record_id, occurred_at, id, kind, order_id, opens_order, source, channel, campaign, store,
           currency, value_minor, cost_minor, items
    from bulk_purchases`;
  await insertSignalsFrom(tx, told);
  await tx`
    insert into metric_cell_changes (id, ordinal, hour, type, channel, source, campaign, currency, touchpoints, orders,
                                     value_minor, costed_minor, cost_minor, items)
    select ${id}, row_number() over (), cells.* from (${cellRows(tx, told, tx`bulk_purchases`)}) as cells`;
}

/** The customers of the chunk, sorted. */
export async function listBulkCustomers(tx: Tx): Promise<string[]> {
  const rows = await tx<{ id: string }[]>`
    select distinct records.customer_id as id
    from bulk_touchpoints join records on records.id = bulk_touchpoints.record_id
    where records.customer_id is not null order by 1`;
  return rows.map((row) => row.id);
}

/** So that the planner knows what has come in before autovacuum gets round to it. */
export async function analyseTables(db: Database): Promise<void> {
  await db`analyze records, identifiers, claims, record_traits, record_revenue, customers, touchpoints, receipts`;
  await db`analyze purchases, signals, metric_cells, metric_cell_changes`;
}
