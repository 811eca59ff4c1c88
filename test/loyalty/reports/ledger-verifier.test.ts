import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Tx } from '../../../src/kernel/database.ts';
import { randomIds } from '../../../src/kernel/ids.ts';
import type { LedgerCheck } from '../../../src/loyalty/reports/ledger-difference.ts';
import { verifyLedger } from '../../../src/loyalty/reports/ledger-verifier.service.ts';
import { openTestDatabase, type TestDatabase } from '../../support/database.ts';
import { earningRule, exampleProgram } from '../example-program.ts';
import { type LoyaltyFixture, openLoyalty, publishAt } from '../fixture.ts';
import { recordOf, take } from './decisions.ts';
import { bought, returned, submit } from './people.ts';

let database: TestDatabase;
let node: LoyaltyFixture;
let programId: string;
const timeZone = 'Europe/Zurich';

beforeAll(async () => {
  database = await openTestDatabase();
  node = await openLoyalty(database.pool, { timeZone });
  programId = await publishAt(
    node,
    exampleProgram({
      rules: [
        earningRule({ expiry: { count: 2, unit: 'MONTH', endOf: 'DAY' } }),
        earningRule({ key: 'welcome', earns: { event: { points: '100' } }, budget: '250', pendingDays: 14 }),
      ],
    }),
  );
  await submit(
    node,
    'ann',
    bought('2026-07-01T10:00:00Z', 120),
    bought('2026-09-10T10:00:00Z', 300, { properties: { orderId: 'a-2' } }),
    bought('2026-10-20T10:00:00Z', 90),
  );
  await submit(node, 'bob', bought('2026-10-02T10:00:00Z', 80, { properties: { orderId: 'b-1' } }));
  await submit(node, 'cyd', { type: 'page.viewed' });
  await take(node, { programId, recordId: await recordOf(node, 'ann'), points: 150n });
  await take(node, { programId, recordId: await recordOf(node, 'ann'), points: 20n, bucket: 'RESERVED' });
  const [from, to] = [await recordOf(node, 'bob'), await recordOf(node, 'cyd')];
  await take(node, { programId, recordId: from, points: 60n, bucket: 'TRANSFERRED', to });
  // Of more than is left: bob owes.
  await submit(node, 'bob', returned('2026-10-12T10:00:00Z', 80, 'b-1'));
  await submit(node, 'ann', returned('2026-10-25T10:00:00Z', 100, 'a-2'));
});
afterAll(() => database.close());

const verify = () => verifyLedger({ pool: node.pool, clock: node.clock }, { timeZone });

/** Something that nobody but a fault or a thief would do: everything is as before afterwards. */
async function broken<T>(damage: (tx: Tx) => Promise<unknown>, look: () => Promise<T>): Promise<T> {
  const tables = ['loyalty_postings', 'loyalty_lots', 'loyalty_accounts', 'loyalty_consumptions', 'loyalty_decisions'];
  const all = [
    ...tables,
    'loyalty_members',
    'loyalty_budgets',
    'loyalty_verdicts',
    'touchpoints',
    'loyalty_tier_overrides',
  ];
  for (const table of all) await node.pool.unsafe(`create table kept_${table} as table ${table}`);
  const replica = async (work: (tx: Tx) => Promise<unknown>) =>
    node.pool.begin(async (tx) => {
      await tx`set local session_replication_role = replica`;
      await work(tx);
    });
  try {
    await replica(damage);
    return await look();
  } finally {
    await replica(async (tx) => {
      for (const table of all) {
        await tx.unsafe(`delete from ${table}`);
        await tx.unsafe(`insert into ${table} table kept_${table}`);
        await tx.unsafe(`drop table kept_${table}`);
      }
    });
  }
}

test('a sound ledger has no differences', async () => {
  const found = await verify();
  expect(found.differences).toEqual([]);
  expect({ members: found.members, folded: found.folded }).toEqual({ members: 2, folded: 2 });
  expect(found.postings).toBeGreaterThan(8);
});

test('a sample of members is folded, all sums are proven', async () => {
  const { folded, allocated, differences } = await verifyLedger(
    { pool: node.pool, clock: node.clock },
    { timeZone, sample: 0.000_001 },
  );
  expect(folded).toBe(0);
  expect(allocated).toBe(3);
  expect(differences).toEqual([]);
});

const anyLot = `(select id from loyalty_lots where source = 'TOUCHPOINT' and granted > 50 order by id limit 1)`;

describe('a fault is found', () => {
  test.each<[string, LedgerCheck, (tx: Tx) => Promise<unknown>]>([
    [
      'points that go to an account that there isn’t',
      'ENTRY',
      (tx) => tx`update loyalty_postings set to_bucket = 'ELSEWHERE'
      where to_bucket = 'REDEEMED'`,
    ],
    [
      'an entry with two causes',
      'CAUSE',
      (tx) => tx`update loyalty_postings set cause_id = ${randomIds.uuid()}
      where id = (select id from loyalty_postings where entry_id = (
        select entry_id from loyalty_postings group by 1 having count(*) > 1 limit 1) limit 1)`,
    ],
    [
      'a transfer of which less arrives',
      'TRANSFER',
      (tx) => tx`update loyalty_consumptions set points = points + 5
      where bucket = 'TRANSFERRED'`,
    ],
    [
      'a row of the ledger in the wrong wallet',
      'POSTING',
      (tx) => tx`update loyalty_postings set wallet = 'stars'
      where id = (select min(id::text)::uuid from loyalty_postings)`,
    ],
    ['a row of the ledger that has gone', 'LOT', (tx) => tx`delete from loyalty_postings where to_bucket = 'REDEEMED'`],
    [
      'a lot that holds more than was entered',
      'LOT',
      (tx) =>
        tx.unsafe(`update loyalty_lots set available = available + 10, issued = issued + 10 where id = ${anyLot}`),
    ],
    [
      'a balance that nobody has entered',
      'ACCOUNT',
      (tx) => tx`update loyalty_accounts set available = available + 1000,
      issued = issued + 1000 where available > 0`,
    ],
    ['a debt that was forgiven', 'ACCOUNT', (tx) => tx`update loyalty_accounts set owed = 0 where owed > 0`],
    ['an account that has gone', 'ACCOUNT', (tx) => tx`delete from loyalty_accounts where available > 0`],
    [
      'a lot without its touchpoint',
      'SOURCE',
      (tx) => tx.unsafe(`update loyalty_lots set source_id = '${randomIds.uuid()}' where id = ${anyLot}`),
    ],
    [
      'a lot without its decision',
      'SOURCE',
      (tx) => tx`update loyalty_decisions set id = ${randomIds.uuid()}
      where kind = 'TRANSFER'`,
    ],
    [
      'grants that are not the whole',
      'SOURCE',
      (tx) => tx.unsafe(`update loyalty_lots set grants = jsonb_set(grants, '{0,points}', '7') where id = ${anyLot}`),
    ],
    ['a budget that counts wrongly', 'BUDGET', (tx) => tx`update loyalty_budgets set granted = granted - 100`],
    [
      'points that were taken from another lot',
      'ALLOCATION',
      (tx) => tx`update loyalty_consumptions
      set at = at - interval '60 days' where bucket = 'REDEEMED'`,
    ],
    [
      'a redemption that has gone',
      'ALLOCATION',
      (tx) => tx`delete from loyalty_consumptions where bucket = 'REDEEMED'`,
    ],
    [
      'a purchase that earned more than the rule says',
      'EARNING',
      (tx) =>
        tx.unsafe(
          `update loyalty_lots set granted = granted + 1, issued = issued + 1, available = available + 1,
              grants = '[{"rule": "base", "line": null, "points": 91}]' where granted = 90`,
        ),
    ],
    ['a purchase that has gone', 'EARNING', (tx) => tx`delete from touchpoints where value_minor = 9000`],
    ['a tier that nobody reached', 'MEMBER', (tx) => tx`update loyalty_members set tier = 'gold'`],
    [
      'a state that nobody folded',
      'MEMBER',
      (tx) => tx`update loyalty_members
      set state = jsonb_set(state, '{last,1}', '"0"')`,
    ],
    ['a member who has gone', 'MEMBER', (tx) => tx`delete from loyalty_members`],
    [
      'a member who is nobody',
      'MEMBER',
      (tx) => tx`update loyalty_members set customer_id = ${randomIds.uuid()}
      where customer_id = (select min(customer_id::text)::uuid from loyalty_members)`,
    ],
    [
      'a tier that somebody gave behind everyone’s back',
      'MEMBER',
      async (tx) => tx`insert into loyalty_tier_overrides
      (record_id, program_id, id, tier, valid_from, valid_to, actor, reason)
      values (${await recordOf(node, 'bob')}, ${programId}, ${randomIds.uuid()}, 'gold', '2026-01-01', '2027-01-01', 'x', 'x')`,
    ],
  ])('%s', async (_what, kind, damage) => {
    const found = await broken(damage, verify);
    expect(found.differences.map((difference) => difference.kind)).toContain(kind);
    expect(found.totals.get(kind)).toBeGreaterThan(0);
    for (const difference of found.differences) {
      expect(difference.record).not.toBe('');
      expect(difference.expected).not.toBe(difference.stored);
    }
    expect((await verify()).differences).toEqual([]);
  });
});

test('a sound ledger has none either when its time has come, whether the clock has followed or not', async () => {
  node.clock.set('2026-12-24T00:00:00Z');
  expect((await verify()).differences).toEqual([]);
  await node.ticker.catchUp();
  expect((await verify()).differences).toEqual([]);
});
