import { Field, ID, Int, ObjectType } from 'type-graphql';
import { toPublicId } from '../kernel/ids.ts';
import type {
  ClusterSize,
  RecordGroup as RecordGroupFacts,
  RulesPreview as RulesPreviewFacts,
  SampleChange,
  ValueChanges,
} from './rules-preview.ts';

const mostRecordsShown = 20;

@ObjectType({ simpleResolvers: true, description: 'A customer and how big it is, or would be.' })
export class CustomerSize {
  @Field(() => ID, { description: 'The customer, `cus_…`. One that would come into being has no other data yet.' })
  readonly customerId: string;

  @Field(() => Int, { description: 'Its records.' })
  readonly records: number;

  constructor({ customerId, records }: ClusterSize) {
    this.customerId = toPublicId('cus', customerId);
    this.records = records;
  }
}

@ObjectType({ simpleResolvers: true, description: 'A customer as the records that it is, or would be, made of.' })
export class CustomerRecords {
  @Field(() => ID, { description: 'The customer, `cus_…`.' })
  readonly customerId: string;

  @Field(() => Int, { description: 'How many records.' })
  readonly records: number;

  @Field(() => [ID], { description: 'The first 20 of them, `rec_…`.' })
  readonly recordIds: readonly string[];

  constructor({ customerId, recordIds }: RecordGroupFacts) {
    this.customerId = toPublicId('cus', customerId);
    this.records = recordIds.length;
    this.recordIds = recordIds.slice(0, mostRecordsShown).map((id) => toPublicId('rec', id));
  }
}

@ObjectType({
  simpleResolvers: true,
  description: 'Customers that would exchange records: what they are, and would be.',
})
export class RegroupingPreview {
  @Field(() => [CustomerRecords], { description: 'As they are.' })
  readonly before: readonly CustomerRecords[];

  @Field(() => [CustomerRecords], { description: 'As they would be.' })
  readonly after: readonly CustomerRecords[];

  constructor({ before, after }: SampleChange) {
    this.before = before.map((group) => new CustomerRecords(group));
    this.after = after.map((group) => new CustomerRecords(group));
  }
}

@ObjectType({ simpleResolvers: true, description: 'How many values of one kind would count differently.' })
export class IdentifierValueChanges implements ValueChanges {
  @Field(() => String, { description: 'Such as `email`.' })
  readonly kind!: string;

  @Field(() => Int, { description: 'Would be on more records than may carry them, and join nobody any more.' })
  readonly cut!: number;

  @Field(() => Int, { description: 'Are on too many records now, and would not be.' })
  readonly uncut!: number;

  @Field(() => Int, { description: 'Would be blocked.' })
  readonly blocked!: number;

  @Field(() => Int, { description: 'Are blocked now, and would not be.' })
  readonly unblocked!: number;
}

@ObjectType({ simpleResolvers: true, description: 'What other identity rules would do. Nothing has been changed.' })
export class RulesPreview {
  @Field(() => Boolean, {
    description:
      'All records were looked at. False: the time was up, and all numbers are about `recordsExamined` only.',
  })
  readonly complete: boolean;

  @Field(() => Int, { description: 'Records that were looked at, each with everything that is tied to it.' })
  readonly recordsExamined: number;

  @Field(() => Int, { description: 'Records that there are.' })
  readonly recordsTotal: number;

  @Field(() => Int, { description: 'Customers now.' })
  readonly customersBefore: number;

  @Field(() => Int, { description: 'Customers there would be.' })
  readonly customersAfter: number;

  @Field(() => Int, { description: 'Customers that would become part of others.' })
  readonly merges: number;

  @Field(() => Int, { description: 'Customers that would come out of others.' })
  readonly splits: number;

  @Field(() => [CustomerSize], { description: 'The 10 customers with the most records now, the largest first.' })
  readonly largestBefore: readonly CustomerSize[];

  @Field(() => [CustomerSize], { description: 'The 10 customers that would have the most records, the largest first.' })
  readonly largestAfter: readonly CustomerSize[];

  @Field(() => [IdentifierValueChanges], { description: 'Values that would count differently, by kind.' })
  readonly values: readonly IdentifierValueChanges[];

  @Field(() => [RegroupingPreview], {
    description: 'The 20 largest changes of who is who, by the number of records concerned.',
  })
  readonly samples: readonly RegroupingPreview[];

  constructor(facts: RulesPreviewFacts) {
    this.complete = facts.complete;
    this.recordsExamined = facts.recordsExamined;
    this.recordsTotal = facts.recordsTotal;
    this.customersBefore = facts.customersBefore;
    this.customersAfter = facts.customersAfter;
    this.merges = facts.merges;
    this.splits = facts.splits;
    this.largestBefore = facts.largestBefore.map((cluster) => new CustomerSize(cluster));
    this.largestAfter = facts.largestAfter.map((cluster) => new CustomerSize(cluster));
    this.values = facts.values;
    this.samples = facts.samples.map((sample) => new RegroupingPreview(sample));
  }
}
