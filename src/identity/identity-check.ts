import { canonicalJson, type Json, type JsonObject } from '../kernel/json.ts';
import { groupBy } from '../kernel/lists.ts';
import type { Difference } from './identity.events.ts';
import type {
  CountedIdentifier,
  CustomerTotals,
  RecordFacts,
  RuledStatement,
  StrayRefusal,
} from './identity-rebuild.queries.ts';
import { compareRefusals } from './regrouping.ts';
import type { RefusedLink, Resolution } from './resolution.ts';
import { type IdentityRules, isBlocked, isCut, ruleFor } from './rules.ts';
import { survive } from './survivorship.ts';

/** What should be stored: columns by name, in a form that can be compared and shown. */
type Columns = Readonly<Record<string, string | null>>;

/** Columns of one row that are not as they should be. */
export function differingColumns(
  table: Difference['table'],
  id: string,
  { stored, expected }: { stored: Columns; expected: Columns },
): Difference[] {
  return Object.keys(expected)
    .filter((column) => stored[column] !== expected[column])
    .map((column) => ({ table, id, column, stored: stored[column] ?? null, expected: expected[column]! }));
}

/** Blocked values are not counted, and so never cut. */
export function checkIdentifier(identifier: CountedIdentifier, rules: IdentityRules): Difference[] {
  const { id, kind, value, claimants } = identifier;
  const blocked = isBlocked(rules, value, kind);
  const records = blocked ? 0 : claimants;
  const cut = isCut(ruleFor(rules, kind), records);
  return differingColumns('identifiers', id, {
    stored: standingOf(identifier),
    expected: standingOf({ blocked, records, cut }),
  });
}

function standingOf({ blocked, records, cut }: Pick<CountedIdentifier, 'blocked' | 'records' | 'cut'>): Columns {
  return { blocked: String(blocked), records: String(records), cut: String(cut) };
}

/** Whose each record is, and whether it carries an identifier that names a person. */
export function checkRecords(
  records: readonly RecordFacts[],
  { customerOf, componentOf }: Resolution,
  naming: ReadonlySet<string>,
): Difference[] {
  return records.flatMap(({ id, customerId, componentId, identified }) =>
    differingColumns('records', id, {
      stored: { customer_id: customerId, component_id: componentId, identified: String(identified) },
      expected: {
        customer_id: customerOf.get(id) ?? null,
        component_id: componentOf.get(id) ?? null,
        identified: String(naming.has(id)),
      },
    }),
  );
}

export function checkRefusals(now: readonly RefusedLink[], remembered: readonly RefusedLink[]): Difference[] {
  const { added, changed, gone } = compareRefusals(now, remembered);
  const known = new Map(remembered.map((link) => [link.recordId + link.evidenceId + link.kind, link]));
  const difference = (link: RefusedLink, stored: RefusedLink | undefined, expected: RefusedLink | undefined) => ({
    table: 'refused_links' as const,
    id: link.recordId,
    column: null,
    stored: stored ? describeRefusal(stored) : null,
    expected: expected ? describeRefusal(expected) : null,
  });
  return [
    ...[...added, ...changed].map((link) =>
      difference(link, known.get(link.recordId + link.evidenceId + link.kind), link),
    ),
    ...gone.map((link) => difference(link, link, undefined)),
  ];
}

function describeRefusal({ evidenceId, kind, otherRecordId, refusal, limitedBy }: RefusedLink): string {
  return [kind, evidenceId, refusal, limitedBy, otherRecordId].filter((part) => part !== null).join(' ');
}

/** What a customer's row has to say, from its records alone. */
export function foldCustomer(
  id: string,
  records: readonly RecordFacts[],
  { naming, statements }: { naming: ReadonlySet<string>; statements: readonly RuledStatement[] },
): CustomerTotals {
  return {
    id,
    identified: records.some((record) => naming.has(record.id)),
    records: records.length,
    firstSeenAt: new Date(Math.min(...records.map(({ firstAt }) => firstAt.getTime()))),
    lastSeenAt: new Date(Math.max(...records.map(({ lastAt }) => lastAt.getTime()))),
    touchpoints: records.reduce((sum, { touchpoints }) => sum + touchpoints, 0n),
    traits: goldenTraits(statements),
  };
}

function goldenTraits(statements: readonly RuledStatement[]): JsonObject {
  const golden: [string, Json][] = [];
  for (const [name, held] of groupBy(statements, (statement) => statement.name)) {
    const { value } = survive(held[0]!, held);
    if (value !== undefined) golden.push([name, value]);
  }
  return Object.fromEntries(golden);
}

export function checkCustomer(stored: CustomerTotals | undefined, expected: CustomerTotals): Difference[] {
  if (!stored) {
    const missing = { table: 'customers', id: expected.id, column: null } as const;
    return [{ ...missing, stored: null, expected: `${expected.records} records` }];
  }
  return [
    ...differingColumns('customers', expected.id, { stored: totalsOf(stored), expected: totalsOf(expected) }),
    ...checkTraits(expected.id, stored.traits, expected.traits),
  ];
}

function totalsOf(totals: CustomerTotals): Columns {
  return {
    identified: String(totals.identified),
    records: String(totals.records),
    first_seen_at: totals.firstSeenAt.toISOString(),
    last_seen_at: totals.lastSeenAt.toISOString(),
    touchpoints: String(totals.touchpoints),
  };
}

/** Names the traits and tells whether they are there; their values are personal, and a report may lie about. */
function checkTraits(id: string, stored: JsonObject, expected: JsonObject): Difference[] {
  const names = new Set([...Object.keys(stored), ...Object.keys(expected)]);
  const said = (traits: JsonObject, name: string) => (Object.hasOwn(traits, name) ? canonicalJson(traits[name]) : null);
  return [...names]
    .filter((name) => said(stored, name) !== said(expected, name))
    .map((name) => ({
      table: 'customers',
      id,
      column: `traits.${name}`,
      stored: said(stored, name) && 'a value',
      expected: said(expected, name) && 'another value',
    }));
}

export function surplusCustomer(id: string): Difference {
  return { table: 'customers', id, column: null, stored: 'a row', expected: null };
}

export function strayRefusal({ recordId: id, kind, evidenceId }: StrayRefusal): Difference {
  return { table: 'refused_links', id, column: null, stored: `${kind} ${evidenceId}`, expected: null };
}
