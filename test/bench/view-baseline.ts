import { type FastifyInstance, fastify } from 'fastify';
import type { Database, Pool } from '../../src/kernel/database.ts';
import { fromPublicId } from '../../src/kernel/ids.ts';

/**
 * What somebody would write by hand who wants this one view as fast as it goes: one route, one prepared statement that
 * makes the whole answer as text, nothing parsed on the way. No key, no limits, no choice of fields.
 */
export function createBaseline(pool: Pool): FastifyInstance {
  const app = fastify();
  app.post<{ Body: { variables: { id: string; from: string; to: string } } }>('/graphql', async (request, reply) => {
    const { id, from, to } = request.body.variables;
    const answer = await readView(pool, { id, uuid: fromPublicId('cus', id), from, to });
    return reply.type('application/json; charset=utf-8').send(answer);
  });
  return app;
}

async function readView(
  db: Database,
  { id, uuid, from, to }: { id: string; uuid: string; from: string; to: string },
): Promise<string> {
  const [row] = await db<{ answer: string }[]>`
    with customer as materialized (
      select c.* from records r join customers c on c.id = r.customer_id where r.id = ${uuid}
    ), own as materialized (
      select r.* from records r where r.customer_id = (select id from customer)
    )
    select json_build_object('data', json_build_object('customer', json_build_object(
      'id', ${id}::text,
      'identified', c.identified,
      'firstSeenAt', ${instant(db, db`c.first_seen_at`)},
      'lastSeenAt', ${instant(db, db`c.last_seen_at`)},
      'touchpointCount', c.touchpoints,
      'records', (
        select json_agg(json_build_object(
          'source', r.source, 'key', r.key, 'firstAt', ${instant(db, db`r.first_at`)},
          'lastAt', ${instant(db, db`r.last_at`)}, 'touchpointCount', r.touchpoints
        ) order by r.first_at, r.id) from own r
      ),
      'identifiers', (
        select json_agg(json_build_object(
          'kind', i.kind, 'value', i.value, 'firstSeenAt', ${instant(db, db`claim.first_seen_at`)},
          'lastSeenOn', claim.last_seen_on, 'recordCount', claim.records
        ) order by claim.first_seen_at, i.id)
        from (
          select k.identifier_id, min(k.first_seen_at) as first_seen_at, max(k.last_seen_on) as last_seen_on, count(*) as records
          from own r join claims k on k.record_id = r.id group by k.identifier_id
        ) claim
        join identifiers i on i.id = claim.identifier_id
      ),
      'traits', (
        select json_agg(json_build_object('name', t.key, 'value', t.value) order by t.key) from jsonb_each(c.traits) t
      ),
      'touchpoints', (
        select json_build_object(
          'nodes', json_agg(json_build_object(
            'type', t.type, 'channel', t.channel, 'direction', t.direction, 'source', t.source,
            'occurredAt', ${instant(db, db`t.occurred_at`)},
            'value', case when t.value_minor is not null then ${money(db, db`t.value_minor`, db`t.currency`)} end,
            'lines', coalesce((
              select json_agg(json_build_object(
                'sku', line ->> 'sku', 'name', line ->> 'name', 'quantity', line -> 'quantity',
                'price', json_build_object('amount', line ->> 'price', 'currency', t.currency)
              )) from jsonb_array_elements(t.lines) line
            ), '[]'::json),
            'properties', t.properties
          ) order by t.occurred_at desc, t.id desc) filter (where t.place <= 20),
          'pageInfo', json_build_object('hasNextPage', count(*) > 20)
        )
        from (
          select latest.*, row_number() over (order by latest.occurred_at desc, latest.id desc) as place
          from own r
          cross join lateral (
            select * from touchpoints t
            where t.record_id = r.id and t.occurred_at >= r.first_at and t.occurred_at <= r.last_at
            order by t.occurred_at desc, t.id desc limit 21
          ) latest
          order by latest.occurred_at desc, latest.id desc limit 21
        ) t
      ),
      'orders', json_build_object(
        'orders', c.orders,
        'returns', (select coalesce(sum((v.value ->> 'returns')::int), 0) from jsonb_each(c.revenue) v),
        'firstOrderAt', ${instant(db, db`c.first_order_at`)},
        'lastOrderAt', ${instant(db, db`c.last_order_at`)},
        'revenue', coalesce((
          select json_agg(json_build_object(
            'currency', v.key,
            'orders', v.value -> 'orders',
            'gross', ${money(db, db`(v.value ->> 'gross')::numeric`, db`v.key`)},
            'net', ${money(db, db`((v.value ->> 'gross')::numeric - (v.value ->> 'returned')::numeric)`, db`v.key`)},
            'averageOrderValue', ${money(db, db`round((v.value ->> 'gross')::numeric / (v.value ->> 'orders')::numeric)`, db`v.key`)}
          )) from jsonb_each(c.revenue) v
        ), '[]'::json)
      ),
      'activity', (
        select json_agg(json_build_object(
          'day', day::date, 'touchpoints', coalesce(a.touchpoints, 0), 'orders', coalesce(a.orders, 0)
        ) order by day)
        from generate_series(${from}::text::timestamp, ${to}::text::timestamp - interval '1 day', interval '1 day') day
        left join (
          select date_trunc('day', t.occurred_at at time zone 'UTC') as day, count(*) as touchpoints,
                 count(*) filter (where t.type = 'order.completed') as orders
          from own r
          join touchpoints t on t.record_id = r.id
            and t.occurred_at >= r.first_at and t.occurred_at <= r.last_at
            and t.occurred_at >= ${from}::text::timestamp at time zone 'UTC'
            and t.occurred_at < ${to}::text::timestamp at time zone 'UTC'
          group by 1
        ) a using (day)
      )
    )))::text as answer
    from customer c`;
  return row?.answer ?? '{"data":{"customer":null}}';
}

function instant(db: Database, value: ReturnType<Database>) {
  return db`to_char(${value} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;
}

function money(db: Database, minor: ReturnType<Database>, currency: ReturnType<Database>) {
  return db`json_build_object('amount', (${minor} * 0.01)::numeric(20, 2)::text, 'currency', ${currency})`;
}
