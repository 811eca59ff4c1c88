import { audit } from '../access/audit.service.ts';
import { requireScope } from '../access/scopes.ts';
import type { Context } from '../kernel/context.ts';
import { badInput } from '../kernel/errors.ts';
import { fromPublicId } from '../kernel/ids.ts';
import { type Page, type PageArguments, readPageArguments, toPage } from '../kernel/paging.ts';
import type { IngestService } from './ingest.service.ts';
import {
  countQuarantined,
  findQuarantined,
  findQuarantinedByIds,
  type QuarantineRow,
  resolveQuarantined,
} from './quarantine.queries.ts';
import { QuarantineItem } from './quarantine.type.ts';
import type { IngestResult } from './touchpoint.ts';

const maximumReplay = 1000;

/** What waits in quarantine, oldest first. */
export async function listQuarantined(ctx: Context, args: PageArguments): Promise<Page<QuarantineItem>> {
  requireScope(ctx, 'admin');
  const request = readPageArguments('quarantine', args);
  const after = request.after && { quarantinedAt: request.after.at, id: request.after.id };
  const rows = await findQuarantined(ctx.pool, { after, limit: request.size + 1 });
  return toPage(request, rows, {
    position: (row) => ({ at: row.quarantinedAt, id: row.id }),
    node: (row) => new QuarantineItem(row),
  });
}

export async function countWaiting(ctx: Context): Promise<number> {
  requireScope(ctx, 'admin');
  return countQuarantined(ctx.pool);
}

/** Processes quarantined touchpoints again, the oldest thousand where no ids are given. Answers one result for each. */
export async function replayQuarantined(
  ctx: Context,
  ingest: IngestService,
  publicIds: readonly string[] | null | undefined,
): Promise<IngestResult[]> {
  requireScope(ctx, 'admin');
  const items = publicIds
    ? await findChosen(ctx, publicIds)
    : await findQuarantined(ctx.pool, { after: null, limit: maximumReplay });
  const results = await ingest.resubmit(items.map(({ body: draft, receivedAt }) => ({ draft, receivedAt })));
  const settled = items.filter(
    (_, index) => results[index]!.status === 'STORED' || results[index]!.status === 'DUPLICATE',
  );
  await ctx.pool.begin(async (tx) => {
    const ids = settled.map((item) => item.id);
    await resolveQuarantined(tx, ids, ctx.clock.now());
    const detail = { replayed: items.length, settled: settled.length };
    if (items.length > 0) await audit(tx, ctx, { action: 'quarantine.replayed', subject: 'quarantine', detail });
  });
  return results;
}

async function findChosen(ctx: Context, publicIds: readonly string[]): Promise<QuarantineRow[]> {
  if (publicIds.length > maximumReplay) throw badInput(`At most ${maximumReplay} ids, got ${publicIds.length}.`, 'ids');
  const ids = publicIds.map((id, index) => fromPublicId('qi', id, `ids[${index}]`));
  return findQuarantinedByIds(ctx.pool, ids);
}
