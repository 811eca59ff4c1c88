import type { MembersCondition } from './condition.ts';
import type { LeafSql, SqlScope } from './sql-scope.queries.ts';

export function compileMembers({ of, quantifier, condition }: MembersCondition, scope: SqlScope): LeafSql {
  const { holds, fails, next } = scope.members(of, condition);
  const verdicts = { ANY: `(${holds} > 0)`, ALL: `(${fails} = 0)`, NONE: `(${holds} = 0)` };
  return { verdict: verdicts[quantifier], next };
}
