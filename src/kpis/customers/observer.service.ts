import { type Compilers, compileForEach } from '../../conditions/condition-statement.queries.ts';
import { evaluate } from '../../conditions/evaluation.queries.ts';
import type { ConditionStatement } from '../../conditions/statement-parameters.queries.ts';
import type { Platform } from '../../kernel/context.ts';
import type { Pool } from '../../kernel/database.ts';
import { isoDay } from '../../kernel/iso-day.ts';
import type { ProgramBook } from '../../loyalty/programs/program-book.service.ts';
import { termsAt } from '../../loyalty/terms.ts';
import { zoneClock } from '../lifecycle/zone-clock.ts';
import type { KpiBook } from '../settings/kpi-book.service.ts';
import type { LeverGroup } from '../settings/kpi-settings.ts';
import { inForce, type KpiTimeline, type SettingsVersion } from '../settings/kpi-timeline.ts';
import {
  insertLeverGroups,
  insertObservations,
  isAnybodyGrouped,
  listStaged,
  type Observing,
} from './observing.queries.ts';

export interface ObserverParts {
  readonly book: KpiBook;
  readonly programs: Pick<ProgramBook, 'current'>;
  /** What conditions of groups mean. */
  readonly compilers: Compilers;
}

const groupedAtOnce = 1_000;
const dayMs = 86_400_000;

/**
 * Finds, at every scoring, what the life cycle of customers follows from beside what happened: how often they are here, which
 * tiers are about to end, and whose levers count for them. Everybody is derived anew after a scoring anyway.
 */
export class Observer {
  readonly #parts: ObserverParts;
  #compiled: { readonly groups: readonly LeverGroup[]; readonly statement: ConditionStatement } | undefined;

  constructor(parts: ObserverParts) {
    this.#parts = parts;
  }

  /** Answers of how many customers something was found that is something else than before. */
  async observe({ pool, clock }: Pick<Platform, 'pool' | 'clock'>, signal?: AbortSignal): Promise<number> {
    const { book, programs } = this.#parts;
    const timeline = await book.current(pool);
    const at = clock.now();
    const { settings } = inForce(timeline.settings, at, ({ effectiveFrom }) => effectiveFrom) ?? timeline.settings[0]!;
    const lowestTiers = (await programs.current(pool)).flatMap((program) => {
      const lowest = termsAt(program, at)?.definition.tierScheme?.tiers[0];
      return lowest ? [{ programId: program.id, tier: lowest.key }] : [];
    });
    const found = await pool.begin((tx) =>
      insertObservations(tx, { ...spansOf({ settings, at }, timeline), lowestTiers }),
    );
    return found + (await this.#group(pool, { groups: settings.groups, at, timeZone: timeline.timeZone, signal }));
  }

  async #group(pool: Pool, { groups, at, timeZone, signal }: Grouping): Promise<number> {
    if (groups.length === 0 && !(await isAnybodyGrouped(pool))) return 0;
    const statement = this.#compile(groups);
    let found = 0;
    let ids = await listStaged(pool, null, groupedAtOnce);
    while (ids.length > 0) {
      signal?.throwIfAborted();
      const rows = statement ? await evaluate(pool, statement, { ids, moment: { now: at, timeZone } }) : [];
      const places = new Map(rows.map((row) => [row.id, groups.findIndex((_, place) => row.verdict(place))]));
      const grouped = ids.map((id) => ({ customerId: id, group: groups[places.get(id) ?? -1]?.key ?? null }));
      found += await pool.begin((tx) => insertLeverGroups(tx, at, grouped));
      ids = await listStaged(pool, ids.at(-1)!, groupedAtOnce);
    }
    return found;
  }

  #compile(groups: readonly LeverGroup[]): ConditionStatement | null {
    if (groups.length === 0) return null;
    if (this.#compiled?.groups !== groups) {
      const conditions = groups.map(({ condition }) => condition.resolved);
      this.#compiled = { groups, statement: compileForEach(conditions, this.#parts.compilers) };
    }
    return this.#compiled.statement;
  }
}

interface Grouping {
  readonly groups: readonly LeverGroup[];
  readonly at: Date;
  readonly timeZone: string;
  readonly signal: AbortSignal | undefined;
}

/** Whole days up to yesterday: today is not over. */
function spansOf(
  { settings: { churn }, at }: Pick<SettingsVersion, 'settings'> & { at: Date },
  { timeZone }: KpiTimeline,
): Omit<Observing, 'lowestTiers'> {
  const clock = zoneClock(timeZone);
  const today = clock.dayOf(at.getTime());
  const recent = today - churn.engagementDays;
  return {
    ...{ at, timeZone },
    since: new Date(clock.startOf(recent - 3 * churn.engagementDays)),
    until: new Date(clock.startOf(today)),
    recentFrom: isoDay(new Date(recent * dayMs)),
    dropUntil: new Date(at.getTime() + churn.tierDropDays * dayMs),
  };
}
