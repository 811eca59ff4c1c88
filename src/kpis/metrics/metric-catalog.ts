import type { BaseKey } from './catalogue/base.ts';
import { bases } from './catalogue/base.ts';
import { coreDimensions } from './catalogue/core-dimensions.ts';
import { customerMeasures } from './catalogue/customer-measures.ts';
import type { Dimension } from './catalogue/dimension.ts';
import { lifecycleMeasures } from './catalogue/lifecycle-measures.ts';
import { loyaltyMeasures } from './catalogue/loyalty-measures.ts';
import type { Aggregate, Measure } from './catalogue/measure.ts';
import { purchaseMeasures } from './catalogue/purchase-measures.ts';
import { touchpointMeasures } from './catalogue/touchpoint-measures.ts';
import { voiceMeasures } from './catalogue/voice-measures.ts';

export const coreMeasures: readonly Measure[] = [...purchaseMeasures, ...touchpointMeasures, ...customerMeasures];

/** All measures of this module. */
export const allMeasures: readonly Measure[] = [
  ...coreMeasures,
  ...loyaltyMeasures,
  ...voiceMeasures,
  ...lifecycleMeasures,
];

/** What can be asked for: put together from lists, so that modules further up add theirs. */
export class MetricCatalog {
  readonly measures: readonly Measure[];
  readonly dimensions: readonly Dimension[];
  readonly #measures: ReadonlyMap<string, Measure>;
  readonly #dimensions: ReadonlyMap<string, Dimension>;

  constructor({
    measures = allMeasures,
    dimensions = coreDimensions,
  }: { measures?: readonly Measure[]; dimensions?: readonly Dimension[] } = {}) {
    this.measures = measures;
    this.dimensions = dimensions;
    this.#measures = byKey(measures);
    this.#dimensions = byKey(dimensions);
  }

  measure(key: string): Measure | undefined {
    return this.#measures.get(key);
  }

  dimension(key: string): Dimension | undefined {
    return this.#dimensions.get(key);
  }

  /** The dimensions that a measure can be split by. */
  dimensionsOf(measure: Measure): readonly Dimension[] {
    return this.dimensions.filter((dimension) => canSplit(measure, dimension));
  }
}

export function canSplit(measure: Measure, dimension: Dimension): boolean {
  if (measure.without?.includes(dimension.key)) return false;
  const base: BaseKey = dimension.lines ? 'LINES' : measure.base;
  if (dimension.lines && (measure.base !== 'PURCHASES' || !aggregatesOf(measure).every(({ lines }) => lines)))
    return false;
  return dimension.own?.[base] !== undefined || isOfCustomers(dimension);
}

/** Every base knows whose its rows are. */
function isOfCustomers({ customer, values }: Dimension): boolean {
  return customer !== undefined || values !== undefined;
}

/** All that is computed for a measure. */
export function aggregatesOf(measure: Measure): readonly Aggregate[] {
  if (measure.kind !== 'RATIO') return [measure.value];
  return [measure.numerator, measure.denominator, measure.n, ...(measure.error ? [measure.error] : [])];
}

/** Whether a measure is an amount, or made of amounts: of one currency at a time. */
export function isMoney(measure: Measure): boolean {
  return measure.format === 'MONEY' || (measure.kind === 'RATIO' && measure.moneyParts === true);
}

/** The dimension that must be named for a measure, unless the data have one value only. */
export function unmixedOf(measure: Measure): 'CURRENCY' | 'SURVEY_VARIANT' | null {
  const unmixed = bases[measure.base].unmixed;
  if (unmixed?.dimension === 'CURRENCY') return isMoney(measure) ? 'CURRENCY' : null;
  // How likely one is to recommend us is the same question everywhere.
  return unmixed && measure.base !== 'NPS' ? unmixed.dimension : null;
}

function byKey<T extends { readonly key: string }>(items: readonly T[]): ReadonlyMap<string, T> {
  const known = new Map<string, T>();
  for (const item of items) {
    if (known.has(item.key)) throw new Error(`${item.key} is declared twice.`);
    known.set(item.key, item);
  }
  return known;
}
