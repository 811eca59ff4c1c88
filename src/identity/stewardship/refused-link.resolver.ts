import { Arg, Ctx, FieldResolver, Int, Query, Resolver, Root } from 'type-graphql';
import type { Context } from '../../kernel/context.ts';
import { Cursor } from '../../kernel/scalars.ts';
import { sightOf } from '../masking.ts';
import { SourceRecord } from '../record.type.ts';
import type { Refusal } from '../resolution.ts';
import { IdentityDecision } from './decision.type.ts';
import { IdentityEvidence, KnownIdentifier, KnownIdentifierConnection } from './evidence.type.ts';
import { LinkRefusal, RefusedLink, RefusedLinkConnection } from './refused-link.type.ts';
import { findDecision, findKnownIdentifier, findStewardsRecord, listOverused, listRefused } from './steward.service.ts';

@Resolver(() => RefusedLink)
export class RefusedLinkResolver {
  @Query(() => RefusedLinkConnection, {
    description:
      'Evidence that would join customers and is refused as things stand now, the latest first: what a steward may ' +
      'want to decide. Needs the scope `identity:read`.',
  })
  refusedLinks(
    @Ctx() ctx: Context,
    @Arg('first', () => Int, { nullable: true, description: '1 to 200; 50 when left out.' }) first: number | null,
    @Arg('after', () => Cursor, { nullable: true, description: 'Only what comes behind this cursor.' })
    after: string | null,
    @Arg('refusals', () => [LinkRefusal], { nullable: true, description: 'Only these reasons; all when left out.' })
    refusals: Refusal[] | null,
    @Arg('kinds', () => [String], {
      nullable: true,
      description: 'Only identifiers of these kinds; `decision` stands for links and matches. All when left out.',
    })
    kinds: string[] | null,
  ): Promise<RefusedLinkConnection> {
    return listRefused(ctx, { first, after, refusals, kinds }, (row) => new RefusedLink(row));
  }

  @Query(() => KnownIdentifierConnection, {
    description:
      'Identifiers that join nobody because more records carry them than their rules allow (the default card of a till), the ' +
      'latest first. Needs the scope `identity:read`.',
  })
  overusedIdentifiers(
    @Ctx() ctx: Context,
    @Arg('first', () => Int, { nullable: true, description: '1 to 200; 50 when left out.' }) first: number | null,
    @Arg('after', () => Cursor, { nullable: true, description: 'Only what comes behind this cursor.' })
    after: string | null,
  ): Promise<KnownIdentifierConnection> {
    return listOverused(ctx, { first, after }, (row) => new KnownIdentifier(row, sightOf(ctx)));
  }

  @FieldResolver(() => SourceRecord, { description: 'The record that carries the evidence.' })
  record(@Root() { row }: RefusedLink, @Ctx() ctx: Context): Promise<SourceRecord | null> {
    return findStewardsRecord(ctx, row.recordId);
  }

  @FieldResolver(() => SourceRecord, {
    nullable: true,
    description:
      'The record that it would have been joined to; null with `TOO_MANY_VALUES`, which is about one record.',
  })
  async otherRecord(@Root() { row }: RefusedLink, @Ctx() ctx: Context): Promise<SourceRecord | null> {
    return row.otherRecordId === null ? null : findStewardsRecord(ctx, row.otherRecordId);
  }

  @FieldResolver(() => IdentityDecision, {
    nullable: true,
    description: 'With `SEPARATED`: the decision that says that they are not one person.',
  })
  async limitingDecision(@Root() { row }: RefusedLink, @Ctx() ctx: Context): Promise<IdentityDecision | null> {
    const decision = row.refusal === 'SEPARATED' ? await findDecision(ctx, row.limitedBy!) : null;
    return decision && new IdentityDecision(decision);
  }
}

@Resolver(() => IdentityEvidence)
export class IdentityEvidenceResolver {
  @FieldResolver(() => KnownIdentifier, { nullable: true, description: 'The identifier that both records carry.' })
  async identifier(@Root() { uuid, kind }: IdentityEvidence, @Ctx() ctx: Context): Promise<KnownIdentifier | null> {
    const row = kind === 'decision' ? null : await findKnownIdentifier(ctx, uuid);
    return row && new KnownIdentifier(row, sightOf(ctx));
  }

  @FieldResolver(() => IdentityDecision, { nullable: true, description: 'The link, merge or match.' })
  async decision(@Root() { uuid, kind }: IdentityEvidence, @Ctx() ctx: Context): Promise<IdentityDecision | null> {
    const row = kind === 'decision' ? await findDecision(ctx, uuid) : null;
    return row && new IdentityDecision(row);
  }
}
