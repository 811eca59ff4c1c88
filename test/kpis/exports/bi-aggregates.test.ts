import { randomBytes } from 'node:crypto';
import postgres from 'postgres';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { randomIds } from '../../../src/kernel/ids.ts';
import { smallestGroup } from '../../../src/kpis/analyses/small-groups.ts';
import { aggregateViews } from '../../../src/kpis/exports/bi-roles.queries.ts';
import { grantBi } from '../../../src/kpis/exports/bi-roles.service.ts';
import { type MetricsFixture, openMetrics, order, returned } from '../metrics/fixture.ts';

let metrics: MetricsFixture;
let reader: postgres.Sql;
const role = `bi_test_${randomBytes(6).toString('hex')}`;

const buyers = (count: number, channel: 'WEB' | 'POS' | 'APP', day: string, amount = '10.00') =>
  Array.from({ length: count }, (_, index) => order(day, amount, { key: `${channel}${day}${index}`, channel }));

beforeAll(async () => {
  metrics = await openMetrics();
  await metrics.tell(
    ...buyers(7, 'WEB', '03-01'),
    returned('03-09', '4.00', { key: 'WEB03-010', channel: 'WEB' }),
    ...buyers(4, 'POS', '03-01'),
    // One customer with six orders is one.
    ...[1, 2, 3, 4, 5, 6].map((n) =>
      order('04-02', '1.00', { key: 'one', channel: 'APP', properties: { orderId: `${n}` } }),
    ),
    ...buyers(5, 'APP', '05-01', '2.50'),
    ...Array.from({ length: 5 }, (_, n) => ({
      type: 'page.viewed',
      key: `v${n}`,
      channel: 'WEB' as const,
      occurredAt: '2026-03-05T10:00:00Z',
    })),
    { type: 'page.viewed', key: 'v0', channel: 'POS' as const, occurredAt: '2026-03-05T10:00:00Z' },
  );
  const password = randomBytes(12).toString('hex');
  await grantBi(metrics.ctx, { role, password, sight: 'AGGREGATES', seconds: 30 });
  const { host, port, database } = metrics.pool.options;
  reader = postgres({ host: host[0]!, port: port[0]!, database, user: role, password, max: 1, onnotice: () => {} });
});
afterAll(async () => {
  await reader.end();
  await metrics.pool.unsafe(`drop owned by ${role}; drop role ${role}`);
  await metrics.close();
});

test('who may see nobody on their own reads aggregates, and no view with rows of customers', async () => {
  const views = await metrics.pool<{ name: string; columns: string[] }[]>`
    select c.relname as name, array_agg(a.attname::text) as columns
    from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attnum > 0
    where c.relnamespace = 'bi'::regnamespace and c.relkind = 'v' group by 1 order by 1`;
  expect(views.map(({ name }) => name)).toEqual(expect.arrayContaining([...aggregateViews]));
  for (const { name, columns } of views) {
    const query = reader.unsafe(`select * from bi.${name} limit 1`);
    if (aggregateViews.includes(name)) await query;
    else await expect(query, name).rejects.toMatchObject({ code: '42501' });
    // Sums by the hour are often about a single touchpoint.
    const isAboutOne =
      columns.some((column) => /^(customer|record|touchpoint|posting|entry)_id$/.test(column)) ||
      name === 'touchpoints_hourly';
    expect(isAboutOne, name).toBe(!aggregateViews.includes(name));
  }
});

test('numbers are those of metrics; about fewer than five there are none', async () => {
  expect(smallestGroup).toBe(5);
  const rows = await reader`
    select to_char(month, 'YYYY-MM') as month, channel, suppressed, orders::int, returns::int, buyers::int, gross_amount, returned_amount
    from sales_by_month order by month, channel`;
  const nothing = {
    suppressed: true,
    orders: null,
    returns: null,
    buyers: null,
    gross_amount: null,
    returned_amount: null,
  };
  expect(rows).toEqual([
    { month: '2026-03', channel: 'POS', ...nothing },
    {
      month: '2026-03',
      channel: 'WEB',
      suppressed: false,
      orders: 7,
      returns: 1,
      buyers: 7,
      gross_amount: '70.00',
      returned_amount: '4.00',
    },
    { month: '2026-04', channel: 'APP', ...nothing },
    {
      month: '2026-05',
      channel: 'APP',
      suppressed: false,
      orders: 5,
      returns: 0,
      buyers: 5,
      gross_amount: '12.50',
      returned_amount: '0.00',
    },
  ]);
  const asked = await metrics.rows({
    measures: ['ORDERS', 'RETURNS', 'BUYERS', 'GROSS_REVENUE', 'RETURNED_REVENUE'],
    dimensions: ['CHANNEL'],
    time: { from: '2026-03-01', to: '2026-06-01', grain: 'MONTH', timezone: 'UTC' },
  });
  const shown = rows.filter(({ suppressed }) => !suppressed);
  expect(asked.filter(({ buyers }) => Number(buyers) >= 5)).toEqual(
    shown.map((row) => ({
      time: `${row.month}-01T00:00:00.000Z`,
      ...{ channel: row.channel, orders: row.orders, returns: row.returns, buyers: row.buyers },
      ...{ gross_revenue: row.gross_amount, returned_revenue: row.returned_amount },
    })),
  );
});

test('touchpoints, stages, segments and tiers are counted, those of few are not', async () => {
  expect(
    await reader`
    select type, channel, suppressed, touchpoints::int, customers::int from touchpoints_by_month order by channel`,
  ).toEqual([
    { type: 'page.viewed', channel: 'POS', suppressed: true, touchpoints: null, customers: null },
    { type: 'page.viewed', channel: 'WEB', suppressed: false, touchpoints: 5, customers: 5 },
  ]);
  const ids = await metrics.pool<{ id: string }[]>`select id from customers order by id`;
  const stage = (id: string, name: string, band: string | null) => metrics.pool`
    insert into customer_lifecycles (customer_id, stage, since, risk_band, revision, updated_at)
    values (${id}, ${name}, now(), ${band}, 1, now())`;
  for (const { id } of ids.slice(0, 6)) await stage(id, 'ACTIVE', 'LOW');
  await stage(ids[6]!.id, 'LOST', null);
  const anonymous = ids.length - 7;
  expect(
    await reader`select stage, risk_band, suppressed, customers::int from customers_by_stage order by stage`,
  ).toEqual([
    { stage: 'ACTIVE', risk_band: 'LOW', suppressed: false, customers: 6 },
    { stage: 'ANONYMOUS', risk_band: null, suppressed: false, customers: anonymous },
    { stage: 'LOST', risk_band: null, suppressed: true, customers: null },
  ]);
  const program = randomIds.uuid();
  await metrics.pool`
    insert into loyalty_programs (id, name, created_at, updated_at, fingerprint) values (${program}, 'Club', now(), now(), ${program})`;
  for (const [name, members] of [
    ['Big', 5],
    ['Small', 4],
    ['None', 0],
  ] as const) {
    const id = randomIds.uuid();
    await metrics.pool`insert into segments values (${id}, ${name}, null, 'LIST', 'ACTIVE', 1, now(), now())`;
    for (const one of ids.slice(0, members)) {
      await metrics.pool`insert into segment_states values (${one.id}, ${id}, 1, true, now(), null)`;
      if (name === 'Big')
        await metrics.pool`insert into loyalty_members (customer_id, program_id, state, tier) values (${one.id}, ${program}, '{}', 'gold')`;
    }
  }
  expect(await reader`select segment, suppressed, members::int from segment_sizes order by segment`).toEqual([
    { segment: 'Big', suppressed: false, members: 5 },
    { segment: 'None', suppressed: false, members: 0 },
    { segment: 'Small', suppressed: true, members: null },
  ]);
  expect(await reader`select program, tier, suppressed, members::int from loyalty_tier_sizes`).toEqual([
    { program: 'Club', tier: 'gold', suppressed: false, members: 5 },
  ]);
  await metrics.pool`delete from loyalty_members where customer_id = ${ids[0]!.id}`;
  expect(await reader`select suppressed, members from loyalty_tier_sizes`).toEqual([
    { suppressed: true, members: null },
  ]);
});
