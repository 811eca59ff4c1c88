import type { Program } from '../../loyalty/program.ts';
import { moneyOf } from '../../loyalty/reports/point-money.ts';
import type { Incentives } from './historic-value.ts';

interface Redeemed {
  readonly programId: string;
  readonly wallet: string;
  readonly points: bigint;
}

/** Prices points as the version of their programme does that is in force. */
export function priceIncentives(redeemed: readonly Redeemed[], programs: readonly Program[], at: Date): Incentives {
  const costs = new Map<string, bigint>();
  const points = new Map<string, bigint>();
  let unpriced = 0n;
  for (const one of redeemed) {
    const price = moneyOf(one.points, { pointValue: pointValueOf(one, programs, at) });
    if (price === null) unpriced += one.points;
    else {
      costs.set(price.currency, (costs.get(price.currency) ?? 0n) + price.minor);
      points.set(price.currency, (points.get(price.currency) ?? 0n) + one.points);
    }
  }
  return { costs, points, unpriced };
}

/** By the last version so far that has the wallet. */
function pointValueOf({ programId, wallet }: Redeemed, programs: readonly Program[], at: Date) {
  const versions = programs.find(({ id }) => id === programId)?.versions ?? [];
  const wallets = versions
    .filter(({ effectiveAt }) => effectiveAt <= at)
    .flatMap(({ definition }) => definition.wallets.filter(({ key }) => key === wallet));
  return wallets.at(-1)?.pointValue ?? null;
}
