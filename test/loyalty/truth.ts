import { expect } from 'vitest';
import type { Pool } from '../../src/kernel/database.ts';
import { Calendar } from '../../src/loyalty/earning/calendar.ts';
import { MemberFold, type Verdicts } from '../../src/loyalty/earning/member-fold.ts';
import { typesOf } from '../../src/loyalty/earning/relevance.ts';
import { nextTierChange, tierAt } from '../../src/loyalty/earning/tier-level.ts';
import { allocate } from '../../src/loyalty/ledger/allocation.ts';
import { findConsumptions, findLots } from '../../src/loyalty/ledger/ledger.queries.ts';
import { nothingHeld } from '../../src/loyalty/ledger/lot.ts';
import { debtPolicies } from '../../src/loyalty/members/debt-policy.ts';
import {
  findEarningFacts,
  findMembers,
  findMemberships,
  findOverrides,
  findVerdicts,
} from '../../src/loyalty/members/member.queries.ts';
import { ProgramBook } from '../../src/loyalty/programs/program-book.service.ts';

interface Sums {
  readonly name: string;
  readonly [bucket: string]: string;
}

/** The ledger sums to zero, and lots and accounts are what it says. */
export async function expectLedgerTrue(pool: Pool): Promise<void> {
  const replayed = await pool<Sums[]>`
    select record_id || ' ' || lot_id as name, bucket, sum(points)::text as points from (
      select record_id, lot_id, to_bucket as bucket, points from loyalty_postings
      union all
      select record_id, lot_id, from_bucket, -points from loyalty_postings) as line
    group by 1, 2 having sum(points) <> 0 order by 1, 2`;
  const stored = await pool<Sums[]>`
    select record_id || ' ' || id as name, bucket, points::text from loyalty_lots,
      lateral (values ('ISSUED', -issued), ('PENDING', pending), ('AVAILABLE', available), ('RESERVED', reserved),
                      ('REDEEMED', redeemed), ('EXPIRED', expired), ('REVERSED', reversed), ('ADJUSTED', adjusted),
                      ('TRANSFERRED', transferred)) as b (bucket, points)
    where points <> 0 order by 1, 2`;
  expect(stored).toEqual([...replayed]);
  const wrong = await pool`
    select a.record_id from loyalty_accounts a
    left join (
      select record_id, program_id, wallet, sum(issued) as issued, sum(pending) as pending, sum(available) as available,
             sum(reserved) as reserved, sum(redeemed) as redeemed, sum(expired) as expired, sum(reversed) as reversed,
             sum(adjusted) as adjusted, sum(transferred) as transferred,
             coalesce(-sum(available) filter (where source = 'DEBT'), 0) as owed
      from loyalty_lots group by 1, 2, 3) l using (record_id, program_id, wallet)
    where (a.issued, a.pending, a.available, a.reserved, a.redeemed, a.expired, a.reversed, a.adjusted, a.transferred, a.owed)
      is distinct from (l.issued, l.pending, l.available, l.reserved, l.redeemed, l.expired, l.reversed, l.adjusted,
                        l.transferred, l.owed)`;
  expect([...wrong]).toEqual([]);
}

/** What touchpoints earned is what folding all of them from the beginning gives, for every customer; tiers too. */
export async function expectEarningTrue(pool: Pool, now: Date, zone = 'Europe/Zurich'): Promise<void> {
  const calendar = new Calendar(zone);
  const programs = await new ProgramBook().current(pool);
  const ids = (await pool<{ id: string }[]>`select id from customers order by id`).map(({ id }) => id);
  const [facts, memberships, overrides, verdicts, members] = await Promise.all([
    findEarningFacts(pool, ids, null),
    findMemberships(pool, ids),
    findOverrides(pool, ids),
    findVerdicts(pool, ids),
    findMembers(pool, ids),
  ]);
  const expected = new Map<string, bigint>();
  for (const program of programs) {
    const known = new Map<string, Verdicts>(
      verdicts.filter((row) => row.programId === program.id).map((row) => [row.touchpointId, row.verdicts]),
    );
    for (const id of ids) {
      const own = <T extends { customerId: string; programId: string }>(rows: readonly T[]) =>
        rows.filter(({ customerId, programId }) => customerId === id && programId === program.id);
      const fold = new MemberFold(
        { program, calendar },
        {
          customerId: id,
          verdicts: known,
          overrides: own(overrides),
          memberships: own(memberships).map(({ enrolledAt, leftAt, how }) => {
            return { from: enrolledAt, to: leftAt, explicit: how !== 'AUTOMATIC' };
          }),
        },
      );
      const seen = facts.filter((fact) => fact.customerId === id && (typesOf(program)?.has(fact.type) ?? true));
      for (const fact of seen) fold.add(fact);
      for (const lot of fold.lots()) if (lot.granted > 0n) expected.set(`${lot.recordId} ${lot.id}`, lot.granted);
      const question = fold.tierQuestion(now);
      const [member] = own(members);
      if (!member || !question || member.tier === null) continue;
      expect({ id, tier: member.tier }).toEqual({ id, tier: tierAt(question, now) });
      const due = nextTierChange(question, now);
      if (due) expect(member.dueAt!.getTime()).toBeLessThanOrEqual(due.getTime());
      expect(member.state).toEqual(JSON.parse(JSON.stringify(fold.state())));
    }
  }
  const rows = await pool<{ name: string; granted: bigint }[]>`
    select record_id || ' ' || id as name, granted from loyalty_lots where source = 'TOUCHPOINT' and granted > 0`;
  expect(Object.fromEntries([...rows].map(({ name, granted }) => [name, granted]).sort())).toEqual(
    Object.fromEntries([...expected].sort()),
  );
}

/** Where points are is what allocating them from the beginning gives. */
export async function expectAllocationTrue(pool: Pool, now: Date): Promise<void> {
  const debtOf = debtPolicies(await new ProgramBook().current(pool), now);
  const accounts = await pool<{ recordId: string; programId: string; wallet: string }[]>`
    select record_id as "recordId", program_id as "programId", wallet from loyalty_accounts`;
  const [lots, consumptions] = await Promise.all([findLots(pool, accounts), findConsumptions(pool, accounts)]);
  for (const account of accounts) {
    const mine = <T extends { recordId: string; programId: string; wallet: string }>(rows: readonly T[]) =>
      rows.filter(
        (row) =>
          row.recordId === account.recordId && row.programId === account.programId && row.wallet === account.wallet,
      );
    const own = mine(lots).filter(({ source }) => source !== 'DEBT');
    const { holdings } = allocate({ lots: own, consumptions: mine(consumptions), debt: debtOf(account) }, now);
    for (const lot of own) {
      const { REVERSED: _, ...held } = lot.holdings;
      const { REVERSED: __, ...wanted } = { ...nothingHeld, ...holdings.get(lot.id) };
      expect({ lot: lot.id, held }).toEqual({ lot: lot.id, held: wanted });
    }
  }
}
