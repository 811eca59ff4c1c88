import { graphql, parse, validate } from 'graphql';
import { buildSchemaSync } from 'type-graphql';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { Context } from '../../../src/kernel/context.ts';
import type { DomainError } from '../../../src/kernel/errors.ts';
import { toPublicId } from '../../../src/kernel/ids.ts';
import { Loaders } from '../../../src/kernel/loaders.ts';
import { DateTime } from '../../../src/kernel/scalars.ts';
import { EnrolmentResolver } from '../../../src/loyalty/members/enrolment.resolver.ts';
import { LoyaltyPoolResolver } from '../../../src/loyalty/members/pool.resolver.ts';
import { ReferralResolver } from '../../../src/loyalty/members/referral.resolver.ts';
import { TierOverrideResolver } from '../../../src/loyalty/members/tier-override.resolver.ts';
import {
  LoyaltyDecisionPayloadResolver,
  RedeemingResolver,
} from '../../../src/loyalty/redeeming/redeeming.resolver.ts';
import { RewardResolver } from '../../../src/loyalty/rewards/reward.resolver.ts';
import { VoucherResolver } from '../../../src/loyalty/rewards/voucher.resolver.ts';
import { applyOneOf } from '../../../src/server/one-of.ts';
import { findBlocks } from '../../docs/markdown.ts';
import { openTestDatabase, type TestDatabase } from '../../support/database.ts';
import { insertProgram, type LedgerFixture, openLedger } from '../ledger-fixture.ts';
import { expectLedgerTrue } from '../ledger-truth.ts';

let database: TestDatabase;
let node: LedgerFixture;
let programId: string;
let schema: ReturnType<typeof buildSchemaSync>;

beforeAll(async () => {
  database = await openTestDatabase();
  node = await openLedger(database.pool);
  programId = toPublicId('prg', await insertProgram(database.pool, { enrolment: 'EXPLICIT' }));
  schema = buildDecisionSchema(node);
});
afterEach(() => expectLedgerTrue(database.pool));
afterAll(() => database.close());

function buildDecisionSchema(services: LedgerFixture) {
  const instances = new Map<unknown, object>([
    [RedeemingResolver, new RedeemingResolver(services)],
    [LoyaltyDecisionPayloadResolver, new LoyaltyDecisionPayloadResolver()],
    [RewardResolver, new RewardResolver(services.rewards, services.rewardDesk)],
    [VoucherResolver, new VoucherResolver(services.vouchers, services.voucherDesk)],
    [EnrolmentResolver, new EnrolmentResolver(services.enrolment)],
    [LoyaltyPoolResolver, new LoyaltyPoolResolver(services.pools)],
    [ReferralResolver, new ReferralResolver(services.referrals, services.desk)],
    [TierOverrideResolver, new TierOverrideResolver(services.tiers)],
  ]);
  const built = buildSchemaSync({
    resolvers: [
      RedeemingResolver,
      LoyaltyDecisionPayloadResolver,
      RewardResolver,
      VoucherResolver,
      EnrolmentResolver,
      LoyaltyPoolResolver,
      ReferralResolver,
      TierOverrideResolver,
    ],
    container: { get: (resolver) => instances.get(resolver)! },
    validate: false,
    scalarsMap: [{ type: Date, scalar: DateTime }],
  });
  applyOneOf(built);
  return built;
}

async function ask<T>(source: string, variables: object = {}, ctx: Context = node.ctx): Promise<T> {
  const contextValue = { ...ctx, loaders: new Loaders() };
  const { data, errors } = await graphql({ schema, source, variableValues: variables as never, contextValue });
  if (errors?.[0]) throw errors[0].originalError ?? errors[0];
  return data as T;
}

async function codeOf(source: string, variables: object, ctx?: Context): Promise<string> {
  return ask(source, variables, ctx).then(
    () => 'none',
    (error: DomainError) => error.code,
  );
}

const enroll = `mutation ($input: EnrollMemberInput!) { enrollMember(input: $input) { membershipId status how alreadyMember customerId } }`;
const bonus = `mutation ($input: GivePointsInput!) { grantBonus(input: $input) { decision { id kind points } balances { wallet available } } }`;
const redeem = `mutation ($input: RedeemPointsInput!) {
  redeemPoints(input: $input) { decision { id kind status points wallet } balances { wallet available pending reserved } } }`;

/** A member with points, by the API alone. */
async function member(key: string, points = 0): Promise<{ customerId: string; membershipId: string }> {
  const customerId = toPublicId('cus', await node.person(key));
  const { enrollMember } = await ask<{ enrollMember: { membershipId: string } }>(enroll, {
    input: { programId, member: { identifier: { kind: 'userId', value: key } } },
  });
  const { membershipId } = enrollMember;
  if (points > 0) await ask(bonus, { input: { member: { membershipId }, points, reason: 'hello' } });
  return { customerId, membershipId };
}

describe('at a till', () => {
  test('points are redeemed by membership, with what is left', async () => {
    const { membershipId } = await member('till-ann', 100);
    const input = { member: { membershipId }, points: 30, idempotencyKey: 'receipt' };
    expect(await ask(redeem, { input })).toMatchObject({
      redeemPoints: {
        decision: { kind: 'REDEMPTION', status: 'DONE', points: 30, wallet: 'points' },
        balances: [{ wallet: 'points', available: 70, pending: 0, reserved: 0 }],
      },
    });
    expect(await codeOf(redeem, { input: { ...input, points: 31 } })).toBe('IDEMPOTENCY_CONFLICT');
    expect(await codeOf(redeem, { input: { member: { membershipId }, points: 71 } })).toBe('INSUFFICIENT_POINTS');
    expect(await codeOf(redeem, { input }, node.as('loyalty:read'))).toBe('FORBIDDEN');
  });

  test('they are reserved, confirmed and reversed; the history says so', async () => {
    const { membershipId, customerId } = await member('flow-ann', 100);
    const { reservePoints } = await ask<{ reservePoints: { decision: { id: string } } }>(
      'mutation ($input: ReservePointsInput!) { reservePoints(input: $input) { decision { id status expiresAt } } }',
      { input: { member: { membershipId }, points: 40, minutes: 5 } },
    );
    const { id } = reservePoints.decision;
    const step = (name: string, type: string, more: object = {}) =>
      ask(
        `mutation ($input: ${type}!) { ${name}(input: $input) { decision { status } balances { available reserved } } }`,
        {
          input: { decisionId: id, ...more },
        },
      );
    expect(await step('confirmReservation', 'ReservationInput')).toEqual({
      confirmReservation: { decision: { status: 'DONE' }, balances: [{ available: 60, reserved: 0 }] },
    });
    expect(await step('reverseLoyaltyDecision', 'ReverseLoyaltyDecisionInput', { reason: 'returned' })).toEqual({
      reverseLoyaltyDecision: { decision: { status: 'REVERSED' }, balances: [{ available: 100, reserved: 0 }] },
    });
    const history = `query ($customerId: ID!, $programId: ID) {
      loyaltyDecisions(customerId: $customerId, programId: $programId, first: 1) {
        nodes { id kind status } pageInfo { hasNextPage } } }`;
    expect(await ask(history, { customerId, programId })).toEqual({
      loyaltyDecisions: { nodes: [{ id, kind: 'RESERVATION', status: 'REVERSED' }], pageInfo: { hasNextPage: true } },
    });
  });

  test('a reward issues a voucher, which is used once', async () => {
    const { membershipId } = await member('reward-ann', 500);
    const create = `mutation ($input: CreateRewardInput!) { createReward(input: $input) { reward { id points voucher { worth { amount { amount currency } } } } } }`;
    const worth = { amount: { amount: '5.00', currency: 'CHF' } };
    const { createReward } = await ask<{ createReward: { reward: { id: string } } }>(create, {
      input: { programId, name: '5 francs', points: 500, voucher: { worth, validDays: 30 }, stock: 1 },
    });
    const { redeemReward } = await ask<{ redeemReward: { voucher: { code: string } } }>(
      `mutation ($input: RedeemRewardInput!) { redeemReward(input: $input) {
        redemption { decision { kind subjectId } balances { available } } voucher { id code worth { amount { amount } } } } }`,
      { input: { member: { membershipId }, rewardId: createReward.reward.id } },
    );
    expect(redeemReward).toMatchObject({
      redemption: { decision: { kind: 'REWARD', subjectId: createReward.reward.id }, balances: [{ available: 0 }] },
      voucher: { worth: { amount: { amount: '5.00' } } },
    });
    const use = `mutation ($input: RedeemVoucherInput!) { redeemVoucher(input: $input) { use { id status } voucher { status used } } }`;
    const input = {
      code: redeemReward.voucher.code.toLowerCase(),
      member: { membershipId },
      idempotencyKey: 'till 1/17',
    };
    const first = await ask<{ redeemVoucher: { use: { id: string } } }>(use, { input });
    expect(first).toMatchObject({
      redeemVoucher: { use: { status: 'USED' }, voucher: { status: 'USED_UP', used: 1 } },
    });
    expect(await ask(use, { input })).toEqual(first);
    expect(await codeOf(use, { input: { ...input, idempotencyKey: 'till 1/18' } })).toBe('VOUCHER_USED_UP');
    const back = `mutation ($input: ReverseVoucherUseInput!) { reverseVoucherUse(input: $input) { use { status } voucher { status } } }`;
    expect(await ask(back, { input: { useId: first.redeemVoucher.use.id, reason: 'returned' } })).toEqual({
      reverseVoucherUse: { use: { status: 'REVERSED' }, voucher: { status: 'ACTIVE' } },
    });
  });
});

test('pools, transfers, referrals, tiers and imports go through the API', async () => {
  const [ann, bob] = [await member('all-ann', 100), await member('all-bob')];
  const createPool = `mutation ($input: CreateLoyaltyPoolInput!) { createLoyaltyPool(input: $input) { pool { id name } } }`;
  const { createLoyaltyPool } = await ask<{ createLoyaltyPool: { pool: { id: string } } }>(createPool, {
    input: { member: { membershipId: ann.membershipId }, name: 'Home' },
  });
  const join = `mutation ($input: ChangeLoyaltyPoolInput!) { joinLoyaltyPool(input: $input) { pool { members { recordId } balances { wallet available } } } }`;
  const poolId = createLoyaltyPool.pool.id;
  expect(await ask(join, { input: { poolId, member: { customerId: bob.customerId } } })).toMatchObject({
    joinLoyaltyPool: { pool: { members: [{}, {}], balances: [{ available: 100 }] } },
  });
  await ask(redeem, { input: { member: { membershipId: bob.membershipId }, points: 10 } });
  const transfer = `mutation ($input: TransferPointsInput!) { transferPoints(input: $input) { decision { kind } balances { available } } }`;
  const input = { from: { membershipId: ann.membershipId }, to: { membershipId: bob.membershipId }, points: 40 };
  expect(await ask(transfer, { input })).toEqual({
    transferPoints: { decision: { kind: 'TRANSFER' }, balances: [{ available: 50 }] },
  });
  const refer = `mutation ($input: RegisterReferralInput!) { registerReferral(input: $input) { referral { id status } } }`;
  const referral = { friend: { customerId: bob.customerId }, referrer: { membershipId: ann.membershipId } };
  expect(await ask(refer, { input: referral })).toMatchObject({ registerReferral: { referral: { status: 'OPEN' } } });
  const list = `query ($customerId: ID!, $programId: ID) { loyaltyReferrals(customerId: $customerId, programId: $programId) { status } }`;
  expect(await ask(list, { customerId: ann.customerId, programId })).toEqual({
    loyaltyReferrals: [{ status: 'OPEN' }],
  });
  const tier = `mutation ($input: SetTierInput!) { setTier(input: $input) { tier until membershipId } }`;
  const gold = {
    member: { membershipId: ann.membershipId },
    tier: 'gold',
    until: '2026-12-31T23:00:00Z',
    reason: 'press',
  };
  expect(await ask(tier, { input: gold })).toMatchObject({ setTier: { tier: 'gold', membershipId: ann.membershipId } });
  const bring = `mutation ($input: ImportMembershipsInput!) { importMemberships(input: $input) { enrolled items { field outcome } } }`;
  const memberships = [
    { member: { customerId: ann.customerId } },
    { member: { identifier: { kind: 'userId', value: 'nobody' } } },
  ];
  expect(await ask(bring, { input: { programId, memberships } })).toEqual({
    importMemberships: {
      enrolled: 0,
      items: [
        { field: 'input.memberships[0]', outcome: 'ALREADY_MEMBER' },
        { field: 'input.memberships[1]', outcome: 'UNKNOWN' },
      ],
    },
  });
});

test('what may not be seen is not: no customer ids without the scope, no list without loyalty:read', async () => {
  await node.person('masked-ann');
  const input = { programId, member: { identifier: { kind: 'userId', value: 'masked-ann' } } };
  const answer = await ask<{ enrollMember: { customerId: string | null } }>(
    enroll,
    { input },
    node.as('loyalty:operate'),
  );
  expect(answer.enrollMember.customerId).toBeNull();
  const rewards = 'query ($programId: ID) { loyaltyRewards(programId: $programId) { nodes { id } } }';
  expect(await codeOf(rewards, { programId }, node.as('loyalty:operate'))).toBe('FORBIDDEN');
});

test('every type, field, argument and value is described', () => {
  const undescribed = Object.values(schema.getTypeMap()).flatMap((type): string[] => {
    if (type.name.startsWith('__') || ['Query', 'Mutation'].includes(type.name)) return [];
    const parts = 'getFields' in type ? Object.values(type.getFields()) : 'getValues' in type ? type.getValues() : [];
    return [type, ...parts].filter(({ description }) => !description).map(({ name }) => `${type.name}.${name}`);
  });
  expect(undescribed).toEqual([]);
});

const examples = findBlocks('graphql', ['docs/loyalty-points.md']).map(({ place, text }) => [place, text] as const);
test.each(examples)('the example %s fits the schema', (_place, text) => {
  expect(validate(schema, parse(text)).map(({ message }) => message)).toEqual([]);
});
