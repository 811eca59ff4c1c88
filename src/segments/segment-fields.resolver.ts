import { Arg, Ctx, FieldResolver, Int, Resolver, Root } from 'type-graphql';
import { sightOf } from '../identity/masking.ts';
import type { Context } from '../kernel/context.ts';
import type { JsonObject } from '../kernel/json.ts';
import { Cursor, DateTime, JsonObjectValue } from '../kernel/scalars.ts';
import { SegmentCostClassEnum } from './segment.enum.ts';
import { Segment, SegmentBuild, SegmentVersion } from './segment.type.ts';
import type { CostClass } from './segment-cost.ts';
import { logOfSegment, membersOf } from './segment-members.service.ts';
import {
  SegmentLogEntry,
  SegmentLogEntryConnection,
  SegmentMembership,
  SegmentMembershipConnection,
} from './segment-membership.type.ts';
import {
  countMembersOf,
  findBuild,
  findDependantsOf,
  findDependencies,
  type SegmentReader,
} from './segment-reader.service.ts';

const shown =
  'Of the version that counts, or of the latest where none does yet. Null for a list, and without the scope `pii:read` ' +
  'where it tests values that are masked for you.';

@Resolver(() => Segment)
export class SegmentFieldsResolver {
  readonly #reader: SegmentReader;

  constructor(reader: SegmentReader) {
    this.#reader = reader;
  }

  @FieldResolver(() => JsonObjectValue, {
    nullable: true,
    description: `The condition, as \`ConditionInput\` takes it: what you change in it can be given back. ${shown}`,
  })
  async definition(@Root() { row }: Segment, @Ctx() ctx: Context): Promise<JsonObject | null> {
    return (await this.#reader.definitionOf(ctx, row)).definition;
  }

  @FieldResolver(() => String, {
    nullable: true,
    description: `The condition in words, a line for each part. ${shown}`,
  })
  async text(@Root() { row }: Segment, @Ctx() ctx: Context): Promise<string | null> {
    return (await this.#reader.definitionOf(ctx, row)).text;
  }

  @FieldResolver(() => SegmentCostClassEnum, {
    description: 'What it costs to evaluate, the segments that it names included. Of the same version as `definition`.',
  })
  costClass(@Root() { row }: Segment, @Ctx() ctx: Context): Promise<CostClass> {
    return this.#reader.costOf(ctx, row.id);
  }

  @FieldResolver(() => Int, { description: 'How many customers are in it now.' })
  memberCount(@Root() { row }: Segment, @Ctx() ctx: Context): Promise<number> {
    return countMembersOf(ctx, row.id);
  }

  @FieldResolver(() => SegmentMembershipConnection, {
    description:
      'Who is in it, the latest first: paging neither skips nor repeats one who stays. Needs the scope `customers:read` too.',
  })
  members(
    @Root() { row }: Segment,
    @Ctx() ctx: Context,
    @Arg('first', () => Int, { nullable: true, description: '1 to 200; 50 when left out.' }) first: number | null,
    @Arg('after', () => Cursor, { nullable: true, description: 'Only what comes behind this cursor.' })
    after: string | null,
    @Arg('last', () => Int, { nullable: true, description: 'Page backwards instead: 1 to 200.' }) last: number | null,
    @Arg('before', () => Cursor, { nullable: true, description: 'Only what comes in front of this cursor.' })
    before: string | null,
    @Arg('at', () => DateTime, {
      nullable: true,
      description:
        'Who was in it at this instant instead: by the customers that there were then, in an order of its ' +
        'own. Two of them may be one `customer` now.',
    })
    at: Date | null,
  ): Promise<SegmentMembershipConnection> {
    const args = { first, after, last, before, at };
    return membersOf(ctx, row.id, { args, node: (member) => new SegmentMembership(member) });
  }

  @FieldResolver(() => SegmentBuild, {
    nullable: true,
    description: 'How far the version is that is to count next. Null when nothing is being built.',
  })
  async build(@Root() { row }: Segment, @Ctx() ctx: Context): Promise<SegmentBuild | null> {
    const version = await findBuild(ctx, row.id);
    return version && new SegmentBuild(version, sightOf(ctx).full);
  }

  @FieldResolver(() => [SegmentVersion], { description: 'Every definition that it ever had, the latest first.' })
  async versions(
    @Root() { row }: Segment,
    @Ctx() ctx: Context,
    @Arg('first', () => Int, { defaultValue: 50, description: '1 to 200. `latestVersion` tells how many there are.' })
    first: number,
  ): Promise<SegmentVersion[]> {
    const versions = await this.#reader.versionsOf(ctx, row.id, first);
    return versions.map((version) => new SegmentVersion(version, this.#reader.show(ctx, row.kind, version)));
  }

  @FieldResolver(() => SegmentLogEntryConnection, {
    description: 'Who entered and left it, and why; the latest first. Needs the scope `customers:read` too.',
  })
  log(
    @Root() { row }: Segment,
    @Ctx() ctx: Context,
    @Arg('first', () => Int, { nullable: true, description: '1 to 200; 50 when left out.' }) first: number | null,
    @Arg('after', () => Cursor, { nullable: true, description: 'Only what comes behind this cursor.' })
    after: string | null,
  ): Promise<SegmentLogEntryConnection> {
    return logOfSegment(ctx, row.id, { args: { first, after }, node: (entry) => new SegmentLogEntry(entry) });
  }

  @FieldResolver(() => [Segment], { description: 'The segments and lists that its definition names.' })
  async dependencies(@Root() { row }: Segment, @Ctx() ctx: Context): Promise<Segment[]> {
    return (await findDependencies(ctx, row.id)).map((segment) => new Segment(segment));
  }

  @FieldResolver(() => [Segment], {
    description:
      'The segments in use whose latest definition names this one: while there are any, it cannot be archived.',
  })
  async dependants(@Root() { row }: Segment, @Ctx() ctx: Context): Promise<Segment[]> {
    return (await findDependantsOf(ctx, row.id)).map((segment) => new Segment(segment));
  }
}
