import { requireScope } from '../../access/scopes.ts';
import { decodeFeedCursor } from '../../kernel/change-cursor.ts';
import { findFeedEpoch } from '../../kernel/change-feed-epoch.queries.ts';
import type { Context } from '../../kernel/context.ts';
import type { Database } from '../../kernel/database.ts';
import { badInput, DomainError } from '../../kernel/errors.ts';
import {
  findLatestRule,
  findOldestWaiting,
  insertRule,
  listCrowds,
  lockHouseholdRule,
  type StoredRule,
} from './household-rule.queries.ts';
import { checkHouseholdRule, type HouseholdRule } from './household-rule.ts';
import { carryOut, type Said } from './relation-statement.service.ts';
import { topicsOfRule } from './touched-customers.ts';

/** `undefined` until somebody has set one: the shipped rule is off. */
export async function findHouseholdRule(ctx: Context): Promise<StoredRule | undefined> {
  requireScope(ctx, 'identity:read');
  return findLatestRule(ctx.pool);
}

/** Every setting is a version. Applying it begins at once, in the background, whether or not something is different. */
export async function setHouseholdRule(ctx: Context, input: HouseholdRule & Said): Promise<StoredRule> {
  requireScope(ctx, 'identity:manage');
  const rule = checkHouseholdRule(input);
  const saying = { operation: 'setHouseholdRule', input, subjectId: null } as const;
  await carryOut(ctx, saying, async (tx, { statementId, now }) => {
    await lockHouseholdRule(tx);
    await insertRule(tx, rule, { statementId, now });
    return [];
  });
  return (await findLatestRule(ctx.pool))!;
}

/** Groups of equal customers that are too big, the biggest first. */
export async function listTooLarge(ctx: Context, first: number): Promise<{ householdId: string; customers: number }[]> {
  requireScope(ctx, 'identity:read');
  if (first < 1 || first > 200) throw badInput(`Expected \`first\` from 1 to 200, got ${first}.`, 'first');
  return listCrowds(ctx.pool, first);
}

export async function getHouseholdLag(ctx: Context): Promise<number | null> {
  requireScope(ctx, 'identity:read');
  return householdLag(ctx.pool, ctx.clock.now());
}

/** By how much the households are behind the customers, in seconds; `null` where nothing keeps them up to date. */
export async function householdLag(db: Database, now: Date): Promise<number | null> {
  const [rule, epoch] = await Promise.all([findLatestRule(db), findFeedEpoch(db)]);
  if (!rule || !epoch || (!rule.enabled && rule.phase === 'FOLLOWING')) return null;
  const cursor = rule.cursor === null ? undefined : readCursor(epoch.epoch, rule.cursor);
  if (!cursor || rule.phase !== 'FOLLOWING') return secondsBetween(rule.setAt, now);
  const waiting = await findOldestWaiting(db, cursor, topicsOfRule);
  return waiting ? secondsBetween(waiting, now) : 0;
}

/** `undefined` where it is of another history: everything has to be read again. */
export function readCursor(epoch: string, cursor: string) {
  try {
    return decodeFeedCursor(epoch, cursor);
  } catch (error) {
    if (error instanceof DomainError) return undefined;
    throw error;
  }
}

function secondsBetween(from: Date, to: Date): number {
  return Math.max(0, (to.getTime() - from.getTime()) / 1000);
}
