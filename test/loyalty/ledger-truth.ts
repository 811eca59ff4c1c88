import { expect } from 'vitest';
import type { Pool } from '../../src/kernel/database.ts';
import { allocate } from '../../src/loyalty/ledger/allocation.ts';
import { findConsumptions, findLots } from '../../src/loyalty/ledger/ledger.queries.ts';
import { accountName, nothingHeld } from '../../src/loyalty/ledger/lot.ts';
import { debtPolicies } from '../../src/loyalty/members/debt-policy.ts';
import { ProgramBook } from '../../src/loyalty/programs/program-book.service.ts';
import { expectLedgerTrue as expectSumsTrue } from './truth.ts';

/**
 * Postings sum to what lots say, lots to what accounts say; nothing is negative but debts; what one gave others got; and
 * where all points are follows from lots and consumptions.
 */
export async function expectLedgerTrue(pool: Pool): Promise<void> {
  await expectSumsTrue(pool);
  await expectNothingNegative(pool);
  await expectTransfersEven(pool);
  await expectDecisionsCovered(pool);
  await expectReplayTrue(pool);
}

/** As of when each account was last written to: a test's clock may have been set back since. */
async function expectReplayTrue(pool: Pool): Promise<void> {
  const accounts = await pool<{ recordId: string; programId: string; wallet: string; at: Date }[]>`
    select record_id as "recordId", program_id as "programId", wallet, max(at) as at from loyalty_postings
    group by 1, 2, 3`;
  const [lots, consumptions] = await Promise.all([findLots(pool, accounts), findConsumptions(pool, accounts)]);
  const programs = await new ProgramBook().current(pool);
  for (const account of accounts) {
    const name = accountName(account);
    const own = lots.filter((lot) => accountName(lot) === name && lot.source !== 'DEBT');
    const taken = consumptions.filter((one) => accountName(one) === name);
    const debt = debtPolicies(programs, account.at)(account);
    const { holdings, uncovered } = allocate({ lots: own, consumptions: taken, debt }, account.at);
    for (const lot of own) {
      const expected = { ...nothingHeld, ...holdings.get(lot.id), REVERSED: lot.issued - lot.granted };
      expect({ lot: lot.id, ...lot.holdings }).toEqual({ lot: lot.id, ...expected });
    }
    const owed = Object.values(uncovered).reduce((sum, points) => sum + points, 0n);
    const written = lots.find((lot) => accountName(lot) === name && lot.source === 'DEBT');
    expect(written ? -(written.holdings.AVAILABLE + written.holdings.ADJUSTED) : 0n).toBe(owed);
  }
}

async function expectNothingNegative(pool: Pool): Promise<void> {
  const wrong = await pool`
    select record_id, id from loyalty_lots
    where source <> 'DEBT'
      and least(granted, issued, pending, available, reserved, redeemed, expired, reversed, adjusted) < 0`;
  expect([...wrong]).toEqual([]);
}

/** Points are handed on, not made: what a transfer takes out on one side is what it brings in on the other. */
async function expectTransfersEven(pool: Pool): Promise<void> {
  const uneven = await pool`
    select cause_id from (
      select cause_id, to_bucket as bucket, points from loyalty_postings where kind = 'TRANSFERRED'
      union all
      select cause_id, from_bucket, -points from loyalty_postings where kind = 'TRANSFERRED') as line
    where bucket in ('TRANSFERRED', 'ISSUED')
    group by cause_id having sum(points) <> 0`;
  expect([...uneven]).toEqual([]);
}

/** What decisions took is what their consumptions say, and they say no more than what was decided. */
async function expectDecisionsCovered(pool: Pool): Promise<void> {
  const wrong = await pool`
    select d.id from loyalty_decisions d
    left join (
      select decision_id, sum(points) as points, sum(points) filter (where bucket is not null) as held
      from loyalty_consumptions group by decision_id) c on c.decision_id = d.id
    where d.kind in ('REDEMPTION', 'REWARD', 'RESERVATION', 'TRANSFER')
      and (coalesce(c.points, 0) <> d.points
        or d.status = 'DONE' and coalesce(c.held, 0) <> d.points
        or d.status in ('RELEASED', 'REVERSED') and c.held is not null)`;
  expect([...wrong]).toEqual([]);
}
