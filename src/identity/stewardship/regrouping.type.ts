import { Field, ID, Int, ObjectType, registerEnumType } from 'type-graphql';
import { toPublicId } from '../../kernel/ids.ts';
import { Node } from '../../kernel/node.type.ts';
import { connectionType } from '../../kernel/paging.type.ts';
import { DateTime } from '../../kernel/scalars.ts';
import type { Cause, RegroupingLine } from '../regrouping.ts';
import type { RegroupingRow } from '../regroupings.queries.ts';

export const RegroupingKind = {
  MERGED: 'MERGED',
  SPLIT: 'SPLIT',
  MOVED: 'MOVED',
} as const satisfies { [Kind in RegroupingLine['kind']]: Kind };

registerEnumType(RegroupingKind, {
  name: 'RegroupingKind',
  description: 'What happened between two customers.',
  valuesConfig: {
    MERGED: { description: 'The customer went into the other one.' },
    SPLIT: { description: 'The customer came out of the other one.' },
    MOVED: { description: 'Some records of the customer went to the other one; both go on.' },
  },
});

export const RegroupingCause = {
  TOUCHPOINTS: 'TOUCHPOINTS',
  DECISION: 'DECISION',
  MATCH: 'MATCH',
  RULES: 'RULES',
  REBUILD: 'REBUILD',
} as const satisfies { [C in Cause['cause']]: C };

registerEnumType(RegroupingCause, {
  name: 'RegroupingCause',
  description: 'Why customers were regrouped.',
  valuesConfig: {
    TOUCHPOINTS: { description: 'New events brought evidence.' },
    DECISION: { description: 'Somebody decided, or took a decision back.' },
    MATCH: { description: 'The matcher found records of one person.' },
    RULES: { description: 'Other identity rules were applied to the past.' },
    REBUILD: { description: 'Everybody was resolved again from the facts.' },
  },
});

@ObjectType({
  implements: Node,
  simpleResolvers: true,
  description:
    'One merge, split or move of records between two customers, as it happened. A merge can be undone by its id.',
})
export class IdentityRegrouping implements Node {
  readonly id: string;
  /** UUIDs, for the resolvers of further fields. */
  readonly row: RegroupingRow;

  @Field(() => RegroupingKind, { description: 'What happened.' })
  readonly kind: RegroupingLine['kind'];

  @Field(() => DateTime, { description: 'When it happened here: not when the events of it occurred.' })
  readonly at: Date;

  @Field(() => ID, { description: 'Who was merged, came out or lost records, by the id of that time (`cus_…`).' })
  readonly customerId: string;

  @Field(() => ID, { description: 'Into whom, out of whom, or to whom; by the id of that time (`cus_…`).' })
  readonly otherCustomerId: string;

  @Field(() => Int, { description: 'Records that changed hands.' })
  readonly recordCount: number;

  @Field(() => Int, { description: 'Records that the other customer had beside them.' })
  readonly otherRecordCount: number;

  @Field(() => RegroupingCause, { description: 'Why.' })
  readonly cause: Cause['cause'];

  @Field(() => Int, { nullable: true, description: 'With the cause RULES: the version of the rules.' })
  readonly rulesVersion: number | null;

  constructor(row: RegroupingRow) {
    this.id = toPublicId('mrg', row.id);
    this.row = row;
    this.kind = row.kind;
    this.at = row.at;
    this.customerId = toPublicId('cus', row.customerId);
    this.otherCustomerId = toPublicId('cus', row.otherId);
    this.recordCount = row.recordIds.length;
    this.otherRecordCount = row.otherRecordIds.length;
    this.cause = row.cause;
    this.rulesVersion = row.cause === 'RULES' && row.causeId !== null ? Number(row.causeId) : null;
  }
}

@ObjectType({ simpleResolvers: true, description: 'A page of merges, splits and moves.' })
export class IdentityRegroupingConnection extends connectionType(IdentityRegrouping, 'IdentityRegrouping') {}
