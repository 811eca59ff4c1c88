import type { Context } from '../../kernel/context.ts';
import { sightOf } from '../masking.ts';
import { AccountRelation, HouseholdRelation } from './customer-relations.type.ts';
import { membershipsOfCustomer } from './members.service.ts';
import { loadAccounts, loadHouseholds } from './relation.loader.ts';

interface Whose {
  /** UUID of the customer as they are now. */
  readonly customerId: string;
  readonly includeEnded: boolean;
}

/** Two statements, however many customers ask. */
export async function householdsOfCustomer(ctx: Context, whose: Whose): Promise<HouseholdRelation[]> {
  const rows = await membershipsOfCustomer(ctx, 'household', whose);
  const households = await Promise.all(rows.map((row) => ctx.loaders.get(loadHouseholds, ctx).load(row.groupId)));
  return rows.flatMap((row, index) => {
    const household = households[index];
    return household ? [new HouseholdRelation(row, household, sightOf(ctx))] : [];
  });
}

/** Two statements, however many customers ask. */
export async function accountsOfCustomer(ctx: Context, whose: Whose): Promise<AccountRelation[]> {
  const rows = await membershipsOfCustomer(ctx, 'account', whose);
  const accounts = await Promise.all(rows.map((row) => ctx.loaders.get(loadAccounts, ctx).load(row.groupId)));
  return rows.flatMap((row, index) => {
    const account = accounts[index];
    return account ? [new AccountRelation(row, account)] : [];
  });
}
