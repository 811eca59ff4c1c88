import { Arg, Ctx, FieldResolver, Int, Resolver, Root } from 'type-graphql';
import { findCustomerByUuid } from '../identity/customer.service.ts';
import { Customer } from '../identity/customer.type.ts';
import type { Context } from '../kernel/context.ts';
import { Cursor } from '../kernel/scalars.ts';
import { findSegmentNode } from './segment.resolver.ts';
import { Segment } from './segment.type.ts';
import { logOfCustomer, membershipsOf } from './segment-members.service.ts';
import { SegmentLogEntry, SegmentLogEntryConnection, SegmentMembership } from './segment-membership.type.ts';

/** What segments add to a customer. */
@Resolver(() => Customer)
export class CustomerSegmentsResolver {
  @FieldResolver(() => [SegmentMembership], {
    description:
      'The segments in which they are, the one that they entered last first. Needs the scope `segments:read` too.',
  })
  async segments(
    @Root() customer: Customer,
    @Ctx() ctx: Context,
    @Arg('first', () => Int, { defaultValue: 50, description: '1 to 200.' }) first: number,
  ): Promise<SegmentMembership[]> {
    const rows = await membershipsOf(ctx, customer.uuid, first);
    return rows.map((row) => new SegmentMembership(row));
  }

  @FieldResolver(() => SegmentLogEntryConnection, {
    description:
      'What they entered and left, and why; the latest first. What customers did who have been merged into them is part ' +
      'of it, by the ids of that time. Needs the scope `segments:read` too.',
  })
  segmentHistory(
    @Root() customer: Customer,
    @Ctx() ctx: Context,
    @Arg('first', () => Int, { nullable: true, description: '1 to 200; 50 when left out.' }) first: number | null,
    @Arg('after', () => Cursor, { nullable: true, description: 'Only what comes behind this cursor.' })
    after: string | null,
  ): Promise<SegmentLogEntryConnection> {
    return logOfCustomer(ctx, customer.uuid, { args: { first, after }, node: (entry) => new SegmentLogEntry(entry) });
  }
}

@Resolver(() => SegmentMembership)
export class SegmentMembershipResolver {
  @FieldResolver(() => Segment, { description: 'The segment.' })
  segment(@Root() { row }: SegmentMembership, @Ctx() ctx: Context): Promise<Segment | null> {
    return findSegmentNode(ctx, row.segmentId);
  }

  @FieldResolver(() => Customer, {
    nullable: true,
    description: 'The member, as they are now. Null only where they have been erased since.',
  })
  customer(@Root() { row }: SegmentMembership, @Ctx() ctx: Context): Promise<Customer | null> {
    return findCustomerByUuid(ctx, row.customerId);
  }
}

@Resolver(() => SegmentLogEntry)
export class SegmentLogEntryResolver {
  @FieldResolver(() => Segment, { description: 'The segment.' })
  segment(@Root() { row }: SegmentLogEntry, @Ctx() ctx: Context): Promise<Segment | null> {
    return findSegmentNode(ctx, row.segmentId);
  }

  @FieldResolver(() => Customer, { nullable: true, description: 'To whom `customerId` leads now.' })
  customer(@Root() { row }: SegmentLogEntry, @Ctx() ctx: Context): Promise<Customer | null> {
    return findCustomerByUuid(ctx, row.customerId);
  }
}
