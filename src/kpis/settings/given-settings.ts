import { givenCondition } from '../../conditions/given-condition.ts';
import { parseCondition } from '../../conditions/parse-condition.ts';
import { badInput } from '../../kernel/errors.ts';
import type { SettingsPatch } from './kpi-levers.ts';
import type { RfmSegment } from './kpi-settings.ts';
import type { GivenGroup } from './lever-groups.service.ts';
import type { KpiLeverGroupInput, UpdateKpiSettingsInput } from './settings.input.ts';

type GivenInput = Omit<UpdateKpiSettingsInput, 'expectedVersion' | 'reason' | 'groups'>;

type Range = { readonly least: number; readonly most: number };

type GivenSegment = Pick<RfmSegment, 'key' | 'name'> & {
  readonly [Score in 'recency' | 'frequency' | 'monetary']: Range;
};

/**
 * The levers that a caller turns. Null and left out are the same to GraphQL's clients, and leave a lever as it is; but for the
 * margin rate, where null says that there is none.
 */
export function givenSettings(input: GivenInput): Omit<SettingsPatch, 'groups'> {
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

/** Undefined: they stay as they are. */
export function givenGroups(groups: UpdateKpiSettingsInput['groups']): GivenGroup[] | undefined {
  return groups?.map(({ key, name, lifecycle, churn, ...who }, index) => ({
    ...{ key, name, lifecycle: given(lifecycle), churn: given(churn) },
    condition: givenWho(who, `input.groups[${index}]`),
  }));
}

function givenWho(
  { condition, conditionText }: Pick<KpiLeverGroupInput, 'condition' | 'conditionText'>,
  field: string,
) {
  if ((condition == null) === (conditionText == null))
    throw badInput('Give `condition` or `conditionText`: they are two ways to say the same.', `${field}.condition`);
  return condition == null
    ? parseCondition(conditionText!, `${field}.conditionText`)
    : givenCondition(condition, `${field}.condition`);
}
