import type { ChangeLine, ChangeTopic } from '../../kernel/changes.queries.ts';
import type { Touched } from './household-derivation.ts';

/** What the rule for households has to hear of. */
export const topicsOfRule = [
  'customer.created',
  'customer.changed',
  'customer.merged',
  'customer.split',
  'household.changed',
] as const satisfies readonly ChangeTopic[];

/**
 * The customers whom these changes may take to another household. What somebody says by hand touches a customer too: it
 * may free a place or take one. What the rule itself has done does not, or it would never come to rest.
 */
export function touchedBy(lines: readonly ChangeLine[]): Touched {
  const customerIds = new Set<string>();
  const anyway = new Set<string>();
  for (const line of lines) {
    if (line.customerId === null || !matters(line)) continue;
    const regrouped = line.topic !== 'customer.created' && line.topic !== 'customer.changed';
    for (const id of [line.customerId, line.detail?.into, line.detail?.from]) {
      if (typeof id !== 'string') continue;
      customerIds.add(id);
      if (regrouped) anyway.add(id);
    }
  }
  return { customerIds, anyway };
}

function matters({ topic, detail }: ChangeLine): boolean {
  if (topic === 'household.changed') return detail?.origin === 'HAND';
  if (topic !== 'customer.changed') return true;
  return (
    Array.isArray(detail?.reasons) && detail.reasons.some((reason) => reason === 'TRAITS' || reason === 'IDENTITY')
  );
}
