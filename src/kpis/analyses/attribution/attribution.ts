import { shareWhole, tellCredit, tellRevenue } from './credit.ts';
import { ChannelChain, conversion } from './markov.ts';
import { shapleyShares } from './shapley.ts';
import { firstTouch, lastTouch, linear, type Path, position, type TouchModel, timeDecay } from './touch-models.ts';

export const attributionModels = ['FIRST', 'LAST', 'LINEAR', 'TIME_DECAY', 'POSITION', 'MARKOV', 'SHAPLEY'] as const;
export type AttributionModel = (typeof attributionModels)[number];

/** An order, and what came before it. */
export interface Conversion extends Path {
  readonly currency: string;
  readonly valueMinor: bigint;
}

/** Conversions, and what they brought by currency. */
export interface Earned {
  readonly conversions: number;
  readonly revenue: ReadonlyMap<string, bigint>;
}

/** Of one channel: adds up over all channels to what was earned, to the last place and cent. */
export interface Credit {
  readonly key: number;
  /** In millionths: see `creditPlaces`. */
  readonly conversions: bigint;
  readonly revenue: ReadonlyMap<string, bigint>;
  /** Of MARKOV only: which part of the conversions would be lost without it, from 0 to 1. */
  readonly removalEffect: number | null;
}

/** Credit in parts of `wholeCredit`, by channel; and those parts times minor units, by currency. */
class Sheet {
  readonly #parts = new Map<number, bigint>();
  readonly #revenue = new Map<string, Map<number, bigint>>();

  add(key: number, { part, currency, valueMinor }: { part: bigint; currency: string; valueMinor: bigint }): void {
    if (part === 0n) return;
    this.#parts.set(key, (this.#parts.get(key) ?? 0n) + part);
    const revenue = this.#revenue.get(currency) ?? new Map<number, bigint>();
    revenue.set(key, (revenue.get(key) ?? 0n) + part * valueMinor);
    this.#revenue.set(currency, revenue);
  }

  credits(keys: readonly number[], earned: Earned): Credit[] {
    const conversions = tellCredit(
      keys.map((key) => this.#parts.get(key) ?? 0n),
      earned.conversions,
    );
    const revenue = [...earned.revenue].map(([currency, whole]) => {
      const parts = keys.map((key) => this.#revenue.get(currency)?.get(key) ?? 0n);
      return [currency, tellRevenue(parts, whole)] as const;
    });
    return creditsOf(keys, { conversions, revenue });
  }
}

function creditsOf(
  keys: readonly number[],
  {
    conversions,
    revenue,
    effects,
  }: {
    conversions: readonly bigint[];
    revenue: readonly (readonly [currency: string, minor: readonly bigint[]])[];
    effects?: readonly number[];
  },
): Credit[] {
  return keys.map((key, index) => ({
    key,
    conversions: conversions[index]!,
    revenue: new Map(revenue.map(([currency, minor]) => [currency, minor[index]!])),
    removalEffect: effects?.[index] ?? null,
  }));
}

/** Takes conversions one by one, and then says whose they are by each of the models. */
export class Attribution {
  /** What walks do: give it those that came to nothing, too. */
  readonly chain = new ChannelChain();
  readonly #touchModels: readonly (readonly [TouchModel, Sheet])[];
  readonly #sheets: ReadonlyMap<AttributionModel, Sheet>;
  readonly #models: readonly AttributionModel[];
  #conversions = 0;
  #direct = 0;
  readonly #revenue = new Map<string, bigint>();
  readonly #directRevenue = new Map<string, bigint>();

  constructor({ models, halfLifeDays }: { models: readonly AttributionModel[]; halfLifeDays: number }) {
    const known: Partial<Record<AttributionModel, TouchModel>> = {
      FIRST: firstTouch,
      LAST: lastTouch,
      LINEAR: linear,
      TIME_DECAY: timeDecay(halfLifeDays),
      POSITION: position,
    };
    this.#models = models;
    this.#sheets = new Map(models.map((model) => [model, new Sheet()]));
    this.#touchModels = models.flatMap((model) => {
      const creditOf = known[model];
      return creditOf ? [[creditOf, this.#sheets.get(model)!] as const] : [];
    });
  }

  add(one: Conversion): void {
    const { keys, currency, valueMinor } = one;
    if (keys.length === 0) {
      this.#direct += 1;
      addTo(this.#directRevenue, { currency, valueMinor });
      return;
    }
    this.#conversions += 1;
    addTo(this.#revenue, { currency, valueMinor });
    for (const [creditOf, sheet] of this.#touchModels) {
      const parts = creditOf(one);
      for (const [index, key] of keys.entries()) sheet.add(key, { part: parts[index]!, currency, valueMinor });
    }
    const shapley = this.#sheets.get('SHAPLEY');
    if (shapley) for (const [key, part] of shapleyShares(keys)) shapley.add(key, { part, currency, valueMinor });
    if (this.#sheets.has('MARKOV')) this.chain.addPath(keys, conversion);
  }

  /** What channels share. */
  get attributed(): Earned {
    return { conversions: this.#conversions, revenue: this.#revenue };
  }

  /** What nothing is known to have led to: nobody's. */
  get direct(): Earned {
    return { conversions: this.#direct, revenue: this.#directRevenue };
  }

  credits(keys: readonly number[]): { model: AttributionModel; credits: Credit[] }[] {
    return this.#models.map((model) => ({
      model,
      credits: model === 'MARKOV' ? this.#markov(keys) : this.#sheets.get(model)!.credits(keys, this.attributed),
    }));
  }

  #markov(keys: readonly number[]): Credit[] {
    const { conversions, revenue } = this.attributed;
    const effects = this.chain.removalEffects(keys);
    const share = (whole: bigint) => (whole === 0n ? keys.map(() => 0n) : shareWhole(whole, effects));
    return creditsOf(keys, {
      conversions: share(BigInt(conversions) * 1_000_000n),
      revenue: [...revenue].map(([currency, whole]) => [currency, share(whole)] as const),
      effects,
    });
  }
}

function addTo(revenue: Map<string, bigint>, { currency, valueMinor }: { currency: string; valueMinor: bigint }): void {
  revenue.set(currency, (revenue.get(currency) ?? 0n) + valueMinor);
}
