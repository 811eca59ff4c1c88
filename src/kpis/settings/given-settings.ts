import type { SettingsPatch } from './kpi-levers.ts';
import type { RfmSegment } from './kpi-settings.ts';
import type { UpdateKpiSettingsInput } from './settings.input.ts';

type Range = { readonly least: number; readonly most: number };

type GivenSegment = Pick<RfmSegment, 'key' | 'name'> & {
  readonly [Score in 'recency' | 'frequency' | 'monetary']: Range;
};

/**
 * The levers that a caller turns. Null and left out are the same to GraphQL's clients, and leave a lever as it is; but for the
 * margin rate, where null says that there is none.
 */
export function givenSettings(input: Omit<UpdateKpiSettingsInput, 'expectedVersion' | 'reason'>): SettingsPatch {
  const { rfm, abc, clv, lifecycle, churn, collaborativePurchases } = input;
  const { segments, ...otherRfm } = rfm ?? {};
  const boxes = segments == null ? {} : { segments: segments.map(givenSegment) };
  const margin = clv && clv.marginRate === null ? { marginRate: null } : {};
  return {
    rfm: { ...given(otherRfm), ...boxes },
    abc: given(abc),
    clv: { ...given(clv), ...margin },
    lifecycle: given(lifecycle),
    churn: given(churn),
    ...given({ collaborativePurchases }),
  };
}

type Given<T> = { readonly [Key in keyof T]?: NonNullable<T[Key]> };

function given<T extends object>(levers: T | null | undefined): Given<T> {
  return Object.fromEntries(Object.entries(levers ?? {}).filter(([, value]) => value != null)) as Given<T>;
}

function givenSegment({ key, name, recency, frequency, monetary }: GivenSegment): RfmSegment {
  const range = ({ least, most }: Range) => [least, most] as const;
  return { key, name, recency: range(recency), frequency: range(frequency), monetary: range(monetary) };
}
