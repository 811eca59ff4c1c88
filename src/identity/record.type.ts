import { Field, Int, ObjectType } from 'type-graphql';
import { toPublicId } from '../kernel/ids.ts';
import { Node } from '../kernel/node.type.ts';
import { DateTime } from '../kernel/scalars.ts';
import type { Sight } from './masking.ts';
import type { RecordView } from './record.queries.ts';

@ObjectType({
  implements: Node,
  simpleResolvers: true,
  description:
    'A person as one source knows them, named by the source and its own key. Touchpoints, identifiers and traits ' +
    'belong to records for ever; which customer a record belongs to can change.',
})
export class SourceRecord implements Node {
  readonly id: string;
  /** UUID, and that of its customer: for the resolvers of further fields. */
  readonly uuid: string;
  readonly customerId: string | null;

  @Field(() => String, { description: 'The system that knows the person so, such as `web`, `pos` or `crm`.' })
  readonly source: string;

  @Field(() => String, {
    description:
      "The source's own key of the person. Masked without `pii:read`: it may be a card or an e-mail address.",
  })
  readonly key: string;

  @Field(() => DateTime, { description: 'Time of its first touchpoint.' })
  readonly firstAt: Date;

  @Field(() => DateTime, { description: 'Time of its latest touchpoint.' })
  readonly lastAt: Date;

  @Field(() => Int, { description: 'How many touchpoints it has.' })
  readonly touchpointCount: number;

  constructor(row: RecordView, sight: Sight) {
    this.id = toPublicId('rec', row.id);
    this.uuid = row.id;
    this.customerId = row.customerId;
    this.source = row.source;
    this.key = sight.identifier(row.key);
    this.firstAt = row.firstAt;
    this.lastAt = row.lastAt;
    this.touchpointCount = Number(row.touchpoints);
  }
}
