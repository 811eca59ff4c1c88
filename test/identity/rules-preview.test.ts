import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type RuleBook, shippedBook } from '../../src/identity/rule-book.ts';
import type { IdentityRule } from '../../src/identity/rules.ts';
import { RulesPreviewService } from '../../src/identity/rules-preview.service.ts';
import { openTestDatabase, type TestDatabase } from '../support/database.ts';
import { touchpoint } from '../support/ingest.ts';
import { propertyRuns } from '../support/property-runs.ts';
import { bookWith, openRules, type RulesFixture } from '../support/rules.ts';
import { emptyWorld, readWorld } from '../support/world.ts';

const runs = propertyRuns(25);
const email = (value: string) => ({ kind: 'email', value: `${value}@example.com` });

const identifier = fc.oneof(
  fc.record({ kind: fc.constant('userId'), value: fc.constantFrom('u1', 'u2', 'u3') }),
  fc.record({ kind: fc.constant('email'), value: fc.constantFrom('a@x.ch', 'b@x.ch', 'c@x.ch') }),
  fc.record({ kind: fc.constant('deviceId'), value: fc.constantFrom('d1', 'd2') }),
);

const history = fc.array(
  fc.record({
    key: fc.constantFrom('k1', 'k2', 'k3', 'k4', 'k5', 'k6', 'k7', 'k8'),
    identifiers: fc.array(identifier, { minLength: 1, maxLength: 3 }),
    occurredAt: fc.integer({ min: 0, max: 90 }).map((hours) => new Date(Date.UTC(2026, 8, 28, hours)).toISOString()),
  }),
  { minLength: 4, maxLength: 14 },
);

const limit = fc.constantFrom(null, 1, 2, 3);

const rule = (kind: string): fc.Arbitrary<IdentityRule> =>
  fc
    .record({
      kind: fc.constant(kind),
      priority: fc.integer({ min: 1, max: 4 }),
      strength: fc.constantFrom('UNIQUE' as const, 'SHARED' as const, 'EVIDENCE_ONLY' as const),
      valuesPerCustomer: limit,
      valuesWindowDays: fc.constantFrom(null, 1),
      recordsPerValue: limit,
      namesPerson: fc.boolean(),
    })
    .map((drawn) => ({ ...drawn, valuesWindowDays: drawn.valuesPerCustomer === null ? null : drawn.valuesWindowDays }));

const book: fc.Arbitrary<RuleBook> = fc.record({
  kinds: fc.tuple(rule('userId'), rule('email'), rule('deviceId')),
  custom: fc.constant(shippedBook.custom),
  blocked: fc.subarray([
    { kind: 'email', exact: 'a@x.ch', pattern: null },
    { kind: null, exact: null, pattern: '^[du]1$' },
  ]),
  onePerSource: fc.constant([]),
});

describe('a preview of other identity rules', () => {
  let database: TestDatabase;
  let node: RulesFixture;

  beforeAll(async () => {
    database = await openTestDatabase();
    node = await openRules(database.pool, { recordsAtOnce: 3, identifiersAtOnce: 4 });
  });
  afterAll(() => database.close());

  const previews = (recordsAtOnce = 2) => new RulesPreviewService(node.rules, { recordsAtOnce });

  async function sizes(): Promise<number[]> {
    const rows = await database.pool<{ records: number }[]>`select records from customers order by records desc`;
    return rows.map(({ records }) => records);
  }

  async function values() {
    const rows = await database.pool<{ id: string; kind: string; cut: boolean; blocked: boolean }[]>`
      select id, kind, cut_at is not null as cut, blocked from identifiers`;
    return new Map(rows.map((row) => [row.id, row]));
  }

  async function valueChanges(before: Awaited<ReturnType<typeof values>>) {
    const counts = new Map<string, { kind: string; cut: number; uncut: number; blocked: number; unblocked: number }>();
    for (const [id, now] of await values()) {
      const { cut, blocked } = before.get(id)!;
      if (cut === now.cut && blocked === now.blocked) continue;
      const count = counts.get(now.kind) ?? { kind: now.kind, cut: 0, uncut: 0, blocked: 0, unblocked: 0 };
      counts.set(now.kind, count);
      if (cut !== now.cut) count[now.cut ? 'cut' : 'uncut'] += 1;
      if (blocked !== now.blocked) count[now.blocked ? 'blocked' : 'unblocked'] += 1;
    }
    return [...counts.values()].sort((a, b) => (a.kind < b.kind ? -1 : 1));
  }

  test('says exactly what applying them then does, and writes nothing', async () => {
    await fc.assert(
      fc.asyncProperty(history, book, book, async (drafts, first, second) => {
        await emptyWorld(database.pool);
        await node.apply(first);
        await node.store(...drafts.map((draft) => touchpoint(draft)));
        const [before, sizesBefore, valuesBefore] = [await readWorld(database.pool), await sizes(), await values()];
        const preview = await previews().preview(node.ctx, { rules: second, seconds: 60 });
        expect(await readWorld(database.pool)).toEqual(before);
        await node.apply(second);
        const { row } = await node.rules.getCurrent(node.ctx);
        const sizesAfter = await sizes();
        expect(preview).toMatchObject({
          complete: true,
          recordsExamined: before.records.length,
          customersBefore: sizesBefore.length,
          customersAfter: sizesAfter.length,
          merges: row!.merges,
          splits: row!.splits,
        });
        expect(preview.largestBefore.map(({ records }) => records)).toEqual(sizesBefore.slice(0, 10));
        expect(preview.largestAfter.map(({ records }) => records)).toEqual(sizesAfter.slice(0, 10));
        expect(preview.values).toEqual(await valueChanges(valuesBefore));
        for (const { customerId, recordIds } of preview.samples.flatMap(({ after }) => after)) {
          const rows = await database.pool`select id from records where customer_id = ${customerId} order by id`;
          expect(rows.map(({ id }) => id)).toEqual([...recordIds].sort());
        }
      }),
      { numRuns: runs, seed: Number(process.env.FC_SEED ?? 20261122) },
    );
  }, 120_000);

  test('shows the largest changes as what customers are and would be', async () => {
    await emptyWorld(database.pool);
    await node.apply(shippedBook);
    await node.store(
      ...['a', 'b', 'c'].map((key) => touchpoint({ key, identifiers: [email('shared')] })),
      touchpoint({ key: 'd', identifiers: [email('own')] }),
    );
    const { samples, values: changes } = await previews().preview(node.ctx, {
      rules: bookWith('email', { recordsPerValue: 2 }),
      seconds: 60,
    });
    expect(samples.map(({ before, after }) => [before.length, after.length])).toEqual([[1, 3]]);
    expect(samples[0]!.before[0]!.recordIds).toHaveLength(3);
    expect(changes).toEqual([{ kind: 'email', cut: 1, uncut: 0, blocked: 0, unblocked: 0 }]);
  });

  test('says so when its time is up before it has seen everything', async () => {
    await emptyWorld(database.pool);
    await node.store(...Array.from({ length: 30 }, (_, i) => touchpoint({ key: `k${i}` })));
    const preview = await previews(1).preview(node.ctx, { rules: shippedBook, seconds: 0.000_001 });
    expect(preview).toMatchObject({ complete: false, recordsTotal: 30 });
    expect(preview.recordsExamined).toBeLessThan(30);
  });
});
