import { holdsTouchpoint, type TouchpointColumns } from '../../access/boundary.queries.ts';
import { customerCut, outside, touchpointBoundary } from '../../access/boundary.ts';
import { requireFields } from '../../access/field-limits.ts';
import type { Context } from '../../kernel/context.ts';
import type { Database } from '../../kernel/database.ts';
import type { BaseKey } from './catalogue/base.ts';
import type { InsideBase } from './metric-pass.ts';
import type { MetricQuestion } from './metric-question.ts';

/** Bases whose rows are touchpoints, with what their rows call the type and the store. */
const touchpointBases: Partial<Record<BaseKey, { readonly type: string; readonly store: string }>> = {
  TOUCHPOINTS: { type: 'f.type', store: `f.properties ->> 'store'` },
  PURCHASES: { type: `case f.kind when 'ORDER' then 'order.completed' else 'order.returned' end`, store: 'f.store' },
  LINES: { type: `case f.kind when 'ORDER' then 'order.completed' else 'order.returned' end`, store: 'f.store' },
};

/**
 * What the boundary of the caller's key adds to each pass; `undefined` where it adds nothing. Throws `FORBIDDEN` for
 * numbers that can't be cut: those which follow from more of a customer than the touchpoints that the key may see.
 */
export function insideOf(ctx: Context, question: MetricQuestion): InsideBase | undefined {
  requireFields(ctx, fieldsOf(question), 'dimensions');
  const [customers, boundary] = [customerCut(ctx), touchpointBoundary(ctx)];
  if (!customers && !boundary) return undefined;
  if (boundary) checkTouchpointsOnly(question);
  const db = ctx.pool;
  return (base) => {
    const all = [
      ...(customers ? [customers(db, db`c.id`)] : []),
      ...(boundary ? [holdsTouchpoint(db, boundary, columnsOf(db, base))] : []),
    ];
    return all.reduce((left, right) => db`${left} and ${right}`);
  };
}

/** What single customers are, where numbers are split by it. All else is a KPI, or counts as one. */
const toldBy: Readonly<Record<string, string>> = {
  IDENTIFIED: 'Customer.identified',
  COUNTRY: 'Customer.traits',
  PROGRAM: 'Customer.loyalty',
  TIER: 'Customer.loyalty',
  SEGMENT: 'Customer.segments',
  LIFECYCLE_STAGE: 'Customer.lifecycle',
  RISK_BAND: 'Customer.lifecycle',
};

function fieldsOf({ dimensions, filters, segments }: MetricQuestion): string[] {
  const named = [...dimensions, ...filters.map(({ dimension }) => dimension)];
  const ofCustomers = named.filter(({ customer, values }) => customer || values);
  return [
    ...ofCustomers.map(({ key }) => toldBy[key] ?? 'Customer.kpis'),
    ...(segments.length > 0 ? ['Customer.segments'] : []),
  ];
}

function columnsOf(db: Database, base: BaseKey): TouchpointColumns {
  const { type, store } = touchpointBases[base]!;
  return { type: db.unsafe(type), source: db`f.source`, store: db.unsafe(store) };
}

function checkTouchpointsOnly({ measures, dimensions, filters, segments, returns }: MetricQuestion): void {
  for (const { key, base } of measures) {
    if (!touchpointBases[base]) throw cannotCut(key, 'measures');
  }
  const named = [...dimensions, ...filters.map(({ dimension }) => dimension)];
  for (const { key, own } of named) {
    if (!measures.every(({ base }) => own?.[base] !== undefined || own?.LINES !== undefined))
      throw cannotCut(key, 'dimensions');
  }
  if (segments.length > 0) throw cannotCut('Membership of a segment', 'segments');
  if (returns === 'ORDER_DATE') throw cannotCut('The date of the order of a return', 'returns');
}

function cannotCut(what: string, field: string) {
  return outside(`${what} follows from more than the touchpoints to which this key is kept.`, { field });
}
