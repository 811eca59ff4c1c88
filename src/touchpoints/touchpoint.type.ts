import { Field, Float, ObjectType, registerEnumType } from 'type-graphql';
import type { Sight } from '../identity/masking.ts';
import { toPublicId } from '../kernel/ids.ts';
import type { JsonObject } from '../kernel/json.ts';
import { Money } from '../kernel/money.type.ts';
import { Node } from '../kernel/node.type.ts';
import { connectionType } from '../kernel/paging.type.ts';
import { DateTime, JsonObjectValue } from '../kernel/scalars.ts';
import { type AcceptedLine, type Channel, channels, type Direction, directions } from './touchpoint.ts';

const enumOf = <T extends string>(values: readonly T[]) =>
  Object.fromEntries(values.map((value) => [value, value])) as { [K in T]: K };

/** The GraphQL enums of the vocabularies in `touchpoint.ts`. */
export const ChannelEnum = enumOf(channels);
export const DirectionEnum = enumOf(directions);

registerEnumType(ChannelEnum, {
  name: 'Channel',
  description: 'Where an interaction took place.',
  valuesConfig: {
    WEB: { description: 'A web site or web shop.' },
    APP: { description: 'A mobile app.' },
    POS: { description: 'A till in a shop.' },
    EMAIL: { description: 'One-to-one e-mail.' },
    NEWSLETTER: { description: 'E-mail sent to many.' },
    SMS: { description: 'Text message.' },
    PUSH: { description: 'Push notification of an app or browser.' },
    PHONE: { description: 'Telephone call.' },
    CHAT: { description: 'Live chat, messenger or bot.' },
    SOCIAL: { description: 'Social media.' },
    LETTER: { description: 'Post.' },
    MAGAZINE: { description: 'Printed magazine or catalogue.' },
    COMMUNITY: { description: 'Forum or customer community.' },
    VISIT: { description: 'A visit in person, other than at a till.' },
    EVENT: { description: 'Trade fair, workshop, party.' },
    SERVICE: { description: 'Service desk or repair.' },
    PARTNER: { description: 'Through a partner company.' },
    OTHER: { description: 'Anything else.' },
  },
});

registerEnumType(DirectionEnum, {
  name: 'Direction',
  description: 'Who turned to whom.',
  valuesConfig: {
    INBOUND: { description: 'The customer did something.' },
    OUTBOUND: { description: 'The organisation turned to the customer.' },
  },
});

/** A row of `touchpoints`, with the customer to whom its record belongs now. */
export interface TouchpointView {
  readonly id: string;
  readonly recordId: string;
  readonly customerId: string | null;
  readonly occurredAt: Date;
  readonly receivedAt: Date;
  readonly source: string;
  readonly messageId: string;
  readonly type: string;
  readonly channel: string;
  readonly direction: string;
  readonly valueMinor: bigint | null;
  readonly currency: string | null;
  readonly campaign: string | null;
  readonly traits: JsonObject | null;
  readonly properties: JsonObject | null;
  readonly lines: readonly AcceptedLine[] | null;
  readonly context: JsonObject | null;
}

@ObjectType({ simpleResolvers: true, description: 'One position of an order or a return.' })
export class TouchpointLine {
  @Field(() => String, { description: "The product's stock-keeping unit: the retailer's own number." })
  readonly sku: string;

  @Field(() => String, { nullable: true, description: 'Name of the product, where the source gave one.' })
  readonly name: string | null;

  @Field(() => String, { nullable: true, description: 'Category of the product, where the source gave one.' })
  readonly category: string | null;

  @Field(() => Float, { description: 'How many (or how much, for goods by weight).' })
  readonly quantity: number;

  @Field(() => Money, {
    nullable: true,
    description: 'Price of one unit, as exact as the source gave it. Null when the touchpoint came without a currency.',
  })
  readonly price: Money | null;

  constructor(line: AcceptedLine, currency: string | null) {
    this.sku = line.sku;
    this.name = line.name;
    this.category = line.category;
    this.quantity = line.quantity;
    this.price = currency === null ? null : { amount: line.price, currency };
  }
}

@ObjectType({
  implements: Node,
  simpleResolvers: true,
  description:
    'One interaction in time, in either direction. It belongs to one source record for ever, and through it to ' +
    'whichever customer that record belongs to now. Without the scope `pii:read` personal values are masked.',
})
export class Touchpoint implements Node {
  readonly id: string;
  /** UUID, and those of what it belongs to: for the resolvers of further fields. */
  readonly uuid: string;
  readonly recordId: string;
  readonly customerId: string | null;

  @Field(() => String, {
    description: 'What happened, such as `order.completed` or `page.viewed`. An open vocabulary.',
  })
  readonly type: string;

  @Field(() => ChannelEnum, { description: 'Where it happened.' })
  readonly channel: Channel;

  @Field(() => DirectionEnum, { description: 'Who turned to whom.' })
  readonly direction: Direction;

  @Field(() => String, { description: 'The system that saw it, such as `web` or `pos`.' })
  readonly source: string;

  @Field(() => String, { description: "The sender's own id of the message, unique within `source`." })
  readonly messageId: string;

  @Field(() => DateTime, { description: 'When it happened, corrected for a wrong clock of the sender.' })
  readonly occurredAt: Date;

  @Field(() => DateTime, { description: 'When this platform accepted it.' })
  readonly receivedAt: Date;

  @Field(() => Money, {
    nullable: true,
    description: 'What it was worth. For a return: what was given back, as a positive amount.',
  })
  readonly value: Money | null;

  @Field(() => [TouchpointLine], { description: 'Positions of an order or a return, in the order given; else empty.' })
  readonly lines: readonly TouchpointLine[];

  @Field(() => String, { nullable: true, description: 'The campaign it belongs to, as the source named it.' })
  readonly campaign: string | null;

  @Field(() => JsonObjectValue, { nullable: true, description: 'Further facts, as the source gave them.' })
  readonly properties: JsonObject | null;

  @Field(() => JsonObjectValue, {
    nullable: true,
    description: 'Traits of the person that this touchpoint set, name → value.',
  })
  readonly traits: JsonObject | null;

  @Field(() => JsonObjectValue, { nullable: true, description: 'Technical circumstances: page, device, locale …' })
  readonly context: JsonObject | null;

  constructor(row: TouchpointView, sight: Sight) {
    this.id = toPublicId('tp', row.id);
    this.uuid = row.id;
    this.recordId = row.recordId;
    this.customerId = row.customerId;
    this.type = row.type;
    this.channel = row.channel as Channel;
    this.direction = row.direction as Direction;
    this.source = row.source;
    this.messageId = row.messageId;
    this.occurredAt = row.occurredAt;
    this.receivedAt = row.receivedAt;
    this.value = row.valueMinor === null || row.currency === null ? null : new Money(row.valueMinor, row.currency);
    this.lines = row.lines === null ? [] : row.lines.map((line) => new TouchpointLine(line, row.currency));
    this.campaign = row.campaign;
    this.properties = sight.freeForm(row.properties);
    this.traits = sight.traits(row.traits);
    this.context = sight.freeForm(row.context);
  }
}

@ObjectType({ simpleResolvers: true, description: 'A page of touchpoints.' })
export class TouchpointConnection extends connectionType(Touchpoint, 'Touchpoint') {}
