import type { ChangeLine } from '../../kernel/changes.queries.ts';
import type { Watch } from './metric-plan.ts';

/** Whether a line of the change feed can change an answer. */
export function matters({ topic, detail }: Pick<ChangeLine, 'topic' | 'detail'>, watch: Watch): boolean {
  if (watch.topics.includes(topic)) return true;
  if (topic !== 'touchpoint.recorded') return false;
  const at = new Date(String(detail?.occurredAt));
  return watch.touchpoints.some(
    ({ types, spans }) =>
      (types === null || types.includes(String(detail?.type))) &&
      (spans === null || spans.some(({ from, to }) => from <= at && at < to)),
  );
}
