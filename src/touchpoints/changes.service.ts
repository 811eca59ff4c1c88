import { requireScope } from '../access/scopes.ts';
import type { FeedWindow } from '../kernel/change-feed.ts';
import type { Change } from '../kernel/change-feed-page.ts';
import type { ChangeTopic } from '../kernel/changes.queries.ts';
import type { Context } from '../kernel/context.ts';
import { badInput } from '../kernel/errors.ts';
import { changesInside, topicsInside } from './bounded-changes.service.ts';

/** The feed itself, for integrations: every change of these topics (of all, without any). */
export async function subscribeToChanges(
  ctx: Context,
  { topics, after }: { readonly topics?: readonly ChangeTopic[] | null; readonly after?: string | null },
): Promise<AsyncIterableIterator<Change>> {
  requireScope(ctx, 'customers:read');
  if (topics?.length === 0) throw badInput('Name at least one topic, or leave `topics` out for all.', 'topics');
  return changesInside(ctx, await ctx.feed.subscribe({ after, topics: topicsInside(ctx, topics ?? undefined) }));
}

export async function readFeedWindow(ctx: Context): Promise<FeedWindow> {
  requireScope(ctx, 'customers:read');
  return ctx.feed.window();
}
