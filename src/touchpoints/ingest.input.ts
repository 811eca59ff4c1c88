import { Field, Float, InputType } from 'type-graphql';
import { IdentifierInput } from '../identity/identifier.input.ts';
import type { JsonObject } from '../kernel/json.ts';
import { EventAmount, EventTime, JsonObjectValue } from '../kernel/scalars.ts';
import type { Channel, Direction, LineDraft, TouchpointDraft } from './touchpoint.ts';
import { ChannelEnum, DirectionEnum } from './touchpoint.type.ts';

@InputType({ description: 'An amount with its currency, as a sender gives it.' })
export class ValueInput {
  @Field(() => EventAmount, {
    description:
      'No more decimal places than the currency has. Never negative for orders and returns: a return gives the amount returned.',
  })
  amount!: string | number;

  @Field(() => String, { description: 'ISO 4217 code, such as `EUR`.' })
  currency!: string;
}

@InputType({ description: 'One position of an order or a return.' })
export class LineInput implements LineDraft {
  @Field(() => String, { description: "The product's stock-keeping unit: your own article number." })
  sku!: string;

  @Field(() => String, { nullable: true, description: 'Name of the product.' })
  name?: string | null;

  @Field(() => String, { nullable: true, description: 'Category of the product.' })
  category?: string | null;

  @Field(() => Float, { description: 'How many; fractions for goods by weight or length.' })
  quantity!: number;

  @Field(() => EventAmount, {
    description: "Price of one, in the currency of the touchpoint's `value`. Up to 8 decimal places.",
  })
  price!: string | number;
}

@InputType({
  description:
    'One interaction to record: a page view, an order, a newsletter opened, traits that a source knows. At most 32 KB, ' +
    'not counting `lines` (at most 2,000).',
})
export class TouchpointInput implements TouchpointDraft {
  @Field(() => String, {
    description:
      'Your own id of this message, unique within `source`. Send the same message again as often as you like: it is stored once. ' +
      'Another body under the same id is a `CONFLICT`.',
  })
  messageId!: string;

  @Field(() => String, { description: 'The system that saw it, such as `web`, `app`, `pos`, `crm`.' })
  source!: string;

  @Field(() => String, {
    nullable: true,
    description:
      'How that system names the person: a customer number, a card. Leave it out where it has no such name (a web shop): ' +
      'the strongest identifier names the record then, so that several people on one device stay apart.',
  })
  key?: string | null;

  @Field(() => [IdentifierInput], {
    nullable: true,
    description:
      'What the person could be recognised by; at most 20. Values that identify nobody (`null`, `guest`, no e-mail address) are left ' +
      'out with a warning. Without `key` and identifiers it is an unidentified receipt.',
  })
  identifiers?: IdentifierInput[] | null;

  @Field(() => String, {
    description:
      'What happened. Any name; these have a meaning of their own: `identify` (only traits), `page.viewed`, `product.viewed`, ' +
      '`cart.updated`, `checkout.started`, `order.completed` and `order.returned` (need `value`), `email.sent`, `email.opened`, ' +
      '`email.clicked`, `case.opened`, `case.resolved`.',
  })
  type!: string;

  @Field(() => ChannelEnum, {
    nullable: true,
    description: 'Where it took place. Left out: what is usual for the source, else `OTHER`.',
  })
  channel?: Channel | null;

  @Field(() => DirectionEnum, {
    nullable: true,
    description: 'Left out: `OUTBOUND` for types that end in `.sent`, else `INBOUND`.',
  })
  direction?: Direction | null;

  @Field(() => EventTime, {
    description: 'When it happened. From 1990 to at most 24 hours ahead; late and out-of-order is welcome.',
  })
  occurredAt!: string;

  @Field(() => EventTime, {
    nullable: true,
    description:
      "The sender's clock when it sent. A clock that is wrong by more than ten seconds is corrected by its error.",
  })
  sentAt?: string | null;

  @Field(() => JsonObjectValue, {
    nullable: true,
    description:
      'What the source now knows about the person: name → value. `null` says that there is none. At most 200.',
  })
  traits?: JsonObject | null;

  @Field(() => JsonObjectValue, { nullable: true, description: 'What is worth knowing about the interaction itself.' })
  properties?: JsonObject | null;

  @Field(() => ValueInput, {
    nullable: true,
    description: 'What it was worth. Needed for orders, returns and `lines`.',
  })
  value?: ValueInput | null;

  @Field(() => [LineInput], { nullable: true, description: 'Positions of an order or a return.' })
  lines?: LineInput[] | null;

  @Field(() => String, { nullable: true, description: 'The campaign that led to it.' })
  campaign?: string | null;

  @Field(() => JsonObjectValue, { nullable: true, description: 'Circumstances: user agent, referrer, till, store.' })
  context?: JsonObject | null;
}
