import { Field, ID, ObjectType, registerEnumType } from 'type-graphql';
import type { Change as ChangeOfFeed } from '../kernel/change-feed-page.ts';
import type { ChangeTopic } from '../kernel/changes.queries.ts';
import { type IdPrefix, toPublicId } from '../kernel/ids.ts';
import type { JsonObject } from '../kernel/json.ts';
import { Cursor, DateTime, JsonObjectValue } from '../kernel/scalars.ts';

/** Values are topics as the feed spells them, so none has to be translated. */
export const ChangeTopicEnum = {
  TOUCHPOINT_RECORDED: 'touchpoint.recorded',
  CUSTOMER_CREATED: 'customer.created',
  CUSTOMER_CHANGED: 'customer.changed',
  CUSTOMER_MERGED: 'customer.merged',
  CUSTOMER_SPLIT: 'customer.split',
  IDENTITY_DECIDED: 'identity.decided',
  IDENTITY_REVOKED: 'identity.revoked',
  IDENTITY_RULES_CHANGED: 'identity.rules_changed',
  HOUSEHOLD_CHANGED: 'household.changed',
  ACCOUNT_CHANGED: 'account.changed',
  SEGMENT_ENTERED: 'segment.entered',
  SEGMENT_LEFT: 'segment.left',
  SEGMENT_CHANGED: 'segment.changed',
  LOYALTY_CHANGED: 'loyalty.changed',
  LOYALTY_TIER_CHANGED: 'loyalty.tier_changed',
  LOYALTY_PROGRAM_CHANGED: 'loyalty.program_changed',
  LOYALTY_OFFER_CHANGED: 'loyalty.offer_changed',
  LIFECYCLE_CHANGED: 'lifecycle.changed',
  CHURN_RISK_RAISED: 'churn_risk.raised',
  KPIS_CHANGED: 'kpis.changed',
  CONSENT_CHANGED: 'consent.changed',
  PREFERENCE_CHANGED: 'preference.changed',
  CUSTOMER_ERASED: 'customer.erased',
  DATA_DELETED: 'data.deleted',
} as const satisfies Record<string, ChangeTopic>;

registerEnumType(ChangeTopicEnum, {
  name: 'ChangeTopic',
  description: 'What kind of thing changed.',
  valuesConfig: {
    TOUCHPOINT_RECORDED: {
      description:
        'A touchpoint was recorded: `subjectId` is its id. Detail: `recordId`, `occurredAt`, `type`, `source`, ' +
        '`channel`, `direction`, `campaign`.',
    },
    CUSTOMER_CREATED: { description: 'A customer was seen for the first time.' },
    CUSTOMER_CHANGED: {
      description: 'Something about a customer changed. Detail: `reasons` (see `CustomerChangeReason`).',
    },
    CUSTOMER_MERGED: {
      description:
        'A customer turned out to be the same person as another. `customerId` is the one that was absorbed; detail: `into`.',
    },
    CUSTOMER_SPLIT: {
      description: 'A customer turned out to be somebody else. `customerId` is the one that came out; detail: `from`.',
    },
    IDENTITY_DECIDED: {
      description:
        'Somebody decided who is who: `subjectId` is the decision, `customerId` one of the customers that it is about, ' +
        'each in a line of its own. Detail: `kind` (see `IdentityDecisionKind`).',
    },
    IDENTITY_REVOKED: {
      description: 'A decision about who is who was taken back. Otherwise as IDENTITY_DECIDED.',
    },
    IDENTITY_RULES_CHANGED: {
      description: 'Other identity rules are in force: `subjectId` names them, no node has it. Detail: `version`.',
    },
    HOUSEHOLD_CHANGED: {
      description:
        'A household changed: `subjectId` is its id, `customerId` the member concerned, if one is. Detail: `what` ' +
        '(`CREATED`, `UPDATED`, `MEMBER_ADDED`, `MEMBER_REMOVED`), `origin` (`HAND`, `RULE`).',
    },
    ACCOUNT_CHANGED: {
      description:
        'A company account changed: `subjectId` is its id, `customerId` the member concerned, if one is. Detail: `what` ' +
        '(`CREATED`, `UPDATED`, `MOVED`, `MEMBER_ADDED`, `MEMBER_REMOVED`).',
    },
    SEGMENT_ENTERED: {
      description:
        'A customer became a member of a segment: `subjectId` is the segment. Detail: `version` of its definition, `cause` ' +
        '(see `SegmentCause`).',
    },
    SEGMENT_LEFT: {
      description:
        'A customer is no longer a member of a segment. Otherwise as SEGMENT_ENTERED; `into`: who took the place of a ' +
        'customer who is no more.',
    },
    SEGMENT_CHANGED: {
      description:
        'A segment itself changed: `subjectId` is its id. Detail: `what` (`CREATED`, `UPDATED`, `SERVED`: members are by ' +
        'this version now, `ARCHIVED`), `version`.',
    },
    LOYALTY_CHANGED: {
      description:
        "A customer's points or membership changed: `subjectId` is the programme. Detail: `accounts` (`wallet`, by how much " +
        '`available` and `pending` changed), `kinds` (see `LoyaltyEntryKind`), `what` for changes without points.',
    },
    LOYALTY_TIER_CHANGED: {
      description:
        'A customer got another tier: `subjectId` is the programme. Detail: `fromTier`, `toTier`, `cause` (see ' +
        '`LoyaltyTierCause`).',
    },
    LOYALTY_PROGRAM_CHANGED: {
      description: 'A programme was created, published, turned or brought into another phase. Detail: `what` and more.',
    },
    LOYALTY_OFFER_CHANGED: {
      description:
        'An offer changed, or something became of one that was shown to a customer: `subjectId` is the offer. Detail: ' +
        '`what`, `version` or `presentationId`.',
    },
    LIFECYCLE_CHANGED: {
      description:
        'A customer is in another stage of the life cycle: `subjectId` is the customer too. Detail: `from`, `to`, `at`, ' +
        '`cause` (see `LifecycleCause`), `corrected`: a late event has rewritten the past.',
    },
    CHURN_RISK_RAISED: {
      description:
        "A customer's churn risk rose into a higher band: `subjectId` is the customer too. Detail: `from`, `to`, `risk`.",
    },
    KPIS_CHANGED: {
      description:
        'Something changed that KPIs of everybody depend on; `subjectId` is the model for MODEL, and means nothing else. Detail: `what` (`SETTINGS`, `MODEL`, `SCORES`, `FACTS`), `version`.',
    },
    CONSENT_CHANGED: {
      description:
        'What counts as the consent of a customer changed. Detail: `purpose`, `channel` (absent: every channel), `from`, `to` (see ' +
        '`ConsentStatus`).',
    },
    PREFERENCE_CHANGED: { description: 'A preference of a customer changed. Detail: `name`.' },
    CUSTOMER_ERASED: {
      description:
        'A customer was erased on request, and is no more. Whoever keeps copies erases theirs. Detail: `request`.',
    },
    DATA_DELETED: {
      description:
        'Touchpoints of a customer were deleted, by request or because their time was over. Detail: `touchpoints`, how many; ' +
        '`request` or `policy`.',
    },
  },
});

@ObjectType({
  simpleResolvers: true,
  description: 'One line of the change feed: that something changed, not what it is now.',
})
export class Change {
  @Field(() => Cursor, { description: 'Subscribe `after` it to go on behind this change. Keep the latest.' })
  readonly cursor: string;

  @Field(() => DateTime, { description: 'When the change was made.' })
  readonly at: Date;

  @Field(() => ChangeTopicEnum, { description: 'What kind of thing changed.' })
  readonly topic: ChangeTopic;

  @Field(() => ID, {
    nullable: true,
    description: 'The customer (`cus_…`) at that time. Null for an unidentified receipt.',
  })
  readonly customerId: string | null;

  @Field(() => ID, { description: 'The thing that changed: `node(id)` fetches it.' })
  readonly subjectId: string;

  @Field(() => JsonObjectValue, {
    nullable: true,
    description: 'Small facts; which, says the topic. Never personal values.',
  })
  readonly detail: JsonObject | null;

  constructor({ cursor, at, topic, customerId, subjectId, detail }: ChangeOfFeed) {
    this.cursor = cursor;
    this.at = at;
    this.topic = topic;
    this.customerId = customerId === null ? null : toPublicId('cus', customerId);
    this.subjectId = toPublicId(prefixOf(topic), subjectId);
    this.detail = detail && withPublicIds(topic, detail);
  }
}

const prefixes: Readonly<Partial<Record<ChangeTopic, IdPrefix>>> = {
  'touchpoint.recorded': 'tp',
  'identity.decided': 'dec',
  'identity.revoked': 'dec',
  'identity.rules_changed': 'rul',
  'household.changed': 'hh',
  'account.changed': 'acc',
  'segment.entered': 'seg',
  'segment.left': 'seg',
  'segment.changed': 'seg',
  'loyalty.changed': 'prg',
  'loyalty.tier_changed': 'prg',
  'loyalty.program_changed': 'prg',
  'loyalty.offer_changed': 'off',
  'kpis.changed': 'mdl',
};

function prefixOf(topic: ChangeTopic): IdPrefix {
  return prefixes[topic] ?? 'cus';
}

const idsInDetail = { recordId: 'rec', into: 'cus', from: 'cus', presentationId: 'prs' } as const;

function withPublicIds(topic: ChangeTopic, detail: JsonObject): JsonObject {
  const named = Object.entries(idsInDetail).flatMap(([name, prefix]) => {
    // A stage or a band, not a customer.
    if (name === 'from' && topic !== 'customer.split') return [];
    const id = detail[name];
    return typeof id === 'string' ? [[name, toPublicId(prefix, id)]] : [];
  });
  return { ...detail, ...Object.fromEntries(named) };
}

@ObjectType({ simpleResolvers: true, description: 'Between which cursors the change feed can be read.' })
export class ChangeFeedWindow {
  @Field(() => Cursor, {
    description:
      'Where the feed is now. To show a state and keep it up to date without a gap: read this first, the state second, ' +
      'then subscribe `after` this.',
  })
  readonly head!: string;

  @Field(() => Cursor, {
    description: 'The oldest place that can still be resumed from: older changes have been deleted.',
  })
  readonly oldest!: string;
}
