import { parseArgs } from 'node:util';
import { Calendar } from '../../src/loyalty/earning/calendar.ts';
import { MemberFold, type MemberTerms } from '../../src/loyalty/earning/member-fold.ts';
import type { EarningFact } from '../../src/loyalty/earning/purchase.ts';
import { tierAt } from '../../src/loyalty/earning/tier-level.ts';
import type { EarningRule, Program } from '../../src/loyalty/program.ts';

/**
 * How long the pure part of a what-if takes: what all purchases of all members earn, folded one member after the other in
 * one thread. No database. `tsx test/bench/loyalty-fold.ts --members 50000 --purchases 20`
 */
const { values } = parseArgs({
  options: { members: { type: 'string', default: '50000' }, purchases: { type: 'string', default: '20' } },
});
const [members, purchases] = [Number(values.members), Number(values.purchases)];

const rule = (key: string, of: Partial<EarningRule>): EarningRule => ({
  ...{ key, name: key, wallet: 'points', match: { types: ['order.completed'] }, lines: null },
  ...{ earns: { event: { points: '0' } }, rounding: 'DOWN', roundedPer: 'ORDER', eligibility: null, tiers: null },
  ...{ validFrom: null, validTo: null, pendingDays: 14, expiry: { count: 12, unit: 'MONTH', endOf: 'MONTH' } },
  ...{ caps: [], budget: null, qualifies: true, partner: null },
  ...of,
});

const program: Program = {
  id: '01900000-0000-7000-8000-00000000000a',
  name: 'Round',
  versions: [
    {
      version: 1,
      effectiveAt: new Date('2020-01-01T00:00:00Z'),
      definition: {
        ...{ mechanics: null, goals: null, enrolment: 'AUTOMATIC', levers: [] },
        wallets: [{ key: 'points', name: 'Points', debt: 'OWED', pointValue: null }],
        rules: [
          rule('base', { earns: { spend: { points: '1', per: '1', currency: 'CHF' } } }),
          rule('coffee', { earns: { item: { points: '5' } }, lines: { skus: ['COFFEE'], categories: [] } }),
          rule('gold', { earns: { multiplier: { factor: '1.5', of: ['base'] } }, tiers: ['silver', 'gold'] }),
          rule('visit', { earns: { event: { points: '10' } }, caps: [{ per: 'DAY', points: '10' }] }),
        ],
        tierScheme: {
          ...{ basis: { points: { wallet: 'points' } }, window: { rolling: { months: 12 } } },
          ...{ keepsThroughNextPeriod: false, graceDays: 30 },
          tiers: [
            { key: 'base', name: 'Base', threshold: '0', benefits: [] },
            { key: 'silver', name: 'Silver', threshold: '500', benefits: [] },
            { key: 'gold', name: 'Gold', threshold: '1500', benefits: [] },
          ],
        },
      },
    },
  ],
  leverValues: [],
  phases: [{ phase: 'LIVE', effectiveAt: new Date('2020-01-01T00:00:00Z') }],
};

const start = Date.parse('2024-01-01T08:00:00Z');
const skus = ['COFFEE', 'TEA', 'MUG', 'FILTER'];

/** Three lines on average, over two years. The same numbers on every run. */
function purchase(member: number, index: number): EarningFact {
  const seed = (member * 7_919 + index * 104_729) % 1_000_003;
  const lines = Array.from({ length: 1 + (seed % 5) }, (_, line) => ({
    ...{ sku: skus[(seed + line) % 4]!, name: null, category: 'drinks', quantity: 1 + ((seed + line) % 3) },
    price: `${3 + ((seed * (line + 1)) % 40)}.${10 + (seed % 90)}`,
  }));
  const worth = lines.reduce((sum, { quantity, price }) => sum + quantity * Number(price), 0);
  const id = `0190${String(member).padStart(4, '0')}-${String(index).padStart(4, '0')}-7000-8000-000000000000`;
  return {
    ...{ id, recordId: `record-${member}`, type: 'order.completed', source: 'pos', channel: 'POS' },
    occurredAt: new Date(start + Math.floor(((index + (seed % 100) / 100) * 730 * 86_400_000) / purchases)),
    ...{ direction: 'INBOUND', campaign: null, traits: null, properties: { orderId: `${member}-${index}` } },
    ...{ valueMinor: BigInt(Math.round(worth * 95)), currency: 'CHF', lines },
  };
}

const calendar = new Calendar('Europe/Zurich');
const now = new Date(start + 730 * 86_400_000);
let [points, lots] = [0n, 0];
const spent = { user: 0, system: 0, elapsed: 0 };
const tiers = new Map<string | null, number>();

function foldMember(facts: readonly EarningFact[]): void {
  const terms: MemberTerms = { customerId: null, memberships: [], overrides: [], verdicts: new Map() };
  const fold = new MemberFold({ program, calendar }, terms);
  for (const fact of facts) fold.add(fact);
  for (const { granted } of fold.lots()) {
    points += granted;
    lots += 1;
  }
  const tier = tierAt(fold.tierQuestion(now)!, now);
  tiers.set(tier, (tiers.get(tier) ?? 0) + 1);
}

const atOnce = 1_000;
for (let first = 0; first < members; first += atOnce) {
  const histories = Array.from({ length: Math.min(atOnce, members - first) }, (_, member) =>
    Array.from({ length: purchases }, (_, index) => purchase(first + member, index)),
  );
  const [began, cpu] = [performance.now(), process.cpuUsage()];
  for (const facts of histories) foldMember(facts);
  const { user, system } = process.cpuUsage(cpu);
  spent.user += user / 1e6;
  spent.system += system / 1e6;
  spent.elapsed += (performance.now() - began) / 1_000;
}
console.log({ purchases: members * purchases, seconds: spent, points, lots, tiers: Object.fromEntries(tiers) });
