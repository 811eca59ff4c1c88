import { requireScope } from '../../access/scopes.ts';
import type { Context } from '../../kernel/context.ts';
import type { PageArguments } from '../../kernel/paging.ts';
import { type Page, readPageArguments, toPage } from '../../kernel/paging.ts';
import { findSubjectRequest, type SubjectRequest, type TableReceipt } from '../subject-requests.queries.ts';
import { findReceiptsOf, listSubjectRequests, type RequestFilter } from './data-subject-requests.queries.ts';
import { findSubjectRecords } from './subject.queries.ts';

/** The latest first. */
export async function listRequests<N>(
  ctx: Context,
  args: Pick<PageArguments, 'first' | 'after'> & {
    readonly kinds?: RequestFilter['kinds'];
    /** UUID: any id of the customer. */
    readonly customerId?: string | null;
  },
  node: (request: SubjectRequest) => N,
): Promise<Page<N>> {
  requireScope(ctx, 'privacy:manage');
  const page = readPageArguments('dataSubjectRequests', args);
  const filter = { kinds: args.kinds, customerIds: await idsOf(ctx, args.customerId) };
  const rows = await listSubjectRequests(ctx.pool, { filter, page });
  return toPage(page, rows, { position: ({ requestedAt, id }) => ({ at: requestedAt, id }), node });
}

export async function findRequest(ctx: Context, id: string): Promise<SubjectRequest | null> {
  requireScope(ctx, 'privacy:manage');
  return (await findSubjectRequest(ctx.pool, id)) ?? null;
}

/** A DataLoader batch function. */
export async function loadReceipts(ctx: Context, requestIds: readonly string[]): Promise<TableReceipt[][]> {
  requireScope(ctx, 'privacy:manage');
  const byRequest = Map.groupBy(await findReceiptsOf(ctx.pool, requestIds), ({ requestId }) => requestId);
  return requestIds.map((id) => byRequest.get(id) ?? []);
}

/** All ids under which requests of the customer may stand; of the erased only the one that was asked for is left. */
async function idsOf(ctx: Context, customerId: string | null | undefined): Promise<string[] | null> {
  if (customerId == null) return null;
  const records = await findSubjectRecords(ctx.pool, customerId);
  return records.length === 0 ? [customerId] : records.map(({ id }) => id);
}
