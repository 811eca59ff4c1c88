import type { ForecastInput } from '../models/forecast.ts';
import type { ClvSettings } from '../settings/kpi-settings.ts';
import type { PurchaseKpis } from './purchase-fold.ts';

/** What models ask of a customer, as of a day; null: nothing was bought and kept. */
export function forecastInputOf(row: PurchaseKpis, today: number): ForecastInput | null {
  const { purchaseDays, firstPurchaseDay, lastPurchaseDay, meanRepeatMinor, currency } = row;
  if (firstPurchaseDay === null || lastPurchaseDay === null) return null;
  return {
    repeats: purchaseDays - 1,
    recencyDays: lastPurchaseDay - firstPurchaseDay,
    ageDays: today - firstPurchaseDay,
    meanRepeatMinor,
    currency,
  };
}

/** Of what is known of this customer's costs; where nothing is, what the organisation says; null: it says nothing. */
export function marginRateOf(
  { costedMinor, costMinor }: Pick<PurchaseKpis, 'costedMinor' | 'costMinor'>,
  { marginRate }: Pick<ClvSettings, 'marginRate'>,
): number | null {
  return costedMinor > 0n ? Number(costedMinor - costMinor) / Number(costedMinor) : marginRate;
}
