import type { ChangeTopic } from '../../kernel/changes.queries.ts';
import { badInput } from '../../kernel/errors.ts';
import { type Base, bases } from './catalogue/base.ts';
import type { Dimension } from './catalogue/dimension.ts';
import type { Measure } from './catalogue/measure.ts';
import { aggregatesOf } from './metric-catalog.ts';
import { hasWholeHours, isWholeHour, type Span } from './metric-period.ts';
import type { MetricQuestion } from './metric-question.ts';
import type { MetricSource } from './metric-table.ts';

/** Measures that one pass over the rows of a base answers. */
export interface PlannedGroup {
  readonly base: Base;
  readonly source: MetricSource;
  /** Their places in the question. */
  readonly measures: readonly number[];
  /** What is counted to tell whether a number is about few: what happened, or how many people it happened to. */
  readonly seen: 'OBSERVATIONS' | 'PERSONS';
}

/** Whose changes can change an answer. */
export interface Watch {
  /** Any line of these topics does. */
  readonly topics: readonly ChangeTopic[];
  /** Touchpoints do that are of one of the types (null: whichever) and took place in one of the spans (null: ever). */
  readonly touchpoints: readonly { readonly types: readonly string[] | null; readonly spans: readonly Span[] | null }[];
}

export interface MetricPlan {
  readonly groups: readonly PlannedGroup[];
  readonly watch: Watch;
  /** Time alone may change the answer. */
  readonly moving: boolean;
  /** Scores go into it. */
  readonly scored: boolean;
}

export interface PlanOptions {
  /** For tests and measurements; left out: roll-ups wherever they are exact. */
  readonly source?: MetricSource | null;
  /** Small numbers are suppressed. */
  readonly suppress: boolean;
  /** The key is kept to some customers or touchpoints, which roll-ups can't tell apart. */
  readonly kept: boolean;
}

/** Decides what a question is answered from. Throws `BAD_USER_INPUT` where roll-ups are demanded that are not exact. */
export function planOf(question: MetricQuestion, options: PlanOptions): MetricPlan {
  const named = [...question.dimensions, ...question.filters.map(({ dimension }) => dimension)];
  const byLines = named.some(({ lines }) => lines);
  const places = Map.groupBy(question.measures.keys(), (place) => {
    const { base } = question.measures[place]!;
    return byLines && base === 'PURCHASES' ? 'LINES' : base;
  });
  const groups = [...places].map(([key, measures]) =>
    groupOf(question, { base: bases[key], measures, named, options }),
  );
  const measures = question.measures;
  return {
    groups,
    watch: watchOf(question, { groups, named, options }),
    moving: measures.some(({ moving }) => moving),
    scored: measures.some(({ base }) => base === 'SCORES') || named.some(({ needs }) => needs?.includes('SCORES')),
  };
}

interface Grouping {
  readonly base: Base;
  readonly measures: readonly number[];
  readonly named: readonly Dimension[];
  readonly options: PlanOptions;
}

function groupOf(question: MetricQuestion, { base, measures, named, options }: Grouping): PlannedGroup {
  const asked = measures.map((place) => question.measures[place]!);
  const countable = !options.kept && isCountable(question, { base, asked, named });
  const exact = countable && isAligned(question);
  if (options.source === 'ROLLUP' && !exact)
    throw badInput(`${asked.map(({ key }) => key).join(', ')} can't be answered from roll-ups exactly.`, 'measures');
  const source = exact && options.source !== 'FACTS' ? 'ROLLUP' : 'FACTS';
  // The same whatever the answer comes from: cells do not know people, and where they would do, numbers are not about them.
  return { base, source, measures, seen: countable ? 'OBSERVATIONS' : 'PERSONS' };
}

/** Whether cells of the roll-up know all that is asked, but for when exactly it happened. */
function isCountable(
  { segments, returns }: MetricQuestion,
  { base, asked, named }: { base: Base; asked: readonly Measure[]; named: readonly Dimension[] },
): boolean {
  if (!base.cells || segments.length > 0 || (returns === 'ORDER_DATE' && base.fromOrderDate)) return false;
  return (
    asked.every((measure) => aggregatesOf(measure).every(({ cells }) => cells !== undefined)) &&
    named.every((dimension) => dimension.cells !== undefined && dimension.own?.[base.key] !== undefined)
  );
}

/** Cells are hours of UTC: whole ones have to make up every bucket. */
function isAligned({ period, comparison }: MetricQuestion): boolean {
  if (!period) return true;
  return [period, ...(comparison ? [comparison] : [])].every(
    (span) =>
      isWholeHour(span.from) && isWholeHour(span.to) && (period.grain === null || hasWholeHours(span, period.zone)),
  );
}

const customerTopics = [
  'customer.created',
  'customer.changed',
  'customer.merged',
  'customer.split',
  'identity.decided',
  'identity.revoked',
  'identity.rules_changed',
] as const satisfies readonly ChangeTopic[];
const topicsOf = {
  loyalty: ['loyalty.changed', 'loyalty.tier_changed', 'loyalty.program_changed'],
  scores: ['kpis.changed'],
  lifecycle: ['lifecycle.changed'],
} as const satisfies Record<string, readonly ChangeTopic[]>;
const segmentTopics = ['segment.entered', 'segment.left', 'segment.changed'] as const satisfies readonly ChangeTopic[];

function watchOf(
  question: MetricQuestion,
  { groups, named, options }: { groups: readonly PlannedGroup[]; named: readonly Dimension[]; options: PlanOptions },
): Watch {
  const usesCustomers = (group: PlannedGroup) =>
    group.base.aboutCustomers ||
    question.segments.length > 0 ||
    (options.suppress && group.seen === 'PERSONS') ||
    group.measures.some((place) => question.measures[place]!.aboutCustomers) ||
    named.some((dimension) => dimension.own?.[group.base.key] === undefined);
  // Rules of everybody's numbers change rarely, and facts that are made anew say so by this topic, too.
  const topics = new Set<ChangeTopic>(['kpis.changed']);
  for (const group of groups) {
    for (const name of group.base.topics ?? []) for (const topic of topicsOf[name]) topics.add(topic);
    if (usesCustomers(group)) for (const topic of customerTopics) topics.add(topic);
  }
  for (const dimension of named) for (const topic of dimension.topics ?? []) topics.add(topic);
  if (question.segments.length > 0) for (const topic of segmentTopics) topics.add(topic);
  const history = named.some(({ needs }) => needs?.includes('FIRST_ORDERS'));
  return {
    topics: [...topics],
    touchpoints: groups.map((group) => ({
      types: usesCustomers(group) && !group.base.closed ? null : (group.base.types ?? null),
      spans: isClosed(question, group.base) && !history ? spansOf(question, group) : null,
    })),
  };
}

/** Whether what happens outside of the period makes no difference. */
function isClosed({ period, returns }: MetricQuestion, base: Base): boolean {
  return period !== null && base.closed && !(returns === 'ORDER_DATE' && base.fromOrderDate);
}

/** An earlier shipment that arrives late opens its order instead of one of the period. */
function spansOf({ period, comparison, measures }: MetricQuestion, group: PlannedGroup): Span[] {
  const reachBack = group.measures.some((place) => countsOpenings(measures[place]!));
  return [period!, ...(comparison ? [comparison] : [])].map(({ from, to }) => ({
    from: reachBack ? longAgo : from,
    to,
  }));
}

function countsOpenings(measure: Measure): boolean {
  return aggregatesOf(measure).some(({ facts }) => facts.includes('opens_order'));
}

const longAgo = new Date('0001-01-01T00:00:00Z');
