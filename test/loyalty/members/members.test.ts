import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { Calendar } from '../../../src/loyalty/earning/calendar.ts';
import { timedDecisions } from '../../../src/loyalty/redeeming/decision-clock.service.ts';
import { openTestDatabase, type TestDatabase } from '../../support/database.ts';
import { insertProgram, type LedgerFixture, occasionRule, openLedger, refusalOf } from '../ledger-fixture.ts';
import { expectLedgerTrue } from '../ledger-truth.ts';

let database: TestDatabase;
let club: LedgerFixture;
let other: LedgerFixture;
let programId: string;

beforeAll(async () => {
  database = await openTestDatabase({ max: 20 });
  club = await openLedger(database.pool);
  other = await openLedger(database.pool);
  programId = await insertProgram(database.pool, { enrolment: 'EXPLICIT' });
});
afterEach(async () => {
  for (const node of [club, other]) node.clock.set(noon);
  await expectLedgerTrue(database.pool);
});
afterAll(() => database.close());

const noon = '2026-11-01T12:00:00Z';
const of = (customerId: string) => ({ programId, member: { customerId } });

describe('enrolment', () => {
  test('is carried by the record by which somebody is named, happens once, and has facts counted anew', async () => {
    const ann = await club.person('enrol-ann');
    club.recounted.length = 0;
    const member = { identifier: { kind: 'userId', value: 'enrol-ann' } };
    const outcomes = await Promise.all([
      club.enrolment.enrollMember(club.ctx, { programId, member }),
      other.enrolment.enrollMember(other.ctx, { programId, member }),
    ]);
    expect(outcomes.map(({ alreadyMember }) => alreadyMember).sort()).toEqual([false, true]);
    expect(outcomes[0]!.membership).toMatchObject({ recordId: ann, status: 'ACTIVE', how: 'EXPLICIT' });
    expect(outcomes[1]!.membership.id).toBe(outcomes[0]!.membership.id);
    expect([...club.recounted, ...other.recounted.slice(-1)]).toContainEqual([ann]);
  });

  test('ends by all records, and begins again with what was there', async () => {
    const [ann, bob] = [await club.member(programId, 'leave-ann', 100), await club.member(programId, 'leave-bob')];
    const takeBack = await club.merge(ann, bob);
    const left = await club.enrolment.leaveProgram(club.ctx, of(ann));
    expect(left.membership.status).toBe('LEFT');
    expect((await club.enrolment.leaveProgram(club.ctx, of(bob))).alreadyMember).toBe(false);
    await takeBack();
    const redeem = () => club.redeeming.redeemPoints(club.ctx, { ...of(ann), points: 100n });
    expect((await refusalOf(redeem())).code).toBe('NOT_A_MEMBER');
    const { membership } = await club.enrolment.enrollMember(club.ctx, of(ann));
    expect(membership).toMatchObject({ status: 'ACTIVE', leftAt: null });
    await redeem();
  });

  test('is imported by the thousand: who is unknown is named, who is there twice is enrolled once', async () => {
    const [ann, bob] = [await club.person('import-ann'), await club.person('import-bob')];
    const memberships = [
      { member: { customerId: ann }, enrolledAt: new Date('2020-05-01T00:00:00Z') },
      { member: { identifier: { kind: 'userId', value: 'import-bob' } } },
      { member: { customerId: club.ctx.ids.uuid() } },
      { member: { customerId: bob } },
    ];
    const imported = await club.enrolment.importMemberships(club.ctx, { programId, memberships });
    expect(imported.map(({ outcome }) => outcome)).toEqual(['ENROLLED', 'ENROLLED', 'UNKNOWN', 'ALREADY_MEMBER']);
    const again = await club.enrolment.importMemberships(club.ctx, { programId, memberships });
    expect(again.map(({ outcome }) => outcome)).toEqual([
      'ALREADY_MEMBER',
      'ALREADY_MEMBER',
      'UNKNOWN',
      'ALREADY_MEMBER',
    ]);
    const rows = await database.pool`
      select how, enrolled_at from loyalty_memberships where record_id = ${ann} and program_id = ${programId}`;
    expect([...rows]).toEqual([{ how: 'IMPORT', enrolled_at: new Date('2020-05-01T00:00:00Z') }]);
  });

  test('is welcomed once with the bonus of its rule, as far as its budget goes; an import is not', async () => {
    const rules = [occasionRule('loyalty.enrolled', '50', { budget: '120' })];
    const welcoming = await insertProgram(database.pool, { enrolment: 'EXPLICIT', rules });
    const enroll = async (key: string, node = club) => {
      const customerId = await club.person(key);
      await node.enrolment.enrollMember(node.ctx, { programId: welcoming, member: { customerId } });
      return customerId;
    };
    const people = await Promise.all(
      ['1', '2', '3', '4'].map((key, index) => enroll(`welcome-${key}`, index % 2 === 0 ? club : other)),
    );
    const balances = await Promise.all(people.map((person) => club.balance(welcoming, person)));
    expect(balances.sort()).toEqual([0, 0, 50, 50]);
    const [first] = people;
    await club.enrolment.leaveProgram(club.ctx, { programId: welcoming, member: { customerId: first! } });
    const before = await club.balance(welcoming, first!);
    await club.enrolment.enrollMember(club.ctx, { programId: welcoming, member: { customerId: first! } });
    expect(await club.balance(welcoming, first!)).toBe(before);
  });

  test('of an automatic programme needs nobody to say so, unless somebody left', async () => {
    const open = await insertProgram(database.pool, { enrolment: 'AUTOMATIC' });
    const ann = await club.person('open-ann');
    await club.give(open, ann, 10);
    await club.redeeming.redeemPoints(club.ctx, { programId: open, member: { customerId: ann }, points: 10n });
    await club.enrolment.enrollMember(club.ctx, { programId: open, member: { customerId: ann } });
    await club.enrolment.leaveProgram(club.ctx, { programId: open, member: { customerId: ann } });
    expect((await refusalOf(club.give(open, ann, 10))).code).toBe('NOT_A_MEMBER');
    const bob = await club.person('open-bob');
    const left = await club.enrolment.leaveProgram(club.ctx, { programId: open, member: { customerId: bob } });
    expect(left).toMatchObject({
      alreadyMember: true,
      membership: { recordId: bob, status: 'LEFT', how: 'AUTOMATIC' },
    });
    expect((await refusalOf(club.give(open, bob, 10))).code).toBe('NOT_A_MEMBER');
  });
});

describe('a pool', () => {
  const redeem = (customerId: string, points: number, node = club) =>
    node.redeeming.redeemPoints(node.ctx, { ...of(customerId), points: BigInt(points) });

  test('spends together what expires first, and whoever leaves takes what is left of theirs', async () => {
    const [ann, bob] = [await club.member(programId, 'pool-ann', 100), await club.member(programId, 'pool-bob')];
    await club.give(programId, bob, 50, '2026-12-01T00:00:00Z');
    const { id: poolId } = await club.pools.createPool(club.ctx, { ...of(ann), name: 'The Annes' });
    await club.pools.joinPool(club.ctx, { poolId, member: { customerId: bob } });
    await club.pools.joinPool(club.ctx, { poolId, member: { customerId: bob } });
    await redeem(ann, 70);
    expect([await club.balance(programId, ann), await club.balance(programId, bob)]).toEqual([80, 0]);
    await redeem(bob, 30);
    const { members } = await club.pools.leavePool(club.ctx, { poolId, member: { customerId: bob } });
    expect(members.map(({ recordId }) => recordId)).toEqual([ann]);
    expect((await refusalOf(redeem(bob, 1))).details).toMatchObject({ available: 0 });
    await redeem(ann, 50);
  });

  test('has one winner, whoever of it asks at the same time', async () => {
    const people: string[] = [];
    for (const key of ['a', 'b', 'c']) people.push(await club.member(programId, `family-${key}`, 40));
    const { id: poolId } = await club.pools.createPool(club.ctx, of(people[0]!));
    for (const person of people.slice(1))
      await club.pools.joinPool(club.ctx, { poolId, member: { customerId: person } });
    const outcomes = await Promise.allSettled(
      Array.from({ length: 12 }, (_, index) => redeem(people[index % 3]!, 120, index % 2 === 0 ? club : other)),
    );
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    const failed = outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [outcome.reason.code] : []));
    expect(new Set(failed)).toEqual(new Set(['INSUFFICIENT_POINTS']));
  });

  test('is left while somebody spends from it: before or after, nothing in between', async () => {
    const [ann, bob] = [await club.member(programId, 'split-ann', 50), await club.member(programId, 'split-bob', 50)];
    const { id: poolId } = await club.pools.createPool(club.ctx, of(ann));
    await club.pools.joinPool(club.ctx, { poolId, member: { customerId: bob } });
    const outcomes = await Promise.allSettled([
      redeem(ann, 80),
      other.pools.leavePool(other.ctx, { poolId, member: { customerId: bob } }),
    ]);
    const sum = (await club.balance(programId, ann)) + (await club.balance(programId, bob));
    expect(sum).toBe(outcomes[0]!.status === 'fulfilled' ? 20 : 100);
  });

  test('is one for each member', async () => {
    const [ann, bob] = [await club.member(programId, 'once-ann'), await club.member(programId, 'once-bob')];
    const { id } = await club.pools.createPool(club.ctx, { ...of(ann), idempotencyKey: 'pool' });
    expect((await club.pools.createPool(club.ctx, { ...of(ann), idempotencyKey: 'pool' })).id).toBe(id);
    const second = await club.pools.createPool(club.ctx, of(bob));
    const join = club.pools.joinPool(club.ctx, { poolId: id, member: { customerId: bob } });
    expect((await refusalOf(join)).code).toBe('BAD_USER_INPUT');
    await club.pools.leavePool(club.ctx, { poolId: second.id, member: { customerId: bob } });
    await club.pools.joinPool(club.ctx, { poolId: id, member: { customerId: bob } });
  });
});

describe('a referral', () => {
  const rules = [
    occasionRule('loyalty.referral', '30', { pendingDays: 14 }),
    occasionRule('loyalty.referred', '70', { pendingDays: 14 }),
  ];
  const bought = (value: string, more: object = {}) => ({
    type: 'order.completed',
    occurredAt: '2026-11-01T11:00:00Z',
    value: { amount: value, currency: 'CHF' },
    ...more,
  });
  let bringing: string;
  beforeAll(async () => {
    bringing = await insertProgram(database.pool, { enrolment: 'EXPLICIT', rules });
  });
  const refer = (friend: string, referrer: string, node = club) =>
    node.referrals.registerReferral(node.ctx, {
      programId: bringing,
      friend: { customerId: friend },
      referrer: { customerId: referrer },
    });
  const qualify = async () => {
    while ((await club.referrals.qualifyReferrals(club.ctx)) + (await other.referrals.qualifyReferrals(other.ctx)) > 0);
  };

  test('rewards both when the purchase is old enough and was not returned', async () => {
    const [ann, bob] = [await club.member(bringing, 'ref-ann'), await club.member(bringing, 'ref-bob')];
    const { id } = await refer(bob, ann);
    expect((await refer(bob, ann)).id).toBe(id);
    await qualify();
    await club.person('ref-bob', bought('20'));
    for (const node of [club, other]) node.clock.set('2026-11-01T13:00:00Z');
    await qualify();
    const [row] = await database.pool`select status, due_at from loyalty_referrals where id = ${id}`;
    // 14 days of the calendar in Zurich.
    expect(row).toEqual({ status: 'QUALIFIED', due_at: new Date('2026-11-14T23:00:00Z') });
    for (const node of [club, other]) node.clock.set('2026-11-14T23:00:00Z');
    await Promise.all([club.referrals.qualifyReferrals(club.ctx), other.referrals.qualifyReferrals(other.ctx)]);
    await qualify();
    expect([await club.balance(bringing, bob), await club.balance(bringing, ann)]).toEqual([30, 70]);
  });

  test('earns nothing when the purchase was returned, or both turn out to be one', async () => {
    const [ann, bob, eve] = [
      await club.member(bringing, 'ret-ann'),
      await club.member(bringing, 'ret-bob'),
      await club.member(bringing, 'ret-eve'),
    ];
    await refer(bob, ann);
    await refer(eve, ann);
    await club.person('ret-bob', bought('20'), bought('20', { type: 'order.returned', occurredAt: noon }));
    await club.person('ret-eve', bought('20'));
    await club.merge(ann, eve);
    for (const node of [club, other]) node.clock.set('2026-12-01T00:00:00Z');
    await qualify();
    const rows = await database.pool`
      select why from loyalty_referrals where record_id = any(${[bob, eve]}::uuid[]) and status = 'REFUSED' order by why`;
    expect(rows.map(({ why }) => why)).toEqual(['RETURNED', 'SELF']);
    expect(await club.balance(bringing, bob)).toBe(0);
  });

  test('is refused to oneself, in a ring of any length, and a second time', async () => {
    const [a, b, c, d] = await Promise.all(['a', 'b', 'c', 'd'].map((key) => club.member(bringing, `ring-${key}`)));
    const reason = async (work: Promise<unknown>) => {
      const { code, details } = await refusalOf(work);
      return `${code} ${details.reason}`;
    };
    expect(await reason(refer(a!, a!))).toBe('REFERRAL_REFUSED SELF');
    await refer(b!, a!);
    expect(await reason(refer(a!, b!))).toBe('REFERRAL_REFUSED LOOP');
    expect(await reason(refer(b!, c!))).toBe('REFERRAL_REFUSED REFERRED_BEFORE');
    await refer(d!, c!);
    // Both would close it together, and neither sees the other.
    const outcomes = await Promise.allSettled([refer(c!, b!), refer(a!, d!, other)]);
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  });
});

describe('a tier that somebody gives', () => {
  test('holds until its day, or until it is revoked, and leaves no floor', async () => {
    const ann = await club.member(programId, 'tier-ann');
    const until = new Date('2026-12-01T00:00:00Z');
    club.recounted.length = 0;
    const first = await club.tiers.setTier(club.ctx, { ...of(ann), tier: 'gold', until, reason: 'press' });
    expect(first.override).toMatchObject({ recordId: ann, tier: 'gold', validTo: until });
    await club.tiers.setTier(club.ctx, { ...of(ann), tier: 'silver', until, reason: 'after all' });
    const held = async (at: string) => {
      const rows = await database.pool`
        select tier from loyalty_tier_overrides
        where record_id = ${ann} and valid_from <= ${at} and ${at} < least(valid_to, revoked_at)`;
      return rows.map(({ tier }) => tier);
    };
    expect([await held('2026-11-30T23:59:59Z'), await held('2026-12-01T00:00:00Z')]).toEqual([['silver'], []]);
    club.clock.set('2026-11-02T00:00:00Z');
    await club.tiers.revokeTier(club.ctx, { ...of(ann), reason: 'no' });
    await club.tiers.revokeTier(club.ctx, { ...of(ann), reason: 'no' });
    expect(await held('2026-11-02T00:00:00Z')).toEqual([]);
    expect(club.recounted).toEqual([[ann], [ann], [ann], [ann]]);
  });

  test.each([
    [{ tier: 'platinum' }, 'input.tier'],
    [{ until: new Date(noon) }, 'input.until'],
    [{ until: new Date('2032-01-01T00:00:00Z') }, 'input.until'],
    [{ reason: '' }, 'input.reason'],
  ])('is refused: %o', async (more, field) => {
    const ann = await club.member(programId, 'tier-wrong');
    const input = { ...of(ann), tier: 'gold', until: new Date('2026-12-01T00:00:00Z'), reason: 'press', ...more };
    expect((await refusalOf(club.tiers.setTier(club.ctx, input))).details).toMatchObject({ field });
  });

  test('is for managers', async () => {
    const ann = await club.member(programId, 'tier-scope');
    const input = { ...of(ann), tier: 'gold', until: new Date('2026-12-01T00:00:00Z'), reason: 'press' };
    expect((await refusalOf(club.tiers.setTier(club.as('loyalty:operate'), input))).code).toBe('FORBIDDEN');
  });
});

test('a birthday is celebrated once a year, by two nodes and after a merge; Feb 29 on the day before', async () => {
  const rules = [occasionRule('loyalty.birthday', '25')];
  const festive = await insertProgram(database.pool, { enrolment: 'AUTOMATIC', rules });
  const born = (key: string, birthday: string) => club.person(key, { traits: { birthday } });
  const [ann, bob, leap] = [
    await born('born-ann', '1980-11-01'),
    await born('born-bob', '1990-11-01'),
    await born('born-leap', '2000-02-29'),
  ];
  await born('born-other', '1980-11-02');
  const celebrate = (day: string) =>
    Promise.all([club.birthdays.grantBirthdays(club.ctx, day), other.birthdays.grantBirthdays(other.ctx, day)]);
  const sum = (counts: number[]) => counts.reduce((all, count) => all + count);
  expect(sum(await celebrate('2026-11-01'))).toBe(2);
  await club.merge(ann, bob);
  expect(sum(await celebrate('2026-11-01'))).toBe(0);
  expect(sum(await celebrate('2027-02-28'))).toBe(1);
  expect(sum(await celebrate('2028-02-28'))).toBe(0);
  expect(sum(await celebrate('2028-02-29'))).toBe(1);
  expect(await club.balance(festive, leap)).toBe(50);
});

test('the clock ends reservations, rewards referrals and celebrates birthdays, each day once', async () => {
  const rules = [occasionRule('loyalty.birthday', '25')];
  const festive = await insertProgram(database.pool, { enrolment: 'AUTOMATIC', rules });
  const ann = await club.person('clock-ann', { traits: { birthday: '1980-12-24' } });
  await club.give(festive, ann, 10);
  await club.redeeming.reservePoints(club.ctx, { programId: festive, member: { customerId: ann }, points: 10n });
  const work = timedDecisions(club.ctx, club, new Calendar('Europe/Zurich'));
  const run = async () => (await Promise.all(work.map((one) => one(club.clock.now())))).some((worked) => worked);
  // Midnight in Zurich is an hour earlier in UTC.
  club.clock.set('2026-12-23T22:59:59Z');
  while (await run());
  expect(await club.balance(festive, ann)).toBe(10);
  const [reservation] = await database.pool`
    select status from loyalty_decisions where kind = 'RESERVATION' and record_id = ${ann}`;
  expect(reservation).toEqual({ status: 'RELEASED' });
  club.clock.set('2026-12-23T23:00:00Z');
  while (await run());
  expect(await club.balance(festive, ann)).toBe(35);
});
