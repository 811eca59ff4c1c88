import type { TouchpointDraft } from '../../src/touchpoints/touchpoint.ts';
import { demoDrafts, feed } from './feed.ts';
import { report, round } from './report.ts';
import { startServerProcess } from './server-process.ts';

const warmUp = 20_000;
const records = 100_000;

/**
 * 100,000 sales of people who have nothing in common but a till's default card, beside the same sales with a card each.
 * Every sale is a record of its own. The value that all share must neither join them nor slow ingestion.
 */
export async function run(): Promise<void> {
  const now = new Date();
  const server = await startServerProcess();
  try {
    await feed(server, demoDrafts(now, warmUp), 'warm-up');
    const own = await feed(
      server,
      sales(now, 'own', (index) => `25010${index}`),
      'a card each',
    );
    const shared = await feed(
      server,
      sales(now, 'shared', () => '9999999'),
      'one card on all',
    );
    const [card] = await server.pool<{ customers: number; records: number }[]>`
      select count(distinct r.customer_id)::int as customers, count(*)::int as records
      from identifiers i join claims c on c.identifier_id = i.id join records r on r.id = c.record_id
      where i.kind = 'loyaltyCard' and i.value = '9999999'`;
    if (card?.records !== records || card.customers !== records) {
      throw new Error(`The shared card joined people: ${JSON.stringify(card)}.`);
    }
    await report('shared', [own.figures, shared.figures], {
      'ratio to a card each': round(shared.rate / own.rate, 3),
      'records that carry the shared card': card.records,
      'customers that they are': card.customers,
    });
  } finally {
    await server.stop();
  }
}

function sales(now: Date, name: string, card: (index: number) => string): TouchpointDraft[] {
  return Array.from({ length: records }, (_, index) => ({
    messageId: `${name}-${index}`,
    source: 'pos',
    key: `${name}-sale-${index}`,
    identifiers: [{ kind: 'loyaltyCard', value: card(index) }],
    type: 'order.completed',
    occurredAt: new Date(now.getTime() - (records - index) * 1000).toISOString(),
    value: { amount: '19.90', currency: 'CHF' },
  }));
}
