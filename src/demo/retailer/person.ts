import { day, isoDate, type Period } from './calendar.ts';
import { pickTaste, type ShopCurrency } from './catalogue.ts';
import { type Country, type Home, makeEmail, makePhone } from './contacts.ts';
import type { Random } from './random.ts';

/**
 * The truth about one invented person: what touchpoints show of it, and what a customer data platform has to find
 * out. Instants are epoch milliseconds.
 */
export interface Person {
  /** From 0, also across households. */
  readonly no: number;
  readonly firstName: string;
  readonly lastName: string;
  readonly birthDate: string;
  readonly country: Country;
  readonly currency: ShopCurrency;
  /** Oldest first; more than one when the person has moved. */
  readonly homes: readonly Home[];
  readonly email: string;
  /** E.164. */
  readonly phone: string | null;
  readonly taste: readonly string[];
  readonly habits: Habits;
  readonly account: Membership | null;
  readonly card: Membership | null;
  readonly app: Membership | null;
  readonly newsletter: Subscription | null;
  /** Cookies on the person's own browser, oldest first: a cleared cookie is a new one. */
  readonly browsers: readonly Device[];
  /** The cookie on a browser that the whole household uses. */
  readonly sharedBrowser: string | null;
}

export interface Device {
  readonly id: string;
  readonly from: number;
}

/** A user id, a card number or a device, and since when. */
export interface Membership {
  readonly id: string;
  readonly since: number;
}

export interface Subscription {
  readonly address: string;
  readonly from: number;
  readonly until: number;
  /** Probability that a mailing is opened. */
  readonly openRate: number;
}

/** How often somebody buys and for how long, after Fader, Hardie and Lee (2005), "BG/NBD". */
export interface Habits {
  /** First contact with the retailer. */
  readonly since: number;
  /** Purchases a day while active, on an ordinary day. */
  readonly buyingRate: number;
  /** Probability of never coming back after a purchase. */
  readonly dropout: number;
  /** Looks around and never buys. */
  readonly onlyLooks: boolean;
  /** Share of purchases made on a screen. */
  readonly onlineShare: number;
}

/** What the people of one household have in common. */
export interface HouseholdFacts {
  readonly country: Country;
  readonly lastName: string;
  readonly homes: readonly Home[];
  /** The address that several use for their accounts. */
  readonly email: string | null;
  readonly sharedBrowser: string | null;
}

export function makePerson(
  no: number,
  firstName: string,
  facts: HouseholdFacts,
  period: Period,
  random: Random,
): Person {
  const habits = makeHabits(period, random);
  const email = facts.email ?? makeEmail(no, firstName, facts.lastName, random);
  const memberships = makeMemberships(no, habits, period, random);
  return {
    no,
    firstName,
    habits,
    email,
    ...memberships,
    lastName: facts.lastName,
    birthDate: isoDate(period.to - random.between(18, 82) * 365.25 * day),
    country: facts.country,
    currency: facts.country === 'CH' ? 'CHF' : 'EUR',
    homes: facts.homes,
    phone: makePhone(no, facts.country, random),
    taste: pickTaste(random),
    newsletter: makeSubscription(email, habits, period, random),
    browsers: makeDevices('b', habits.since, period, random),
    sharedBrowser: facts.sharedBrowser,
  };
}

function makeHabits(period: Period, random: Random): Habits {
  // A third were customers before the history begins; the others arrive evenly.
  const since = random.chance(0.35)
    ? period.from + random.between(0, 120) * day
    : random.between(period.from, period.to - day);
  return {
    since: Math.floor(since),
    buyingRate: Math.min(0.25, random.gamma(0.9) / (9 * 7)),
    dropout: random.beta(0.8, 4),
    onlyLooks: random.chance(0.14),
    onlineShare: random.beta(1.2, 0.8),
  };
}

function makeMemberships(no: number, habits: Habits, period: Period, random: Random) {
  const later = (meanDays: number) => Math.floor(habits.since + random.exponential(meanDays * day));
  const within = (membership: Membership) => (membership.since < period.to ? membership : null);
  const joins = !habits.onlyLooks || random.chance(0.2);
  const account = joins && random.chance(0.72) ? within({ id: `u-${100_000 + no}`, since: later(12) }) : null;
  const card =
    joins && random.chance(0.5) ? within({ id: String(2_760_000_000_000 + no * 7), since: later(15) }) : null;
  const app =
    account && random.chance(0.3)
      ? within({ id: `d-${random.code(16)}`, since: Math.floor(account.since + random.exponential(60 * day)) })
      : null;
  return { account, card, app };
}

function makeSubscription(email: string, habits: Habits, period: Period, random: Random): Subscription | null {
  if (!random.chance(0.42)) return null;
  const from = Math.floor(habits.since + random.exponential(20 * day));
  if (from >= period.to) return null;
  const until = random.chance(0.2) ? Math.floor(from + random.exponential(200 * day)) : Number.POSITIVE_INFINITY;
  return { address: email, from, until, openRate: random.beta(1.5, 3.5) };
}

/** Some clear their cookies, or change browsers, once in a while. */
function makeDevices(prefix: string, since: number, period: Period, random: Random): Device[] {
  const devices = [{ id: `${prefix}-${random.code(16)}`, from: since }];
  if (!random.chance(0.35)) return devices;
  for (let from = since + random.exponential(240 * day); from < period.to; from += random.exponential(240 * day)) {
    devices.push({ id: `${prefix}-${random.code(16)}`, from: Math.floor(from) });
  }
  return devices;
}

/** What is in use at that time. */
export function latestAt<T extends { readonly from: number }>(
  dated: readonly [T, ...T[]] | readonly T[],
  at: number,
): T {
  const found = dated.findLast((entry) => entry.from <= at) ?? dated[0];
  if (!found) throw new RangeError('Nothing was ever in use.');
  return found;
}
