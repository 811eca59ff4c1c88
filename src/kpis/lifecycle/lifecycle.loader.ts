import type { Context } from '../../kernel/context.ts';
import { findLifecycles, type StoredLifecycle } from './lifecycle.queries.ts';

export async function loadLifecycles(ctx: Context, ids: readonly string[]): Promise<(StoredLifecycle | null)[]> {
  const found = new Map((await findLifecycles(ctx.pool, ids)).map((one) => [one.customerId, one]));
  return ids.map((id) => found.get(id) ?? null);
}
