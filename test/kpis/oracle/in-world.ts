import { openTestDatabase } from '../../support/database.ts';
import { Duck } from './duck.ts';
import { exportFacts } from './export.ts';
import { deriveFacts } from './facts.ts';
import { live, type OracleNode, openNode } from './node.ts';
import type { World } from './world-arbitrary.ts';

export interface Looks {
  /** When customers are scored: in the end, if left out. */
  readonly scored?: 'MEANWHILE' | 'AFTERWARDS';
  /** When half of it has happened. */
  readonly meanwhile?: (node: OracleNode) => Promise<void>;
  /** In the end, when the other database knows what was said. */
  readonly afterwards: (node: OracleNode, duck: Duck) => Promise<void>;
}

/** Lets a world happen in a database of its own, and gives what was said in it to the other database. */
export async function inWorld(
  { steps }: World,
  { scored = 'AFTERWARDS', meanwhile, afterwards }: Looks,
): Promise<void> {
  const database = await openTestDatabase();
  const duck = await Duck.open();
  try {
    const node = await openNode(database.pool);
    const half = steps.length >> 1;
    await live(node, { steps: steps.slice(0, half) });
    // The rest of the roll-up is to be added up by whoever asks.
    await node.compactor.step();
    if (scored === 'MEANWHILE') await node.scoring.scoreCustomers(node.ctx);
    await meanwhile?.(node);
    await live(node, { steps: steps.slice(half) });
    if (scored === 'AFTERWARDS') await node.scoring.scoreCustomers(node.ctx);
    await exportFacts(database.pool, duck);
    await deriveFacts(duck);
    await afterwards(node, duck);
  } finally {
    duck.close();
    await database.close();
  }
}
