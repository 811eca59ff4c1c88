import type { Database, Pool } from '../../kernel/database.ts';
import { type Consent, foldConsents } from './consent.ts';
import { findCustomersBehind, findStrayConsents, smallestId } from './consent-check.queries.ts';
import { isSame } from './consent-folding.ts';
import { findConsents, findStatementsOf } from './consents.queries.ts';

/** A consent that is kept otherwise than it follows from what was said. */
export interface ConsentDifference {
  readonly customerId: string;
  readonly purpose: string;
  readonly channel: string;
  /** As JSON; null: there is none. */
  readonly stored: string | null;
  readonly expected: string | null;
}

export interface ConsentVerification {
  readonly customers: number;
  readonly consents: number;
  readonly differences: readonly ConsentDifference[];
}

const atOnce = 2_000;
const mostStray = 1_000;

/** Compares what counts for every customer with what was said of their records, beside a running server. */
export async function verifyConsents(pool: Pool): Promise<ConsentVerification> {
  const differences: ConsentDifference[] = [];
  let [customers, consents, after] = [0, 0, smallestId];
  for (;;) {
    const page = await pool.begin('isolation level repeatable read read only', (tx) => comparePage(tx, after));
    if (page.ids.length === 0) break;
    customers += page.ids.length;
    consents += page.consents;
    differences.push(...page.differences);
    after = page.ids.at(-1)!;
  }
  const stray = await findStrayConsents(pool, mostStray);
  differences.push(...stray.map((one) => ({ ...one, stored: 'of nobody', expected: null })));
  return { customers, consents, differences };
}

async function comparePage(db: Database, after: string) {
  const ids = await findCustomersBehind(db, after, atOnce);
  const [statements, kept] = await Promise.all([findStatementsOf(db, ids), findConsents(db, ids)]);
  const saidOf = Map.groupBy(statements, ({ customerId }) => customerId);
  const keptOf = Map.groupBy(kept, ({ customerId }) => customerId);
  const differences = ids.flatMap((id) => compare(id, foldConsents(saidOf.get(id) ?? []), keptOf.get(id) ?? []));
  return { ids, consents: kept.length, differences };
}

function compare(customerId: string, expected: readonly Consent[], stored: readonly Consent[]): ConsentDifference[] {
  const byName = (consents: readonly Consent[]) =>
    new Map(consents.map((one) => [`${one.channel} ${one.purpose}`, one]));
  const [then, now] = [byName(expected), byName(stored)];
  return [...new Set([...then.keys(), ...now.keys()])].flatMap((name) => {
    const [should, is] = [then.get(name), now.get(name)];
    if (should && isSame(should, is)) return [];
    const { purpose, channel } = (should ?? is)!;
    return [{ customerId, purpose, channel, stored: shown(is), expected: shown(should) }];
  });
}

function shown(consent: Consent | undefined): string | null {
  return consent ? JSON.stringify(consent) : null;
}
