import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { verifyLedger } from '../../../src/loyalty/reports/ledger-verifier.service.ts';
import { LiabilityReports } from '../../../src/loyalty/reports/liability.service.ts';
import { openTestDatabase, type TestDatabase } from '../../support/database.ts';
import { touchpoint } from '../../support/ingest.ts';
import { propertyRuns } from '../../support/property-runs.ts';
import { earningRule, exampleProgram } from '../example-program.ts';
import { type LoyaltyFixture, openLoyalty, publishAt } from '../fixture.ts';
import { take } from './decisions.ts';

let database: TestDatabase;
let node: LoyaltyFixture;
let programId: string;
const timeZone = 'Europe/Zurich';

beforeAll(async () => {
  database = await openTestDatabase();
  node = await openLoyalty(database.pool, { timeZone, now: '2026-03-01T00:00:00Z' });
  programId = await publishAt(
    node,
    exampleProgram({
      rules: [
        earningRule({ expiry: { count: 3, unit: 'MONTH', endOf: 'MONTH' } }),
        earningRule({ key: 'gift', earns: { event: { points: '7' } }, budget: '60', pendingDays: 5 }),
        earningRule({ key: 'silver', tiers: ['silver'], earns: { multiplier: { factor: '1.5', of: ['base'] } } }),
      ],
    }),
  );
});
afterAll(() => database.close());

const deed = fc.record({
  what: fc.constantFrom(
    'BUY',
    'BUY',
    'BUY',
    'LATE',
    'RETURN',
    'REDEEM',
    'RESERVE',
    'TRANSFER',
    'MEET',
    'MERGE',
    'SPLIT',
    'WAIT',
  ),
  person: fc.nat({ max: 4 }),
  other: fc.nat({ max: 4 }),
  points: fc.integer({ min: 1, max: 150 }),
});
type Deed = typeof deed extends fc.Arbitrary<infer T> ? T : never;

let world = 0;
const merges: string[] = [];

async function act({ what, person, other, points }: Deed, index: number): Promise<void> {
  const keyOf = (one: number) => `w${world}-${one}`;
  const now = node.clock.now();
  const said = async (type: string, at: Date, email?: string) => {
    const identifiers = [{ kind: 'userId', value: keyOf(person) }, ...(email ? [{ kind: 'email', value: email }] : [])];
    const [result] = await node.ingest.submit(node.ctx, [
      touchpoint({
        ...{ source: 'pos', key: keyOf(person), identifiers, type, occurredAt: at.toISOString() },
        ...(type.startsWith('order') ? { value: { amount: String(points), currency: 'CHF' } } : {}),
        properties: { orderId: `w${world}-${other}` },
      }),
    ]);
    expect(result!.status).toBe('STORED');
  };
  const recordOf = async (one: number) =>
    (
      await node.pool<{ id: string; customerId: string }[]>`
      select id, customer_id as "customerId" from records where key = ${keyOf(one)}`
    )[0];
  if (what === 'BUY' || index === 0) return said('order.completed', now);
  if (what === 'LATE') return said('order.completed', new Date(now.getTime() - points * 86_400_000));
  if (what === 'RETURN') return said('order.returned', now);
  if (what === 'MEET') return said('page.viewed', now, `w${world}-${other % 2}@example.com`);
  if (what === 'WAIT') {
    node.clock.set(new Date(now.getTime() + points * 43_200_000));
    if (other % 2 === 0) await node.ticker.catchUp();
    return;
  }
  const [mine, theirs] = [await recordOf(person), await recordOf(other)];
  if (what === 'SPLIT') {
    const decisionId = merges.pop();
    if (decisionId) await node.decisions.revokeDecision(node.ctx, { decisionId, reason: 'they were two' });
    return;
  }
  if (!mine || !theirs) return;
  if (what === 'MERGE') {
    if (mine.customerId === theirs.customerId) return;
    const customerIds = [mine.customerId, theirs.customerId];
    const { decision } = await node.decisions.mergeCustomers(node.ctx, { customerIds, reason: 'one' });
    merges.push(decision.id);
    return;
  }
  const taken = { programId, recordId: mine.id, points: BigInt(points) };
  if (what === 'REDEEM') await take(node, taken);
  else if (what === 'RESERVE') await take(node, { ...taken, bucket: 'RESERVED' });
  else if (mine.id !== theirs.id) await take(node, { ...taken, bucket: 'TRANSFERRED', to: theirs.id });
}

test('whatever happens, nothing differs, and reports are reconciled', async () => {
  const liability = new LiabilityReports(node.book, timeZone);
  await fc.assert(
    fc.asyncProperty(fc.array(deed, { minLength: 4, maxLength: 16 }), async (deeds) => {
      world += 1;
      merges.length = 0;
      for (const [index, one] of deeds.entries()) await act(one, index);
      const { differences, folded } = await verifyLedger({ pool: node.pool, clock: node.clock }, { timeZone });
      expect(differences).toEqual([]);
      expect(folded).toBeGreaterThan(0);
      const { reconciliation } = await liability.vintages(node.ctx, { programId });
      expect(reconciliation.every(({ agrees }) => agrees)).toBe(true);
    }),
    {
      numRuns: propertyRuns(12),
      seed: Number(process.env.FC_SEED ?? 20261128),
      endOnFailure: true,
    },
  );
}, 120_000);
