import type { SubscribeResolverData } from 'type-graphql';
import { Arg, Ctx, FieldResolver, ID, Resolver, Root, Subscription } from 'type-graphql';
import { requireScope } from '../../access/scopes.ts';
import { LifecycleStageEnum, RiskBandEnum } from '../../conditions/kpi-condition.enum.ts';
import { Customer } from '../../identity/customer.type.ts';
import { customerOfChange } from '../../identity/customer-subscription.service.ts';
import type { Change } from '../../kernel/change-feed-page.ts';
import type { Context } from '../../kernel/context.ts';
import { fromPublicId } from '../../kernel/ids.ts';
import { Cursor } from '../../kernel/scalars.ts';
import { subscribeToChurnRisk, subscribeToLifecycle } from './lifecycle-subscription.service.ts';
import { ChurnRiskEvent, LifecycleEvent } from './lifecycle-subscription.type.ts';
import type { LifecycleStage, RiskBand } from './stage.ts';

interface About {
  customerId?: string | null;
  after?: string | null;
}

const survival =
  'To survive a lost connection, subscribe again `after` the last cursor you got. Needs the scopes `metrics:read` and ' +
  '`customers:read`. Codes: `NOT_FOUND`, `CURSOR_INVALID`, `CURSOR_EXPIRED`; `SLOW_CONSUMER` and `SERVICE_UNAVAILABLE` end a ' +
  'stream with the `cursor` to resume from in `extensions`.';

const aboutCustomer = 'Only this customer, who is followed through merges and splits. Everybody when left out.';
const aboutAfter = 'The cursor of the last event you got: starts with what happened since. Now, when left out.';

@Resolver(() => LifecycleEvent)
export class LifecycleSubscriptionResolver {
  @Subscription(() => LifecycleEvent, {
    description: `Tells of every stage of the life cycle that customers come into, once and in commit order; those that time alone brings, too. ${survival}`,
    subscribe: ({
      args: { stages, customerId, after },
      context,
    }: SubscribeResolverData<unknown, About & { stages?: LifecycleStage[] | null }, Context>) =>
      subscribeToLifecycle(context, { stages, ...idOf(customerId), after }),
  })
  lifecycleChanged(
    @Root() change: Change,
    @Ctx() ctx: Context,
    @Arg('customerId', () => ID, { nullable: true, description: aboutCustomer })
    _customerId: string | null,
    @Arg('stages', () => [LifecycleStageEnum], {
      nullable: true,
      description: 'Only who comes into one of these stages; any when left out.',
    })
    _stages: LifecycleStage[] | null,
    @Arg('after', () => Cursor, { nullable: true, description: aboutAfter })
    _after: string | null,
  ): LifecycleEvent {
    requireScope(ctx, 'metrics:read');
    requireScope(ctx, 'customers:read');
    return new LifecycleEvent(change);
  }

  @FieldResolver(() => Customer, { nullable: true, description: 'To whom `customerId` leads now.' })
  customer(@Root() { change }: LifecycleEvent, @Ctx() ctx: Context): Promise<Customer | null> {
    return customerOfChange(ctx, change);
  }
}

@Resolver(() => ChurnRiskEvent)
export class ChurnRiskSubscriptionResolver {
  @Subscription(() => ChurnRiskEvent, {
    description: `Tells of every churn risk that rises into a higher band: once for each crossing, in commit order. ${survival}`,
    subscribe: ({
      args: { band, storeId, customerId, after },
      context,
    }: SubscribeResolverData<unknown, About & { band?: RiskBand | null; storeId?: string | null }, Context>) =>
      subscribeToChurnRisk(context, { band, storeId, ...idOf(customerId), after }),
  })
  churnRiskRaised(
    @Root() change: Change,
    @Ctx() ctx: Context,
    @Arg('customerId', () => ID, { nullable: true, description: aboutCustomer })
    _customerId: string | null,
    @Arg('band', () => RiskBandEnum, {
      nullable: true,
      description: 'Only who crosses the beginning of this band; of any when left out.',
    })
    _band: RiskBand | null,
    @Arg('storeId', () => String, {
      nullable: true,
      description:
        "Only customers whose home store it is: that of their latest order that names one (`properties.store`), when the risk rose. Every store's, and those of none, when left out.",
    })
    _storeId: string | null,
    @Arg('after', () => Cursor, { nullable: true, description: aboutAfter })
    _after: string | null,
  ): ChurnRiskEvent {
    requireScope(ctx, 'metrics:read');
    requireScope(ctx, 'customers:read');
    return new ChurnRiskEvent(change);
  }

  @FieldResolver(() => Customer, { nullable: true, description: 'To whom `customerId` leads now.' })
  customer(@Root() { change }: ChurnRiskEvent, @Ctx() ctx: Context): Promise<Customer | null> {
    return customerOfChange(ctx, change);
  }
}

function idOf(customerId: string | null | undefined): { customerId: string | null } {
  return { customerId: customerId == null ? null : fromPublicId('cus', customerId, 'customerId') };
}
