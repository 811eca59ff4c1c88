import type { Tx } from '../../kernel/database.ts';
import { type HistoryQuestion, streamHistories } from './member-history.queries.ts';
import { HistoryReader, type MemberHistory } from './member-history.ts';

/** Puts a history together member by member, while it is streamed. */
export async function streamMembers(
  tx: Tx,
  question: HistoryQuestion,
  { each, signal }: { each: (history: MemberHistory) => void; signal?: AbortSignal },
): Promise<void> {
  const reader = new HistoryReader(question.programId);
  await streamHistories(tx, question, {
    signal,
    each(row) {
      const finished = reader.add(row);
      if (finished) each(finished);
    },
  });
  const last = reader.finish();
  if (last) each(last);
}
