import { toDecimal } from '../../kernel/money.ts';
import type { LineDraft, TouchpointDraft } from '../../touchpoints/touchpoint.ts';
import { type Product, pickProduct, type ShopCurrency } from './catalogue.ts';
import type { Person } from './person.ts';
import type { Random } from './random.ts';

/** Prices in minor units of `currency`. */
export interface Basket {
  readonly currency: ShopCurrency;
  readonly items: readonly BasketItem[];
}

export interface BasketItem {
  readonly product: Product;
  readonly quantity: number;
  readonly price: number;
}

/** As much of a person as a basket needs. */
export type Shopper = Pick<Person, 'taste' | 'currency'>;

/** One to six products to the person's taste; now and then everything at 10 or 20 % off. */
export function fillBasket({ taste, currency }: Shopper, random: Random): Basket {
  const size = Math.min(6, 1 + Math.floor(random.exponential(1.1)));
  const discount = random.chance(0.15) ? random.pick([0.1, 0.2]) : 0;
  const products = new Set(Array.from({ length: size }, () => pickProduct(random, taste)));
  const items = [...products].map((product) => ({
    product,
    quantity: random.chance(0.82) ? 1 : random.int(2, 4),
    price: Math.round(product.price[currency] * (1 - discount)),
  }));
  return { currency, items };
}

/** Some of what was bought, for a return: at least one item, in the quantity bought or less. */
export function takeBack(basket: Basket, random: Random): Basket {
  const kept = basket.items.filter(() => random.chance(0.5));
  const items = kept.length > 0 ? kept : basket.items.slice(0, 1);
  return { ...basket, items: items.map((item) => ({ ...item, quantity: random.int(1, item.quantity) })) };
}

/** The value and lines of an order or a return. */
export function basketDetail(basket: Basket): Pick<TouchpointDraft, 'value' | 'lines'> {
  const total = basket.items.reduce((sum, item) => sum + item.price * item.quantity, 0);
  return { value: { amount: decimal(total), currency: basket.currency }, lines: basket.items.map(line) };
}

function line({ product, quantity, price }: BasketItem): LineDraft {
  return { sku: product.sku, name: product.name, category: product.category, quantity, price: decimal(price) };
}

/** What the goods cost the retailer, in CHF. */
export function basketCost(basket: Basket): string {
  return decimal(basket.items.reduce((sum, item) => sum + item.product.cost * item.quantity, 0));
}

function decimal(minor: number): string {
  return toDecimal(BigInt(minor), 2);
}
