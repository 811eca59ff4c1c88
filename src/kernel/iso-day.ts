const oneDay = 86_400_000;
/** Fifty years. */
const maximumDays = 18_300;
const names = new Map<number, string>();

/** The day of an instant of the years 0 to 9999 in UTC, such as `2026-03-29`. Remembers days: `toISOString` is slow where every touchpoint asks. */
export function isoDay(instant: Date): string {
  const day = Math.floor(instant.getTime() / oneDay);
  const known = names.get(day);
  if (known) return known;
  if (names.size >= maximumDays) names.clear();
  const name = instant.toISOString().slice(0, 10);
  names.set(day, name);
  return name;
}

const yearTenThousand = Date.UTC(10_000, 0);
const twoDigits = Array.from({ length: 60 }, (_, number) => String(number).padStart(2, '0'));

/** What `toISOString` answers, several times as fast for instants since 1970: every touchpoint asks several times. */
export function isoInstant(instant: Date): string {
  const time = instant.getTime();
  if (!(time >= 0 && time < yearTenThousand)) return instant.toISOString();
  const ms = time % oneDay;
  const seconds = Math.floor(ms / 1000);
  const minutes = Math.floor(seconds / 60);
  const fraction = String(1000 + (ms % 1000)).slice(1);
  return `${isoDay(instant)}T${twoDigits[Math.floor(minutes / 60)]}:${twoDigits[minutes % 60]}:${twoDigits[seconds % 60]}.${fraction}Z`;
}
