import type { Condition, LeafName, Leaves } from './condition.ts';
import type { Moment } from './moment.ts';
import type { Bounds } from './window.ts';

/** A parameter's value: dates as `timestamptz`, everything that is exact as text with its type, lists by `column()`. */
export type SqlValue = string | number | boolean | Date | null;

/** Which touchpoints a leaf has to see. Left out: all of them. */
export interface RowNeed {
  readonly types?: readonly string[];
  /** Touchpoints that set this trait. */
  readonly settingTrait?: string;
  /** Only behind this instant. `name` names it: the same name is the same instant. */
  readonly after?: { readonly name: string; readonly read: (moment: Moment) => Date | null };
}

/**
 * What the SQL of a leaf is written in. Text, not fragments of a driver: a set of conditions is put together once and
 * then run many times with other moments and other customers.
 *
 * `c` is the customer's row (id, identified, traits, orders, revenue, records, touchpoints, first_seen_at, last_seen_at,
 * last_order_at). Aggregates run over `t`, the touchpoints of the customer's records.
 */
export interface SqlScope {
  /** The present, `timestamptz`. */
  readonly now: string;
  /** The organisation's zone, `text`. */
  readonly zone: string;
  /** A constant as a parameter: `$7::text`. Never put input into the text itself. */
  value(value: SqlValue, type: string): string;
  /** A parameter that is read anew for each run. The same name is the same parameter. */
  moment(name: string, type: string, read: (moment: Moment) => SqlValue): string;
  /**
   * An aggregate over `t`, such as `count(*) filter (where t.type = $3::text)`; answers the column that holds it. A
   * customer without touchpoints of interest may have no row of them: then it is `empty`.
   */
  aggregate(sql: string, empty: string): string;
  /** Makes sure that these touchpoints are among those that aggregates run over. Others may be there too. */
  rows(need: RowNeed): void;
  /**
   * Whether there is such a touchpoint: boolean, never null. `which` says so of `t`, and `need` where to look. It reads until it
   * finds one; nothing at all where `unless` holds, and then it is false.
   */
  occurs(which: string, need: RowNeed, unless?: string): string;
  /**
   * A query about `c` that answers one row, whatever there is; answers the name of that row. For what costs something: an
   * expression is evaluated wherever the planner writes it out, a query once.
   */
  lookUp(query: string): string;
  /**
   * The members of the customer's households or accounts at this moment: columns that tell of how many the condition
   * holds and does not hold, and the earliest instant at which that or the membership can change.
   */
  members(of: 'HOUSEHOLD' | 'ACCOUNT', condition: Condition): { holds: string; fails: string; next: string };
}

/**
 * Both expressions are never null. `verdict`: boolean. `next`: `timestamptz`, behind {@link SqlScope.now}; until then the
 * verdict stays as it is unless something happens to the customer. Earlier than necessary is allowed, later is not;
 * `'infinity'` where only an event can change it.
 */
export interface LeafSql {
  readonly verdict: string;
  readonly next: string;
}

export const never = `'infinity'::timestamptz`;

export type CompileLeaf<Name extends LeafName = LeafName> = (leaf: Leaves[Name], scope: SqlScope) => LeafSql;

/** `t` lies within the bounds that `read` answers. `name` names the window. */
export function withinBounds(scope: SqlScope, name: string, read: (moment: Moment) => Bounds): string {
  const { after, through } = boundParameters(scope, name, read);
  return `(t.occurred_at > ${after} and t.occurred_at <= ${through})`;
}

/** The bounds as parameters. `-infinity` can't travel as a date: "since ever" is the first instant there is. */
export function boundParameters(scope: SqlScope, name: string, read: (moment: Moment) => Bounds) {
  return {
    after: scope.moment(`${name} after`, 'timestamptz', (moment) => read(moment).after ?? beginning),
    through: scope.moment(`${name} through`, 'timestamptz', (moment) => read(moment).through),
  };
}

/** Before anything that a touchpoint can say. */
export const beginning = new Date('0001-01-01T00:00:00Z');

/** The earlier one, where either may be null. */
export function earliest(...instants: readonly string[]): string {
  return `coalesce(least(${instants.join(', ')}), ${never})`;
}
