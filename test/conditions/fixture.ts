import { expect } from 'vitest';
import type { Condition } from '../../src/conditions/condition.ts';
import { compileForAll, compileForEach } from '../../src/conditions/condition-statement.queries.ts';
import { coreLeaves } from '../../src/conditions/core-leaves.queries.ts';
import { loadFacts } from '../../src/conditions/facts.service.ts';
import { ConditionLanguage } from '../../src/conditions/language.ts';
import type { Moment } from '../../src/conditions/moment.ts';
import type { Pool } from '../../src/kernel/database.ts';
import { kpiFacts, kpiLeaves } from '../../src/kpis/conditions/kpi-leaves.queries.ts';
import { loyaltyLeaves, loyaltyOf } from '../../src/loyalty/conditions/loyalty-leaf.queries.ts';
import { consentFacts, consentLeaves } from '../../src/privacy/conditions/consent-leaf.queries.ts';

const leaves = [...coreLeaves, ...consentLeaves, ...loyaltyLeaves, ...kpiLeaves];
export const language = new ConditionLanguage(leaves.map(({ kind }) => kind));
export const compilers = new Map(leaves.map(({ kind, compile }) => [kind.name as string, compile]));

export interface Evaluated {
  readonly verdicts: readonly boolean[];
  /** Until when each verdict stays as it is without an event; null for ever. */
  readonly nexts: readonly (Date | null)[];
}

/** The SQL of the live path: customer → what it answers for each condition. */
export async function evaluateEach(
  db: Pool,
  conditions: readonly Condition[],
  { moment, ids }: { moment: Moment; ids: readonly string[] },
): Promise<Map<string, Evaluated>> {
  const statement = compileForEach(conditions, compilers);
  const values = statement.values({ moment, input: [`{${ids.join(',')}}`] });
  const rows = await db.unsafe<{ id: string; verdicts: string; nexts: string }[]>(statement.text, values as never[]);
  return new Map(
    rows.map(({ id, verdicts, nexts }) => [
      id,
      {
        verdicts: list(verdicts).map((verdict) => verdict === 't'),
        nexts: list(nexts).map((next) => (next === 'NULL' ? null : new Date(Number(next)))),
      },
    ]),
  );
}

/** The SQL of the backfill: the customers for whom the condition holds. */
export async function evaluateAll(db: Pool, condition: Condition, moment: Moment): Promise<Set<string>> {
  const statement = compileForAll(condition, compilers);
  const input = ['00000000-0000-0000-0000-000000000000', 'ffffffff-ffff-ffff-ffff-ffffffffffff'];
  const values = statement.values({ moment, input });
  const rows = await db.unsafe<{ id: string; verdict: boolean }[]>(statement.text, values as never[]);
  return new Set(rows.filter(({ verdict }) => verdict).map(({ id }) => id));
}

/**
 * Both ways of the SQL, and the interpreter over the facts, agree on every customer; and until the instant that the SQL
 * names the interpreter never says anything else.
 */
export async function expectAgreement(
  db: Pool,
  given: readonly Condition[],
  moment: Moment,
): Promise<Map<string, Evaluated>> {
  const conditions = given.map((condition) => language.check(condition));
  const ids = (await db<{ id: string }[]>`select id from customers order by id`).map(({ id }) => id);
  const each = await evaluateEach(db, conditions, { moment, ids });
  const facts = await loadFacts(db, ids, {
    now: moment.now,
    further: [{ leaf: 'loyalty', query: loyaltyOf }, ...kpiFacts, ...consentFacts],
  });
  for (const [place, condition] of conditions.entries()) {
    const all = await evaluateAll(db, condition, moment);
    for (const id of ids) {
      const say = (at: Moment) => language.judge(condition, facts.get(id)!, at).verdict;
      const { verdicts, nexts } = each.get(id)!;
      const place_ = `${JSON.stringify(condition)} of ${id} at ${moment.now.toISOString()}`;
      expect(verdicts[place], `for each: ${place_}`).toBe(say(moment));
      expect(all.has(id), `for all: ${place_}`).toBe(say(moment));
      const next = nexts[place] ?? null;
      if (next) expect(next.getTime(), `next lies ahead: ${place_}`).toBeGreaterThan(moment.now.getTime());
      for (const now of instantsBetween(moment.now, next)) {
        expect(say({ ...moment, now }), `at ${now.toISOString()}, before next: ${place_}`).toBe(verdicts[place]);
      }
    }
  }
  return each;
}

/** The last millisecond before `next`, and some on the way; without `next`, some of the years to come. */
function instantsBetween(now: Date, next: Date | null): Date[] {
  const end = next ? next.getTime() - 1 : now.getTime() + 800 * 86_400_000;
  const length = end - now.getTime();
  const shares = next ? [0.25, 0.5, 0.9, 1] : [0.0001, 0.001, 0.003, 0.01, 0.02, 0.05, 0.1, 0.2, 0.4, 0.7, 1];
  return length <= 0 ? [] : shares.map((share) => new Date(now.getTime() + Math.floor(length * share)));
}

function list(text: string): string[] {
  return text === '{}' ? [] : text.slice(1, -1).split(',');
}
