import { buckets } from './bucket-leaf.ts';
import type { BucketCondition } from './condition.ts';
import { type LeafSql, never, type SqlScope } from './sql-scope.queries.ts';

export function compileBucket({ seed, from, to }: BucketCondition, scope: SqlScope): LeafSql {
  const hash = `encode(sha256(convert_to(${scope.value(`${seed}:`, 'text')} || c.id::text, 'UTF8')), 'hex')`;
  const bucket = `(('x' || left(${hash}, 12))::bit(48)::bigint % ${buckets})`;
  const [first, end] = [scope.value(from, 'integer'), scope.value(to, 'integer')];
  return { verdict: `(${bucket} >= ${first} and ${bucket} < ${end})`, next: never };
}
