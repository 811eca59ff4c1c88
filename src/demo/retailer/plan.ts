import { atHome, atTill, day, demandAt, hour, minute, type Period, peakDemand, startOfDay } from './calendar.ts';
import type { Mailing } from './campaigns.ts';
import type { Person } from './person.ts';
import type { Random } from './random.ts';

/** One thing that a person does, or that is done to them. `no` counts the person's episodes. */
export type Episode = { readonly person: Person; readonly no: number; readonly at: number } & Occasion;

export type Occasion =
  | { readonly kind: 'web'; readonly buys: boolean; readonly signsUp: boolean }
  | { readonly kind: 'app'; readonly buys: boolean }
  | { readonly kind: 'till' }
  | { readonly kind: 'subscribe' }
  | { readonly kind: 'mailing'; readonly mailing: Mailing }
  | { readonly kind: 'enquiry' }
  | { readonly kind: 'customerFile'; readonly moved: boolean };

type Timed = Occasion & { at: number };

/** Everything that a person does during the period, in order of time. */
export function planLife(person: Person, mailings: readonly Mailing[], period: Period, random: Random): Episode[] {
  const purchases = person.habits.onlyLooks ? [] : planPurchases(person, period, random);
  const leftAt = purchases.at(-1) ?? person.habits.since;
  const occasions: Timed[] = [
    ...purchases.map((at) => purchaseAt(person, at, random)),
    ...planLooks(person, leftAt, period, random),
    ...planEnquiries(person, leftAt, random),
    ...planPost(person, mailings, random),
    ...planCustomerFile(person, random),
  ];
  const inPeriod = occasions.filter((occasion) => occasion.at >= period.from && occasion.at < period.to);
  inPeriod.sort((a, b) => a.at - b.at);
  return markSignUp(inPeriod, person).map((occasion, no) => ({ person, no, ...occasion }));
}

/**
 * BG/NBD: a first purchase at first contact, then a Poisson process that ends with the person's dropout probability
 * after each purchase. The season thins the process.
 */
function planPurchases(person: Person, period: Period, random: Random): number[] {
  const { since, buyingRate, dropout } = person.habits;
  const purchases: number[] = [];
  for (let at = since; at < period.to; at += random.exponential(day / (buyingRate * peakDemand))) {
    if (at > since && !random.chance(demandAt(at) / peakDemand)) continue;
    purchases.push(at);
    if (random.chance(dropout)) break;
  }
  return purchases;
}

function purchaseAt(person: Person, at: number, random: Random): Timed {
  if (!random.chance(person.habits.onlineShare)) return { kind: 'till', at: atTill(at, random) };
  const byApp = person.app && person.app.since <= at && random.chance(0.6);
  const evening = atHome(at, random);
  return byApp ? { kind: 'app', buys: true, at: evening } : { kind: 'web', buys: true, signsUp: false, at: evening };
}

/** Visits without a purchase: regulars look around more often, and for some weeks after they have bought last. */
function planLooks(person: Person, leftAt: number, period: Period, random: Random): Timed[] {
  const looks: Timed[] = [];
  const { since, buyingRate, onlyLooks, onlineShare } = person.habits;
  const until = Math.min(period.to, leftAt + random.exponential(onlyLooks ? 90 : 40) * day);
  const rate = 0.004 + buyingRate * (0.3 + onlineShare);
  for (let at = since + random.exponential(5 * day); at < until; at += random.exponential(day / rate)) {
    const byApp = person.app && person.app.since <= at && random.chance(0.5);
    const evening = atHome(at, random);
    looks.push(
      byApp ? { kind: 'app', buys: false, at: evening } : { kind: 'web', buys: false, signsUp: false, at: evening },
    );
  }
  return looks;
}

/** Questions to the service desk that have nothing to do with a purchase. */
function planEnquiries(person: Person, leftAt: number, random: Random): Timed[] {
  if (!random.chance(0.06)) return [];
  return [{ kind: 'enquiry', at: atTill(random.between(person.habits.since, leftAt + 14 * day), random) }];
}

function planPost(person: Person, mailings: readonly Mailing[], random: Random): Timed[] {
  const list = person.newsletter;
  if (!list) return [];
  const received = mailings.filter((mailing) => mailing.at > list.from && mailing.at < list.until);
  // A mail server needs some minutes for the whole list.
  const post = received.map(
    (mailing): Timed => ({ kind: 'mailing', mailing, at: mailing.at + random.int(0, 20 * minute) }),
  );
  return [{ kind: 'subscribe', at: list.from }, ...post];
}

/** The customer file is written at night: when a card is handed out, and after a move. */
function planCustomerFile(person: Person, random: Random): Timed[] {
  const since = person.card?.since;
  if (since === undefined) return [];
  const night = (at: number) => startOfDay(at) + day + 2 * hour + random.int(0, hour);
  const moves = person.homes.slice(1).filter((home) => home.from > since && random.chance(0.8));
  return [
    { kind: 'customerFile', moved: false, at: night(since) },
    ...moves.map(
      (home): Timed => ({ kind: 'customerFile', moved: true, at: night(home.from + random.exponential(10 * day)) }),
    ),
  ];
}

/** The first web visit after the account's time is the one in which it is opened. */
function markSignUp(occasions: Timed[], person: Person): Timed[] {
  const account = person.account;
  const signUp = occasions.find((occasion) => occasion.kind === 'web' && account && occasion.at >= account.since);
  return occasions.map((occasion) =>
    occasion === signUp && occasion.kind === 'web' ? { ...occasion, signsUp: true } : occasion,
  );
}
