import type { Context } from '../../kernel/context.ts';
import { groupBy, readLists } from '../../kernel/lists.ts';
import type { FirstOf } from '../customer.loader.ts';
import { type DecisionRow, findDecisions, findRecordsOfDecisions } from '../decisions.queries.ts';
import type { RegroupingRow } from '../regroupings.queries.ts';
import {
  findKnownIdentifiers,
  findRegroupings,
  findRegroupingsOfCustomers,
  findTogether,
  type KnownIdentifierRow,
} from './steward.queries.ts';

export async function loadDecisions(ctx: Context, ids: readonly string[]): Promise<(DecisionRow | null)[]> {
  const byId = new Map((await findDecisions(ctx.pool, ids)).map((row) => [row.id, row]));
  return ids.map((id) => byId.get(id) ?? null);
}

/** A record that a decision is about, and on which side. */
export interface DecisionRecordRow {
  readonly recordId: string;
  readonly side: number;
}

export async function loadRecordsOfDecisions(ctx: Context, ids: readonly string[]): Promise<DecisionRecordRow[][]> {
  const byDecision = groupBy(await findRecordsOfDecisions(ctx.pool, ids), ({ decisionId }) => decisionId);
  return ids.map((id) => byDecision.get(id) ?? []);
}

export async function loadKnownIdentifiers(
  ctx: Context,
  ids: readonly string[],
): Promise<(KnownIdentifierRow | null)[]> {
  const byId = new Map((await findKnownIdentifiers(ctx.pool, ids)).map((row) => [row.id, row]));
  return ids.map((id) => byId.get(id) ?? null);
}

export async function loadRegroupings(ctx: Context, ids: readonly string[]): Promise<(RegroupingRow | null)[]> {
  const byId = new Map((await findRegroupings(ctx.pool, ids)).map((row) => [row.id, row]));
  return ids.map((id) => byId.get(id) ?? null);
}

/** Of each regrouping, whether records of both its sides are in one customer now. */
export async function loadTogether(ctx: Context, ids: readonly string[]): Promise<boolean[]> {
  const together = await findTogether(ctx.pool, ids);
  return ids.map((id) => together.has(id));
}

/** The latest regroupings of customers. One statement, unless they are asked for in several numbers. */
export async function loadRegroupingsOfCustomers(ctx: Context, keys: readonly FirstOf[]): Promise<RegroupingRow[][]> {
  return readLists(keys, {
    argumentsOf: (key) => `${key.first}`,
    read: (ids, { first }) => findRegroupingsOfCustomers(ctx.pool, ids, first),
    ownerOf: (row) => row.ownerId,
  });
}
