import { requireScope } from '../../access/scopes.ts';
import type { NewChange } from '../../kernel/changes.queries.ts';
import type { Context } from '../../kernel/context.ts';
import { notFound } from '../../kernel/errors.ts';
import { toPublicId } from '../../kernel/ids.ts';
import { type Page, type PageArguments, readPageArguments, toPage } from '../../kernel/paging.ts';
import {
  findHouseholds,
  type HouseholdView,
  insertHousehold,
  listHouseholds,
  lockHousehold,
  renameHousehold,
} from './household.queries.ts';
import { checkText, type MembershipOrigin } from './membership.ts';
import { loadHouseholds } from './relation.loader.ts';
import { carryOut, type Said } from './relation-statement.service.ts';

export async function findHousehold(ctx: Context, id: string): Promise<HouseholdView | null> {
  requireScope(ctx, 'identity:read');
  return ctx.loaders.get(loadHouseholds, ctx).load(id);
}

/** Newest first. */
export async function listAllHouseholds<N>(
  ctx: Context,
  args: Pick<PageArguments, 'first' | 'after'>,
  node: (row: HouseholdView) => N,
): Promise<Page<N>> {
  requireScope(ctx, 'identity:read');
  const page = readPageArguments('households', args);
  const rows = await listHouseholds(ctx.pool, page);
  return toPage(page, rows, { position: (row) => ({ at: row.createdAt, id: row.id }), node });
}

export interface CreateHousehold extends Said {
  readonly name?: string | null;
}

export async function createHousehold(ctx: Context, input: CreateHousehold): Promise<HouseholdView> {
  requireScope(ctx, 'identity:manage');
  const name = nameOf(input.name);
  const newId = ctx.ids.uuid();
  const saying = { operation: 'createHousehold', input, subjectId: newId } as const;
  const id = await carryOut(ctx, saying, async (tx, { now }) => {
    await insertHousehold(tx, { id: newId, name, now });
    return [householdChange(newId, 'CREATED', 'HAND')];
  });
  return getHousehold(ctx, id!);
}

export interface UpdateHousehold extends Said {
  readonly householdId: string;
  readonly name: string | null;
}

export async function updateHousehold(ctx: Context, input: UpdateHousehold): Promise<HouseholdView> {
  requireScope(ctx, 'identity:manage');
  const { householdId } = input;
  const name = nameOf(input.name);
  await carryOut(ctx, { operation: 'updateHousehold', input, subjectId: householdId }, async (tx, { now }) => {
    if (!(await lockHousehold(tx, householdId))) throw noHousehold(householdId);
    await renameHousehold(tx, { id: householdId, name, now });
    return [householdChange(householdId, 'UPDATED', 'HAND')];
  });
  return getHousehold(ctx, householdId);
}

/** As it is now: never from the loaders, which may have read it before it was changed. */
export async function getHousehold(ctx: Context, id: string): Promise<HouseholdView> {
  const [row] = await findHouseholds(ctx.pool, [id]);
  if (!row) throw noHousehold(id);
  return row;
}

export function noHousehold(id: string) {
  return notFound('household', toPublicId('hh', id));
}

/** What a line of the change feed says of a household. `customerId`: the member concerned. */
export function householdChange(
  householdId: string,
  what: 'CREATED' | 'UPDATED' | 'MEMBER_ADDED' | 'MEMBER_REMOVED',
  origin: MembershipOrigin,
  customerId: string | null = null,
): NewChange {
  return { topic: 'household.changed', subjectId: householdId, customerId, detail: { what, origin } };
}

function nameOf(name: string | null | undefined): string | null {
  return name == null ? null : checkText(name, 'input.name');
}
