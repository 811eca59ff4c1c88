import { requireScope } from '../../access/scopes.ts';
import type { Context } from '../../kernel/context.ts';
import { fingerprintUuid, toPublicId } from '../../kernel/ids.ts';
import type { DecisionDesk } from '../redeeming/decide.service.ts';
import type { Decision } from '../redeeming/decision.ts';
import { countRewards, findTier } from '../redeeming/decisions.queries.ts';
import type { DecisionHead, Member, OpenDesk, Outcome } from '../redeeming/open-desk.service.ts';
import { type TillRequest, tillRequest } from '../redeeming/redeem.service.ts';
import { refused } from '../redeeming/refusals.ts';
import { noReward } from './reward.service.ts';
import { type Reward, type Unavailable, whyUnavailable } from './reward.ts';
import { findRewards, putBackInStock, takeFromStock } from './rewards.queries.ts';
import { usedUp, type Voucher } from './voucher.ts';
import { issueVouchers } from './voucher-issue.service.ts';
import { cancelVoucher, countUse, findVouchers, lockVoucher, reverseUse } from './vouchers.queries.ts';

export interface RedeemReward extends TillRequest {
  readonly rewardId: string;
}

export interface RedeemedReward {
  readonly decision: Decision;
  /** That it issued. */
  readonly voucher: Voucher | null;
}

const oneDay = 86_400_000;

/** Gives rewards for points. */
export class RewardDesk {
  readonly #desk: DecisionDesk;

  constructor(desk: DecisionDesk) {
    this.#desk = desk;
  }

  /**
   * Throws `REWARD_UNAVAILABLE`, `OUT_OF_STOCK` or `INSUFFICIENT_POINTS`, and has written nothing then. The reward's
   * programme is meant, where none is named.
   */
  async redeemReward(ctx: Context, input: RedeemReward): Promise<RedeemedReward> {
    requireScope(ctx, 'loyalty:operate');
    const [reward] = await findRewards(ctx.pool, [input.rewardId]);
    if (!reward) throw noReward(input.rewardId);
    const request = await tillRequest(ctx, this.#desk, {
      kind: 'REWARD',
      input: { ...input, programId: reward.programId },
    });
    const decision = await this.#desk.decide(ctx, request, (desk, head) => redeem(desk, head, reward.id));
    const [voucher] = await findVouchers(ctx.pool, [voucherOf(decision)]);
    return { decision, voucher: voucher ?? null };
  }
}

/** What a redeemed reward, or a voucher for points, has done beside moving points. */
export async function undoRewards(desk: OpenDesk, decision: Decision): Promise<void> {
  const { kind, subjectId, id } = decision;
  if (subjectId === null) return;
  if (kind === 'VOUCHER') {
    await lockVoucher(desk.tx, subjectId);
    if (await reverseUse(desk.tx, { voucherId: subjectId, id })) await countUse(desk.tx, subjectId, -1);
  }
  if (kind !== 'REWARD') return;
  await putBackInStock(desk.tx, subjectId);
  const voucher = await lockVoucher(desk.tx, voucherOf(decision));
  if (!voucher) return;
  if (voucher.used > 0) throw usedUp(voucher);
  await cancelVoucher(desk.tx, voucher.id);
}

function voucherOf({ id }: Pick<Decision, 'id'>): string {
  return fingerprintUuid(`voucher of\n${id}`);
}

async function redeem(desk: OpenDesk, head: DecisionHead, rewardId: string): Promise<Outcome> {
  const member = desk.members[0]!;
  const [found] = await findRewards(desk.tx, [rewardId]);
  checkAvailable(found!, head.at);
  const reward = found!.stock === null ? found! : await takeOne(desk, found!, head.at);
  desk.walletAt(head.at, reward.wallet);
  await checkTier(desk, member, reward);
  await checkPerMember(desk, member, reward);
  const { wallet, points } = reward;
  const takings = points > 0n ? await desk.take(head, { wallet, points, customerIds: member.mates }) : [];
  await issue(desk, head, { member, reward });
  return { recordId: member.recordId, points, wallet, subjectId: reward.id, takings };
}

/** As it is when its stock is ours: somebody may have changed it meanwhile. */
async function takeOne(desk: OpenDesk, { id, name }: Reward, at: Date): Promise<Reward> {
  const reward = await takeFromStock(desk.tx, id);
  if (!reward) {
    throw refused('OUT_OF_STOCK', `There is no ${JSON.stringify(name)} left.`, { rewardId: toPublicId('rwd', id) });
  }
  checkAvailable(reward, at);
  return reward;
}

function checkAvailable(reward: Reward, at: Date): void {
  const why = whyUnavailable(reward, at);
  if (why) throw unavailable(reward, why, 'it is not offered at this time');
}

async function checkTier(desk: OpenDesk, { customerId }: Member, reward: Reward): Promise<void> {
  if (reward.tiers === null) return;
  const asked = { programId: desk.program.id, customerId };
  const found = await findTier(desk.tx, asked);
  const isOld = found?.dueAt != null && found.dueAt <= desk.now;
  if (isOld) await desk.recount([customerId], 'CLOCK');
  const tier = (isOld ? await findTier(desk.tx, asked) : found)?.tier ?? null;
  if (tier !== null && reward.tiers.includes(tier)) return;
  throw unavailable(reward, 'TIER', `it is for ${reward.tiers.join(', ')}, and the member is ${tier ?? 'in no tier'}`);
}

async function checkPerMember(desk: OpenDesk, { customerId }: Member, reward: Reward): Promise<void> {
  if (reward.perMember === null) return;
  const had = await countRewards(desk.tx, { programId: desk.program.id, rewardId: reward.id, customerId });
  if (had < reward.perMember) return;
  throw unavailable(reward, 'PER_MEMBER', `a member can have it ${reward.perMember} times`);
}

async function issue(
  desk: OpenDesk,
  head: DecisionHead,
  { member, reward }: { member: Member; reward: Reward },
): Promise<void> {
  if (reward.voucher === null) return;
  const { worth, validDays, uses } = reward.voucher;
  await issueVouchers(desk.tx, desk.settings.idSecret, [
    {
      id: voucherOf(head),
      programId: desk.program.id,
      code: null,
      pool: null,
      recordId: member.recordId,
      worth,
      usesAllowed: uses,
      validFrom: null,
      validTo: validDays === null ? null : new Date(head.at.getTime() + validDays * oneDay),
      decisionId: head.id,
      createdAt: desk.now,
    },
  ]);
}

function unavailable({ id, name }: Reward, reason: Unavailable, because: string) {
  return refused('REWARD_UNAVAILABLE', `${JSON.stringify(name)} can't be redeemed: ${because}.`, {
    rewardId: toPublicId('rwd', id),
    reason,
  });
}
