import type { Random } from './random.ts';

/** Amounts are minor units. */
export interface Product {
  readonly sku: string;
  readonly name: string;
  readonly category: string;
  readonly price: Readonly<Record<ShopCurrency, number>>;
  /** What the retailer pays for it, in CHF. */
  readonly cost: number;
  /** How often it sells, relative to the others. */
  readonly popularity: number;
}

export type ShopCurrency = 'CHF' | 'EUR';

interface Range {
  readonly category: string;
  readonly prefix: string;
  /** Share of the price that the goods cost. */
  readonly costShare: number;
  /** Name, price in whole CHF. The first sell best. */
  readonly products: readonly (readonly [string, number])[];
}

const ranges: readonly Range[] = [
  {
    category: 'Kitchen',
    prefix: 'KI',
    costShare: 0.48,
    products: [
      ['Cast-iron pan 28 cm', 79],
      ['Chef knife 20 cm', 65],
      ['Cutting board, oak', 39],
      ['Storage jars, set of 6', 34],
      ['Espresso maker', 45],
      ['Enamel mug', 12],
      ['Pepper mill', 29],
      ['Stand mixer', 349],
    ],
  },
  {
    category: 'Home',
    prefix: 'HO',
    costShare: 0.44,
    products: [
      ['Linen cushion', 35],
      ['Wool blanket', 119],
      ['Table lamp, brass', 89],
      ['Candle, cedar', 19],
      ['Wall clock', 59],
      ['Jute rug 140 × 200', 149],
      ['Vase, stoneware', 42],
    ],
  },
  {
    category: 'Garden',
    prefix: 'GA',
    costShare: 0.5,
    products: [
      ['Watering can 10 l', 29],
      ['Secateurs', 38],
      ['Herb seeds, set', 15],
      ['Raised bed', 129],
      ['Folding chair, teak', 95],
      ['Hammock', 79],
      ['Fire bowl', 189],
    ],
  },
  {
    category: 'Outdoor',
    prefix: 'OU',
    costShare: 0.52,
    products: [
      ['Steel bottle 0.75 l', 32],
      ['Day pack 22 l', 99],
      ['Head torch', 49],
      ['Two-person tent', 329],
      ['Sleeping mat', 89],
      ['Picnic blanket', 45],
    ],
  },
  {
    category: 'Clothing',
    prefix: 'CL',
    costShare: 0.38,
    products: [
      ['Merino socks', 19],
      ['T-shirt, organic cotton', 29],
      ['Rain jacket', 179],
      ['Knitted jumper', 109],
      ['Chinos', 79],
      ['Wool hat', 35],
      ['Walking boots', 219],
    ],
  },
  {
    category: 'Children',
    prefix: 'CH',
    costShare: 0.45,
    products: [
      ['Wooden train', 49],
      ['Picture book', 22],
      ['Building blocks', 39],
      ['Play tent', 69],
      ['Balance bike', 139],
    ],
  },
  {
    category: 'Bath',
    prefix: 'BA',
    costShare: 0.4,
    products: [
      ['Hand soap, lavender', 9],
      ['Bath towel', 35],
      ['Bath mat', 29],
      ['Shaving set', 59],
      ['Bathrobe', 89],
    ],
  },
];

/** Everything that the shop sells. */
export const catalogue: readonly Product[] = ranges.flatMap((range) =>
  range.products.map(([name, price], rank) => ({
    sku: `${range.prefix}-${String(rank + 1).padStart(3, '0')}`,
    name,
    category: range.category,
    price: { CHF: price * 100 - 10, EUR: Math.round(price * 1.02) * 100 - 1 },
    cost: Math.round(price * 100 * range.costShare),
    popularity: 1 / (rank + 1.5),
  })),
);

const categories = ranges.map((range) => range.category);

/** Two categories that a person likes more than others. */
export function pickTaste(random: Random): readonly string[] {
  return [random.pick(categories), random.pick(categories)];
}

export function pickProduct(random: Random, taste: readonly string[]): Product {
  return random.pickWeighted(catalogue, (product) => product.popularity * (taste.includes(product.category) ? 5 : 1));
}
