import type { SubscribeResolverData } from 'type-graphql';
import { Arg, Ctx, FieldResolver, Resolver, Root, Subscription } from 'type-graphql';
import { customerCut } from '../access/boundary.ts';
import { requireScope } from '../access/scopes.ts';
import { findCustomerByUuid } from '../identity/customer.service.ts';
import { Customer } from '../identity/customer.type.ts';
import { sightOf } from '../identity/masking.ts';
import type { Context } from '../kernel/context.ts';
import { Cursor } from '../kernel/scalars.ts';
import { TouchpointFilterInput, toTouchpointFilter } from './touchpoint-filter.input.ts';
import { loadRecordedCustomers } from './touchpoint-subscription.loader.ts';
import { type RecordedTouchpoint, subscribeToTouchpoints } from './touchpoint-subscription.service.ts';
import { TouchpointEvent } from './touchpoint-subscription.type.ts';

type Arguments = { filter?: TouchpointFilterInput | null; after?: string | null };

@Resolver(() => TouchpointEvent)
export class TouchpointSubscriptionResolver {
  @Subscription(() => TouchpointEvent, {
    description:
      'Every touchpoint that matches, once, in the order in which they are recorded. To survive a lost connection, ' +
      'subscribe again `after` the last cursor you got: nothing is missing and nothing comes twice. Needs the scope ' +
      '`customers:read`. Codes: `BAD_USER_INPUT`, `NOT_FOUND`, `CURSOR_INVALID`, `CURSOR_EXPIRED` (away for longer ' +
      'than changes are kept); `SLOW_CONSUMER` and `SERVICE_UNAVAILABLE` end a stream with the `cursor` to resume from ' +
      'in `extensions`.',
    subscribe: ({ args: { filter, after }, context }: SubscribeResolverData<unknown, Arguments, Context>) =>
      subscribeToTouchpoints(context, { filter: filter && toTouchpointFilter(filter), after }),
  })
  touchpointRecorded(
    @Root() recorded: RecordedTouchpoint,
    @Ctx() ctx: Context,
    @Arg('filter', () => TouchpointFilterInput, {
      nullable: true,
      description: 'Which ones; all when left out. A customer is followed through merges.',
    })
    _filter: TouchpointFilterInput | null,
    @Arg('after', () => Cursor, {
      nullable: true,
      description: 'The cursor of the last event you got: starts with what was recorded since. Now, when left out.',
    })
    _after: string | null,
  ): TouchpointEvent {
    requireScope(ctx, 'customers:read');
    return new TouchpointEvent(recorded, sightOf(ctx));
  }

  @FieldResolver(() => Customer, {
    nullable: true,
    description: 'To whom it belongs now. Null for an unidentified receipt.',
  })
  async customer(@Root() { change, touchpoint }: TouchpointEvent, @Ctx() ctx: Context): Promise<Customer | null> {
    if (customerCut(ctx)) return findCustomerByUuid(ctx, touchpoint.recordId);
    const customers = await change.page.once(loadRecordedCustomers, ctx.pool, change);
    const row = customers.get(touchpoint.recordId);
    return row ? new Customer(row) : null;
  }
}
