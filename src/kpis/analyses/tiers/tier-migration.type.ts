import { Field, Float, ID, Int, ObjectType } from 'type-graphql';
import { toPublicId } from '../../../kernel/ids.ts';
import { DateTime } from '../../../kernel/scalars.ts';
import { joined, left, type TierMatrixCell, type TierMatrixRow } from './tier-matrix.ts';
import type { TierMigrationAnswer } from './tier-migration.service.ts';

@ObjectType({ simpleResolvers: true, description: 'How many of those who had one tier have another one, or the same.' })
export class TierMigrationCell {
  @Field(() => String, { description: 'Key of the tier they had; `JOIN`: they were no members.' })
  readonly from: string;

  @Field(() => String, { description: 'Key of the tier they have; `EXIT`: they are no members any more.' })
  readonly to: string;

  @Field(() => Int, { nullable: true, description: 'How many. Null: too few for a key without `pii:read`.' })
  readonly members: number | null;

  @Field(() => Float, {
    nullable: true,
    description:
      '`members` ÷ all of the row, from 0 to 1: a row adds up to 1. Null: nobody is in the row, or too few for a key without `pii:read`.',
  })
  readonly probability: number | null;

  constructor({ from, to, members, probability }: TierMatrixCell) {
    this.from = from ?? joined;
    this.to = to ?? left;
    this.members = members;
    this.probability = probability;
  }
}

@ObjectType({ simpleResolvers: true, description: 'Where those went who had one tier: one row of the matrix.' })
export class TierMigrationRow {
  @Field(() => String, { description: 'Key of the tier they had; `JOIN`: they were no members.' })
  readonly from: string;

  @Field(() => Int, { nullable: true, description: 'How many. Null: too few for a key without `pii:read`.' })
  readonly members: number | null;

  @Field(() => [TierMigrationCell], {
    description:
      'In the order of `tiers`, then `EXIT`. `JOIN` has no `EXIT`: who came and went in between is not seen.',
  })
  readonly cells: readonly TierMigrationCell[];

  constructor({ from, members, cells }: TierMatrixRow) {
    this.from = from ?? joined;
    this.members = members;
    this.cells = cells.map((cell) => new TierMigrationCell(cell));
  }
}

@ObjectType({
  simpleResolvers: true,
  description: 'From which tiers to which members went between two instants, as probabilities.',
})
export class TierMigration {
  @Field(() => ID, { description: 'The programme, `prg_…`.' })
  readonly programId: string;

  @Field(() => DateTime, { description: 'The earlier instant.' })
  readonly from: Date;

  @Field(() => DateTime, { description: 'The later instant.' })
  readonly to: Date;

  @Field(() => [String], { description: 'Keys of tiers, the lowest first, then those that the programme has no more.' })
  readonly tiers: readonly string[];

  @Field(() => [TierMigrationRow], { description: 'A row for each tier, then `JOIN`.' })
  readonly rows: readonly TierMigrationRow[];

  constructor({ programId, from, to, tiers, rows }: TierMigrationAnswer) {
    this.programId = toPublicId('prg', programId);
    this.from = from;
    this.to = to;
    this.tiers = tiers;
    this.rows = rows.map((row) => new TierMigrationRow(row));
  }
}
