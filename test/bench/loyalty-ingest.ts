import type { TouchpointDraft } from '../../src/touchpoints/touchpoint.ts';
import { earningRule, exampleProgram } from '../loyalty/example-program.ts';
import { publishAt } from '../loyalty/fixture.ts';
import { feed } from './feed.ts';
import { type Figures, round } from './report.ts';
import { startServerProcess } from './server-process.ts';

const people = 10_000;
const warmUp = 20_000;
const measured = 60_000;

/** A shop's programme: four rules, one of them for members of higher tiers, caps, expiry, three tiers. */
export function shopProgram() {
  const expiry = { count: 2, unit: 'YEAR', endOf: 'MONTH' } as const;
  return exampleProgram({
    rules: [
      earningRule({ expiry }),
      earningRule({
        key: 'coffee',
        expiry,
        lines: { skus: ['SKU-7', 'SKU-8'], categories: ['category 3'] },
        earns: { item: { points: '5' } },
        caps: [{ per: 'MONTH', points: '100' }],
      }),
      earningRule({
        key: 'web',
        expiry,
        match: { types: ['order.completed'], channels: ['WEB'] },
        earns: { event: { points: '10' } },
        qualifies: false,
      }),
      earningRule({
        key: 'tiers',
        expiry,
        tiers: ['silver', 'gold'],
        earns: { multiplier: { factor: '1.5', of: ['base'] } },
        qualifies: false,
      }),
    ],
  });
}

/** Purchases in the order in which they happen, one in twenty of them a return of an earlier one. */
export function purchases(now: Date, count: number): TouchpointDraft[] {
  const last = new Map<number, TouchpointDraft>();
  return Array.from({ length: count }, (_, index) => {
    const n = (index * 7919 + (index % 13) * 31) % people;
    const before = last.get(n);
    const isReturn = index % 20 === 19 && before !== undefined;
    const draft: TouchpointDraft = isReturn ? comesBack(before, index) : buys(n, index);
    last.delete(n);
    if (!isReturn) last.set(n, draft);
    return { ...draft, occurredAt: new Date(now.getTime() - (count - index) * 500).toISOString() };
  });
}

function buys(n: number, index: number): TouchpointDraft {
  const lines = Array.from({ length: 1 + (index % 3) }, (_, place) => ({
    sku: `SKU-${(index + place) % 50}`,
    category: `category ${(index + place) % 8}`,
    quantity: 1 + (index % 2),
    price: `${5 + ((index * 3 + place) % 40)}.50`,
  }));
  const total = lines.reduce((sum, { quantity, price }) => sum + quantity * Number(price), 0);
  return {
    ...person(n, index),
    type: 'order.completed',
    value: { amount: total.toFixed(2), currency: 'CHF' },
    lines,
    properties: { orderId: `O-${index}` },
  };
}

function comesBack(order: TouchpointDraft, index: number): TouchpointDraft {
  return { ...order, messageId: `purchase-${index}`, type: 'order.returned', lines: order.lines?.slice(0, 1) };
}

function person(n: number, index: number) {
  return {
    messageId: `purchase-${index}`,
    source: n % 2 === 0 ? 'pos' : 'web',
    channel: n % 2 === 0 ? ('POS' as const) : ('WEB' as const),
    key: `card-${n}`,
    identifiers: [{ kind: 'loyaltyCard', value: `card-${n}` }],
    occurredAt: '',
  };
}

/** The same purchases into two empty databases, one of them with a programme. */
export async function run(): Promise<Figures> {
  const drafts = purchases(new Date(), warmUp + measured);
  const without = await rate(drafts, 'without a programme', false);
  const beside = await rate(drafts, 'with a programme', true);
  return {
    'purchases without a programme, per s': round(without.rate),
    'purchases with earning and tiers, per s': round(beside.rate),
    'ratio (goal ≥ 0.6)': round(beside.rate / without.rate, 3),
    'points granted': Number(beside.points),
  };
}

async function rate(drafts: readonly TouchpointDraft[], name: string, program: boolean) {
  const server = await startServerProcess();
  try {
    if (program) await publishAt({ pool: server.pool }, shopProgram());
    await feed(server, drafts.slice(0, warmUp), `warm-up ${name}`);
    const { rate: perSecond } = await feed(server, drafts.slice(warmUp), name);
    const [row] = await server.pool<{ points: bigint }[]>`select coalesce(sum(granted), 0) as points from loyalty_lots`;
    return { rate: perSecond, points: row!.points };
  } finally {
    await server.stop();
  }
}
