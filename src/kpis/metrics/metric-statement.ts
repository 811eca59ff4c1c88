import { relations } from './catalogue/base.ts';
import type { Dimension } from './catalogue/dimension.ts';
import type { Aggregate, Measure } from './catalogue/measure.ts';
import { minorUnitOf } from './catalogue/money.ts';
import { isMoney } from './metric-catalog.ts';
import { type InsideBase, type Lane, PassWriter } from './metric-pass.ts';
import type { MetricPlan, PlannedGroup } from './metric-plan.ts';
import type { MetricQuestion, QuestionOrder } from './metric-question.ts';
import { SqlText } from './sql-text.ts';

export interface StatementOptions {
  readonly suppress: boolean;
  /** Each measure over all rows, instead of rows. */
  readonly totals: boolean;
  readonly now: Date;
  /** UUID of the programme that tiers are of. */
  readonly programId: string | null;
  /** `(select …)` of the ids of a segment's members, as a fragment. */
  readonly membersOf: (segmentId: string) => unknown;
  /** What the caller's key may see; left out: everything. */
  readonly inside?: InsideBase | undefined;
  /** What takes the place of the tables of records and customers, as fragments; left out: nothing does. */
  readonly identity?: { readonly records: unknown; readonly customers: unknown } | null;
  /** Rows of the page and one more; null: all there are. */
  readonly limit: number | null;
  /** Values of the order of the last row before the page. */
  readonly after: readonly (string | number | null)[] | null;
}

/** A number of the answer: column `v0`, `v1`, … of the statement. */
export interface ValueColumn {
  readonly measure: number;
  readonly part: 'VALUE' | 'NUMERATOR' | 'DENOMINATOR' | 'N' | 'ERROR' | 'PREVIOUS';
}

/** A statement about a question: text, what fills its holes, and what its columns are. */
export interface MetricStatement {
  readonly sql: SqlText;
  readonly text: string;
  readonly values: readonly ValueColumn[];
}

/** A row of it. */
export interface StatementRow extends Record<string, unknown> {
  /** Bucket, from 1. */
  readonly t?: number;
  readonly hidden: boolean;
  /** Some ratio is of too few observations to say much: the places of its measures. */
  readonly few: readonly number[] | null;
  readonly currency_low: string | null;
  readonly currency_high: string | null;
  readonly variant_low: string | null;
  readonly variant_high: string | null;
}

/** One statement for everything: a pass over each base, laid side by side by time and dimensions. */
export function statementOf(question: MetricQuestion, plan: MetricPlan, options: StatementOptions): MetricStatement {
  return new StatementWriter(question, plan, options).write();
}

/** The columns of values of an answer, in order. */
export function valueColumnsOf({ measures, parts, comparison }: MetricQuestion): ValueColumn[] {
  return measures.flatMap((one, measure): ValueColumn[] => {
    const ratio = parts && one.kind === 'RATIO';
    return [
      { measure, part: 'VALUE' },
      ...(ratio ? (['NUMERATOR', 'DENOMINATOR', 'N'] as const).map((part) => ({ measure, part })) : []),
      ...(ratio && one.error ? [{ measure, part: 'ERROR' } as const] : []),
      ...(comparison ? [{ measure, part: 'PREVIOUS' } as const] : []),
    ];
  });
}

class StatementWriter {
  readonly #question: MetricQuestion;
  readonly #plan: MetricPlan;
  readonly #options: StatementOptions;
  readonly #sql = new SqlText();
  readonly #dimensions: readonly Dimension[];
  readonly #hasTime: boolean;
  readonly #lanes: readonly Lane[];
  readonly #passes: PassWriter;
  readonly #keys: readonly string[];
  readonly #values: readonly ValueColumn[];

  constructor(question: MetricQuestion, plan: MetricPlan, options: StatementOptions) {
    this.#question = question;
    this.#plan = plan;
    this.#options = options;
    this.#values = valueColumnsOf(question);
    this.#dimensions = options.totals ? [] : question.dimensions;
    this.#hasTime = !options.totals && question.period?.grain != null;
    const { suppress, membersOf, inside } = options;
    const parts = {
      question,
      sql: this.#sql,
      dimensions: this.#dimensions,
      hasTime: this.#hasTime,
      suppress,
      membersOf,
      inside,
    };
    this.#passes = new PassWriter(parts);
    this.#keys = this.#passes.keys;
    this.#lanes = plan.groups.flatMap((group, index) => [
      { name: `g${index}`, group, span: question.period, previous: false, aggregates: new Map() },
      ...(question.comparison
        ? [{ name: `p${index}`, group, span: question.comparison, previous: true, aggregates: new Map() }]
        : []),
    ]);
  }

  write(): MetricStatement {
    const shown = this.#values.map((value, index) => `${this.#valueOf(value)} as v${index}`);
    // Written after the values: these say which aggregates each pass has to make.
    const few = this.#few();
    const passes = this.#lanes.map((lane) => `${lane.name} as materialized (${this.#passes.pass(lane)})`);
    const text = `
      with ${[...this.#relations(), ...passes].join(', ')},
      united as (${this.#united()}),
      laid as (select united.*, ${this.#mixed().join(', ')} from united),
      answer as (
        select ${[...this.#keys, ...shown].join(', ')}, ${this.#hidden()} as hidden, ${few} as few,
               currency_low, currency_high, variant_low, variant_high
        from laid
      )
      select * from answer ${this.#paging()}`;
    return { sql: this.#sql, text: this.#fill(text), values: this.#values };
  }

  #relations(): string[] {
    const named = [...this.#dimensions, ...this.#question.filters.map(({ dimension }) => dimension)];
    const used = new Set(this.#plan.groups.flatMap(({ base }) => base.needs ?? []));
    if (named.some(({ needs }) => needs?.includes('FIRST_ORDERS'))) used.add('first_orders');
    const made = [...used].map((name) => `${name} as materialized (${relations[name]})`);
    const { identity } = this.#options;
    if (!identity) return made;
    // Whatever names these tables reads what is called so here; within the first one its own name is still the table's.
    const { records, customers } = identity;
    return [
      `records as not materialized (${this.#sql.fragment(records)})`,
      `customers as not materialized (${this.#sql.fragment(customers)})`,
      ...made,
    ];
  }

  /** All passes, one below the other, then those rows together that are about the same. */
  #united(): string {
    const columns = this.#lanes.flatMap(({ name, aggregates }) => [
      ...[...aggregates.values()].map((made) => ({ lane: name, made, type: 'numeric' })),
      { lane: name, made: 'hidden', type: 'boolean' },
    ]);
    const limits = this.#limitsOf();
    const branches = this.#lanes.map((lane) => {
      const keys = this.#keys.map((key) => (key === 't' && lane.previous ? 'pair_t as t' : key));
      const made = columns.map((one) =>
        one.lane === lane.name
          ? `${one.made} as ${one.lane}_${one.made}`
          : `null::${one.type} as ${one.lane}_${one.made}`,
      );
      return `select ${[...keys, ...made, ...limits.map((limit) => limit.of(lane))].join(', ')} from ${lane.name}`;
    });
    if (this.#hasTime && this.#question.period!.fill) branches.push(this.#grid(columns, limits));
    const joined = columns.map(({ lane, made, type }) =>
      type === 'boolean' ? `bool_or(${lane}_${made}) as ${lane}_${made}` : `max(${lane}_${made}) as ${lane}_${made}`,
    );
    const grouping = this.#keys.length === 0 ? '' : `group by ${this.#keys.join(', ')}`;
    return `select ${[...this.#keys, ...joined, ...limits.map(({ joined: one }) => one)].join(', ')}
            from (${branches.join(' union all ')}) as beside ${grouping}`;
  }

  /** Every bucket with everything that there is in any of them. */
  #grid(columns: readonly { lane: string; made: string; type: string }[], limits: readonly Limit[]): string {
    const dimensions = this.#keys.filter((key) => key !== 't');
    const nothing = [
      ...columns.map(({ lane, made, type }) => `null::${type} as ${lane}_${made}`),
      ...limits.map(({ name }) => `null::text as ${name}`),
    ];
    const buckets = `generate_series(1, ${this.#sql.value(this.#question.period!.starts.length)}::int) as bucket (t)`;
    if (dimensions.length === 0) return `select ${['bucket.t', ...nothing].join(', ')} from ${buckets}`;
    const there = this.#lanes.map(({ name }) => `select ${dimensions.join(', ')} from ${name}`).join(' union ');
    return `select ${['bucket.t', ...dimensions, ...nothing].join(', ')} from ${buckets} cross join (${there}) as there`;
  }

  /** First and last of the values that must not be mixed, over everything. */
  #limitsOf(): Limit[] {
    return (['CURRENCY', 'SURVEY_VARIANT'] as const).flatMap((dimension) => {
      const prefix = dimension === 'CURRENCY' ? 'currency' : 'variant';
      const has = ({ group }: Lane) => group.base.unmixed?.dimension === dimension && this.#passes.isMixable(group);
      if (!this.#lanes.some(has)) return [];
      return (['low', 'high'] as const).map((end) => ({
        name: `${prefix}_${end}_here`,
        of: (lane: Lane) => `${has(lane) ? end : 'null::text'} as ${prefix}_${end}_here`,
        joined: `${end === 'low' ? 'min' : 'max'}(${prefix}_${end}_here) as ${prefix}_${end}_here`,
      }));
    });
  }

  #mixed(): string[] {
    const names = new Set(this.#limitsOf().map(({ name }) => name));
    return ['currency_low', 'currency_high', 'variant_low', 'variant_high'].map((name) => {
      if (names.has(`${name}_here`)) return `${name.endsWith('low') ? 'min' : 'max'}(${name}_here) over () as ${name}`;
      const fixed = name.startsWith('currency') ? this.#passes.fixedCurrency() : null;
      return fixed === null ? `null::text as ${name}` : `${this.#sql.value(fixed)}::text as ${name}`;
    });
  }

  #hidden(): string {
    return this.#lanes.map(({ name }) => `coalesce(${name}_hidden, false)`).join(' or ');
  }

  /** Places of the measures whose value is of too few observations. */
  #few(): string {
    const checks = this.#question.measures.flatMap((measure, place) => {
      if (measure.kind !== 'RATIO' || measure.least === undefined) return [];
      const lane = this.#laneOf(place, false);
      const n = this.#made(lane, measure.n);
      return [
        `case when ${n} between 1 and ${measure.least - 1} and not coalesce(${lane.name}_hidden, false) then ${place} end`,
      ];
    });
    return checks.length === 0 ? 'null::int[]' : `array_remove(array[${checks.join(', ')}]::int[], null)`;
  }

  #valueOf({ measure: place, part }: ValueColumn): string {
    const measure = this.#question.measures[place]!;
    const lane = this.#laneOf(place, part === 'PREVIOUS');
    return `case when ${lane.name}_hidden then null else ${this.#shown(measure, lane, part)} end`;
  }

  #shown(measure: Measure, lane: Lane, part: ValueColumn['part']): string {
    if (measure.kind !== 'RATIO') {
      const made = this.#made(lane, measure.value);
      if (measure.kind === 'VALUE') return `trim_scale(round(${made}, 4))`;
      if (measure.format === 'MONEY') return `coalesce(${made}, 0) * ${this.#minorUnit()}`;
      return `trim_scale(coalesce(${made}, 0))`;
    }
    const [numerator, denominator] = [this.#made(lane, measure.numerator), this.#made(lane, measure.denominator)];
    const money = (sql: string, is: boolean | undefined) =>
      is ? `${sql} * ${this.#minorUnit()}` : `trim_scale(${sql})`;
    switch (part) {
      case 'NUMERATOR':
        return money(`coalesce(${numerator}, 0)`, isMoney(measure));
      case 'DENOMINATOR':
        return money(`coalesce(${denominator}, 0)`, measure.moneyParts);
      case 'N':
        return `trim_scale(coalesce(${this.#made(lane, measure.n)}, 0))`;
      case 'ERROR':
        return `trim_scale(round(${this.#made(lane, measure.error!)}, 6))`;
      default:
        return this.#quotient(measure, numerator, denominator);
    }
  }

  #quotient(measure: Measure & { kind: 'RATIO' }, numerator: string, denominator: string): string {
    const times = measure.times === undefined ? '' : ` * ${measure.times}`;
    const unit = measure.format === 'MONEY' ? ` * ${this.#minorUnit()}` : '';
    const digits = measure.format === 'PERCENT' ? 10 : 6;
    return `trim_scale(round(coalesce(${numerator}, 0)${times} / nullif(${denominator}, 0)${unit}, ${digits}))`;
  }

  #minorUnit(): string {
    const place = this.#dimensions.findIndex(({ key }) => key === 'CURRENCY');
    return minorUnitOf(place === -1 ? 'currency_high' : `d${place}`);
  }

  #laneOf(place: number, previous: boolean): Lane {
    return this.#lanes.find((lane) => lane.previous === previous && lane.group.measures.includes(place))!;
  }

  /** The column of an aggregate: made once, whoever asks for it. */
  #made({ name, group, aggregates }: Lane, aggregate: Aggregate): string {
    const text = sqlOf(aggregate, group);
    let made = aggregates.get(text);
    if (made === undefined) {
      made = `a${aggregates.size}`;
      aggregates.set(text, made);
    }
    return `${name}_${made}`;
  }

  #paging(): string {
    const { totals, limit, after } = this.#options;
    if (totals) return '';
    const order = this.#question.order;
    const by = order.map((one) => `${this.#orderBy(one)} ${one.descending ? 'desc' : 'asc'} nulls last`);
    return [
      after ? `where ${this.#isAfter(order, after)}` : '',
      by.length > 0 ? `order by ${by.join(', ')}` : '',
      limit === null ? '' : `limit ${limit + 1}`,
    ].join(' ');
  }

  /** (a, b, …) comes behind the values: a does, or it is equal and (b, …) does. */
  #isAfter(order: readonly QuestionOrder[], after: readonly (string | number | null)[], from = 0): string {
    const one = order[from];
    if (!one) return 'false';
    const name = this.#orderBy(one);
    const value = after[from] ?? null;
    const rest = this.#isAfter(order, after, from + 1);
    // NULL comes last: nothing is behind it but what is equal and further on.
    if (value === null) return `(${name} is null and ${rest})`;
    const hole = `${this.#sql.value(value)}::${typeOf(one)}`;
    return `(${name} ${one.descending ? '<' : '>'} ${hole} or ${name} is null or (${name} = ${hole} and ${rest}))`;
  }

  /** Text by its characters' numbers: the same everywhere, whatever the database is set to. */
  #orderBy(one: QuestionOrder): string {
    const name = orderColumnOf(one, this.#values);
    return name.startsWith('d') ? `${name} collate "C"` : name;
  }

  /** What the catalogue's texts call by name. */
  #fill(text: string): string {
    const { now, programId } = this.#options;
    return text
      .replaceAll('$now', () => this.#sql.value(now.toISOString()))
      .replaceAll('$zone', () => this.#sql.value(this.#question.zone))
      .replaceAll('$program', () => this.#sql.value(programId));
  }
}

interface Limit {
  readonly name: string;
  readonly of: (lane: Lane) => string;
  readonly joined: string;
}

function sqlOf({ facts, cells, lines }: Aggregate, { base, source }: PlannedGroup): string {
  if (source === 'ROLLUP') return cells!;
  return base.key === 'LINES' ? lines! : facts;
}

/** The column of the statement that a place in the order is about. Values of measures stand among their parts. */
export function orderColumnOf({ by }: QuestionOrder, values: readonly ValueColumn[]): string {
  if (by === 'TIME') return 't';
  if ('dimension' in by) return `d${by.dimension}`;
  return `v${values.findIndex(({ measure, part }) => measure === by.measure && part === 'VALUE')}`;
}

function typeOf({ by }: QuestionOrder): string {
  if (by === 'TIME') return 'int';
  return 'dimension' in by ? 'text collate "C"' : 'numeric';
}
