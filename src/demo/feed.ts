import type { TouchpointDraft } from '../touchpoints/touchpoint.ts';
import type { ApiClient } from './api-client.ts';

const mutation = `mutation Feed($events: [TouchpointInput!]!) {
  ingest(events: $events) { stored duplicates conflicts rejected quarantined }
}`;

export interface FeedCounts {
  stored: number;
  duplicates: number;
  conflicts: number;
  rejected: number;
  quarantined: number;
}

export interface FeedOptions {
  /** Events in one call. */
  readonly batchSize: number;
  /** Calls under way at once. */
  readonly inFlight: number;
  /** Called after each answer: `done` drafts are answered, and of those the first `settled` without a hole. */
  readonly onProgress: (progress: { done: number; settled: number }) => void | Promise<void>;
  readonly signal: AbortSignal;
}

/** One call. Waits as long as the API is too busy. */
export async function ingest(
  api: ApiClient,
  events: readonly TouchpointDraft[],
  signal?: AbortSignal,
): Promise<FeedCounts> {
  const answer = await api.requestPatiently<{ ingest: FeedCounts }>(mutation, { events }, signal);
  return answer.ingest;
}

/**
 * Sends drafts through the public API. An abort ends it between two calls: what is under way is waited for, so that
 * nothing is left in doubt.
 */
export async function feed(
  api: ApiClient,
  drafts: Iterator<TouchpointDraft>,
  options: FeedOptions,
): Promise<FeedCounts> {
  const total: FeedCounts = { stored: 0, duplicates: 0, conflicts: 0, rejected: 0, quarantined: 0 };
  const underWay = new Set<number>();
  let [taken, done] = [0, 0];

  async function sendInTurns(): Promise<void> {
    while (!options.signal.aborted) {
      const batch = take(drafts, options.batchSize);
      if (batch.length === 0) return;
      const start = taken;
      taken += batch.length;
      underWay.add(start);
      add(total, await ingest(api, batch));
      underWay.delete(start);
      done += batch.length;
      await options.onProgress({ done, settled: Math.min(taken, ...underWay) });
    }
  }

  await Promise.all(Array.from({ length: options.inFlight }, sendInTurns));
  return total;
}

/** Up to `count` of the next drafts. */
export function take<T>(source: Iterator<T>, count: number): T[] {
  const taken: T[] = [];
  while (taken.length < count) {
    const next = source.next();
    if (next.done) break;
    taken.push(next.value);
  }
  return taken;
}

function add(total: FeedCounts, counts: FeedCounts): void {
  for (const name of Object.keys(total) as (keyof FeedCounts)[]) total[name] += counts[name];
}
