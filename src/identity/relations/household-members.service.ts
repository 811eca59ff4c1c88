import { requireScope } from '../../access/scopes.ts';
import type { Context } from '../../kernel/context.ts';
import type { Tx } from '../../kernel/database.ts';
import { DomainError } from '../../kernel/errors.ts';
import { toPublicId } from '../../kernel/ids.ts';
import {
  countMembersByHand,
  deleteDerivedOf,
  deleteExclusionsOf,
  endMembersByHand,
  type HouseholdView,
  insertExclusion,
  insertMemberByHand,
  keepHousehold,
  lockHousehold,
} from './household.queries.ts';
import { getHousehold, householdChange, noHousehold } from './household.service.ts';
import { getCustomer } from './members.service.ts';
import { findOverlapping } from './membership.queries.ts';
import { checkPeriod, checkRole, isWithin, type Period } from './membership.ts';
import { householdFull, membershipOverlaps, mostMembersOfHousehold } from './relation-errors.ts';
import { carryOut, type Said } from './relation-statement.service.ts';

export interface AddHouseholdMember extends Said {
  readonly householdId: string;
  /** UUID of any id that the customer ever had. */
  readonly customerId: string;
  readonly role: string;
  readonly validFrom?: Date | null;
  readonly validTo?: Date | null;
}

/**
 * By hand, which wins over the rule: while it holds, the rule puts this customer nowhere else, and an earlier word that
 * they are not in this household is taken back.
 */
export async function addHouseholdMember(ctx: Context, input: AddHouseholdMember): Promise<HouseholdView> {
  requireScope(ctx, 'identity:manage');
  const { householdId } = input;
  const role = checkRole(input.role);
  const period = checkPeriod(input.validFrom, input.validTo, ctx.clock.now());
  const saying = { operation: 'addHouseholdMember', input, subjectId: householdId } as const;
  await carryOut(ctx, saying, async (tx, { statementId, now }) => {
    const customerId = await getCustomer(tx, input.customerId);
    if (!(await lockHousehold(tx, householdId))) throw noHousehold(householdId);
    await checkRoom(tx, { householdId, customerId, period, now });
    const id = ctx.ids.uuid();
    await insertMemberByHand(tx, { id, householdId, recordId: customerId, role, period, statementId });
    await keepHousehold(tx, householdId);
    await deleteExclusionsOf(tx, customerId, householdId);
    const left = isWithin(period, now) ? await deleteDerivedOf(tx, customerId, null) : [];
    return [
      ...left.filter((id) => id !== householdId).map((id) => householdChange(id, 'MEMBER_REMOVED', 'HAND', customerId)),
      householdChange(householdId, 'MEMBER_ADDED', 'HAND', customerId),
    ];
  });
  return getHousehold(ctx, householdId);
}

export interface RemoveHouseholdMember extends Said {
  readonly householdId: string;
  readonly customerId: string;
  /** The first instant at which they are no member any more; now, if left out. */
  readonly at?: Date | null;
}

/** Ends what was said by hand and, of a household by rule, keeps the rule from putting them in again. */
export async function removeHouseholdMember(ctx: Context, input: RemoveHouseholdMember): Promise<HouseholdView> {
  requireScope(ctx, 'identity:manage');
  const { householdId } = input;
  const saying = { operation: 'removeHouseholdMember', input, subjectId: householdId } as const;
  await carryOut(ctx, saying, async (tx, { statementId, now }) => {
    const customerId = await getCustomer(tx, input.customerId);
    const household = await lockHousehold(tx, householdId);
    if (!household) throw noHousehold(householdId);
    const ended = await endMembersByHand(tx, { householdId, customerId, at: input.at ?? now, statementId });
    const derived = await deleteDerivedOf(tx, customerId, householdId);
    if (ended + derived.length === 0) throw noMember(householdId, customerId);
    if (household.origin === 'RULE') await insertExclusion(tx, { recordId: customerId, householdId, statementId });
    return [householdChange(householdId, 'MEMBER_REMOVED', 'HAND', customerId)];
  });
  return getHousehold(ctx, householdId);
}

interface Place {
  readonly householdId: string;
  readonly customerId: string;
  readonly period: Period;
  readonly now: Date;
}

/** Needs the lock on the household: two that come at once must see each other. */
async function checkRoom(tx: Tx, { householdId, customerId, period, now }: Place): Promise<void> {
  const other = await findOverlapping(tx, 'household', { groupId: householdId, customerId, role: null, period });
  if (other) throw membershipOverlaps(other.role, other.since, other.until);
  const members = await countMembersByHand(tx, householdId, now);
  if (members >= mostMembersOfHousehold) throw householdFull(householdId);
}

function noMember(householdId: string, customerId: string): DomainError {
  return new DomainError(
    'NOT_FOUND',
    `${toPublicId('cus', customerId)} is no member of the household ${toPublicId('hh', householdId)}.`,
  );
}
