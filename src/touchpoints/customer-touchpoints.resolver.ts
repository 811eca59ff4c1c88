import { Arg, Ctx, FieldResolver, Int, Resolver, Root } from 'type-graphql';
import { Customer } from '../identity/customer.type.ts';
import type { Context } from '../kernel/context.ts';
import { Cursor } from '../kernel/scalars.ts';
import { CustomerOrders } from './customer-orders.type.ts';
import { touchpointsOfCustomer } from './touchpoint.service.ts';
import { TouchpointConnection } from './touchpoint.type.ts';
import { TouchpointFilterInput, toTouchpointFilter } from './touchpoint-filter.input.ts';

/** What touchpoints add to a customer. */
@Resolver(() => Customer)
export class CustomerTouchpointsResolver {
  @FieldResolver(() => TouchpointConnection, {
    description: 'Touchpoints of all records of this customer, the newest first.',
  })
  touchpoints(
    @Root() customer: Customer,
    @Ctx() ctx: Context,
    @Arg('filter', () => TouchpointFilterInput, { nullable: true, description: 'Which ones; all when left out.' })
    filter: TouchpointFilterInput | null,
    @Arg('first', () => Int, { nullable: true, description: '1 to 200; 50 when left out.' }) first: number | null,
    @Arg('after', () => Cursor, { nullable: true, description: 'Only what is older than this cursor.' })
    after: string | null,
  ): Promise<TouchpointConnection> {
    const input = { filter: filter && toTouchpointFilter(filter), first, after };
    return touchpointsOfCustomer(ctx, customer.uuid, input);
  }

  @FieldResolver(() => CustomerOrders, { description: 'Orders and returns, added up. Costs no further read.' })
  orders(@Root() customer: Customer): CustomerOrders {
    return new CustomerOrders(customer.row);
  }
}
