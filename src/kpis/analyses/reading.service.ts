import type { Context } from '../../kernel/context.ts';
import type { Tx } from '../../kernel/database.ts';
import { orTooSlow } from '../../loyalty/reports/reading.service.ts';
import { prepareLongRead } from '../../loyalty/simulation/long-read.queries.ts';
import type { SegmentScope } from '../segment-scope.queries.ts';
import { tooMuch } from './analysis-errors.ts';

const mostSegments = 20;

/** Segments that a question names: only who names some has to be allowed to see them. */
export async function checkSegments(
  ctx: Context,
  scope: SegmentScope,
  segmentIds: readonly string[] | null | undefined,
): Promise<readonly string[]> {
  const ids = segmentIds ?? [];
  if (ids.length > mostSegments)
    throw tooMuch(`Expected at most ${mostSegments} segments.`, { field: 'segments', limit: mostSegments });
  if (ids.length > 0) await scope.check(ctx, ids);
  return ids;
}

/** For each statement. */
const seconds = 60;

/** Everything that an analysis says is of one moment, and changes nothing. Throws `STATEMENT_TOO_SLOW`. */
export async function readAnalysis<T>(ctx: Context, read: (tx: Tx) => Promise<T>): Promise<T> {
  try {
    return (await ctx.pool.begin('isolation level repeatable read read only', async (tx) => {
      await prepareLongRead(tx, seconds);
      return read(tx);
    })) as T;
  } catch (error) {
    throw orTooSlow(error, 'This analysis', 'Ask for a shorter period, or when there is less to do.');
  }
}
