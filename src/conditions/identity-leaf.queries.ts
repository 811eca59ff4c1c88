import type { IdentityCondition } from './condition.ts';
import { type Duration, durationInterval } from './duration.ts';
import { verifiedTrait } from './identity-leaf.ts';
import { earliest, type LeafSql, never, type SqlScope } from './sql-scope.queries.ts';
import { traitSql } from './trait-leaf.queries.ts';

export function compileIdentity(leaf: IdentityCondition, scope: SqlScope): LeafSql {
  if (leaf.mergedWithin) return mergedSql(leaf.mergedWithin, scope);
  if (leaf.identified) return { verdict: 'c.identified', next: never };
  if (leaf.recordFrom !== undefined) {
    const source = scope.value(leaf.recordFrom, 'text');
    const from = `exists (select from records r where r.customer_id = c.id and r.source = ${source})`;
    return { verdict: from, next: never };
  }
  if (leaf.carries !== undefined) return { verdict: carriesSql(leaf.carries, scope), next: never };
  const isVerified = `coalesce(${traitSql(verifiedTrait(leaf.verified!), scope)} = 'true'::jsonb, false)`;
  return { verdict: `(${isVerified} and ${carriesSql(leaf.verified!, scope)})`, next: never };
}

function carriesSql(kind: string, scope: SqlScope): string {
  return `exists (
    select from records r join claims k on k.record_id = r.id
    where r.customer_id = c.id and k.kind = ${scope.value(kind, 'text')} and k.removed_by is null)`;
}

/** The latest merge counts longest. */
function mergedSql(within: Duration, scope: SqlScope): LeafSql {
  const { now } = scope;
  const length = scope.value(durationInterval(within), 'interval');
  const recent = `
    from regroupings g
    where g.other_id = c.id and g.kind = 'MERGED' and g.at > ${now} - ${length}`;
  const coming = `min(g.at) filter (where g.at > ${now})`;
  const leaving = `max(g.at) filter (where g.at <= ${now}) + ${length}`;
  return {
    verdict: `exists (select ${recent} and g.at <= ${now})`,
    next: `(select ${earliest(coming, leaving)} ${recent})`,
  };
}
