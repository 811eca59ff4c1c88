import type { Context } from '../../kernel/context.ts';
import { type FoundPair, pairKey, type ScoredPair, type StoredCandidate } from './match-candidate.ts';
import { findCandidatesOf } from './match-candidates.queries.ts';
import type { MatchRow } from './match-model.ts';
import type { ModelRow } from './match-models.queries.ts';
import { readRecordsByIds } from './match-records.queries.ts';
import type { WeightedPair } from './match-requests.ts';
import type { Matcher } from './matcher.ts';
import { storedNames, toMatchRow } from './record-fields.ts';

/** How far to look along links that were found before, and how many records to look at: people are small. */
const mostHops = 4;
const mostRecords = 2_000;

export interface Rescored {
  /** The records that have been scored anew, those of them that are no more included. */
  readonly recordIds: readonly string[];
  /** Their pairs that reach the threshold for review. */
  readonly found: readonly ScoredPair[];
  readonly rowOf: ReadonlyMap<string, MatchRow>;
}

export interface Reconsidered {
  readonly found: readonly FoundPair[];
  readonly known: readonly StoredCandidate[];
}

/**
 * Looks at everything that hangs together with rescored records: a new record can join two others, or show that they
 * are not one person after all. Answers all pairs to judge again.
 */
export async function reconsider(
  ctx: Context,
  matcher: Matcher,
  model: ModelRow,
  { recordIds, found, rowOf }: Rescored,
): Promise<Reconsidered> {
  const rescored = new Set(recordIds);
  const known = await gatherKnown(ctx, model, rescored, found);
  // What was known of a rescored record is found again, or lost.
  const others = known.filter(
    ({ recordA, recordB, status }) => status !== 'OBSOLETE' && !rescored.has(recordA) && !rescored.has(recordB),
  );
  const pairs = [...found, ...others.map(({ recordA, recordB, weight }) => ({ recordA, recordB, weight }))];
  if (pairs.length === 0) return { found: [], known };
  const clusterOf = await cluster(ctx, matcher, { model, pairs, rowOf });
  return {
    found: pairs.map((pair) => ({ ...pair, together: clusterOf(pair.recordA) === clusterOf(pair.recordB) })),
    known,
  };
}

/** All candidates of the rescored records, and of those that links tie to them. */
async function gatherKnown(
  ctx: Context,
  { model }: ModelRow,
  rescored: ReadonlySet<string>,
  found: readonly ScoredPair[],
): Promise<StoredCandidate[]> {
  const { link } = model.thresholds;
  const isLink = ({ weight }: ScoredPair) => weight >= link;
  const known = new Map<string, StoredCandidate>();
  const reached = new Set([...rescored, ...found.filter(isLink).flatMap(endsOf)]);
  let frontier = [...reached];
  for (let hop = 0; hop < mostHops && frontier.length > 0 && reached.size <= mostRecords; hop++) {
    const candidates = await findCandidatesOf(ctx.pool, frontier);
    for (const candidate of candidates) known.set(pairKey(candidate.recordA, candidate.recordB), candidate);
    frontier = candidates
      .filter((candidate) => candidate.status !== 'OBSOLETE' && isLink(candidate))
      .flatMap(endsOf)
      .filter((id) => !reached.has(id));
    for (const id of frontier) reached.add(id);
  }
  // A pair that leads out of what has been gathered can't be judged here.
  return [...known.values()].filter(
    ({ recordA, recordB }) =>
      rescored.has(recordA) || rescored.has(recordB) || (reached.has(recordA) && reached.has(recordB)),
  );
}

function endsOf({ recordA, recordB }: ScoredPair): string[] {
  return [recordA, recordB];
}

async function cluster(
  ctx: Context,
  matcher: Matcher,
  { model, pairs, rowOf }: { model: ModelRow; pairs: readonly ScoredPair[]; rowOf: ReadonlyMap<string, MatchRow> },
): Promise<(recordId: string) => number | undefined> {
  const ids = [...new Set(pairs.flatMap(endsOf))].sort();
  const missing = ids.filter((id) => !rowOf.has(id));
  const read = missing.length > 0 ? await readRecordsByIds(ctx.pool, storedNames(model.sources), missing) : [];
  const more = new Map(read.map((record) => [record.id, toMatchRow(model.sources, record)]));
  const rows = ids.map((id) => rowOf.get(id) ?? more.get(id)).filter((row) => row !== undefined);
  const positions = new Map(rows.map(({ id }, at) => [id, at]));
  const weighted = pairs.flatMap(({ recordA, recordB, weight }): WeightedPair[] => {
    const [a, b] = [positions.get(recordA), positions.get(recordB)];
    return a === undefined || b === undefined ? [] : [[a, b, weight]];
  });
  const clusters = await matcher.ask('cluster', { model: model.model, rows, pairs: weighted });
  return (recordId) => clusters[positions.get(recordId) ?? -1];
}
