import { Field, Int, ObjectType } from 'type-graphql';
import { toPublicId } from '../kernel/ids.ts';
import type { JsonObject } from '../kernel/json.ts';
import { Node } from '../kernel/node.type.ts';
import { connectionType } from '../kernel/paging.type.ts';
import { DateTime } from '../kernel/scalars.ts';

/** A row of `customers`, as the view reads it. */
export interface CustomerView {
  readonly id: string;
  readonly identified: boolean;
  readonly records: number;
  readonly firstSeenAt: Date;
  readonly lastSeenAt: Date;
  readonly touchpoints: bigint;
  readonly orders: number;
  readonly firstOrderAt: Date | null;
  readonly lastOrderAt: Date | null;
  /** JSON text: its amounts may be greater than a JavaScript number can hold. */
  readonly revenue: string;
  readonly traits: JsonObject;
}

@ObjectType({
  implements: Node,
  simpleResolvers: true,
  description:
    'One person, as all sources together know them: everything here is derived from the source records that belong ' +
    'to them now. Ids stay valid for ever: the id of a customer that was merged into another gives that other one.',
})
export class Customer implements Node {
  readonly id: string;
  /** UUID, for the loaders of further fields. */
  readonly uuid: string;
  /** The row behind it, for resolvers of further fields; traits in it are not masked. */
  readonly row: CustomerView;

  @Field(() => Boolean, {
    description: 'Known by an identifier that names a person (e-mail, phone, card …), not only by a device.',
  })
  readonly identified: boolean;

  @Field(() => DateTime, { description: 'Time of the first touchpoint.' })
  readonly firstSeenAt: Date;

  @Field(() => DateTime, { description: 'Time of the latest touchpoint.' })
  readonly lastSeenAt: Date;

  @Field(() => Int, { description: 'Touchpoints of all source records.' })
  readonly touchpointCount: number;

  @Field(() => Int, { description: 'Source records that belong to this customer now.' })
  readonly recordCount: number;

  constructor(row: CustomerView) {
    this.id = toPublicId('cus', row.id);
    this.uuid = row.id;
    this.row = row;
    this.identified = row.identified;
    this.firstSeenAt = row.firstSeenAt;
    this.lastSeenAt = row.lastSeenAt;
    this.touchpointCount = Number(row.touchpoints);
    this.recordCount = row.records;
  }
}

@ObjectType({ simpleResolvers: true, description: 'A page of customers.' })
export class CustomerConnection extends connectionType(Customer, 'Customer') {}
