import { hasScope, requireScope } from '../../access/scopes.ts';
import type { Context } from '../../kernel/context.ts';
import { badInput } from '../../kernel/errors.ts';
import { type Page, type Position, readPageArguments, toPage } from '../../kernel/paging.ts';
import { isTooSmall } from '../analyses/small-groups.ts';
import { loadLifecycles } from './lifecycle.loader.ts';
import { countStages, countStagesAt, type StoredLifecycle } from './lifecycle.queries.ts';
import { type LifecycleStage, lifecycleStages } from './stage.ts';
import type { LifecycleTransition } from './transition.ts';

export type LifecycleView = Pick<StoredLifecycle, 'stage' | 'since' | 'transitions' | 'band' | 'riskSince'>;

/** As much of a customer as it takes. */
export interface SeenCustomer {
  readonly id: string;
  readonly identified: boolean;
  readonly firstSeenAt: Date;
}

/** Null for who is known, and has not been looked at: after an update, for a while. */
export async function lifecycleOf(
  ctx: Context,
  { id, identified, firstSeenAt }: SeenCustomer,
): Promise<LifecycleView | null> {
  requireScope(ctx, 'customers:read');
  requireScope(ctx, 'metrics:read');
  const stored = await ctx.loaders.get(loadLifecycles, ctx).load(id);
  if (stored || identified) return stored;
  return { stage: 'ANONYMOUS', since: firstSeenAt, band: null, riskSince: null, transitions: [] };
}

/** A page of them, the latest first. */
export function transitionsOf<N>(
  { transitions }: LifecycleView,
  args: { readonly first?: number | null; readonly after?: string | null },
  node: (transition: LifecycleTransition) => N,
): Page<N> {
  const page = readPageArguments('lifecycleTransitions', args);
  const all = transitions.map((transition, ordinal) => ({ transition, position: positionOf(transition, ordinal) }));
  const { after } = page;
  const rows = all.reverse().filter(({ position }) => after === null || isBefore(position, after));
  return toPage(page, rows.slice(0, page.size + 1), {
    position: ({ position }) => position,
    node: ({ transition }) => node(transition),
  });
}

/** Several can be at one instant: their place among them is told as an id. */
function positionOf({ at }: LifecycleTransition, ordinal: number): Position {
  return { at, id: `00000000-0000-0000-0000-${ordinal.toString(16).padStart(12, '0')}` };
}

function isBefore(one: Position, other: Position): boolean {
  const [a, b] = [one.at.getTime(), other.at.getTime()];
  return a === b ? one.id < other.id : a < b;
}

export interface StageCount {
  readonly stage: LifecycleStage;
  /** Null: withheld. */
  readonly customers: number | null;
}

/** Now, or as it was by what is known now. */
export async function lifecycleStagesOf(
  ctx: Context,
  asOf?: Date | null,
): Promise<{ asOf: Date; stages: StageCount[] }> {
  requireScope(ctx, 'metrics:read');
  const now = ctx.clock.now();
  if (asOf != null && asOf > now) throw badInput('Expected a time that is not in the future.', 'asOf');
  const counts = asOf == null ? await countStages(ctx.pool) : await countStagesAt(ctx.pool, asOf);
  const sees = hasScope(ctx, 'pii:read');
  const stages = lifecycleStages.map((stage) => {
    const customers = counts.get(stage) ?? 0;
    return { stage, customers: isTooSmall(customers, sees) ? null : customers };
  });
  return { asOf: asOf ?? now, stages };
}
