import { isoDay } from '../kernel/iso-day.ts';
import { minuteOf } from './quota.ts';

export interface Counts {
  readonly requests: number;
  readonly touchpoints: number;
  readonly errors: number;
  /** Of operations, in points. Of a part it can be negative: what was given back. */
  readonly cost: number;
}

export interface DayUsage extends Counts {
  /** UUID. */
  readonly keyId: string;
  /** In UTC, such as `2026-03-29`. */
  readonly day: string;
}

export interface MinuteUsage {
  readonly keyId: string;
  readonly minute: Date;
  readonly requests: number;
  readonly cost: number;
}

type Growing<T> = { -readonly [Name in keyof T]: T[Name] };

/** What was done with keys, counted. */
export class UsageTally {
  readonly #days = new Map<string, Growing<DayUsage>>();
  /** By key: the latest minute alone. An earlier one limits nothing any more. */
  readonly #minutes = new Map<string, Growing<MinuteUsage>>();

  get isEmpty(): boolean {
    return this.#days.size === 0 && this.#minutes.size === 0;
  }

  get days(): DayUsage[] {
    return [...this.#days.values()];
  }

  get minutes(): MinuteUsage[] {
    return [...this.#minutes.values()];
  }

  add(keyId: string, now: Date, counts: Partial<Counts>): void {
    this.#addToDay({ keyId, day: isoDay(now), requests: 0, touchpoints: 0, errors: 0, cost: 0, ...counts });
  }

  /** For keys with a limit by the minute. */
  addToMinute(keyId: string, now: Date, counts: Partial<MinuteUsage> = { requests: 1 }): void {
    this.#addToMinute({ keyId, minute: minuteOf(now), requests: 0, cost: 0, ...counts });
  }

  requestsOnDay(keyId: string, now: Date): number {
    return this.#days.get(`${keyId} ${isoDay(now)}`)?.requests ?? 0;
  }

  requestsInMinute(keyId: string, now: Date): number {
    return this.#inMinute(keyId, now)?.requests ?? 0;
  }

  costInMinute(keyId: string, now: Date): number {
    return this.#inMinute(keyId, now)?.cost ?? 0;
  }

  /** Takes over what another has counted by days. */
  takeDays(other: UsageTally): void {
    for (const usage of other.#days.values()) this.#addToDay(usage);
  }

  takeMinutes(other: UsageTally): void {
    for (const usage of other.#minutes.values()) this.#addToMinute(usage);
  }

  #inMinute(keyId: string, now: Date): MinuteUsage | undefined {
    const known = this.#minutes.get(keyId);
    return known?.minute.getTime() === minuteOf(now).getTime() ? known : undefined;
  }

  #addToDay(usage: DayUsage): void {
    const name = `${usage.keyId} ${usage.day}`;
    const known = this.#days.get(name);
    if (!known) {
      this.#days.set(name, { ...usage });
      return;
    }
    known.requests += usage.requests;
    known.touchpoints += usage.touchpoints;
    known.errors += usage.errors;
    known.cost += usage.cost;
  }

  #addToMinute(usage: MinuteUsage): void {
    const known = this.#minutes.get(usage.keyId);
    if (!known || known.minute < usage.minute) this.#minutes.set(usage.keyId, { ...usage });
    if (!known || known.minute.getTime() !== usage.minute.getTime()) return;
    known.requests += usage.requests;
    known.cost += usage.cost;
  }
}
