import { day, hour, type Period, startOfDay } from './calendar.ts';

/** A mailing to everybody on the newsletter's list. */
export interface Mailing {
  readonly name: string;
  readonly subject: string;
  readonly at: number;
}

const seasonal: Readonly<Record<string, readonly [name: string, subject: string]>> = {
  '0-2': ['winter-sale', 'Up to 20 % off in the winter sale'],
  '3-1': ['spring-garden', 'Everything for the first warm days'],
  '5-3': ['summer-outdoor', 'Out into the summer'],
  '10-3': ['black-friday', 'Black Friday: three days, everything must be quick'],
  '11-0': ['advent', 'Presents that last'],
  '11-1': ['last-delivery', 'Order by Sunday, unwrap on the 24th'],
};

/** One mailing on each second Tuesday, seasonal ones in their weeks, at nine in the morning. */
export function planMailings(period: Period): Mailing[] {
  const mailings: Mailing[] = [];
  for (let at = startOfDay(period.from) + 8 * hour; at < period.to; at += day) {
    if (at < period.from || new Date(at).getUTCDay() !== 2) continue;
    const mailing = mailingOn(at);
    if (mailing) mailings.push(mailing);
  }
  return mailings;
}

function mailingOn(tuesday: number): Mailing | undefined {
  const date = new Date(tuesday);
  const weekOfMonth = Math.floor((date.getUTCDate() - 1) / 7);
  const special = seasonal[`${date.getUTCMonth()}-${weekOfMonth}`];
  const year = date.getUTCFullYear();
  if (special) return { name: `${special[0]}-${year}`, subject: special[1], at: tuesday };
  if (weekOfMonth !== 0) return undefined;
  const month = String(date.getUTCMonth() + 1).padStart(2, '0');
  return { name: `news-${year}-${month}`, subject: 'New this month', at: tuesday };
}
