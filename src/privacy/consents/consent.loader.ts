import type { Context } from '../../kernel/context.ts';
import { groupBy, type ListKey, readLists } from '../../kernel/lists.ts';
import type { PageRequest } from '../../kernel/paging.ts';
import {
  findFullStatements,
  type HistoryFilter,
  type HistoryRow,
  listHistory,
  type StatementOf,
} from './consent-history.queries.ts';
import { findPurposes, type PurposeRow } from './consent-purposes.queries.ts';
import { findConsents, type StoredConsent } from './consents.queries.ts';

export async function loadConsents(ctx: Context, customerIds: readonly string[]): Promise<StoredConsent[][]> {
  const byCustomer = groupBy(await findConsents(ctx.pool, customerIds), ({ customerId }) => customerId);
  return customerIds.map((id) => byCustomer.get(id) ?? []);
}

/** All that was said of each customer: once, however many of their consents ask who said what. */
export async function loadStatements(ctx: Context, customerIds: readonly string[]): Promise<StatementOf[][]> {
  const byCustomer = groupBy(await findFullStatements(ctx.pool, customerIds), ({ customerId }) => customerId);
  return customerIds.map((id) => byCustomer.get(id) ?? []);
}

export async function loadPurposes(ctx: Context, names: readonly string[]): Promise<(PurposeRow | null)[]> {
  const byName = new Map((await findPurposes(ctx.pool, names)).map((row) => [row.name, row]));
  return names.map((name) => byName.get(name) ?? null);
}

export interface HistoryKey extends ListKey, HistoryFilter {
  readonly page: PageRequest;
}

export const nameOfHistory = ({ ownerId, ...others }: HistoryKey): string => `${ownerId} ${argumentsOf(others)}`;

function argumentsOf({ purpose, channel, page }: Omit<HistoryKey, 'ownerId'>): string {
  return JSON.stringify([purpose, channel, page]);
}

export function loadHistory(ctx: Context, keys: readonly HistoryKey[]): Promise<HistoryRow[][]> {
  return readLists(keys, {
    argumentsOf,
    read: (ids, { purpose, channel, page }) => listHistory(ctx.pool, ids, { purpose, channel, page }),
    ownerOf: (row) => row.customerId,
  });
}
