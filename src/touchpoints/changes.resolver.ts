import type { SubscribeResolverData } from 'type-graphql';
import { Arg, Ctx, Query, Resolver, Root, Subscription } from 'type-graphql';
import { requireScope } from '../access/scopes.ts';
import type { Change as ChangeOfFeed } from '../kernel/change-feed-page.ts';
import type { ChangeTopic } from '../kernel/changes.queries.ts';
import type { Context } from '../kernel/context.ts';
import { Cursor } from '../kernel/scalars.ts';
import { readFeedWindow, subscribeToChanges } from './changes.service.ts';
import { Change, ChangeFeedWindow, ChangeTopicEnum } from './changes.type.ts';

type Arguments = { topics?: ChangeTopic[] | null; after?: string | null };

/** Stands here and not in the kernel because it checks scopes: the kernel doesn't know any. */
@Resolver()
export class ChangesResolver {
  @Query(() => ChangeFeedWindow, {
    description: 'Where the change feed is now, and how far back it goes. Needs the scope `customers:read`.',
  })
  changeFeed(@Ctx() ctx: Context): Promise<ChangeFeedWindow> {
    return readFeedWindow(ctx);
  }

  @Subscription(() => Change, {
    description:
      'The whole change feed, for integrations: every change once, in commit order, the same for every reader. To ' +
      'survive a lost connection, subscribe again `after` the last cursor you got. Needs the scope `customers:read`. ' +
      'Codes: `BAD_USER_INPUT`, `CURSOR_INVALID`, `CURSOR_EXPIRED`; `SLOW_CONSUMER` and `SERVICE_UNAVAILABLE` end a ' +
      'stream with the `cursor` to resume from in `extensions`.',
    subscribe: ({ args, context }: SubscribeResolverData<unknown, Arguments, Context>) =>
      subscribeToChanges(context, args),
  })
  changes(
    @Root() change: ChangeOfFeed,
    @Ctx() ctx: Context,
    @Arg('topics', () => [ChangeTopicEnum], { nullable: true, description: 'Only these topics; all when left out.' })
    _topics: ChangeTopic[] | null,
    @Arg('after', () => Cursor, {
      nullable: true,
      description: 'The cursor of the last change you got, or the `head` of `changeFeed`. Now, when left out.',
    })
    _after: string | null,
  ): Change {
    requireScope(ctx, 'customers:read');
    return new Change(change);
  }
}
