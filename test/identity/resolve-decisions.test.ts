import { expect, test } from 'vitest';
import type { LinkEvidence, Neighbourhood } from '../../src/identity/resolution.ts';
import { resolve } from '../../src/identity/resolve.ts';
import { defaultRules, type IdentityRules, ruleFor } from '../../src/identity/rules.ts';

const day = (number: number) => new Date(Date.UTC(2026, 0, number));

/** Records by name, one a day; the first letter is the source. Each with its claims, `kind:value`. */
function people(sketch: Record<string, readonly string[]>, said: Partial<Neighbourhood> = {}): Neighbourhood {
  const names = Object.keys(sketch);
  const records = names.map((id, index) => ({ id, firstAt: day(index + 1), source: id.slice(0, 1) }));
  const claims = names.flatMap((recordId, index) =>
    sketch[recordId]!.map((identifierId) => ({
      identifierId,
      recordId,
      kind: identifierId.split(':')[0]!,
      firstSeenAt: day(index + 1),
      claimants: 2,
    })),
  );
  return { records, claims, ...said };
}

function outcome(given: Neighbourhood, rules: IdentityRules = defaultRules) {
  const { customerOf, refused } = resolve(given, rules);
  const groups = [...Map.groupBy(customerOf.keys(), (id) => customerOf.get(id)).values()];
  return { customers: groups.map((ids) => ids.sort().join('+')).sort(), refused: refused.map((link) => link.refusal) };
}

const withRule = (kind: string, change: object): IdentityRules => ({
  ...defaultRules,
  kinds: new Map(defaultRules.kinds).set(kind, { ...ruleFor(defaultRules, kind), ...change }),
});

const link = (weight: number | null, ...recordIds: string[]): LinkEvidence => ({
  id: recordIds.join('-'),
  recordIds,
  decidedAt: day(20),
  weight,
});
const apart = (one: string[], other: string[]) => ({ id: 'veto', sides: [one, other] }) as const;

test('a shared identifier gives the anonymous an owner and never joins two who are known', () => {
  const given = people({ a1: ['email:x', 'deviceId:d'], b1: ['deviceId:d'], c1: ['email:y', 'deviceId:d'] });
  expect(outcome(given)).toEqual({ customers: ['a1+b1', 'c1'], refused: ['BOTH_KNOWN'] });
});

test('evidence only joins nobody', () => {
  const given = people({ a1: ['email:x'], b1: ['email:x'] });
  expect(outcome(given, withRule('email', { strength: 'EVIDENCE_ONLY' })).customers).toEqual(['a1', 'b1']);
});

test('a limit within a window of days counts only values that were first seen within it', () => {
  const given = people({ a1: ['email:x', 'phone:1'], b1: ['email:x', 'phone:2'] });
  const limit = (valuesWindowDays: number) => withRule('phone', { valuesPerCustomer: 1, valuesWindowDays });
  expect(outcome(given, limit(1)).customers).toEqual(['a1+b1']);
  expect(outcome(given, limit(2))).toEqual({ customers: ['a1', 'b1'], refused: ['VALUES_PER_CUSTOMER'] });
});

test('a decision passes limits, and the customer still grows by what adds no value', () => {
  const given = people(
    { a1: ['userId:1'], b1: ['userId:2'], c1: ['userId:1'], d1: ['userId:3', 'email:x'], e1: ['userId:2', 'email:x'] },
    { links: [link(null, 'a1', 'b1')] },
  );
  expect(outcome(given)).toEqual({ customers: ['a1+b1+c1+e1', 'd1'], refused: ['VALUES_PER_CUSTOMER'] });
});

test('a separation keeps its sides apart against identifiers, decisions and chains', () => {
  const given = people(
    { a1: ['email:x'], b1: ['email:x', 'email:y'], c1: ['email:y'] },
    { links: [link(null, 'a1', 'c1')], separations: [apart(['a1'], ['c1'])] },
  );
  expect(outcome(given)).toEqual({ customers: ['a1+b1', 'c1'], refused: ['SEPARATED', 'SEPARATED'] });
});

test('a match respects limits and separations, and the heavier one is heard first', () => {
  const matches = [link(5, 'a1', 'b1'), link(9, 'b1', 'c1')];
  const given = people({ a1: ['userId:1'], b1: [], c1: ['userId:2'] }, { links: matches });
  expect(outcome(given)).toEqual({ customers: ['a1', 'b1+c1'], refused: ['VALUES_PER_CUSTOMER'] });
});

test('a match never joins two records of a source that holds each person once; an identifier does', () => {
  const rules = { ...defaultRules, onePerSource: new Set(['a']) };
  const matched = people({ a1: [], a2: [] }, { links: [link(9, 'a1', 'a2')] });
  expect(outcome(matched, rules)).toEqual({ customers: ['a1', 'a2'], refused: ['ONE_PER_SOURCE'] });
  expect(outcome(matched)).toEqual({ customers: ['a1+a2'], refused: [] });
  expect(outcome(people({ a1: ['email:x'], a2: ['email:x'] }), rules).customers).toEqual(['a1+a2']);
});
