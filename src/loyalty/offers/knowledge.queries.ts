import {
  type CustomerFactsRow,
  customerFacts,
  type FurtherFacts,
  furtherFacts,
} from '../../conditions/facts.queries.ts';
import type { FactTouchpoint } from '../../conditions/facts.ts';
import type { Database } from '../../kernel/database.ts';
import type { Json } from '../../kernel/json.ts';
import { column, idColumn, idList } from '../../kernel/sql-array.ts';
import type { Found } from './person.queries.ts';

/** By one of these, or nobody. */
export interface NamedPerson {
  /** Any record of theirs, which every id is that a customer ever had. */
  readonly recordId: string | null;
  /** Of several who carry it the one who was seen with it first. */
  readonly identifierId: string | null;
}

export interface KnowledgeQuestion {
  readonly person: NamedPerson;
  /** Offers of which somebody may use only so many. */
  readonly limited: readonly string[];
  /** Offers with a budget, with what one use takes of it at most. */
  readonly budgeted: readonly { readonly offerId: string; readonly cost: bigint }[];
  /** Facts are read of customers with so many touchpoints at most; null: of nobody. */
  readonly shortHistory: number | null;
  readonly further: readonly FurtherFacts[];
  readonly now: Date;
}

export interface FoundKnowledge {
  /** Of the live offers. */
  readonly revision: number;
  readonly person: Found | null;
  readonly tiers: readonly { readonly programId: string; readonly tier: string }[];
  /** When the person used each of the limited offers, or accepted it and still may. */
  readonly uses: readonly { readonly offerId: string; readonly at: Date }[];
  /** Offers whose budget has no room for one more use. */
  readonly exhausted: readonly string[];
  /** Null for a long history, too. */
  readonly facts: FactsFound | null;
}

export interface FactsFound {
  readonly row: CustomerFactsRow;
  /** In order of (time, id). */
  readonly touchpoints: readonly FactTouchpoint[];
  readonly further: ReadonlyMap<string, Json>;
}

/**
 * All that offers ask of a person and of what is left of them, by one statement, as a till waits for it: sending and reading
 * ten small ones costs either side more than the work itself. The text is the same whatever is asked, so that there is one plan, and
 * it says in which order to look (`lateral … offset 0`): the plan may be older than most rows.
 */
export async function findKnowledge(db: Database, question: KnowledgeQuestion): Promise<FoundKnowledge> {
  const { person, limited, budgeted, shortHistory, further, now } = question;
  const short = db`(select ids from short)::uuid[]`;
  const [row] = await db<KnowledgeRow[]>`
    with person as materialized (
      select named.record_id, c.id as customer_id, c.touchpoints
      from (
        select r.id as record_id, r.customer_id from records r where r.id = ${person.recordId}::uuid
        union all
        (select k.record_id, r.customer_id
         from (select ${person.identifierId}::uuid as id) as given
         join identifiers i on i.id = given.id and not i.blocked
         cross join lateral (
           select record_id, first_seen_at from claims where identifier_id = i.id and removed_by is null offset 0) as k
         join records r on r.id = k.record_id and r.customer_id is not null
         order by k.first_seen_at, k.record_id limit 1)
      ) as named
      join customers c on c.id = named.customer_id
    ), short as materialized (
      select array(select customer_id from person where touchpoints <= ${shortHistory}::int) as ids
    )
    select
      (select revision::float8 from loyalty_offer_book) as revision,
      (select json_build_object('recordId', record_id, 'customerId', customer_id, 'touchpoints', touchpoints)
       from person) as person,
      (select json_agg(json_build_object('programId', m.program_id, 'tier', m.tier) order by m.program_id)
       from loyalty_members m where m.customer_id = (select customer_id from person) and m.tier is not null) as tiers,
      (select json_agg(json_build_array(p.offer_id, p.decided_at) order by p.decided_at, p.id)
       from records r
       cross join lateral (
         select * from loyalty_presentations where record_id = r.id and offer_id = any(${idList(limited)}::uuid[])
           and (status = 'REDEEMED' or status = 'ACCEPTED' and expires_at > ${now}::timestamptz) offset 0) as p
       where r.customer_id = (select customer_id from person)) as uses,
      (select json_agg(b.offer_id)
       from unnest(
         ${idColumn(budgeted, ({ offerId }) => offerId)}::uuid[],
         ${column(budgeted, ({ cost }) => cost)}::bigint[]) as asked (offer_id, cost)
       join loyalty_offer_budgets b on b.offer_id = asked.offer_id
       -- What is held by presentations whose time is over is free again.
       left join (
         select p.offer_id, sum(p.reserved) as reserved, count(*) as uses
         from loyalty_presentations p
         where p.status in ('PRESENTED', 'ACCEPTED') and p.expires_at <= ${now}::timestamptz and p.held
         group by p.offer_id) as lapsed on lapsed.offer_id = b.offer_id
       where b.allowed - (b.reserved + b.spent - coalesce(lapsed.reserved, 0)) < asked.cost
         or b.uses_allowed - (b.uses_reserved + b.uses - coalesce(lapsed.uses, 0)) < 1) as exhausted,
      (select to_json(found) from (${customerFacts(db, short)}) as found) as facts,
      (select json_agg(json_build_array(
         t.id, t.occurred_at, t.type, t.source, t.channel, t.direction, t.campaign, t.value_minor::text, t.currency, t.traits,
         t.properties, t.lines) order by t.occurred_at, t.id)
       from records r
       join touchpoints t on t.record_id = r.id and t.occurred_at >= r.first_at and t.occurred_at <= r.last_at
       where r.customer_id = any(${short})) as history,
      (select json_agg(json_build_array(told.leaf, told.facts))
       from (${furtherFacts(db, short, further) ?? nothing(db)}) as told) as further`;
  return fromRow(row!, further);
}

const nothing = (db: Database) => db`select null::text as leaf, null::uuid as id, null::jsonb as facts where false`;

interface KnowledgeRow extends Pick<FoundKnowledge, 'revision' | 'person'> {
  readonly tiers: FoundKnowledge['tiers'] | null;
  readonly uses: readonly (readonly [offerId: string, at: string])[] | null;
  readonly exhausted: readonly string[] | null;
  readonly facts: AsJson<CustomerFactsRow> | null;
  readonly history: readonly StoredTouchpoint[] | null;
  readonly further: readonly (readonly [leaf: string, facts: Json])[] | null;
}

/** Instants are text. */
type AsJson<T> = {
  readonly [K in keyof T]: T[K] extends Date
    ? string
    : T[K] extends Date | null
      ? string | null
      : T[K] extends readonly Date[]
        ? string[]
        : T[K];
};

type StoredTouchpoint = readonly [
  id: string,
  occurredAt: string,
  type: string,
  source: string,
  channel: FactTouchpoint['channel'],
  direction: FactTouchpoint['direction'],
  campaign: string | null,
  valueMinor: string | null,
  currency: string | null,
  traits: FactTouchpoint['traits'],
  properties: FactTouchpoint['properties'],
  lines: FactTouchpoint['lines'],
];

function fromRow(row: KnowledgeRow, asked: readonly FurtherFacts[]): FoundKnowledge {
  const { revision, person, facts, history } = row;
  const told = new Map(row.further ?? []);
  return {
    revision,
    person,
    tiers: row.tiers ?? [],
    uses: (row.uses ?? []).map(([offerId, at]) => ({ offerId, at: new Date(at) })),
    exhausted: row.exhausted ?? [],
    facts: facts && {
      row: factsFrom(facts),
      touchpoints: (history ?? []).map(toTouchpoint),
      further: new Map(asked.map(({ leaf }) => [leaf, told.get(leaf) ?? null])),
    },
  };
}

function factsFrom(row: AsJson<CustomerFactsRow>): CustomerFactsRow {
  return {
    ...row,
    firstSeenAt: new Date(row.firstSeenAt),
    lastSeenAt: new Date(row.lastSeenAt),
    lastOrderAt: row.lastOrderAt === null ? null : new Date(row.lastOrderAt),
    mergedAt: row.mergedAt.map((at) => new Date(at)),
  };
}

function toTouchpoint(stored: StoredTouchpoint): FactTouchpoint {
  const [id, at, type, source, channel, direction, campaign, value, currency, traits, properties, lines] = stored;
  return {
    ...{ id, occurredAt: new Date(at), type, source, channel, direction, campaign },
    ...{ valueMinor: value === null ? null : BigInt(value), currency, traits, properties, lines },
  };
}
