import { IANAZone } from 'luxon';

const day = 86_400_000;
const quarter = 900_000;
const mostRemembered = 100_000;
const clocks = new Map<string, ZoneClock>();

/** One for each zone and process: they remember. */
export function zoneClock(timeZone: string): ZoneClock {
  let clock = clocks.get(timeZone);
  if (!clock) {
    clock = new ZoneClock(timeZone);
    clocks.set(timeZone, clock);
  }
  return clock;
}

/** Days of a time zone as numbers since 1970-01-01, for replays, which ask hundreds of times. Instants are milliseconds. */
export class ZoneClock {
  readonly #zone: IANAZone;
  /** By day of UTC; NaN on the days on which it changes. */
  readonly #offsets = new Map<number, number>();
  readonly #starts = new Map<number, number>();

  constructor(timeZone: string) {
    this.#zone = IANAZone.create(timeZone);
  }

  dayOf(at: number): number {
    return Math.floor((at + this.#offsetAt(at)) / day);
  }

  /** The first instant of the day, also where midnight is skipped or comes twice. */
  startOf(number: number): number {
    let start = this.#starts.get(number);
    if (start === undefined) {
      start = this.#findStart(number);
      if (this.#starts.size >= mostRemembered) this.#starts.clear();
      this.#starts.set(number, start);
    }
    return start;
  }

  #findStart(number: number): number {
    // Offsets are within 15 hours, and change at quarters of an hour.
    let [before, from] = [number * day - 15 * 4 * quarter, number * day + 15 * 4 * quarter];
    while (from - before > quarter) {
      const middle = before + Math.floor((from - before) / quarter / 2) * quarter;
      if (this.dayOf(middle) >= number) from = middle;
      else before = middle;
    }
    return from;
  }

  #offsetAt(at: number): number {
    const utcDay = Math.floor(at / day);
    let offset = this.#offsets.get(utcDay);
    if (offset === undefined) {
      const [first, last] = [this.#look(utcDay * day), this.#look((utcDay + 1) * day)];
      offset = first === last ? first : Number.NaN;
      if (this.#offsets.size >= mostRemembered) this.#offsets.clear();
      this.#offsets.set(utcDay, offset);
    }
    return Number.isNaN(offset) ? this.#look(at) : offset;
  }

  #look(at: number): number {
    return this.#zone.offset(at) * 60_000;
  }
}
