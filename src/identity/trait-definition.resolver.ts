import { Arg, Ctx, FieldResolver, Int, Mutation, Query, Resolver, Root } from 'type-graphql';
import type { Context } from '../kernel/context.ts';
import type { Page } from '../kernel/paging.ts';
import { Cursor } from '../kernel/scalars.ts';
import { refoldOfTrait, type TraitCatalog, versionsOfTrait } from './trait-catalog.service.ts';
import { UpdateTraitDefinitionInput } from './trait-definition.input.ts';
import type { TraitStatus as Status } from './trait-definition.ts';
import {
  TraitDefinition,
  TraitDefinitionConnection,
  TraitDefinitionVersion,
  TraitRefold,
  TraitStatus,
  UpdateTraitDefinitionPayload,
} from './trait-definition.type.ts';

@Resolver(() => TraitDefinition)
export class TraitDefinitionResolver {
  readonly #catalog: TraitCatalog;

  constructor(catalog: TraitCatalog) {
    this.#catalog = catalog;
  }

  @Query(() => TraitDefinitionConnection, {
    description:
      'The catalogue of traits, by name: what each means, whether it is personal, and which of several values counts. ' +
      'Needs the scope `identity:read`. Codes: `BAD_USER_INPUT`, `CURSOR_INVALID`.',
  })
  traitCatalog(
    @Ctx() ctx: Context,
    @Arg('status', () => TraitStatus, {
      nullable: true,
      description: 'UNREVIEWED: those that wait for somebody to look at them. All when left out.',
    })
    status: Status | null,
    @Arg('first', () => Int, { nullable: true, description: '1 to 200; 50 when left out.' }) first: number | null,
    @Arg('after', () => Cursor, { nullable: true, description: 'Only what comes behind this cursor.' })
    after: string | null,
  ): Promise<Page<TraitDefinition>> {
    return this.#catalog.listTraits(ctx, { status, first, after }, (row) => new TraitDefinition(row));
  }

  @Mutation(() => UpdateTraitDefinitionPayload, {
    description:
      'Changes what the catalogue says of a trait, which thereby is REVIEWED. A change that is there already changes ' +
      'nothing, so it can be repeated. Needs the scope `identity:manage`. Codes: `BAD_USER_INPUT`, `NOT_FOUND`, ' +
      '`VERSION_CONFLICT` with `currentVersion` in `extensions`.',
  })
  async updateTraitDefinition(
    @Ctx() ctx: Context,
    @Arg('input', () => UpdateTraitDefinitionInput, { description: 'What is to change.' })
    input: UpdateTraitDefinitionInput,
  ): Promise<UpdateTraitDefinitionPayload> {
    const definition = await this.#catalog.updateTrait(ctx, input);
    return new UpdateTraitDefinitionPayload(new TraitDefinition(definition));
  }

  @FieldResolver(() => [TraitDefinitionVersion], { description: 'All that the definition ever was, the latest first.' })
  async versions(@Root() definition: TraitDefinition, @Ctx() ctx: Context): Promise<TraitDefinitionVersion[]> {
    const rows = await versionsOfTrait(ctx, definition.name);
    return rows.map((row) => new TraitDefinitionVersion(row));
  }

  @FieldResolver(() => TraitRefold, {
    nullable: true,
    description: 'How far the latest change of strategy has come. Null: there never was one.',
  })
  async refold(@Root() definition: TraitDefinition, @Ctx() ctx: Context): Promise<TraitRefold | null> {
    const row = await refoldOfTrait(ctx, definition.name);
    return row && new TraitRefold(row);
  }
}
