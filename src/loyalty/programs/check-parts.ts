import { badInput } from '../../kernel/errors.ts';
import type { Lever, ProgramDefinition, TierScheme, Wallet } from '../program.ts';
import {
  checkBetween,
  checkCurrency,
  checkDecimal,
  checkEntries,
  checkKey,
  checkOneOf,
  checkOnly,
  checkText,
  checkUniqueKeys,
  checkWhole,
  compareDecimals,
  placesOf,
} from './check-value.ts';
import { checkSetting, spanOf } from './rule-settings.ts';

const most = { wallets: 10, levers: 100, tiers: 20, benefits: 50 } as const;
const debts = ['OWED', 'WRITTEN_OFF'] as const;
const calendarMonths = [1, 3, 6, 12] as const;

export function checkWallets(given: readonly Wallet[], field: string): Wallet[] {
  const wallets = checkEntries(given, { field, least: 1, most: most.wallets }, checkWallet);
  checkUniqueKeys(
    wallets.map(({ key }) => key),
    (index) => `${field}[${index}].key`,
  );
  return wallets;
}

function checkWallet({ key, name, debt, pointValue }: Wallet, field: string): Wallet {
  return {
    key: checkKey(key, `${field}.key`),
    name: checkText(name, `${field}.name`),
    debt: checkOneOf(debt, debts, `${field}.debt`),
    pointValue: pointValue == null ? null : checkPointValue(pointValue, `${field}.pointValue`),
  };
}

function checkPointValue(given: NonNullable<Wallet['pointValue']>, field: string): Wallet['pointValue'] {
  const amount = checkDecimal(given.amount, `${field}.amount`);
  checkBetween(amount, { from: '0', to: '1000000' }, `${field}.amount`);
  return { amount, currency: checkCurrency(given.currency, `${field}.currency`) };
}

export function checkLevers(given: readonly Lever[], field: string): Lever[] {
  const levers = checkEntries(given, { field, most: most.levers }, checkLever);
  checkUniqueKeys(
    levers.map(({ key }) => key),
    (index) => `${field}[${index}].key`,
  );
  return levers;
}

function checkLever(given: Lever, field: string): Lever {
  const minimum = checkDecimal(given.minimum, `${field}.minimum`);
  const maximum = checkDecimal(given.maximum, `${field}.maximum`);
  if (compareDecimals(minimum, maximum) > 0) {
    throw badInput(`Expected at least the minimum, ${minimum}; got ${maximum}.`, `${field}.maximum`);
  }
  const initial = checkDecimal(given.initial, `${field}.initial`);
  checkBetween(initial, { from: minimum, to: maximum }, `${field}.initial`);
  return {
    key: checkKey(given.key, `${field}.key`),
    name: checkText(given.name, `${field}.name`),
    initial,
    minimum,
    maximum,
    owner: checkText(given.owner, `${field}.owner`),
  };
}

/** Nothing where there is none: a definition from before there were holdouts is the same as ever. */
export function checkHoldout(
  given: string | null | undefined,
  field: string,
): Pick<ProgramDefinition, 'holdoutPercent'> {
  if (given == null) return {};
  const holdoutPercent = checkDecimal(given, field);
  checkBetween(holdoutPercent, { from: '0.01', to: '50' }, field);
  if (placesOf(holdoutPercent) > 2) throw badInput(`Expected at most two decimal places, got ${given}.`, field);
  return { holdoutPercent };
}

interface Within {
  readonly wallets: readonly Wallet[];
  readonly levers: readonly Lever[];
}

export function checkTierScheme(given: TierScheme, within: Within, field: string): TierScheme {
  const basis = checkBasis(given.basis, within.wallets, `${field}.basis`);
  const window = checkWindow(given.window, `${field}.window`);
  if (given.keepsThroughNextPeriod && !('calendar' in window)) {
    throw badInput('Only a calendar window has a next period.', `${field}.keepsThroughNextPeriod`);
  }
  return {
    basis,
    window,
    keepsThroughNextPeriod: given.keepsThroughNextPeriod === true,
    graceDays: checkWhole(given.graceDays, { from: 0, to: 366 }, `${field}.graceDays`),
    tiers: checkTiers(given.tiers, within.levers, `${field}.tiers`),
  };
}

function checkBasis(given: TierScheme['basis'], wallets: readonly Wallet[], field: string): TierScheme['basis'] {
  const kind = checkOnly(given, ['points', 'spend', 'orders'], field);
  if (kind === 'orders') {
    if ((given as { orders: unknown }).orders === true) return { orders: true };
    throw badInput('Expected true.', `${field}.orders`);
  }
  if (kind === 'spend') {
    const { spend } = given as Extract<TierScheme['basis'], { spend: unknown }>;
    return { spend: { currency: checkCurrency(spend.currency, `${field}.spend.currency`) } };
  }
  const { points } = given as Extract<TierScheme['basis'], { points: unknown }>;
  return {
    points: { wallet: checkNamed(points.wallet, wallets, { what: 'wallet', field: `${field}.points.wallet` }) },
  };
}

function checkWindow(given: TierScheme['window'], field: string): TierScheme['window'] {
  if (checkOnly(given, ['rolling', 'calendar'], field) === 'rolling') {
    const { rolling } = given as Extract<TierScheme['window'], { rolling: unknown }>;
    return { rolling: { months: checkWhole(rolling.months, { from: 1, to: 120 }, `${field}.rolling.months`) } };
  }
  const { calendar } = given as Extract<TierScheme['window'], { calendar: unknown }>;
  return { calendar: { months: checkOneOf(calendar.months, calendarMonths, `${field}.calendar.months`) } };
}

function checkTiers(given: TierScheme['tiers'], levers: readonly Lever[], field: string): TierScheme['tiers'] {
  const tiers = checkEntries(given, { field, least: 1, most: most.tiers }, (tier, at) => ({
    key: checkKey(tier.key, `${at}.key`),
    name: checkText(tier.name, `${at}.name`),
    threshold: checkSetting(tier.threshold, `${at}.threshold`),
    benefits: checkEntries(tier.benefits, { field: `${at}.benefits`, most: most.benefits }, (text, place) =>
      checkText(text, place, 500),
    ),
  }));
  checkUniqueKeys(
    tiers.map(({ key }) => key),
    (index) => `${field}[${index}].key`,
  );
  checkRising(tiers, levers, field);
  return tiers;
}

/** Whatever their levers are turned to: the span of each lies above the one before. */
function checkRising(tiers: TierScheme['tiers'], levers: readonly Lever[], field: string): void {
  if (tiers[0]!.threshold !== '0') {
    throw badInput('The lowest tier is for everybody: its threshold is "0".', `${field}[0].threshold`);
  }
  const spans = tiers.map(({ threshold }, index) => spanOf(threshold, levers, `${field}[${index}].threshold`));
  for (const [index, { lowest, at }] of spans.entries()) {
    const before = spans[index - 1];
    if (before && compareDecimals(lowest, before.highest) <= 0) {
      throw badInput(
        `Expected more than ${before.highest}, the highest that the tier before can be; got ${lowest}.`,
        at,
      );
    }
  }
}

/** A key that one of the entries has. */
export function checkNamed(
  key: string,
  entries: readonly { readonly key: string }[],
  { what, field }: { what: string; field: string },
): string {
  if (entries.some((entry) => entry.key === key)) return key;
  const known = entries.map((entry) => entry.key).join(', ') || 'there is none';
  throw badInput(`There is no ${what} ${JSON.stringify(key)?.slice(0, 80)}. Known: ${known}.`, field);
}
