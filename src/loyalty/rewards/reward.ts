import type { VoucherTerms } from './voucher.ts';

export const rewardKinds = ['PRODUCT', 'VOUCHER'] as const;
export type RewardKind = (typeof rewardKinds)[number];

/** What points buy. */
export interface RewardTerms {
  readonly name: string;
  readonly description: string | null;
  readonly wallet: string;
  readonly points: bigint;
  readonly kind: RewardKind;
  /** Of a VOUCHER. */
  readonly voucher: VoucherTerms | null;
  /** Null: never runs out. */
  readonly stock: number | null;
  /** Keys; null: all. */
  readonly tiers: readonly string[] | null;
  readonly perMember: number | null;
  readonly costMinor: bigint | null;
  readonly costCurrency: string | null;
  /** Half-open. */
  readonly validFrom: Date | null;
  readonly validTo: Date | null;
  readonly active: boolean;
}

export interface Reward extends RewardTerms {
  readonly id: string;
  readonly programId: string;
  readonly createdAt: Date;
  readonly updatedAt: Date;
  readonly fingerprint: string;
}

export type Unavailable = 'INACTIVE' | 'NOT_YET_VALID' | 'ENDED' | 'TIER' | 'PER_MEMBER';

/** Why nobody can have it at the instant, whoever they are. */
export function whyUnavailable({ active, validFrom, validTo }: Reward, at: Date): Unavailable | undefined {
  if (!active) return 'INACTIVE';
  if (validFrom !== null && at < validFrom) return 'NOT_YET_VALID';
  if (validTo !== null && at >= validTo) return 'ENDED';
  return undefined;
}
