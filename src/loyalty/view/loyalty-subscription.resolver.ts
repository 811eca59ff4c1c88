import type { SubscribeResolverData } from 'type-graphql';
import { Arg, Ctx, FieldResolver, ID, Resolver, Root, Subscription } from 'type-graphql';
import { requireScope } from '../../access/scopes.ts';
import { Customer } from '../../identity/customer.type.ts';
import { customerOfChange } from '../../identity/customer-subscription.service.ts';
import type { Change } from '../../kernel/change-feed-page.ts';
import type { Context } from '../../kernel/context.ts';
import { fromPublicId } from '../../kernel/ids.ts';
import { Cursor } from '../../kernel/scalars.ts';
import { subscribeToLoyalty } from './loyalty-subscription.service.ts';
import { LoyaltyEvent } from './loyalty-subscription.type.ts';

type Arguments = { programId?: string | null; customerId?: string | null; after?: string | null };

@Resolver(() => LoyaltyEvent)
export class LoyaltySubscriptionResolver {
  @Subscription(() => LoyaltyEvent, {
    description:
      'Tells of every change of points and tiers, once and in commit order; also of points that expire. To survive a lost ' +
      'connection, subscribe again `after` the last cursor you got. Needs the scopes `loyalty:read` and `customers:read`. ' +
      'Codes: `NOT_FOUND`, `CURSOR_INVALID`, `CURSOR_EXPIRED`; `SLOW_CONSUMER` and `SERVICE_UNAVAILABLE` end a stream with ' +
      'the `cursor` to resume from in `extensions`.',
    subscribe: ({
      args: { programId, customerId, after },
      context,
    }: SubscribeResolverData<unknown, Arguments, Context>) =>
      subscribeToLoyalty(context, {
        programId: programId == null ? null : fromPublicId('prg', programId, 'programId'),
        customerId: customerId == null ? null : fromPublicId('cus', customerId, 'customerId'),
        after,
      }),
  })
  loyaltyChanged(
    @Root() change: Change,
    @Ctx() ctx: Context,
    @Arg('customerId', () => ID, {
      nullable: true,
      description: 'Only this customer, who is followed through merges and splits. Everybody when left out.',
    })
    _customerId: string | null,
    @Arg('programId', () => ID, { nullable: true, description: 'Only this programme; all when left out.' })
    _programId: string | null,
    @Arg('after', () => Cursor, {
      nullable: true,
      description: 'The cursor of the last event you got: starts with what happened since. Now, when left out.',
    })
    _after: string | null,
  ): LoyaltyEvent {
    requireScope(ctx, 'loyalty:read');
    requireScope(ctx, 'customers:read');
    return new LoyaltyEvent(change);
  }

  @FieldResolver(() => Customer, { nullable: true, description: 'To whom `customerId` leads now.' })
  customer(@Root() { change }: LoyaltyEvent, @Ctx() ctx: Context): Promise<Customer | null> {
    return customerOfChange(ctx, change);
  }
}
