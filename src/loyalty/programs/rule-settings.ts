import { badInput } from '../../kernel/errors.ts';
import { currencyExponent } from '../../kernel/money.ts';
import type { Lever, Setting, TierScheme } from '../program.ts';
import { checkBetween, checkDecimal, checkKey, checkOnly, compareDecimals, placesOf } from './check-value.ts';
import type { GivenDefinition, GivenRule } from './given-program.ts';

/** What a number of a rule may be. */
export interface SettingRange {
  readonly from: string;
  readonly to: string;
  /** Decimal places. */
  readonly places: number;
}

/** A JSON number can say points up to here exactly. */
const mostPoints = '9007199254740991';
const granted: SettingRange = { from: '0', to: '1000000000', places: 8 };
/** A factor below 1 would take points away that other rules grant. */
const factor: SettingRange = { from: '1', to: '1000', places: 8 };
const whole: SettingRange = { from: '0', to: mostPoints, places: 0 };

export interface PlacedSetting {
  readonly setting: Setting;
  readonly range: SettingRange;
  /** Such as `rules[2].caps[0].points`. */
  readonly place: string;
}

type WithSettings = Pick<GivenDefinition, 'tierScheme'> & {
  readonly rules: readonly Pick<GivenRule, 'earns' | 'caps' | 'budget'>[];
};

/** Every number of a definition that a lever can hold. */
export function settingsOf({ rules, tierScheme }: WithSettings): PlacedSetting[] {
  return [...rules.flatMap((rule, index) => settingsOfRule(rule, `rules[${index}]`)), ...settingsOfTiers(tierScheme)];
}

function settingsOfRule({ earns, caps, budget }: WithSettings['rules'][number], place: string): PlacedSetting[] {
  return [
    settingOfEarning(earns, `${place}.earns`),
    ...caps.map(({ points }, index) => ({ setting: points, range: whole, place: `${place}.caps[${index}].points` })),
    ...(budget === null ? [] : [{ setting: budget, range: whole, place: `${place}.budget` }]),
  ];
}

function settingOfEarning(earns: GivenRule['earns'], place: string): PlacedSetting {
  if ('spend' in earns) return { setting: earns.spend.points, range: granted, place: `${place}.spend.points` };
  if ('item' in earns) return { setting: earns.item.points, range: granted, place: `${place}.item.points` };
  if ('event' in earns) return { setting: earns.event.points, range: granted, place: `${place}.event.points` };
  return { setting: earns.multiplier.factor, range: factor, place: `${place}.multiplier.factor` };
}

function settingsOfTiers(scheme: TierScheme | null): PlacedSetting[] {
  if (!scheme) return [];
  const { basis, tiers } = scheme;
  const places = 'spend' in basis ? (currencyExponent(basis.spend.currency) ?? 2) : 0;
  return tiers.map(({ threshold }, index) => ({
    setting: threshold,
    range: { ...whole, places },
    place: `tierScheme.tiers[${index}].threshold`,
  }));
}

/** Decimal text or the name of a lever, whatever stands there. */
export function checkSetting(given: Setting, field: string): Setting {
  if (typeof given === 'string') return checkDecimal(given, field);
  checkOnly(given, ['lever'], field);
  return { lever: checkKey(given.lever, `${field}.lever`) };
}

/** All numbers of a definition, those of levers by all that the lever can ever be. */
export function checkSettings(definition: WithSettings & Pick<GivenDefinition, 'levers'>, field: string): void {
  for (const { setting, range, place } of settingsOf(definition)) {
    const { lowest, highest, digits, at } = spanOf(setting, definition.levers, `${field}.${place}`);
    checkBetween(lowest, range, at);
    checkBetween(highest, range, at);
    if (digits > range.places) throw badInput(`Expected ${placesText(range.places)}.`, at);
  }
}

/** What a number can be: between the bounds of its lever, or what it is. */
export function spanOf(
  setting: Setting,
  levers: readonly Lever[],
  field: string,
): { lowest: string; highest: string; digits: number; at: string } {
  if (typeof setting === 'string') return { lowest: setting, highest: setting, digits: placesOf(setting), at: field };
  const lever = levers.find(({ key }) => key === setting.lever);
  if (!lever) throw badInput(`There is no lever ${JSON.stringify(setting.lever)}.`, `${field}.lever`);
  const { initial, minimum, maximum } = lever;
  const digits = Math.max(placesOf(initial), placesOf(minimum), placesOf(maximum));
  return { lowest: minimum, highest: maximum, digits, at: `${field}.lever` };
}

/** Throws `BAD_USER_INPUT` for a value that this lever can't have. */
export function checkLeverValue(
  definition: WithSettings & Pick<GivenDefinition, 'levers'>,
  lever: Lever,
  { value, field }: { value: string; field: string },
): void {
  if (compareDecimals(value, lever.minimum) < 0 || compareDecimals(value, lever.maximum) > 0) {
    throw badInput(
      `The lever ${lever.key} goes from ${lever.minimum} to ${lever.maximum}, got ${value}. Its owner is ${lever.owner}.`,
      field,
    );
  }
  const places = placesIn(definition, lever.key);
  if (placesOf(value) > places) throw badInput(`Expected ${placesText(places)}, got ${value}.`, field);
}

/** The fewest decimal places that any number allows which the lever holds. */
function placesIn(definition: WithSettings, key: string): number {
  const ranges = settingsOf(definition)
    .filter(({ setting }) => typeof setting !== 'string' && setting.lever === key)
    .map(({ range }) => range.places);
  return Math.min(granted.places, ...ranges);
}

function placesText(places: number): string {
  return places === 0 ? 'a whole number' : `at most ${places} decimal places`;
}
