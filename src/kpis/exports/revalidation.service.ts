import { hasScope } from '../../access/scopes.ts';
import type { Context } from '../../kernel/context.ts';
import { fingerprintUuid } from '../../kernel/ids.ts';
import { canonicalJson } from '../../kernel/json.ts';
import type { MetricQuery } from '../metrics/metric-query.ts';
import { changedSince } from '../metrics/metric-statement.queries.ts';
import { findDatabaseState } from './answer-state.queries.ts';
import { type AnswerTag, readTags, writeTag } from './answer-tag.ts';
import type { MetricStreams } from './metric-export.service.ts';

export interface Asked {
  readonly query: MetricQuery;
  /** Format and whatever else the bytes depend on. */
  readonly written: unknown;
  readonly ifNoneMatch: string | undefined;
}

export interface Revalidated {
  /** Of the answer that is to be computed now, or of the one that the caller has; null: it can't be told later. */
  readonly etag: string | null;
  /** What the caller has is still right. */
  readonly unchanged: boolean;
}

/** Far below the time for which the change feed keeps what happened: behind that nobody could tell whether an answer holds. */
const longestMs = 3_600_000;

/**
 * Whether the answer that a caller has is still right, by the same look at the change feed as the cache of metrics. The tag
 * itself says what was visible when it was given, so any node can tell, and none remembers anything. To be asked before the
 * answer is computed: what comes in between then counts as a change. Throws as the query itself would.
 */
export async function revalidate(
  ctx: Context,
  streams: MetricStreams,
  { query, written, ifNoneMatch }: Asked,
): Promise<Revalidated> {
  const { moving, ...watch } = await streams.watch(ctx, query);
  if (moving) return { etag: null, unchanged: false };
  const { snapshot, epoch } = await findDatabaseState(ctx.pool);
  const question = fingerprintUuid(canonicalJson({ query, written, epoch, small: hasScope(ctx, 'pii:read') }));
  const now = ctx.clock.now().getTime();
  for (const { tag, text } of readTags(ifNoneMatch)) {
    if (!isOf(tag, { question, now })) continue;
    const { changed } = await changedSince(ctx.pool, tag.snapshot, watch);
    if (!changed) return { etag: text, unchanged: true };
  }
  return { etag: writeTag({ question, snapshot, at: now, nonce: ctx.ids.uuid() }), unchanged: false };
}

function isOf(tag: AnswerTag, { question, now }: { question: string; now: number }): boolean {
  return tag.question === question && tag.at <= now && now - tag.at <= longestMs;
}
