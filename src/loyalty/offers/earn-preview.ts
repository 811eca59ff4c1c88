import type { Context } from '../../kernel/context.ts';
import type { Channel } from '../../touchpoints/touchpoint.ts';
import type { Basket } from './basket.ts';
import type { AppliedOffer, PricedBasket } from './checkout.ts';

export interface EarnedPoints {
  readonly programId: string;
  readonly wallet: string;
  readonly points: bigint;
  /** Rules of the programme, or offers by id. */
  readonly rules: readonly string[];
}

/** A basket as it is about to be paid. Minor units. */
export interface EarningBasket {
  readonly currency: string;
  readonly total: bigint;
  readonly lines: readonly {
    readonly sku: string;
    readonly name: string | null;
    readonly category: string | null;
    readonly quantity: number;
    /** Decimal text, per unit, before discounts. */
    readonly price: string;
    /** What is paid for the line. */
    readonly amount: bigint;
  }[];
}

/** What a purchase of this basket would earn. Reads only. */
export type PreviewEarning = (
  ctx: Context,
  asked: {
    readonly customerId: string | null;
    readonly basket: EarningBasket;
    readonly at: Date;
    readonly channel: Channel | null;
    readonly store: string | null;
  },
) => Promise<readonly EarnedPoints[]>;

export function earningBasket(
  { currency, lines }: Basket,
  priced: Pick<PricedBasket, 'lines' | 'total'>,
): EarningBasket {
  return {
    currency,
    total: priced.total,
    lines: lines.map(({ sku, name, category, quantity, price }, index) => {
      return { sku, name, category, quantity, price, amount: priced.lines[index]!.total };
    }),
  };
}

/** What offers give: so many points, or a multiple of what the basket earns, rounded down. Several multiples add up. */
export function bonusPoints(offers: readonly AppliedOffer[], earns: readonly EarnedPoints[]): EarnedPoints[] {
  return offers.flatMap(({ terms: { offer, value } }) => {
    const { id, programId } = offer;
    if (programId === null || (value.kind !== 'points' && value.kind !== 'multiplier')) return [];
    const { wallet } = value;
    const points =
      value.kind === 'points' ? value.points : (earnedIn(earns, { programId, wallet }) * value.gain) / 10_000n;
    return points > 0n ? [{ programId, wallet, points, rules: [id] }] : [];
  });
}

function earnedIn(earns: readonly EarnedPoints[], { programId, wallet }: Pick<EarnedPoints, 'programId' | 'wallet'>) {
  return earns
    .filter((earned) => earned.programId === programId && earned.wallet === wallet)
    .reduce((total, { points }) => total + points, 0n);
}
