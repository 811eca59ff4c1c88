import type { Context } from '../../kernel/context.ts';
import { badInput } from '../../kernel/errors.ts';
import type { Watch } from '../metrics/metric-plan.ts';
import type { MetricQuery } from '../metrics/metric-query.ts';
import type { MetricSource, MetricStream } from '../metrics/metric-table.ts';
import type { ExportTable } from './export-table.ts';

export interface StreamOptions {
  readonly source?: MetricSource | null;
  /** Ends the statement, also before its first row. */
  readonly signal?: AbortSignal;
}

/** What answers metric queries. Both check scopes and the query, and throw before they answer. */
export interface MetricStreams {
  /** Has begun to read when it answers: its pages have to be read, or ended. */
  stream(ctx: Context, query: MetricQuery, options?: StreamOptions): Promise<MetricStream>;
  /** What can change the answer; `moving`: time alone. Reads nothing. */
  watch(ctx: Context, query: MetricQuery): Promise<Watch & { readonly moving: boolean }>;
}

/** A metric query, for downloading: all its rows, or as many as it says. Totals are for `metrics` in GraphQL. */
export async function exportMetrics(
  ctx: Context,
  streams: MetricStreams,
  { name, query, signal }: { readonly name: string; readonly query: MetricQuery; readonly signal?: AbortSignal },
): Promise<ExportTable> {
  const { limit = null } = query;
  if (limit !== null && !(limit >= 1)) throw badInput(`Expected at least 1 row, got ${limit}.`, 'limit');
  if (query.after != null) throw badInput('A download begins at its beginning: leave the cursor out.', 'after');
  const { columns, queryHash, asOf, pages } = await streams.stream(ctx, query, { signal });
  const shown = columns.map(({ name, type, unit, description }) => ({ name, type, unit, description }));
  return { name, columns: shown, queryHash, asOf, pages: limit === null ? pages : firstRows(pages, limit) };
}

async function* firstRows(pages: MetricStream['pages'], limit: number) {
  let left = limit;
  for await (const page of pages) {
    yield page.slice(0, left);
    left -= page.length;
    if (left <= 0) return;
  }
}
