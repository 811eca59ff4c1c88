import { Arg, Ctx, FieldResolver, Int, Query, Resolver, Root } from 'type-graphql';
import { findCustomerByUuid, findRecordByUuid } from '../identity/customer.service.ts';
import { Customer } from '../identity/customer.type.ts';
import { SourceRecord } from '../identity/record.type.ts';
import type { Context } from '../kernel/context.ts';
import { Cursor } from '../kernel/scalars.ts';
import { listAllTouchpoints } from './touchpoint.service.ts';
import { Touchpoint, TouchpointConnection } from './touchpoint.type.ts';
import { TouchpointFilterInput, toTouchpointFilter } from './touchpoint-filter.input.ts';

@Resolver(() => Touchpoint)
export class TouchpointResolver {
  @Query(() => TouchpointConnection, {
    description:
      'Touchpoints by the time at which they happened, the newest first, those of nobody known included. Needs the ' +
      'scope `customers:read`. A filter that matches little walks far back: give it a period, a customer or a record. ' +
      'Codes: `BAD_USER_INPUT`, `CURSOR_INVALID`.',
  })
  touchpoints(
    @Ctx() ctx: Context,
    @Arg('filter', () => TouchpointFilterInput, { nullable: true, description: 'Which ones; all when left out.' })
    filter: TouchpointFilterInput | null,
    @Arg('first', () => Int, { nullable: true, description: '1 to 200; 50 when left out.' }) first: number | null,
    @Arg('after', () => Cursor, { nullable: true, description: 'Only what is older than this cursor.' })
    after: string | null,
  ): Promise<TouchpointConnection> {
    return listAllTouchpoints(ctx, { filter: filter && toTouchpointFilter(filter), first, after });
  }

  @FieldResolver(() => SourceRecord, { description: 'The record that it belongs to, for ever.' })
  async record(@Root() touchpoint: Touchpoint, @Ctx() ctx: Context): Promise<SourceRecord | null> {
    return findRecordByUuid(ctx, touchpoint.recordId);
  }

  @FieldResolver(() => Customer, {
    nullable: true,
    description: 'To whom that record belongs now. Null for an unidentified receipt.',
  })
  async customer(@Root() touchpoint: Touchpoint, @Ctx() ctx: Context): Promise<Customer | null> {
    return findCustomerByUuid(ctx, touchpoint.recordId);
  }
}
