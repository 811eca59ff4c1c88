import { Field, ObjectType, registerEnumType } from 'type-graphql';
import { Cursor, DateTime } from '../kernel/scalars.ts';
import { Customer } from './customer.type.ts';
import { type ReasonOfChange, reasonsOfChange } from './customer-change.ts';
import type { CustomerUpdate } from './customer-subscription.service.ts';

export const CustomerChangeReason = Object.fromEntries(reasonsOfChange.map((reason) => [reason, reason])) as {
  [Reason in ReasonOfChange]: Reason;
};

registerEnumType(CustomerChangeReason, {
  name: 'CustomerChangeReason',
  description: 'What about a customer changed.',
  valuesConfig: {
    TOUCHPOINTS: { description: 'They have new touchpoints.' },
    ORDERS: { description: 'They ordered or returned something: orders, revenue.' },
    TRAITS: { description: 'A source set traits.' },
    IDENTITY: { description: 'Records or identifiers were added, or moved between customers.' },
    CREATED: { description: 'They were seen for the first time.' },
    MERGED: { description: 'Two customers turned out to be one person. `customer` is the survivor.' },
    SPLIT: { description: 'A customer turned out to be several people. `customer` is the one whom the id names now.' },
    RELATIONS: { description: 'They came into a household or account, or left one.' },
    SEGMENTS: { description: 'They entered a segment, or left one.' },
    LOYALTY: { description: 'Their points, their tier or a membership changed.' },
    CONSENTS: { description: 'What they allow changed, or has ended.' },
    PREFERENCES: { description: 'What they prefer changed.' },
  },
});

@ObjectType({ simpleResolvers: true, description: 'A customer changed.' })
export class CustomerEvent {
  @Field(() => Cursor, { description: 'Subscribe `after` it to go on behind this event. Keep the latest.' })
  readonly cursor: string;

  @Field(() => DateTime, { description: 'When the (last) change was made.' })
  readonly at: Date;

  @Field(() => [CustomerChangeReason], {
    description: 'What changed since the previous event: of several changes at once, all.',
  })
  readonly reasons: readonly ReasonOfChange[];

  @Field(() => Customer, { description: 'The customer as they are now, at least as new as the change.' })
  readonly customer: Customer;

  constructor({ change, reasons, customer }: CustomerUpdate) {
    this.cursor = change.cursor;
    this.at = change.at;
    this.reasons = reasons;
    this.customer = new Customer(customer);
  }
}
