import type { SubscribeResolverData } from 'type-graphql';
import { Arg, Ctx, FieldResolver, ID, Resolver, Root, Subscription } from 'type-graphql';
import { requireScope } from '../access/scopes.ts';
import { Customer } from '../identity/customer.type.ts';
import { customerOfChange } from '../identity/customer-subscription.service.ts';
import type { Change } from '../kernel/change-feed-page.ts';
import type { Context } from '../kernel/context.ts';
import { fromPublicId } from '../kernel/ids.ts';
import { Cursor } from '../kernel/scalars.ts';
import { Segment } from './segment.type.ts';
import { loadChangedSegments } from './segment-subscription.loader.ts';
import { subscribeToMemberships } from './segment-subscription.service.ts';
import { SegmentMembershipEvent } from './segment-subscription.type.ts';

type Arguments = { segmentId?: string | null; customerId?: string | null; after?: string | null };

@Resolver(() => SegmentMembershipEvent)
export class SegmentSubscriptionResolver {
  @Subscription(() => SegmentMembershipEvent, {
    description:
      'Tells of everybody who enters or leaves a segment, once and in commit order. To survive a lost connection, ' +
      'subscribe again `after` the last cursor you got. Needs the scopes `segments:read` and `customers:read`. Codes: ' +
      '`NOT_FOUND`, `CURSOR_INVALID`, `CURSOR_EXPIRED`; `SLOW_CONSUMER` and `SERVICE_UNAVAILABLE` end a stream with the ' +
      '`cursor` to resume from in `extensions`.',
    subscribe: ({
      args: { segmentId, customerId, after },
      context,
    }: SubscribeResolverData<unknown, Arguments, Context>) =>
      subscribeToMemberships(context, {
        segmentId: segmentId == null ? null : fromPublicId('seg', segmentId, 'segmentId'),
        customerId: customerId == null ? null : fromPublicId('cus', customerId, 'customerId'),
        after,
      }),
  })
  segmentMembershipChanged(
    @Root() change: Change,
    @Ctx() ctx: Context,
    @Arg('segmentId', () => ID, { nullable: true, description: 'Only this segment; all when left out.' })
    _segmentId: string | null,
    @Arg('customerId', () => ID, {
      nullable: true,
      description:
        'Only this customer, who is followed through merges and splits. After a merge, read `Customer.segments` anew: ' +
        'what the other one was in before is not told again.',
    })
    _customerId: string | null,
    @Arg('after', () => Cursor, {
      nullable: true,
      description: 'The cursor of the last event you got: starts with what happened since. Now, when left out.',
    })
    _after: string | null,
  ): SegmentMembershipEvent {
    requireScope(ctx, 'segments:read');
    requireScope(ctx, 'customers:read');
    return new SegmentMembershipEvent(change);
  }

  @FieldResolver(() => Segment, { description: 'The segment, as it is now.' })
  async segment(@Root() { change }: SegmentMembershipEvent, @Ctx() ctx: Context): Promise<Segment> {
    const segments = await change.page.once(loadChangedSegments, ctx.pool, change);
    return new Segment(segments.get(change.subjectId)!);
  }

  @FieldResolver(() => Customer, { nullable: true, description: 'To whom `customerId` leads now.' })
  customer(@Root() { change }: SegmentMembershipEvent, @Ctx() ctx: Context): Promise<Customer | null> {
    return customerOfChange(ctx, change);
  }
}
