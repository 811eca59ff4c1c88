import { Field, ID, Int, ObjectType } from 'type-graphql';
import { toPublicId } from '../../kernel/ids.ts';
import { DataSubjectReceiptLine, DataSubjectRequest } from '../erasure/erasure.type.ts';
import type { PartialDeletion } from './partial-deletion.service.ts';

@ObjectType({ simpleResolvers: true, description: 'What came of deleting touchpoints of a customer.' })
export class DeleteTouchpointsPayload {
  @Field(() => DataSubjectRequest, { nullable: true, description: 'The request; null where it was only tried.' })
  readonly request: DataSubjectRequest | null;

  @Field(() => Int, { description: 'How many touchpoints were deleted, or would be.' })
  readonly touchpoints: number;

  @Field(() => [DataSubjectReceiptLine], { description: 'What was done to each table, or would be.' })
  readonly receipt: readonly DataSubjectReceiptLine[];

  @Field(() => ID, {
    nullable: true,
    description:
      'The customer (`cus_…`) now, or as it would be: another id where the record that gave the id is gone; null where nothing is left of them.',
  })
  readonly customerId: string | null;

  constructor({ request, touchpoints, receipts, customerId, dryRun }: PartialDeletion) {
    this.request = dryRun ? null : new DataSubjectRequest(request);
    this.touchpoints = touchpoints;
    this.receipt = receipts;
    this.customerId = customerId === null ? null : toPublicId('cus', customerId);
  }
}
