import { afterAll, beforeAll, expect, test } from 'vitest';
import { findMemberships, findOverrides, findTies } from '../../../src/loyalty/members/member.queries.ts';
import { openTestDatabase, type TestDatabase } from '../../support/database.ts';
import { exampleProgram } from '../example-program.ts';
import { type LoyaltyFixture, openLoyalty, publishAt } from '../fixture.ts';
import { orderOf } from '../support.ts';

let database: TestDatabase;
let node: LoyaltyFixture;

beforeAll(async () => {
  database = await openTestDatabase();
  node = await openLoyalty(database.pool);
  await publishAt(node, exampleProgram());
});
afterAll(() => database.close());

const byText = (a: unknown, b: unknown) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1);

test('what records are tied by is found in one look: memberships with absences, overrides, and all accounts', async () => {
  const { pool } = node;
  const drafts = ['plain', 'explicit', 'back', 'gone', 'given'].map((key) => orderOf(key, '2026-10-01T10:00:00Z', 120));
  await node.ingest.submit(node.ctx, drafts);
  const change = (key: string, set: string) =>
    pool.unsafe(
      `update loyalty_memberships set ${set} where record_id = (select id from records where key = '${key}')`,
    );
  await change('explicit', `how = 'EXPLICIT'`);
  await change('back', `away_since = array['2026-10-05'::timestamptz], away_until = array['2026-10-07'::timestamptz]`);
  await change('gone', `status = 'LEFT', left_at = '2026-10-09'`);
  await pool`
    insert into loyalty_tier_overrides
      (record_id, program_id, id, tier, valid_from, valid_to, actor, reason, revoked_at)
    select m.record_id, m.program_id, gen_random_uuid(), 'gold', '2026-10-01', '2026-12-01', 'a', 'b', revoked
    from loyalty_memberships m join records r on r.id = m.record_id and r.key = 'given'
    cross join (values (null::timestamptz), ('2026-10-03')) as v (revoked)`;
  const ids = (await pool<{ id: string }[]>`select id from customers order by id`).map(({ id }) => id);
  const [ties, memberships, overrides] = await Promise.all([
    findTies(pool, ids),
    findMemberships(pool, ids),
    findOverrides(pool, ids),
  ]);
  expect(memberships.length).toBe(3);
  expect(overrides.length).toBe(2);
  expect([...ties.memberships].sort(byText)).toEqual([...memberships].sort(byText));
  expect([...ties.overrides].sort(byText)).toEqual([...overrides].sort(byText));
  const accounts = await pool`
    select record_id as "recordId", program_id as "programId", wallet, owed, last_consumed_at as "lastConsumedAt"
    from loyalty_accounts order by record_id`;
  expect(accounts.length).toBe(5);
  expect([...ties.accounts].sort((a, b) => (a.recordId < b.recordId ? -1 : 1))).toEqual([...accounts]);
  expect(await findTies(pool, ids.slice(0, 1))).toMatchObject({ accounts: { length: 1 } });
});
