import { Field, Float, Int, ObjectType } from 'type-graphql';
import { SegmentCostClassEnum } from './segment.enum.ts';
import type { CostClass } from './segment-cost.ts';
import type { Overlap, Preview } from './segment-preview.service.ts';

@ObjectType({ simpleResolvers: true, description: 'What a preview has in common with a segment.' })
export class SegmentOverlap {
  /** UUID, for the resolvers of further fields. */
  readonly segmentUuid: string;

  @Field(() => Int, { description: 'Customers in both; where the preview is of a sample, an estimate.' })
  readonly customers: number;

  @Field(() => Float, { description: 'Which part of the preview is in the segment, from 0 to 1.' })
  readonly share: number;

  constructor({ segmentId, share }: Overlap, size: number) {
    this.segmentUuid = segmentId;
    this.customers = Math.round(share * size);
    this.share = share;
  }
}

@ObjectType({
  simpleResolvers: true,
  description:
    'What a definition would select at this instant. Of up to 20,000 customers everybody is looked at, of more a random ' +
    'sample of 10,000, or of as many as can be looked at in five seconds.',
})
export class SegmentPreview {
  /** UUIDs, for the resolvers of further fields. */
  readonly customerUuids: readonly string[];

  @Field(() => Int, { description: 'How many customers it would select: counted if `exact`, else estimated.' })
  readonly size: number;

  @Field(() => Float, { description: 'The same as a part of all customers, from 0 to 1.' })
  readonly share: number;

  @Field(() => Boolean, { description: 'True: everybody was looked at. False: a sample.' })
  readonly exact: boolean;

  @Field(() => Int, {
    nullable: true,
    description:
      'Of a sample: the size is at least this, with 95 % confidence (between this and `highestSize`). Else null.',
  })
  readonly lowestSize: number | null;

  @Field(() => Int, {
    nullable: true,
    description:
      'Of a sample: the size is at most this, with 95 % confidence (between `lowestSize` and this). Else null.',
  })
  readonly highestSize: number | null;

  @Field(() => Int, { description: 'How many customers were looked at.' })
  readonly sampleSize: number;

  @Field(() => Int, { description: 'How many customers there are in all.' })
  readonly total: number;

  @Field(() => Boolean, {
    description: 'True beyond a million customers: `total` is then what the database guesses, not counted.',
  })
  readonly totalIsEstimate: boolean;

  @Field(() => [SegmentOverlap], {
    description:
      'Other segments that have customers in common with it, those with most first; of a sample, those that some of it are in.',
  })
  readonly overlaps: readonly SegmentOverlap[];

  @Field(() => SegmentCostClassEnum, { description: 'What it would cost to keep it live.' })
  readonly costClass: CostClass;

  @Field(() => Int, { description: 'The same in points, of which a definition may have 240.' })
  readonly cost: number;

  @Field(() => String, { description: 'The definition in words, as it was understood.' })
  readonly text: string;

  constructor(preview: Preview) {
    const { estimate, exact, total, overlaps } = preview;
    this.customerUuids = preview.customerIds;
    this.size = Math.round(estimate.share * total);
    this.share = estimate.share;
    this.exact = exact;
    this.lowestSize = exact ? null : Math.floor(estimate.lowest * total);
    this.highestSize = exact ? null : Math.ceil(estimate.highest * total);
    this.sampleSize = preview.sample;
    this.total = total;
    this.totalIsEstimate = preview.totalIsEstimate;
    this.overlaps = overlaps.map((overlap) => new SegmentOverlap(overlap, this.size));
    this.costClass = preview.costClass;
    this.cost = Math.round(preview.cost);
    this.text = preview.text;
  }
}
