import { Arg, Ctx, FieldResolver, Int, Query, Resolver, Root } from 'type-graphql';
import type { Context } from '../../kernel/context.ts';
import { Cursor } from '../../kernel/scalars.ts';
import { Customer } from '../customer.type.ts';
import { SourceRecord } from '../record.type.ts';
import { IdentityDecision } from './decision.type.ts';
import { IdentityRegrouping, IdentityRegroupingConnection } from './regrouping.type.ts';
import {
  findDecision,
  findRegroupingById,
  findStewardsRecords,
  isTogether,
  listAllRegroupings,
  regroupingsOfCustomer,
} from './steward.service.ts';

/** For `node(id)` with an `mrg_…`. */
export async function findRegroupingNode(ctx: Context, uuid: string): Promise<IdentityRegrouping | null> {
  const row = await findRegroupingById(ctx, uuid);
  return row && new IdentityRegrouping(row);
}

@Resolver(() => IdentityRegrouping)
export class RegroupingResolver {
  @Query(() => IdentityRegroupingConnection, {
    description: 'Every merge, split and move of records, the latest first. Needs the scope `identity:read`.',
  })
  identityRegroupings(
    @Ctx() ctx: Context,
    @Arg('first', () => Int, { nullable: true, description: '1 to 200; 50 when left out.' }) first: number | null,
    @Arg('after', () => Cursor, { nullable: true, description: 'Only what comes behind this cursor.' })
    after: string | null,
  ): Promise<IdentityRegroupingConnection> {
    return listAllRegroupings(ctx, { first, after }, (row) => new IdentityRegrouping(row));
  }

  @FieldResolver(() => [SourceRecord], { description: 'The records that changed hands.' })
  records(
    @Root() { row }: IdentityRegrouping,
    @Ctx() ctx: Context,
    @Arg('first', () => Int, { defaultValue: 50, description: '1 to 200.' }) first: number,
  ): Promise<SourceRecord[]> {
    return findStewardsRecords(ctx, row.recordIds, first);
  }

  @FieldResolver(() => [SourceRecord], { description: 'The records that the other customer had beside them.' })
  otherRecords(
    @Root() { row }: IdentityRegrouping,
    @Ctx() ctx: Context,
    @Arg('first', () => Int, { defaultValue: 50, description: '1 to 200.' }) first: number,
  ): Promise<SourceRecord[]> {
    return findStewardsRecords(ctx, row.otherRecordIds, first);
  }

  @FieldResolver(() => Boolean, {
    description: 'Records of both sides are in one customer now: `unmergeCustomer` with this id would take them apart.',
  })
  together(@Root() { row }: IdentityRegrouping, @Ctx() ctx: Context): Promise<boolean> {
    return isTogether(ctx, row.id);
  }

  @FieldResolver(() => IdentityDecision, {
    nullable: true,
    description: 'With the cause DECISION: the decision that was made, or taken back.',
  })
  async decision(@Root() { row }: IdentityRegrouping, @Ctx() ctx: Context): Promise<IdentityDecision | null> {
    const decision = row.cause === 'DECISION' && row.causeId ? await findDecision(ctx, row.causeId) : null;
    return decision && new IdentityDecision(decision);
  }
}

/** What stewardship adds to a customer. */
@Resolver(() => Customer)
export class CustomerRegroupingsResolver {
  @FieldResolver(() => [IdentityRegrouping], {
    description:
      'The merges, splits and moves that made this customer what they are, the latest first. Needs the scope ' +
      '`identity:read`.',
  })
  async regroupings(
    @Root() customer: Customer,
    @Ctx() ctx: Context,
    @Arg('first', () => Int, { defaultValue: 50, description: '1 to 200.' }) first: number,
  ): Promise<IdentityRegrouping[]> {
    const rows = await regroupingsOfCustomer(ctx, customer.uuid, first);
    return rows.map((row) => new IdentityRegrouping(row));
  }
}
