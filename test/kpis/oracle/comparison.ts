import { DateTime, type DurationLike } from 'luxon';
import type { MetricQuery } from '../../../src/kpis/metrics/metric-query.ts';
import type { Answers } from './answer.ts';
import type { Ask } from './ask.ts';
import { instantsOf } from './world-arbitrary.ts';

type Time = NonNullable<Ask['time']>;

/** The period that a query's period is compared with; null: with none. */
export function timeBefore({ compareTo, time: asked }: MetricQuery, time: Time | null): Time | null {
  if (!compareTo || !time) return null;
  const { zone } = time;
  if (compareTo.period) return { ...time, ...instantsOf({ ...compareTo.period, timezone: zone }, zone) };
  const [from, to] = [DateTime.fromISO(time.from, { zone }), DateTime.fromISO(time.to, { zone })];
  if (compareTo.previous === 'YEAR') {
    // Also of totals, which are not cut into weeks.
    const year: DurationLike = asked?.grain === 'WEEK' ? { weeks: 52 } : { years: 1 };
    return { ...time, from: textOf(from.minus(year)), to: textOf(to.minus(year)) };
  }
  return { ...time, from: textOf(asLongBefore(from, to)), to: time.from };
}

/** As many months, if they are whole ones, else as many days, if they are whole ones, else as long. */
function asLongBefore(from: DateTime, to: DateTime): DateTime {
  const isMidnight = (at: DateTime) => at.toMillis() === at.startOf('day').toMillis();
  if (!isMidnight(from) || !isMidnight(to)) return from.minus(to.toMillis() - from.toMillis());
  if (from.day === 1 && to.day === 1) return from.minus({ months: Math.round(to.diff(from, 'months').months) });
  return from.minus({ days: Math.round(to.diff(from, 'days').days) });
}

function textOf(at: DateTime): string {
  return at.toUTC().toISO()!;
}

interface Pairing {
  readonly query: MetricQuery;
  readonly time: Time;
  readonly earlier: Time;
}

/** Beginnings of buckets of the period before → those of the buckets that are compared with them: by order, or by date. */
export function pairsOf({ query, time, earlier }: Pairing): Map<number, number> {
  const byDate = query.compareTo?.previous === 'YEAR' && time.grain !== 'WEEK';
  const [present, past] = [startsOf(time), startsOf(earlier)];
  const pairs = new Map<number, number>();
  for (const [index, start] of present.entries()) {
    const pair = byDate ? yearBefore(start, time, past) : past[index];
    if (pair !== undefined) pairs.set(pair, start);
  }
  return pairs;
}

/** Answers of the period before under the keys of the buckets of the period. */
export function moved(answers: Answers, pairing: Pairing): Answers {
  if (pairing.time.grain === null) return answers;
  const place = pairsOf(pairing);
  const pairs = [...answers].flatMap(([key, answer]) => {
    const values = JSON.parse(key) as (string | number | null)[];
    const start = place.get(values.at(-1) as number);
    return start === undefined ? [] : [[JSON.stringify([...values.slice(0, -1), start]), answer] as const];
  });
  return new Map(pairs);
}

function yearBefore(start: number, { zone, grain }: Time, past: readonly number[]): number | undefined {
  const unit = grain!.toLowerCase() as 'day';
  const wanted = DateTime.fromMillis(start, { zone }).minus({ years: 1 }).startOf(unit).toMillis();
  return past.includes(wanted) ? wanted : undefined;
}

/** When the buckets of a period begin. */
export function startsOf({ from, to, zone, grain }: Time): number[] {
  const unit = grain!.toLowerCase() as 'day';
  const starts: number[] = [];
  const first = DateTime.fromISO(from, { zone }).startOf(unit);
  for (let n = 0; ; n += 1) {
    const start = first.plus({ [`${unit}s`]: n }).toMillis();
    if (start >= DateTime.fromISO(to).toMillis()) return starts;
    starts.push(start);
  }
}
