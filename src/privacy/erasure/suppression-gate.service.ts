import type { Tx } from '../../kernel/database.ts';
import type { AcceptedTouchpoint } from '../../touchpoints/touchpoint.ts';
import type { Refusal, TouchpointsRefused } from '../../touchpoints/touchpoints.events.ts';
import { findSuppressed, hasSuppressions } from './suppressions.queries.ts';

const refusal: Refusal = {
  code: 'SUPPRESSED',
  message: 'It is about somebody whose data was erased. Nothing was stored.',
};

/**
 * Keeps those out who were erased. Runs in the transaction that records, under the lock that erasures take exclusively: what
 * it finds stays true until the commit. Where nobody was ever erased it costs one look at an empty index.
 */
export function refuseSuppressed(): TouchpointsRefused {
  // Only saves sending the ids of every batch to a database that knows of no suppression.
  let expected = false;
  return async (tx, touchpoints) => {
    if (!expected) {
      if (!(await hasSuppressions(tx))) return new Map();
      expected = true;
    }
    return refusals(tx, touchpoints);
  };
}

async function refusals(tx: Tx, touchpoints: readonly AcceptedTouchpoint[]): Promise<ReadonlyMap<string, Refusal>> {
  const suppressed = await findSuppressed(tx, [...new Set(touchpoints.flatMap(idsOf))]);
  if (suppressed.size === 0) return new Map();
  const refused = touchpoints.filter((touchpoint) => idsOf(touchpoint).some((id) => suppressed.has(id)));
  return new Map(refused.map(({ id }) => [id, refusal]));
}

function idsOf({ recordId, identifiers }: AcceptedTouchpoint): string[] {
  return [recordId, ...identifiers.map(({ id }) => id)];
}
