import { Field, ID, Int, ObjectType } from 'type-graphql';
import { toPublicId } from '../../kernel/ids.ts';
import { LoyaltyEnrolmentWay, LoyaltyImportOutcome, LoyaltyMembershipStatus } from './enrolment.enum.ts';
import type { EnrolmentWay, Membership } from './enrolment.queries.ts';
import type { Enrolled, ImportedMembership } from './enrolment.service.ts';

@ObjectType({ simpleResolvers: true, description: 'A membership as it is now.' })
export class EnrolmentPayload {
  @Field(() => ID, { description: 'The membership, `mem_…`: with it the member is found at a till.' })
  readonly membershipId: string;

  @Field(() => ID, { description: 'The programme, `prg_…`.' })
  readonly programId: string;

  @Field(() => ID, { description: 'The record that carries it, `rec_…`.' })
  readonly recordId: string;

  @Field(() => ID, {
    nullable: true,
    description: 'The customer (`cus_…`) that the record belongs to now. Null without the scope `customers:read`.',
  })
  readonly customerId: string | null;

  @Field(() => LoyaltyMembershipStatus, { description: 'Whether it counts.' })
  readonly status: Membership['status'];

  @Field(() => LoyaltyEnrolmentWay, { description: 'How they became a member.' })
  readonly how: EnrolmentWay;

  @Field(() => Date, { description: 'Since when.' })
  readonly enrolledAt: Date;

  @Field(() => Date, { nullable: true, description: 'Until when, of who has left.' })
  readonly leftAt: Date | null;

  @Field(() => Boolean, { description: 'They were a member before this call, by this or by another record.' })
  readonly alreadyMember: boolean;

  constructor({ membership, customerId, alreadyMember }: Enrolled, mayReadCustomers: boolean) {
    this.membershipId = toPublicId('mem', membership.id);
    this.programId = toPublicId('prg', membership.programId);
    this.recordId = toPublicId('rec', membership.recordId);
    this.customerId = mayReadCustomers ? toPublicId('cus', customerId) : null;
    this.status = membership.status;
    this.how = membership.how;
    this.enrolledAt = membership.enrolledAt;
    this.leftAt = membership.leftAt;
    this.alreadyMember = alreadyMember;
  }
}

@ObjectType({ simpleResolvers: true, description: 'What became of one membership of an import.' })
export class ImportedMembershipItem {
  @Field(() => String, { description: 'Where it was named, such as `input.memberships[3]`.' })
  readonly field: string;

  @Field(() => LoyaltyImportOutcome, { description: 'What became of it.' })
  readonly outcome: ImportedMembership['outcome'];

  @Field(() => ID, { nullable: true, description: 'The membership, `mem_…`; null for UNKNOWN.' })
  readonly membershipId: string | null;

  constructor({ field, outcome, membershipId }: ImportedMembership) {
    this.field = field;
    this.outcome = outcome;
    this.membershipId = membershipId === null ? null : toPublicId('mem', membershipId);
  }
}

@ObjectType({ simpleResolvers: true, description: 'What became of an import.' })
export class ImportMembershipsPayload {
  @Field(() => Int, { description: 'How many are members now who were none.' })
  readonly enrolled: number;

  @Field(() => [ImportedMembershipItem], { description: 'One for each that was named, in the order given.' })
  readonly items: readonly ImportedMembershipItem[];

  constructor(items: readonly ImportedMembership[]) {
    this.enrolled = items.filter(({ outcome }) => outcome === 'ENROLLED').length;
    this.items = items.map((item) => new ImportedMembershipItem(item));
  }
}
