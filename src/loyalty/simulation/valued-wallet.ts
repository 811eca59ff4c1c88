import { moneyOf } from '../reports/point-money.ts';
import type { Terms } from '../terms.ts';
import type { Compared, ComparedWallet } from './comparison.ts';

export interface ComparedMoney {
  /** Minor units. */
  readonly baseline: bigint;
  readonly changed: bigint;
  readonly currency: string;
}

export interface ValuedWallet extends ComparedWallet {
  readonly liability: ComparedMoney | null;
  readonly cost: ComparedMoney | null;
}

export interface ToValue {
  readonly wallets: readonly ComparedWallet[];
  readonly baselineTerms: Terms | undefined;
  readonly changedTerms: Terms;
}

/** Points in money: each side by the value that its own terms give a point. */
export function valuedWallets({ wallets, baselineTerms, changedTerms }: ToValue): ValuedWallet[] {
  return wallets.map((wallet) => {
    const value = (compared: Compared) => {
      const after = worthOf(changedTerms, wallet.wallet, compared.changed.value);
      const before = worthOf(baselineTerms ?? changedTerms, wallet.wallet, compared.baseline.value);
      if (!after || !before || after.currency !== before.currency) return null;
      return { baseline: before.minor, changed: after.minor, currency: after.currency };
    };
    return { ...wallet, liability: value(wallet.outstanding), cost: value(wallet.borne) };
  });
}

function worthOf({ definition }: Terms, key: string, points: bigint) {
  const wallet = definition.wallets.find((one) => one.key === key);
  return wallet ? moneyOf(points, wallet) : null;
}
