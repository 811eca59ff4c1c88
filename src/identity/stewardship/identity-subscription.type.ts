import { Field, ID, Int, ObjectType, registerEnumType } from 'type-graphql';
import type { Change } from '../../kernel/change-feed-page.ts';
import { toPublicId } from '../../kernel/ids.ts';
import { Cursor, DateTime } from '../../kernel/scalars.ts';
import type { IdentityTopic } from './identity-subscription.service.ts';

/** Values are topics as the feed spells them, so none has to be translated. */
export const IdentityEventKind = {
  MERGED: 'customer.merged',
  SPLIT: 'customer.split',
  DECIDED: 'identity.decided',
  REVOKED: 'identity.revoked',
  RULES_CHANGED: 'identity.rules_changed',
} as const satisfies Record<string, IdentityTopic>;

registerEnumType(IdentityEventKind, {
  name: 'IdentityEventKind',
  description: 'What happened.',
  valuesConfig: {
    MERGED: { description: '`customerId` went into `otherCustomerId`.' },
    SPLIT: { description: '`customerId` came out of `otherCustomerId`.' },
    DECIDED: { description: '`decision` was made; one event for each customer that it is about.' },
    REVOKED: { description: '`decision` was taken back; one event for each customer that it is about.' },
    RULES_CHANGED: { description: 'Other identity rules are in force: `rulesVersion`. The past follows.' },
  },
});

@ObjectType({ simpleResolvers: true, description: 'Something about who is who changed.' })
export class IdentityEvent {
  /** UUIDs, for the resolvers of further fields. */
  readonly customerUuid: string | null;
  readonly decisionUuid: string | null;

  @Field(() => Cursor, { description: 'Subscribe `after` it to go on behind this event. Keep the latest.' })
  readonly cursor: string;

  @Field(() => DateTime, { description: 'When it was done.' })
  readonly at: Date;

  @Field(() => IdentityEventKind, { description: 'What happened.' })
  readonly kind: IdentityTopic;

  @Field(() => ID, {
    nullable: true,
    description: 'The customer concerned, by the id of that time (`cus_…`). Null: nobody in particular.',
  })
  readonly customerId: string | null;

  @Field(() => ID, {
    nullable: true,
    description: 'Of MERGED and SPLIT: the other customer, by the id of that time (`cus_…`).',
  })
  readonly otherCustomerId: string | null;

  @Field(() => Int, { nullable: true, description: 'Of RULES_CHANGED: the version in force.' })
  readonly rulesVersion: number | null;

  constructor({ cursor, at, topic, customerId, subjectId, detail }: Change) {
    const other = detail?.into ?? detail?.from;
    this.customerUuid = customerId;
    this.decisionUuid = topic === 'identity.decided' || topic === 'identity.revoked' ? subjectId : null;
    this.cursor = cursor;
    this.at = at;
    this.kind = topic as IdentityTopic;
    this.customerId = customerId === null ? null : toPublicId('cus', customerId);
    this.otherCustomerId = typeof other === 'string' ? toPublicId('cus', other) : null;
    this.rulesVersion = typeof detail?.version === 'number' ? detail.version : null;
  }
}
