import { audit } from '../../access/audit.service.ts';
import { requireScope } from '../../access/scopes.ts';
import type { Context } from '../../kernel/context.ts';
import { notFound } from '../../kernel/errors.ts';
import { fingerprintUuid, toPublicId } from '../../kernel/ids.ts';
import { groupBy } from '../../kernel/lists.ts';
import { type Bonus, bonusId, giveBonuses } from '../redeeming/bonus.service.ts';
import { type Gift, giftAt } from '../redeeming/bonus-rule.ts';
import { checkOptionalReason, type DecisionDesk } from '../redeeming/decide.service.ts';
import type { Member, OpenDesk } from '../redeeming/open-desk.service.ts';
import { findOwnersOfRecords } from '../redeeming/parties.queries.ts';
import type { GivenMember, NamedParty } from '../redeeming/parties.service.ts';
import { refused } from '../redeeming/refusals.ts';
import { termsAt } from '../terms.ts';
import {
  findDueReferrals,
  findPurchases,
  findReferralsOf,
  findReferralsOfFriend,
  findReferrers,
  findStillDue,
  insertReferral,
  lockReferrals,
  moveReferrals,
  type Referral,
  type ReferralStep,
} from './referral.queries.ts';
import { judgeReferral, type Purchases, type ReferralRefusal } from './referral.ts';

export interface RegisterReferral {
  readonly programId?: string | null;
  readonly friend: GivenMember;
  readonly referrer: GivenMember;
  readonly reason?: string | null;
}

const atOnce = 200;
/** A chain that is longer than any real one. */
const longestChain = 10_000;
const noPurchases: Purchases = { firstOrderAt: null, isLeft: false };

/** Members who bring others, and what both get for it. */
export class ReferralService {
  readonly #desk: DecisionDesk;

  constructor(desk: DecisionDesk) {
    this.#desk = desk;
  }

  /** Saying the same again changes nothing. Throws `REFERRAL_REFUSED` for oneself, a ring, and who was referred before. */
  async registerReferral(ctx: Context, input: RegisterReferral): Promise<Referral> {
    requireScope(ctx, 'loyalty:operate');
    const reason = checkOptionalReason(input.reason);
    const { id: programId } = await this.#desk.programOf(ctx, { programId: input.programId, member: input.referrer });
    const parties = [
      { ...this.#desk.readMember(input.friend, 'input.friend'), anybody: true },
      this.#desk.readMember(input.referrer, 'input.referrer'),
    ];
    return this.#desk.open(ctx, { programId, parties }, async (desk) => {
      const [friend, referrer] = desk.members as [Member, Member];
      await lockReferrals(desk.tx, programId);
      const [known] = await findReferralsOfFriend(desk.tx, programId, friend.customerId);
      if (known && (await isBy(desk, known, referrer))) return known;
      if (known) throw refusal('REFERRED_BEFORE', 'the friend was referred before');
      await checkNoRing(desk, friend, referrer);
      return register(desk, { friend, referrer, reason });
    });
  }

  /**
   * Looks at the referrals that are due: gives both their bonus once the friend's purchase is old enough and has not been
   * returned. For the clock; set-based, any number of nodes. Answers how many were looked at.
   */
  async qualifyReferrals(ctx: Context): Promise<number> {
    const due = await findDueReferrals(ctx.pool, ctx.clock.now(), atOnce);
    for (const [programId, referrals] of groupBy(due, (one) => one.programId)) {
      const parties = referrals.flatMap(partiesOf);
      await this.#desk.open(ctx, { programId, parties }, async (desk) => {
        await decideAll(desk, await findStillDue(desk.tx, referrals, desk.now));
      });
    }
    return due.length;
  }
}

/** Those that the customer made, and the one that brought them. */
export async function listReferrals(
  ctx: Context,
  { programId, customerId }: { programId: string; customerId: string },
): Promise<Referral[]> {
  requireScope(ctx, 'loyalty:read');
  const [owner] = await findOwnersOfRecords(ctx.pool, [customerId]);
  if (!owner) throw notFound('customer', toPublicId('cus', customerId));
  return findReferralsOf(ctx.pool, { programId, customerId: owner.customerId });
}

async function register(
  desk: OpenDesk,
  { friend, referrer, reason }: { friend: Member; referrer: Member; reason: string | null },
): Promise<Referral> {
  const { tx, ctx, now, program } = desk;
  const id = fingerprintUuid(['referral', program.id, friend.namedRecordId].join('\n'));
  const referral = {
    ...({ id, programId: program.id, status: 'OPEN', createdAt: now, dueAt: now } as const),
    recordId: friend.namedRecordId,
    referrerRecordId: referrer.recordId,
  };
  await insertReferral(tx, referral);
  desk.tell(friend.customerId, 'REFERRED');
  desk.tell(referrer.customerId, 'REFERRAL');
  await audit(tx, ctx, { action: 'loyalty.referral_registered', subject: toPublicId('ref', id), reason });
  return { ...referral, why: null, decidedAt: null };
}

async function isBy(desk: OpenDesk, { referrerRecordId }: Referral, referrer: Member): Promise<boolean> {
  const [owner] = await findOwnersOfRecords(desk.tx, [referrerRecordId]);
  return owner?.customerId === referrer.customerId;
}

/** Up from the referrer, whoever brought whom: the friend must not be among them. */
async function checkNoRing(desk: OpenDesk, friend: Member, referrer: Member): Promise<void> {
  if (friend.customerId === referrer.customerId) throw refusal('SELF', 'both are the same customer');
  const seen = new Set<string>();
  let above = [referrer.customerId];
  while (above.length > 0 && seen.size < longestChain) {
    above = await findReferrers(desk.tx, desk.program.id, above);
    if (above.includes(friend.customerId)) throw refusal('LOOP', 'the referrer came by the friend themselves');
    above = above.filter((id) => !seen.has(id));
    for (const id of above) seen.add(id);
  }
}

function refusal(reason: ReferralRefusal, because: string) {
  return refused('REFERRAL_REFUSED', `The referral is refused: ${because}.`, { reason });
}

function partiesOf({ id, recordId, referrerRecordId }: Referral): NamedParty[] {
  const party = { by: 'RECORD', anybody: true, optional: true } as const;
  return [
    { ...party, field: `friend ${id}`, id: recordId },
    { ...party, field: `referrer ${id}`, id: referrerRecordId },
  ];
}

interface Pair {
  readonly referral: Referral;
  readonly friend: Member | undefined;
  readonly referrer: Member | undefined;
}

interface Gifts {
  readonly friend: Gift | undefined;
  readonly referrer: Gift | undefined;
}

async function decideAll(desk: OpenDesk, referrals: readonly Referral[]): Promise<void> {
  if (referrals.length === 0) return;
  const byField = new Map(desk.members.map((member) => [member.field, member]));
  const pairs = referrals.map((referral): Pair => {
    return { referral, friend: byField.get(`friend ${referral.id}`), referrer: byField.get(`referrer ${referral.id}`) };
  });
  const customerIds = pairs.flatMap(({ friend }) => (friend ? [friend.customerId] : []));
  const bought = await findPurchases(desk.tx, [...new Set(customerIds)].sort());
  const purchasesOf = new Map(bought.map((one) => [one.customerId, one]));
  const gifts = giftsAt(desk);
  const steps = pairs.map((pair) => judge(desk, pair, { gifts, purchasesOf }));
  await moveReferrals(desk.tx, steps);
  const rewarded = pairs.filter((_, index) => steps[index]!.status === 'REWARDED');
  await giveBonuses(
    desk,
    rewarded.flatMap((pair) => bonusesOf(pair, gifts)),
  );
}

function giftsAt({ program, now }: OpenDesk): Gifts {
  const terms = termsAt(program, now);
  return {
    friend: terms && giftAt(terms, 'loyalty.referral', now),
    referrer: terms && giftAt(terms, 'loyalty.referred', now),
  };
}

function judge(
  desk: OpenDesk,
  { referral, friend, referrer }: Pair,
  { gifts, purchasesOf }: { gifts: Gifts; purchasesOf: ReadonlyMap<string, Purchases> },
): ReferralStep {
  const { programId, recordId, createdAt } = referral;
  const verdict = judgeReferral(
    {
      createdAt,
      isSelf: friend !== undefined && friend.customerId === referrer?.customerId,
      purchases: (friend && purchasesOf.get(friend.customerId)) ?? noPurchases,
      delayDays: Math.max(gifts.friend?.rule.pendingDays ?? 0, gifts.referrer?.rule.pendingDays ?? 0),
      calendar: desk.settings.calendar,
    },
    desk.now,
  );
  const isPaid = gifts.friend !== undefined || gifts.referrer !== undefined;
  const step = { programId, recordId, why: null, dueAt: null, decidedAt: desk.now };
  if (verdict.status === 'REWARDED') {
    return isPaid ? { ...step, status: 'REWARDED' } : { ...step, status: 'REFUSED', why: 'NO_BONUS' };
  }
  if (verdict.status === 'REFUSED') return { ...step, ...verdict };
  return { ...step, ...verdict, decidedAt: null };
}

/** To both, where they are members. The delay has been waited for: the points can be spent at once. */
function bonusesOf({ referral, friend, referrer }: Pair, gifts: Gifts): Bonus[] {
  const bonus = (to: 'friend' | 'referrer', member: Member | undefined): Bonus[] => {
    const gift = gifts[to];
    if (!gift || !member?.isMember) return [];
    const { recordId, customerId } = member;
    const subjectId = to === 'friend' ? referral.referrerRecordId : referral.recordId;
    const id = bonusId('referral', referral.id, to);
    return [{ id, kind: 'REFERRAL', recordId, customerId, subjectId, gift, atOnce: true }];
  };
  return [...bonus('friend', friend), ...bonus('referrer', referrer)];
}
