import { Field, ID, Int, ObjectType, registerEnumType } from 'type-graphql';
import { toPublicId } from '../kernel/ids.ts';
import { Segment } from './segment.type.ts';
import type { ListChange, ListItem, ListOutcome } from './segment-lists.service.ts';

export const SegmentListOutcome = {
  ADDED: 'ADDED',
  ALREADY_THERE: 'ALREADY_THERE',
  REMOVED: 'REMOVED',
  NOT_THERE: 'NOT_THERE',
  UNKNOWN: 'UNKNOWN',
} as const satisfies { [Outcome in ListOutcome]: Outcome };

registerEnumType(SegmentListOutcome, {
  name: 'SegmentListOutcome',
  description: 'What became of a customer who was to be put on a list, or taken off.',
  valuesConfig: {
    ADDED: { description: 'They are on it now.' },
    ALREADY_THERE: { description: 'They were on it already, by this id or by one that was merged into them.' },
    REMOVED: { description: 'They are no longer on it.' },
    NOT_THERE: { description: 'They were not on it.' },
    UNKNOWN: { description: 'Nobody has this id, or carries this identifier.' },
  },
});

@ObjectType({ simpleResolvers: true, description: 'What became of one customer that was named.' })
export class SegmentListItem {
  @Field(() => String, { description: 'Where they were named, such as `input.identifiers[3]`.' })
  readonly field: string;

  @Field(() => SegmentListOutcome, { description: 'What became of them.' })
  readonly outcome: ListOutcome;

  @Field(() => ID, {
    nullable: true,
    description: 'Who it is (`cus_…`), by the id of now. Null for UNKNOWN, and without the scope `customers:read`.',
  })
  readonly customerId: string | null;

  constructor({ field, outcome, customerId }: ListItem) {
    this.field = field;
    this.outcome = outcome;
    this.customerId = customerId === null ? null : toPublicId('cus', customerId);
  }
}

@ObjectType({ simpleResolvers: true, description: 'The list, and what became of each customer that was named.' })
export class SegmentListPayload {
  @Field(() => Segment, { description: 'The list as it is now.' })
  readonly segment: Segment;

  @Field(() => Int, { description: 'Customers who were put on it, or taken off; each once, however often named.' })
  readonly changed: number;

  @Field(() => Int, { description: 'Of those who were named, how many nobody is.' })
  readonly unknown: number;

  @Field(() => [SegmentListItem], { description: 'One for each that was named: ids first, in the order given.' })
  readonly items: readonly SegmentListItem[];

  constructor({ segment, items, changed }: ListChange) {
    this.segment = new Segment(segment);
    this.changed = changed;
    this.unknown = items.filter(({ outcome }) => outcome === 'UNKNOWN').length;
    this.items = items.map((item) => new SegmentListItem(item));
  }
}
