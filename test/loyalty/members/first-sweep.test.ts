import { afterAll, beforeAll, expect, test } from 'vitest';
import { deleteCustomers, lockForGood } from '../../../src/identity/customers.queries.ts';
import { deleteMembers } from '../../../src/loyalty/members/member.queries.ts';
import { openTestDatabase, type TestDatabase } from '../../support/database.ts';
import { touchpoint } from '../../support/ingest.ts';
import { untilWaiting } from '../../support/locks.ts';
import { earningRule, exampleProgram } from '../example-program.ts';
import { openLoyalty, publishAt } from '../fixture.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await openTestDatabase({ max: 10 });
});
afterAll(() => database.close());

test('a programme that begins in the past counts nobody in who ends at this moment', async () => {
  const { pool } = database;
  const club = await openLoyalty(pool);
  await publishAt(club, exampleProgram({ rules: [earningRule()] }), { name: 'First' });
  await club.ticker.catchUp();
  const bought = touchpoint({
    source: 'pos',
    type: 'order.completed',
    occurredAt: '2026-10-01T10:00:00Z',
    value: { amount: '10.00', currency: 'CHF' },
    identifiers: [{ kind: 'loyaltyCard', value: 'card-1' }],
  });
  expect(await club.ingest.submit(club.ctx, [bought])).toMatchObject([{ status: 'STORED' }]);
  const [customer] = await pool<{ id: string }[]>`select id from customers`;
  // Nobody has been counted in here yet.
  await publishAt(club, exampleProgram({ rules: [earningRule()] }), { name: 'Second' });

  let sweeping: Promise<void> | undefined;
  await pool.begin(async (tx) => {
    await lockForGood(tx, [customer!.id]);
    await deleteMembers(tx, [customer!.id]);
    await deleteCustomers(tx, [customer!.id]);
    sweeping = club.ticker.catchUp();
    await untilWaiting(pool, 1);
  });
  await sweeping;
  expect(await pool`select from loyalty_members`).toHaveLength(0);
});
