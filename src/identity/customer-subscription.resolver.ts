import type { SubscribeResolverData } from 'type-graphql';
import { Arg, Ctx, ID, Resolver, Root, Subscription } from 'type-graphql';
import { requireScope } from '../access/scopes.ts';
import type { Context } from '../kernel/context.ts';
import { fromPublicId } from '../kernel/ids.ts';
import { Cursor } from '../kernel/scalars.ts';
import { type CustomerUpdate, subscribeToCustomer } from './customer-subscription.service.ts';
import { CustomerEvent } from './customer-subscription.type.ts';

type Arguments = { id: string; after?: string | null };

@Resolver()
export class CustomerSubscriptionResolver {
  @Subscription(() => CustomerEvent, {
    description:
      'Tells whenever this customer changed, with their new state. Follows them through merges and splits. Changes ' +
      'that come faster than you read are told as one event, so the last event always shows the latest state, and you ' +
      'never fall behind. Needs the scope `customers:read`. Codes: `NOT_FOUND`, `CURSOR_INVALID`, `CURSOR_EXPIRED`; ' +
      '`SERVICE_UNAVAILABLE` ends a stream with the `cursor` to resume from in `extensions`.',
    subscribe: ({ args: { id, after }, context }: SubscribeResolverData<unknown, Arguments, Context>) =>
      subscribeToCustomer(context, { customerId: fromPublicId('cus', id), after }),
  })
  customerChanged(
    @Root() update: CustomerUpdate,
    @Ctx() ctx: Context,
    @Arg('id', () => ID, { description: 'Any id (`cus_…`) that the customer ever had: ids survive merges.' })
    _id: string,
    @Arg('after', () => Cursor, {
      nullable: true,
      description: 'The cursor of the last event you got: starts with what changed since. Now, when left out.',
    })
    _after: string | null,
  ): CustomerEvent {
    requireScope(ctx, 'customers:read');
    return new CustomerEvent(update);
  }
}
