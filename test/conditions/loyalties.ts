import fc from 'fast-check';
import { type Condition, comparisons, type LoyaltyCondition } from '../../src/conditions/condition.ts';
import type { Pool } from '../../src/kernel/database.ts';
import { randomIds } from '../../src/kernel/ids.ts';
import { column, idColumn } from '../../src/kernel/sql-array.ts';
import { insertCustomers } from './customers.ts';

// Few values of everything, so that what customers have and what conditions ask meet.

export const present = new Date('2026-10-26T12:00:00.000Z');
export const programs = ['0190b39c-0000-7000-8000-00000000000a', '0190b39c-0000-7000-8000-00000000000b'] as const;

export interface HeldLot {
  readonly program: string;
  readonly wallet: string;
  readonly available: number;
  readonly pending: number;
  readonly availableAt: Date;
  readonly expiresAt: Date | null;
}

export interface HeldMembership {
  readonly program: string;
  readonly enrolledAt: Date;
  readonly status: 'ACTIVE' | 'LEFT';
}

export interface HeldTier {
  readonly program: string;
  readonly tier: string | null;
  readonly dueAt: Date | null;
}

/** A customer of one record or two. */
export interface Holder {
  readonly records: readonly { readonly lots: readonly HeldLot[]; readonly memberships: readonly HeldMembership[] }[];
  readonly tiers: readonly HeldTier[];
}

/** The only customers are these, in this order. Answers their ids. */
export async function insertHolders(db: Pool, holders: readonly Holder[]): Promise<string[]> {
  await db`truncate customers, records, loyalty_lots, loyalty_memberships, loyalty_members`;
  const ids = await insertCustomers(
    db,
    holders.map(() => ({})),
  );
  const records = holders.flatMap((holder, index) =>
    holder.records.map((record) => ({ ...record, id: randomIds.uuid(), customerId: ids[index]! })),
  );
  await db`
    insert into records (id, source, key, customer_id, first_at, last_at, touchpoints, identified, created_at)
    select id, 'web', id::text, customer_id, ${present}, ${present}, 1, true, ${present}
    from unnest(${idColumn(records, ({ id }) => id)}::uuid[], ${idColumn(records, (one) => one.customerId)}::uuid[])
      as new (id, customer_id)`;
  await insertLots(
    db,
    records.flatMap(({ id, lots }) => lots.map((lot) => ({ ...lot, recordId: id }))),
  );
  await insertMemberships(
    db,
    records.flatMap(({ id, memberships }) => memberships.map((one) => ({ ...one, recordId: id }))),
  );
  await insertTiers(
    db,
    holders.flatMap(({ tiers }, index) => tiers.map((tier) => ({ ...tier, customerId: ids[index]! }))),
  );
  return ids;
}

async function insertLots(db: Pool, lots: readonly (HeldLot & { recordId: string })[]): Promise<void> {
  await db`
    insert into loyalty_lots (record_id, id, program_id, wallet, source, earned_at, available_at, expires_at, grants,
                              granted, issued, pending, available, reserved, redeemed, expired, reversed, adjusted,
                              transferred)
    select record_id, gen_random_uuid(), program_id, wallet, case when available < 0 then 'DEBT' else 'TOUCHPOINT' end,
           available_at, available_at, expires_at, '[]', greatest(available + pending, 0), available + pending, pending,
           available, 0, 0, 0, 0, 0, 0
    from unnest(
      ${idColumn(lots, ({ recordId }) => recordId)}::uuid[],
      ${idColumn(lots, ({ program }) => program)}::uuid[],
      ${column(lots, ({ wallet }) => wallet)}::text[],
      ${column(lots, ({ availableAt }) => availableAt)}::timestamptz[],
      ${column(lots, ({ expiresAt }) => expiresAt)}::timestamptz[],
      ${column(lots, ({ available }) => available)}::bigint[],
      ${column(lots, ({ pending }) => pending)}::bigint[])
      as new (record_id, program_id, wallet, available_at, expires_at, available, pending)`;
}

async function insertMemberships(
  db: Pool,
  memberships: readonly (HeldMembership & { recordId: string })[],
): Promise<void> {
  await db`
    insert into loyalty_memberships (record_id, program_id, id, status, how, enrolled_at, actor)
    select record_id, program_id, gen_random_uuid(), status, 'EXPLICIT', enrolled_at, 'test'
    from unnest(
      ${idColumn(memberships, ({ recordId }) => recordId)}::uuid[],
      ${idColumn(memberships, ({ program }) => program)}::uuid[],
      ${column(memberships, ({ status }) => status)}::text[],
      ${column(memberships, ({ enrolledAt }) => enrolledAt)}::timestamptz[])
      as new (record_id, program_id, status, enrolled_at)
    on conflict do nothing`;
}

async function insertTiers(db: Pool, tiers: readonly (HeldTier & { customerId: string })[]): Promise<void> {
  await db`
    insert into loyalty_members (customer_id, program_id, state, tier, due_at)
    select customer_id, program_id, '{}', tier, due_at
    from unnest(
      ${idColumn(tiers, ({ customerId }) => customerId)}::uuid[],
      ${idColumn(tiers, ({ program }) => program)}::uuid[],
      ${column(tiers, ({ tier }) => tier)}::text[],
      ${column(tiers, ({ dueAt }) => dueAt)}::timestamptz[])
      as new (customer_id, program_id, tier, due_at)
    on conflict do nothing`;
}

const hour = 3_600_000;
const hours = [-2000, -721, -720, -168, -48, -25, -24, -1, 0, 1, 2, 24, 25, 48, 72, 168, 720, 721, 2000];

/** Where durations begin and end, and a millisecond around. */
const instants = fc
  .tuple(fc.constantFrom(...hours), fc.constantFrom(-1, 0, 0, 1))
  .map(([at, by]) => new Date(present.getTime() + at * hour + by));

const anyProgram = fc.constantFrom(programs[0], programs[0], programs[1]);
const amounts = fc.constantFrom(0, 1, 2, 5);

const lots: fc.Arbitrary<HeldLot> = fc
  .record({
    program: anyProgram,
    wallet: fc.constantFrom('points', 'points', 'stars'),
    available: fc.oneof({ weight: 6, arbitrary: amounts }, { weight: 1, arbitrary: fc.constantFrom(-1, -4) }),
    pending: amounts,
    availableAt: instants,
    expiresAt: fc.option(instants, { freq: 4 }),
  })
  .map((lot) => (lot.available < 0 ? { ...lot, pending: 0, expiresAt: null } : lot));

const memberships: fc.Arbitrary<HeldMembership> = fc.record({
  program: anyProgram,
  enrolledAt: instants,
  status: fc.constantFrom('ACTIVE', 'ACTIVE', 'LEFT'),
});

export const holders: fc.Arbitrary<Holder> = fc.record({
  records: fc.array(
    fc.record({ lots: fc.array(lots, { maxLength: 5 }), memberships: fc.array(memberships, { maxLength: 2 }) }),
    { minLength: 1, maxLength: 2 },
  ),
  tiers: fc.array(
    fc.record({
      program: anyProgram,
      tier: fc.constantFrom('bronze', 'silver', 'gold', null),
      dueAt: fc.option(instants),
    }),
    { maxLength: 2 },
  ),
});

const durations = fc.constantFrom(
  { count: 1, unit: 'HOUR' } as const,
  { count: 1, unit: 'DAY' } as const,
  { count: 1, unit: 'WEEK' } as const,
  { count: 30, unit: 'DAY' } as const,
);

const pointTests = fc
  .tuple(fc.constantFrom(...comparisons), fc.integer({ min: -4, max: 8 }), fc.nat(4))
  .map(([comparison, value, more]) => ({
    comparison,
    value: String(value),
    ...(comparison === 'BETWEEN' && { to: String(value + more) }),
  }));

export const loyaltyConditions: fc.Arbitrary<LoyaltyCondition> = fc.oneof(
  anyProgram.map((program) => ({ program, member: true as const })),
  fc.constant({ member: true as const }),
  fc.tuple(anyProgram, durations).map(([program, memberFor]) => ({ program, memberFor })),
  durations.map((memberFor) => ({ memberFor })),
  fc.tuple(anyProgram, fc.subarray(['bronze', 'silver', 'gold'], { minLength: 1 })).map(([program, tiers]) => {
    return { program, tiers };
  }),
  {
    weight: 6,
    arbitrary: fc
      .record({
        program: anyProgram,
        wallet: fc.constantFrom('points', 'points', 'stars'),
        expiringWithin: fc.option(durations, { nil: undefined }),
        test: pointTests,
      })
      .map(({ program, wallet, expiringWithin, test }) => {
        return { program, points: { wallet, ...(expiringWithin && { expiringWithin }), ...test } };
      }),
  },
);

const leaves: fc.Arbitrary<Condition> = loyaltyConditions.map((loyalty) => ({ loyalty }));

export const conditions: fc.Arbitrary<Condition> = fc.oneof(
  { weight: 5, arbitrary: leaves },
  { weight: 1, arbitrary: fc.array(leaves, { minLength: 2, maxLength: 3 }).map((all) => ({ all })) },
  { weight: 1, arbitrary: fc.array(leaves, { minLength: 2, maxLength: 3 }).map((any) => ({ any })) },
  { weight: 1, arbitrary: leaves.map((not) => ({ not })) },
);

export const moments = fc
  .tuple(fc.constantFrom(0, 0, -24, 1, 24, 720), fc.constantFrom(-1, 0, 1))
  .map(([at, by]) => ({ now: new Date(present.getTime() + at * hour + by), timeZone: 'Europe/Zurich' }));

/** Everything from which on somebody may have something else, in order. */
export function turns(given: readonly Holder[]): Date[] {
  const own = given.flatMap(({ records }) => records);
  const edges = [
    ...own.flatMap((record) => record.lots).flatMap(({ availableAt, expiresAt }) => [availableAt, expiresAt]),
    ...own.flatMap((record) => record.memberships).map(({ enrolledAt }) => enrolledAt),
  ].flatMap((at) => (at === null ? [] : [at.getTime()]));
  const lengths = [0, 1, 24, 168, 720].map((length) => length * hour);
  const around = edges.flatMap((at) => lengths.flatMap((length) => [at - length, at + length]));
  return [...new Set(around.flatMap((at) => [at - 1, at]))].sort((a, b) => a - b).map((at) => new Date(at));
}
