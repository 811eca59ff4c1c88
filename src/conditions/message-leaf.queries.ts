import type { MessageCondition } from './condition.ts';
import { compileEvent } from './event-leaf.queries.ts';
import { eventOf } from './message-leaf.ts';
import type { LeafSql, SqlScope } from './sql-scope.queries.ts';

export function compileMessage(leaf: MessageCondition, scope: SqlScope): LeafSql {
  return compileEvent(eventOf(leaf), scope);
}
