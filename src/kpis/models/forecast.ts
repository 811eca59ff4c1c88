import type { BgNbd } from '../clv/bg-nbd.ts';
import { probabilityAlive, purchasesIfAlive } from '../clv/bg-nbd-forecast.ts';
import { expectedSpend } from '../clv/gamma-gamma.ts';
import type { History } from '../clv/history.ts';
import { lifetimeValue } from '../clv/lifetime-value.ts';
import type { ActiveModel } from './kpi-model.ts';

/** A month of CLV, in days: a twelfth of 365.25. */
export const monthDays = 30.4375;

/** What a model needs to know of a customer: of `customer_kpis`, as of a day. */
export interface ForecastInput {
  /** Purchase days after the first. */
  readonly repeats: number;
  /** From the first purchase day to the last. */
  readonly recencyDays: number;
  /** From the first purchase day to the day as of which the forecast is made. */
  readonly ageDays: number;
  /** Null without repeats. */
  readonly meanRepeatMinor: number | null;
  readonly currency: string;
}

export interface ForecastTerms {
  readonly months: number;
  /** A month's rate: 0.01 is 1 %. */
  readonly discountRate: number;
  /** The part of net revenue that is left when costs are paid; null: not known. */
  readonly marginRate: number | null;
}

/**
 * Why there is no CLV. `NO_MARGIN`: neither costs nor a margin rate are known. `NO_SPEND_MODEL`: amounts in this currency have
 * none. `NO_MEAN`: the worth of a purchase has no mean. `NOT_COMPUTABLE`: the horizon is too far beyond what was observed.
 */
export const noClvReasons = ['NO_MARGIN', 'NO_SPEND_MODEL', 'NO_MEAN', 'NOT_COMPUTABLE'] as const;
export type NoClvReason = (typeof noClvReasons)[number];

export interface Forecast {
  /** 1 for one-time buyers, whom this model cannot lose: see `second-order.ts` for them. */
  readonly probabilityAlive: number;
  /** Purchase days expected over the horizon; null: not computable. */
  readonly expectedOrders: number | null;
  /** Discounted margin of those, in minor units. */
  readonly clvMinor: number | null;
  /** Null when there is a CLV. */
  readonly withoutClv: NoClvReason | null;
}

/** One customer's forecast. For many, make a {@link Forecaster}: it remembers what they share. */
export function forecastOf(input: ForecastInput, model: ActiveModel, terms: ForecastTerms): Forecast {
  return new Forecaster(model, terms).forecast(input);
}

/** Of somebody who has not left: purchases over the horizon, and those discounted to now. */
interface IfAlive {
  readonly purchases: number;
  readonly discounted: number;
}

/** Some hundred bytes each. */
const mostRemembered = 200_000;

/**
 * Forecasts for one model and horizon. E[Y(t)] is P(alive) times what somebody who has not left will buy, and the latter
 * depends on the number of repeats and the age alone: its dozen series are summed once for all who share these.
 */
export class Forecaster {
  readonly #model: ActiveModel;
  readonly #terms: Omit<ForecastTerms, 'marginRate'>;
  readonly #marginRate: number | null;
  readonly #known = new Map<number, IfAlive>();

  constructor(model: ActiveModel, { marginRate, ...terms }: ForecastTerms) {
    this.#model = model;
    this.#terms = terms;
    this.#marginRate = marginRate;
  }

  /** `marginRate`: of this customer, where their costs are known. */
  forecast(input: ForecastInput, marginRate = this.#marginRate): Forecast {
    const history = historyOf(input);
    const alive = probabilityAlive(this.#model.bgNbd, history);
    const { purchases, discounted } = this.#ifAlive(history);
    if (Number.isNaN(purchases))
      return { probabilityAlive: alive, expectedOrders: null, clvMinor: null, withoutClv: 'NOT_COMPUTABLE' };
    const worth = worthOf(input, { model: this.#model, marginRate });
    const known = typeof worth === 'number';
    return {
      probabilityAlive: alive,
      expectedOrders: alive * purchases,
      clvMinor: known ? alive * discounted * worth : null,
      withoutClv: known ? null : worth,
    };
  }

  #ifAlive({ repeats, age }: History): IfAlive {
    // Repeats are fewer than 2^20, days of age whole in all bulk work: exact where it is worth it.
    const key = age * 1_048_576 + repeats;
    const known = this.#known.get(key);
    if (known) return known;
    if (this.#known.size >= mostRemembered) this.#known.clear();
    const made = horizonIfAlive(this.#model.bgNbd, { repeats, age }, this.#terms);
    this.#known.set(key, made);
    return made;
  }
}

/** A clock that is behind a source's may see a purchase of tomorrow: nobody is younger than their last purchase. */
function historyOf({ repeats, recencyDays, ageDays }: ForecastInput): History {
  return { repeats, recency: recencyDays, age: Math.max(ageDays, recencyDays) };
}

function horizonIfAlive(
  model: BgNbd,
  shared: Pick<History, 'repeats' | 'age'>,
  { months, discountRate }: Omit<ForecastTerms, 'marginRate'>,
): IfAlive {
  const purchases = (t: number) => purchasesIfAlive(model, shared, t);
  const inAll = purchases(months * monthDays);
  // A series that did not converge took its million terms: not once more for each month.
  if (Number.isNaN(inAll)) return { purchases: inAll, discounted: inAll };
  const terms = { purchases, spend: 1, margin: 1, periods: months, period: monthDays, discountRate };
  return { purchases: inAll, discounted: lifetimeValue(terms) };
}

/** What a purchase is expected to leave, or why nobody knows. */
function worthOf(
  { repeats, meanRepeatMinor, currency }: ForecastInput,
  { model, marginRate }: { readonly model: ActiveModel; readonly marginRate: number | null },
): number | NoClvReason {
  if (marginRate === null) return 'NO_MARGIN';
  const spend = model.spend[currency];
  if (!spend) return 'NO_SPEND_MODEL';
  // Repeats in other currencies only leave no mean in this one: all that is known is what everybody spends.
  const known = meanRepeatMinor !== null && meanRepeatMinor > 0;
  const mean = expectedSpend(spend, known ? { repeats, meanSpend: meanRepeatMinor } : { repeats: 0, meanSpend: 0 });
  return mean === null ? 'NO_MEAN' : mean * marginRate;
}
