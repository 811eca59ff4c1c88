import type { TierMoveCount } from '../../../loyalty/reports/tier-reports.queries.ts';
import { isTooSmall } from '../small-groups.ts';

/** Who was no member at the beginning, and who is none at the end. */
export const joined = 'JOIN';
export const left = 'EXIT';

export interface TierMatrixCell {
  /** Key of a tier; null: JOIN. */
  readonly from: string | null;
  /** Key of a tier; null: EXIT. */
  readonly to: string | null;
  /** Null: too few to be told. */
  readonly members: number | null;
  /** `members` ÷ all of the row: n_ij ÷ Σ_j n_ij. Null: nobody is in the row, or too few to be told. */
  readonly probability: number | null;
  readonly suppressed: boolean;
}

export interface TierMatrixRow {
  readonly from: string | null;
  /** All of the row. */
  readonly members: number | null;
  /** In the order of the columns: tiers from the lowest up, then EXIT. Nobody joins to leave, so JOIN has no EXIT. */
  readonly cells: readonly TierMatrixCell[];
}

export interface TierMatrix {
  /** Keys, the lowest first, then those that no version in force has any more. */
  readonly tiers: readonly string[];
  /** Tiers as they were, then JOIN. */
  readonly rows: readonly TierMatrixRow[];
}

/** Counted moves as the matrix of a Markov chain: rows add up to 1. `order`: tiers from the lowest up. */
export function tierMatrix(moves: readonly TierMoveCount[], order: readonly string[], sees: boolean): TierMatrix {
  const found = moves.flatMap(({ from, to }) => [from, to]).filter((key) => key !== null);
  const old = [...new Set(found)].filter((key) => !order.includes(key)).sort();
  const tiers = [...order, ...old];
  const counts = new Map(moves.map(({ from, to, members }) => [`${from ?? ''} ${to ?? ''}`, members]));
  const rows = [...tiers, null].map((from) => {
    const columns = from === null ? tiers : [...tiers, null];
    const members = columns.map((to) => counts.get(`${from ?? ''} ${to ?? ''}`) ?? 0);
    return rowOf(from, { columns, members, sees });
  });
  return { tiers, rows };
}

function rowOf(
  from: string | null,
  { columns, members, sees }: { columns: readonly (string | null)[]; members: readonly number[]; sees: boolean },
): TierMatrixRow {
  const all = members.reduce((sum, one) => sum + one, 0);
  // With one cell withheld the sum would tell it: the whole row is, then.
  const suppressed = members.some((one) => isTooSmall(one, sees));
  const cells = columns.map((to, index) => ({
    ...{ from, to, suppressed },
    members: suppressed ? null : members[index]!,
    probability: suppressed || all === 0 ? null : members[index]! / all,
  }));
  return { from, members: isTooSmall(all, sees) ? null : all, cells };
}
