import { Field, Int, ObjectType } from 'type-graphql';
import { CalendarDate, DateTime } from '../kernel/scalars.ts';
import type { IdentifierView } from './identifier.queries.ts';
import type { Sight } from './masking.ts';

@ObjectType({
  simpleResolvers: true,
  description: 'Something that singles out a person or a device, in the form in which spellings are compared.',
})
export class Identifier {
  @Field(() => String, {
    description: '`email`, `phone`, `userId`, `loyaltyCard`, `anonymousId`, `deviceId`, or a custom kind.',
  })
  readonly kind: string;

  @Field(() => String, { description: 'Normalised. Masked without the scope `pii:read`.' })
  readonly value: string;

  @Field(() => String, {
    nullable: true,
    description: 'As the source wrote it, where that differs from `value`. Masked without the scope `pii:read`.',
  })
  readonly given: string | null;

  @Field(() => DateTime, { description: 'When it was first seen here.' })
  readonly firstSeenAt: Date;

  @Field(() => CalendarDate, { description: 'The last day (UTC) on which it was seen here.' })
  readonly lastSeenOn: string;

  @Field(() => Int, { description: 'Records here that carry it.' })
  readonly recordCount: number;

  @Field(() => Boolean, { description: 'Records elsewhere carry it too: a family address, a shared device.' })
  readonly shared: boolean;

  constructor(row: IdentifierView, sight: Sight) {
    this.kind = row.kind;
    this.value = sight.identifier(row.value);
    this.given = row.given === null ? null : sight.identifier(row.given);
    this.firstSeenAt = row.firstSeenAt;
    this.lastSeenOn = row.lastSeenOn;
    this.recordCount = Number(row.ownRecords);
    this.shared = row.records > this.recordCount;
  }
}
