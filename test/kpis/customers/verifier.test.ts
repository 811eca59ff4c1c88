import { afterAll, beforeAll, expect, test } from 'vitest';
import { verifyAllCustomerKpis } from '../../../src/kpis/customers/customer-kpis-verifier.service.ts';
import { openTestDatabase, type TestDatabase } from '../../support/database.ts';
import { touchpoint } from '../../support/ingest.ts';
import { type KpisFixture, openKpis } from './fixture.ts';

let database: TestDatabase;
let node: KpisFixture;

beforeAll(async () => {
  database = await openTestDatabase();
  node = await openKpis(database.pool);
  const order = (email: string) =>
    touchpoint({
      type: 'order.completed',
      value: { amount: '10', currency: 'CHF' },
      identifiers: [{ kind: 'email', value: email }],
    });
  await node.ingest.submit(node.ctx, [order('a@example.com'), order('b@example.com'), touchpoint({ key: 'c' })]);
});

afterAll(() => database.close());

const verify = () => verifyAllCustomerKpis(database.pool, node);

test('finds what is stored and does not follow from the purchases, and a refold puts it right', async () => {
  expect(await verify()).toEqual({ customers: 3, different: 0, differences: [] });
  const ids = (
    await database.pool<{ id: string }[]>`select customer_id as id from customer_kpis order by customer_id`
  ).map(({ id }) => id);
  const [one, other] = ids as [string, string];
  await database.pool`update customer_kpis set orders = 7, gap_median = 1 where customer_id = ${one}`;
  await database.pool`delete from customer_kpis where customer_id = ${other}`;
  const stray = '00000000-0000-7000-8000-00000000abcd';
  await database.pool`
    insert into customer_scores (customer_id, scored_at, scale_id, currency, recency, frequency, monetary, rfm_segment, abc_class)
    values (${stray}, now(), ${stray}, 'CHF', 1, 1, 1, 'LOST', 'C')`;
  const found = await verify();
  expect(found).toMatchObject({ customers: 3, different: 3 });
  expect(found.differences).toHaveLength(4);
  expect(found.differences).toEqual(
    expect.arrayContaining([
      { customerId: stray, column: null, stored: 'a row of nobody', expected: null },
      { customerId: one, column: 'orders', stored: '7', expected: '1' },
      { customerId: one, column: 'gapMedian', stored: '1', expected: null },
      { customerId: other, column: null, stored: null, expected: 'a row' },
    ]),
  );
  await database.pool`delete from customer_scores where customer_id = ${stray}`;
  const customerIds = (await database.pool<{ id: string }[]>`select id from customers order by id`).map(({ id }) => id);
  await database.pool.begin((tx) => node.folder.refold(tx, { at: node.clock.now(), customerIds }));
  expect(await verify()).toMatchObject({ different: 0 });
});

test('a refold forgets rows of customers who have no purchase', async () => {
  const [row] = await database.pool<{ id: string }[]>`
    select id from customers where not exists (select from customer_kpis where customer_id = id)`;
  await database.pool`
    insert into customer_kpis (customer_id, currency, orders, net_orders, returns, gross_minor, returned_minor, costed_minor,
                               cost_minor, items, purchase_days, updated_at)
    values (${row!.id}, 'CHF', 1, 1, 0, 1, 0, 0, 0, 1, 0, now())`;
  expect((await verify()).differences).toEqual([
    { customerId: row!.id, column: null, stored: 'a row', expected: null },
  ]);
  await database.pool.begin((tx) => node.folder.refold(tx, { at: node.clock.now(), customerIds: [row!.id] }));
  expect(await verify()).toMatchObject({ different: 0 });
});
