import type { SubscribeResolverData } from 'type-graphql';
import { Arg, Ctx, FieldResolver, ID, Resolver, Root, Subscription } from 'type-graphql';
import { requireScope } from '../../access/scopes.ts';
import type { Change } from '../../kernel/change-feed-page.ts';
import type { Context } from '../../kernel/context.ts';
import { fromPublicId } from '../../kernel/ids.ts';
import { Cursor } from '../../kernel/scalars.ts';
import { findCustomerByUuid } from '../customer.service.ts';
import { Customer } from '../customer.type.ts';
import { IdentityDecision } from './decision.type.ts';
import { subscribeToIdentity } from './identity-subscription.service.ts';
import { IdentityEvent } from './identity-subscription.type.ts';
import { findDecision } from './steward.service.ts';

type Arguments = { customerId?: string | null; after?: string | null };

@Resolver(() => IdentityEvent)
export class IdentitySubscriptionResolver {
  @Subscription(() => IdentityEvent, {
    description:
      'Tells of every merge, split and decision about who is who, and of other identity rules, once and in commit order. ' +
      'To survive a lost connection, subscribe again `after` the last cursor you got. Needs the scope `identity:read`. ' +
      'Codes: `NOT_FOUND`, `CURSOR_INVALID`, `CURSOR_EXPIRED`; `SLOW_CONSUMER` and `SERVICE_UNAVAILABLE` end a stream ' +
      'with the `cursor` to resume from in `extensions`.',
    subscribe: ({ args: { customerId, after }, context }: SubscribeResolverData<unknown, Arguments, Context>) =>
      subscribeToIdentity(context, {
        customerId: customerId == null ? null : fromPublicId('cus', customerId, 'customerId'),
        after,
      }),
  })
  identityChanged(
    @Root() change: Change,
    @Ctx() ctx: Context,
    @Arg('customerId', () => ID, {
      nullable: true,
      description: 'Only what concerns this customer, whom it follows through merges and splits; all when left out.',
    })
    _customerId: string | null,
    @Arg('after', () => Cursor, {
      nullable: true,
      description: 'The cursor of the last event you got: starts with what happened since. Now, when left out.',
    })
    _after: string | null,
  ): IdentityEvent {
    requireScope(ctx, 'identity:read');
    return new IdentityEvent(change);
  }

  @FieldResolver(() => Customer, {
    nullable: true,
    description: 'To whom `customerId` leads now. Needs the scope `customers:read`.',
  })
  async customer(@Root() { customerUuid }: IdentityEvent, @Ctx() ctx: Context): Promise<Customer | null> {
    return customerUuid === null ? null : findCustomerByUuid(ctx, customerUuid);
  }

  @FieldResolver(() => IdentityDecision, {
    nullable: true,
    description: 'Of DECIDED and REVOKED: the decision, as it is now.',
  })
  async decision(@Root() { decisionUuid }: IdentityEvent, @Ctx() ctx: Context): Promise<IdentityDecision | null> {
    const row = decisionUuid === null ? null : await findDecision(ctx, decisionUuid);
    return row && new IdentityDecision(row);
  }
}
