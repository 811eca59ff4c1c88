import { requireScope } from '../../access/scopes.ts';
import type { Context } from '../../kernel/context.ts';
import type { Tx } from '../../kernel/database.ts';
import { type Page, type PageArguments, readPageArguments, toPage } from '../../kernel/paging.ts';
import {
  type AccountView,
  countLevelsBelow,
  findAncestors,
  lockAccount,
  lockHierarchy,
  setParent,
} from './account.queries.ts';
import { accountChange, getAccount, noAccount } from './account.service.ts';
import { loadAccountPaths, loadChildren, nameOfPage } from './relation.loader.ts';
import { accountCycle, accountTooDeep, mostLevelsOfAccounts } from './relation-errors.ts';
import { carryOut, type Said } from './relation-statement.service.ts';

/** From the top of the hierarchy down to the account itself. */
export async function pathOfAccount(ctx: Context, id: string): Promise<AccountView[]> {
  requireScope(ctx, 'identity:read');
  return ctx.loaders.get(loadAccountPaths, ctx).load(id);
}

/** The accounts directly below, oldest first. */
export async function childrenOfAccount<N>(
  ctx: Context,
  id: string,
  { args, node }: { args: Pick<PageArguments, 'first' | 'after'>; node: (row: AccountView) => N },
): Promise<Page<N>> {
  requireScope(ctx, 'identity:read');
  const page = readPageArguments('account.children', args);
  const rows = await ctx.loaders.get(loadChildren, ctx, nameOfPage).load({ ownerId: id, page });
  return toPage(page, rows, { position: (row) => ({ at: row.createdAt, id: row.id }), node });
}

export interface SetAccountParent extends Said {
  readonly accountId: string;
  /** Null: it has none, and is the top of a hierarchy of its own. */
  readonly parentId: string | null;
}

export async function setAccountParent(ctx: Context, input: SetAccountParent): Promise<AccountView> {
  requireScope(ctx, 'identity:manage');
  const { accountId, parentId } = input;
  await carryOut(ctx, { operation: 'setAccountParent', input, subjectId: accountId }, async (tx, { now }) => {
    await lockHierarchy(tx);
    const account = await lockAccount(tx, accountId);
    if (!account) throw noAccount(accountId);
    if (account.parentId === parentId) return [];
    if (parentId !== null) await checkParent(tx, accountId, parentId);
    await setParent(tx, { id: accountId, parentId, now });
    return [accountChange(accountId, 'MOVED')];
  });
  return getAccount(ctx, accountId);
}

/** Needs the lock on the hierarchy. */
async function checkParent(tx: Tx, accountId: string, parentId: string): Promise<void> {
  const above = await findAncestors(tx, parentId);
  if (above.length === 0) throw noAccount(parentId);
  if (above.includes(accountId)) throw accountCycle(accountId, parentId);
  const levels = above.length + (await countLevelsBelow(tx, accountId));
  if (levels > mostLevelsOfAccounts) throw accountTooDeep(levels);
}
