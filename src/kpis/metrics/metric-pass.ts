import { column } from '../../kernel/sql-array.ts';
import { smallestGroup } from '../analyses/small-groups.ts';
import type { BaseKey } from './catalogue/base.ts';
import type { Dimension } from './catalogue/dimension.ts';
import { unmixedOf } from './metric-catalog.ts';
import type { Span } from './metric-period.ts';
import type { PlannedGroup } from './metric-plan.ts';
import type { MetricQuestion, QuestionFilter } from './metric-question.ts';
import type { SqlText } from './sql-text.ts';

/** A pass over the rows of a base: those of the period, or those that they are compared with. */
export interface Lane {
  readonly name: string;
  readonly group: PlannedGroup;
  readonly span: (Span & { readonly starts: readonly Date[] }) | null;
  readonly previous: boolean;
  /** Aggregate → column. */
  readonly aggregates: Map<string, string>;
}

export interface PassParts {
  readonly question: MetricQuestion;
  readonly sql: SqlText;
  /** What rows are told apart by: none in totals. */
  readonly dimensions: readonly Dimension[];
  readonly hasTime: boolean;
  readonly suppress: boolean;
  /** `(select …)` of the ids of a segment's members, as a fragment. */
  readonly membersOf: (segmentId: string) => unknown;
  /** What the caller's key may see, as a fragment. */
  readonly inside: InsideBase | undefined;
}

/** What has to hold of rows `f` of a base and of their customer `c`, as a fragment. */
export type InsideBase = (base: BaseKey) => unknown;

/** Writes what is read of each base. */
export class PassWriter {
  readonly #question: MetricQuestion;
  readonly #sql: SqlText;
  readonly #dimensions: readonly Dimension[];
  readonly #hasTime: boolean;
  readonly #parts: PassParts;
  /** Columns that rows are told apart by. */
  readonly keys: readonly string[];

  constructor(parts: PassParts) {
    this.#parts = parts;
    this.#question = parts.question;
    this.#sql = parts.sql;
    this.#dimensions = parts.dimensions;
    this.#hasTime = parts.hasTime;
    this.keys = [...(parts.hasTime ? ['t'] : []), ...parts.dimensions.map((_, index) => `d${index}`)];
  }

  /** The rows of a base, in groups, with all that the measures ask for. */
  pass(lane: Lane): string {
    const { group, span } = lane;
    const outputs = this.#outputs(lane);
    const grouping = this.keys.length === 0 ? '' : `group by ${this.keys.map((_, index) => index + 1).join(', ')}`;
    const keys = this.#keyColumns(group, span);
    const from = `from ${this.#from(group)} where ${this.#conditions(group, span).join(' and ')}`;
    const within = group.base.within;
    const counted = within
      ? `select ${[...this.keys, ...outputs].join(', ')}
         from (${within.rows(`select ${[...keys, within.columns].join(', ')} ${from}`, this.keys)}) as f ${grouping}`
      : `select ${[...keys, ...outputs].join(', ')} ${from} ${grouping}`;
    return this.#moved(lane, this.#judged(counted));
  }

  /** Which rows are about too few: see docs/metrics.md. */
  #judged(counted: string): string {
    if (!this.#parts.suppress) return `select counted.*, false as hidden from (${counted}) as counted`;
    const isFew = `(seen between 1 and ${smallestGroup - 1})`;
    return `
      select counted.*, coalesce(${isFew} or (
               -- What all others come to tells what the hidden ones come to: then the next smallest is hidden, too.
               sum(seen) filter (where ${isFew}) over () < ${smallestGroup}
               and seen = min(seen) filter (where seen >= ${smallestGroup}) over ()), false) as hidden
      from (${counted}) as counted`;
  }

  /** Numbers of another period stand beside those that they are compared with. */
  #moved({ previous }: Lane, judged: string): string {
    if (!previous || !this.#hasTime) return judged;
    const pairs = this.#question.comparison!.pairs;
    const present = this.#sql.value(column(pairs, ([bucket]) => bucket + 1));
    const before = this.#sql.value(column(pairs, ([, bucket]) => bucket + 1));
    return `
      select pair.present as pair_t, judged.* from (${judged}) as judged
      join unnest(${present}::int[], ${before}::int[]) as pair (present, before) on pair.before = judged.t`;
  }

  #keyColumns(group: PlannedGroup, span: Lane['span']): string[] {
    const time = this.#hasTime ? [`width_bucket(${at(group)}, ${this.#instants(span!.starts)}) as t`] : [];
    const values = this.#dimensions.map((dimension, index) => `${sqlValueOf(dimension, group)}::text as d${index}`);
    return [...time, ...values];
  }

  #outputs({ group, aggregates }: Lane): string[] {
    const made = [...aggregates].map(([aggregate, name]) => `(${aggregate})::numeric as ${name}`);
    const { base, source, seen } = group;
    const observations = source === 'ROLLUP' ? 'sum(f.touchpoints)' : 'count(*)';
    const people = `count(distinct ${base.person})`;
    const counted = this.#parts.suppress ? [`(${seen === 'PERSONS' ? people : observations})::numeric as seen`] : [];
    if (!base.unmixed || !this.isMixable(group)) return [...made, ...counted];
    const value = `${base.unmixed.value} collate "C"`;
    return [...made, ...counted, `min(${value}) as low`, `max(${value}) as high`];
  }

  /** Whether it has to be found out what is mixed in a group. */
  isMixable({ base, measures }: PlannedGroup): boolean {
    if (this.fixedCurrency() !== null && base.unmixed?.dimension === 'CURRENCY') return false;
    return measures.some((place) => unmixedOf(this.#question.measures[place]!) === base.unmixed?.dimension);
  }

  #from(group: PlannedGroup): string {
    const { base, source } = group;
    if (source === 'ROLLUP') return cells;
    const byOrderDate = this.#question.returns === 'ORDER_DATE' ? base.fromOrderDate : undefined;
    const joins = new Set<string>();
    for (const dimension of [...this.#dimensions, ...this.#question.filters.map((filter) => filter.dimension)]) {
      if (dimension.own?.[base.key] !== undefined) continue;
      if (dimension.customer?.join) joins.add(dimension.customer.join);
    }
    for (const dimension of this.#dimensions) {
      if (dimension.own?.[base.key] === undefined && dimension.values)
        joins.add(`left join lateral (${dimension.values}) as ${laneOf(dimension)} on true`);
    }
    return [byOrderDate ?? base.from, ...joins].join(' ');
  }

  #conditions(group: PlannedGroup, span: Span | null): string[] {
    const { filters, segments } = this.#question;
    const types = group.source === 'ROLLUP' ? group.base.cells!.types : null;
    return [
      'true',
      ...(types ? [`f.type = any(${this.#sql.value(column(types, (type) => type))}::text[])`] : []),
      ...(span ? [`${at(group)} >= ${this.#instant(span.from)} and ${at(group)} < ${this.#instant(span.to)}`] : []),
      ...filters.map((filter) => this.#holds(filter, group)),
      ...segments.map((id) => `c.id in (${this.#sql.fragment(this.#parts.membersOf(id))})`),
      ...(this.#parts.inside ? [this.#sql.fragment(this.#parts.inside(group.base.key))] : []),
    ];
  }

  #holds({ dimension, operator, values }: QuestionFilter, group: PlannedGroup): string {
    const list = `${this.#sql.value(column(values, (value) => value))}::text[]`;
    const isMany = dimension.values !== undefined && dimension.own?.[group.base.key] === undefined;
    if (isMany) return this.#holdsOfMany(dimension, operator, list);
    const value = `${sqlValueOf(dimension, group)}::text`;
    if (operator === 'IS_NULL') return `(${value}) is null`;
    if (operator === 'IS_NOT_NULL') return `(${value}) is not null`;
    // What has no value is none of the values.
    return operator === 'IN' ? `(${value}) = any(${list})` : `coalesce((${value}) <> all(${list}), true)`;
  }

  /** Of somebody with several values, one of them is enough; rows of others of theirs are left out. */
  #holdsOfMany(dimension: Dimension, operator: QuestionFilter['operator'], list: string): string {
    const some = `exists (select from (${dimension.values}) as held`;
    if (operator === 'IS_NULL') return `not ${some})`;
    if (operator === 'IS_NOT_NULL') return `${some})`;
    const among = `${some} where held.value = any(${list}))`;
    if (operator === 'NOT_IN') return `not ${among}`;
    return this.#dimensions.includes(dimension) ? `(${among} and ${laneOf(dimension)}.value = any(${list}))` : among;
  }

  /** The one that a filter names. */
  fixedCurrency(): string | null {
    const named = this.#question.filters.find(
      ({ dimension, operator, values }) => dimension.key === 'CURRENCY' && operator === 'IN' && values.length === 1,
    );
    return named?.values[0] ?? null;
  }

  #instant(at: Date): string {
    return `${this.#sql.value(at.toISOString())}::timestamptz`;
  }

  #instants(starts: readonly Date[]): string {
    return `${this.#sql.value(column(starts, (start) => start))}::timestamptz[]`;
  }
}

/** The truth is the sum of both, at every instant. */
const cellColumns =
  'hour, type, channel, source, campaign, currency, touchpoints, orders, value_minor, costed_minor, cost_minor, items';
const cells = `(select ${cellColumns} from metric_cells union all select ${cellColumns} from metric_cell_changes) f`;

function at({ base, source }: PlannedGroup): string {
  return source === 'ROLLUP' ? 'f.hour' : base.at;
}

function sqlValueOf(dimension: Dimension, { base, source }: PlannedGroup): string {
  if (source === 'ROLLUP') return dimension.cells!;
  return dimension.own?.[base.key] ?? dimension.customer?.value ?? `${laneOf(dimension)}.value`;
}

function laneOf({ key }: Dimension): string {
  return `many_${key.toLowerCase()}`;
}
