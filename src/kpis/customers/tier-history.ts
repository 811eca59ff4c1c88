import type { Program } from '../../loyalty/program.ts';
import type { HistoryTier } from './customer-history.ts';

/** That a customer got another tier of a programme, by the id that they had then. */
export interface LoggedTier {
  readonly customerId: string;
  readonly programId: string;
  readonly at: Date;
  /** Null: none any more. */
  readonly tier: string | null;
}

/** MERGED: `customerId` went into `otherId`. SPLIT: it came out of it. */
export interface LoggedRegrouping {
  readonly kind: string;
  readonly customerId: string;
  readonly otherId: string;
  readonly at: Date;
}

export interface TierLog {
  /** Of the customer and of all whom they have absorbed, in order. */
  readonly tiers: readonly LoggedTier[];
  /** Of the same, in order. */
  readonly regroupings: readonly LoggedRegrouping[];
}

/**
 * A customer's best tier over all programmes through time, as they came to have it. Whom they have absorbed counts until then. What
 * a tier was while somebody was merged with them who has been parted from them since is left out: it was never theirs.
 */
export function tierHistory(
  customerId: string,
  { tiers, regroupings }: TierLog,
  programs: readonly Program[],
): HistoryTier[] {
  const steps = tiers
    .filter((tier) => !isUndone(tier, regroupings) && !(tier.at >= endOf(tier.customerId, { customerId, regroupings })))
    .map(({ customerId: self, programId, at, tier }) => ({
      ...{ at, stream: `${self} ${programId}` },
      rank: rankOf(tier, { program: programs.find(({ id }) => id === programId), at }),
    }));
  const ends = tiers
    .filter(({ customerId: self }) => self !== customerId)
    .map(({ customerId: self, programId }) => ({
      ...{ at: endOf(self, { customerId, regroupings }), stream: `${self} ${programId}`, rank: 0 },
    }))
    .filter(({ at }) => at < never);
  return best([...steps, ...ends]);
}

const never = new Date(8.64e15);

/** Between a merge and the split that undid it: what was written of the customer then was of somebody else, too. */
export function isUndone(
  { customerId, at }: Pick<LoggedTier, 'customerId' | 'at'>,
  regroupings: readonly LoggedRegrouping[],
): boolean {
  return regroupings.some(
    (split, index) =>
      split.kind === 'SPLIT' &&
      split.otherId === customerId &&
      at < split.at &&
      regroupings
        .slice(0, index)
        .some(
          (merge) =>
            merge.kind === 'MERGED' &&
            merge.otherId === customerId &&
            merge.customerId === split.customerId &&
            merge.at <= at,
        ),
  );
}

/** When somebody whom the customer has absorbed went into them, or into somebody else before; never: they are the customer. */
function endOf(
  self: string,
  { customerId, regroupings }: { customerId: string; regroupings: readonly LoggedRegrouping[] },
): Date {
  if (self === customerId) return never;
  const merged = regroupings.findLast((one) => one.kind === 'MERGED' && one.customerId === self);
  return merged?.at ?? never;
}

/** The place of a tier by the version that was in force, or by the latest one that has it. */
function rankOf(tier: string | null, { program, at }: { program: Program | undefined; at: Date }): number {
  if (tier === null || !program) return 0;
  const rankIn = ({ definition }: Program['versions'][number]) =>
    (definition.tierScheme?.tiers ?? []).findIndex(({ key }) => key === tier) + 1;
  const inForce = program.versions.findLast(({ effectiveAt }) => effectiveAt <= at);
  const rank = inForce ? rankIn(inForce) : 0;
  if (rank > 0) return rank;
  const other = program.versions.findLast((version) => rankIn(version) > 0);
  return other ? rankIn(other) : 0;
}

interface Step extends HistoryTier {
  readonly stream: string;
}

/** Of several at once the best rank at each time; only where it changes. */
function best(steps: readonly Step[]): HistoryTier[] {
  const ranks = new Map<string, number>();
  const found: HistoryTier[] = [];
  const ordered = steps.toSorted((a, b) => a.at.getTime() - b.at.getTime());
  ordered.forEach(({ at, rank, stream }, place) => {
    ranks.set(stream, rank);
    if (ordered[place + 1]?.at.getTime() === at.getTime()) return;
    const highest = Math.max(...ranks.values());
    if (highest !== (found.at(-1)?.rank ?? 0)) found.push({ at, rank: highest });
  });
  return found;
}
