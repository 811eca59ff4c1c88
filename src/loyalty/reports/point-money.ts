import { currencyExponent } from '../../kernel/money.ts';
import { scaled, unit } from '../earning/fraction.ts';
import type { Wallet } from '../program.ts';

/** What points are worth, in minor units, half away from zero; null where the wallet has no value for a point. */
export function moneyOf(points: bigint, { pointValue }: Pick<Wallet, 'pointValue'>): PointMoney | null {
  if (pointValue === null) return null;
  const { amount, currency } = pointValue;
  const exact = (points < 0n ? -points : points) * scaled(amount) * 10n ** BigInt(currencyExponent(currency) ?? 2);
  const minor = (2n * exact + unit) / (2n * unit);
  return { minor: points < 0n ? -minor : minor, currency };
}

export interface PointMoney {
  readonly minor: bigint;
  readonly currency: string;
}
