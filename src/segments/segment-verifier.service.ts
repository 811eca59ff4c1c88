import { compileForAll } from '../conditions/condition-statement.queries.ts';
import type { Platform } from '../kernel/context.ts';
import { type LiveVersion, loadBook } from './segment-book.queries.ts';
import { evaluateAll, type FoundState } from './segment-builds.queries.ts';
import { expandWith, type SegmentEvaluator } from './segment-evaluator.service.ts';
import { findMemberIds, findSegmentNames } from './segment-verifier.queries.ts';

/** A segment whose members are others than its definition says. */
export interface SegmentDifference {
  readonly segmentId: string;
  readonly name: string;
  /** Customers who should be in it, and are not. */
  readonly missing: readonly string[];
  /** Customers who are in it, and should not be. */
  readonly extra: readonly string[];
}

export interface SegmentVerification {
  readonly segments: number;
  readonly members: number;
  readonly differences: readonly SegmentDifference[];
}

/**
 * Compares the members of every served segment with what its definition selects among everybody, each in one snapshot of the
 * database, beside a running server. Somebody whose time came within the last moments is not held against it.
 */
export async function verifySegments(
  { pool, clock }: Pick<Platform, 'pool' | 'clock'>,
  evaluator: SegmentEvaluator,
): Promise<SegmentVerification> {
  const pages = await loadBook(pool);
  const served = pages.live.filter((version) => version.served);
  const names = await findSegmentNames(pool);
  const differences: SegmentDifference[] = [];
  let members = 0;
  for (const version of served) {
    const { stored, selected } = await compare({ pool, clock }, evaluator, { version, pages });
    members += stored.size;
    const [missing, extra] = [[...selected.difference(stored)], [...stored.difference(selected)]];
    if (missing.length + extra.length === 0) continue;
    differences.push({ segmentId: version.segmentId, name: names.get(version.segmentId) ?? '', missing, extra });
  }
  return { segments: served.length, members, differences };
}

const latelyMs = 10_000;

async function compare(
  { pool, clock }: Pick<Platform, 'pool' | 'clock'>,
  { compilers, timeZone }: SegmentEvaluator,
  { version, pages }: { version: LiveVersion; pages: Awaited<ReturnType<typeof loadBook>> },
) {
  const statement = compileForAll(expandWith(pages, version), compilers);
  return pool.begin('isolation level repeatable read read only', async (tx) => {
    const now = clock.now();
    const { members, unsettled } = await findMemberIds(tx, version.segmentId, {
      after: new Date(now.getTime() - latelyMs),
      through: new Date(now.getTime() + latelyMs),
    });
    const selected = new Set<string>();
    const each = ({ id, verdict }: FoundState) => {
      if (verdict) selected.add(id);
    };
    await evaluateAll(tx, statement, { moment: { now, timeZone }, each });
    return { stored: members.difference(unsettled), selected: selected.difference(unsettled) };
  });
}
