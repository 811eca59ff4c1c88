import { Field, ID, ObjectType } from 'type-graphql';
import { ConsentStatusEnum } from '../../conditions/consent-condition.enum.ts';
import type { ConsentStatus } from '../../conditions/consent-names.ts';
import type { Sight } from '../../identity/masking.ts';
import { toPublicId } from '../../kernel/ids.ts';
import type { JsonObject } from '../../kernel/json.ts';
import { connectionType } from '../../kernel/paging.type.ts';
import { DateTime, JsonObjectValue } from '../../kernel/scalars.ts';
import type { Channel } from '../../touchpoints/touchpoint.ts';
import { ChannelEnum } from '../../touchpoints/touchpoint.type.ts';
import { ConsentOriginEnum, LegalBasisEnum, StatedStatusEnum } from './consent.enum.ts';
import { type ConsentOrigin, everyChannel, type LegalBasis, type StatedStatus, statusAt } from './consent.ts';
import type { PurposeRow } from './consent-purposes.queries.ts';
import type { ShownStatement } from './consent-reader.service.ts';
import type { StoredConsent } from './consents.queries.ts';

function channelOf(channel: string): Channel | null {
  return channel === everyChannel ? null : (channel as Channel);
}

@ObjectType({ simpleResolvers: true, description: 'Something that consent is asked for, such as a newsletter.' })
export class ConsentPurpose {
  @Field(() => String, { description: 'What statements call it, such as `newsletter`.' })
  readonly name: string;

  @Field(() => String, { description: 'As customers read it.' })
  readonly label: string;

  @Field(() => String, { description: 'What is done with it, as customers read it. May be empty.' })
  readonly description: string;

  @Field(() => [ChannelEnum], {
    description: 'Over which channels it can be given on its own. Empty: one consent for all of them.',
  })
  readonly channels: readonly Channel[];

  @Field(() => Boolean, { description: 'Customers are asked for it in the preference centre.' })
  readonly offered: boolean;

  @Field(() => Boolean, {
    description: 'Somebody has defined it. Else a touchpoint has brought it in, and it waits to be looked at.',
  })
  readonly reviewed: boolean;

  @Field(() => DateTime, { description: 'When it came in.' })
  readonly createdAt: Date;

  @Field(() => DateTime, { description: 'When it was last changed.' })
  readonly updatedAt: Date;

  constructor({ name, label, description, channels, offered, reviewedAt, createdAt, updatedAt }: PurposeRow) {
    this.name = name;
    this.label = label;
    this.description = description;
    this.channels = channels as readonly Channel[];
    this.offered = offered;
    this.reviewed = reviewedAt !== null;
    this.createdAt = createdAt;
    this.updatedAt = updatedAt;
  }
}

@ObjectType({ simpleResolvers: true, description: 'A page of purposes.' })
export class ConsentPurposeConnection extends connectionType(ConsentPurpose, 'ConsentPurpose') {}

@ObjectType({ simpleResolvers: true, description: 'What counts as the consent of a customer to a purpose.' })
export class Consent {
  readonly row: StoredConsent;

  @Field(() => String, { description: 'Name of the purpose.' })
  readonly purpose: string;

  @Field(() => ChannelEnum, { nullable: true, description: 'Null: every channel of which nothing else is known.' })
  readonly channel: Channel | null;

  @Field(() => ConsentStatusEnum, { description: 'What counts at the moment. Only GRANTED allows anything.' })
  readonly status: ConsentStatus;

  @Field(() => LegalBasisEnum, { description: 'Why it is lawful.' })
  readonly legalBasis: LegalBasis;

  @Field(() => String, { description: 'Where it was said: the source of the touchpoint, or what `setConsent` says.' })
  readonly source: string;

  @Field(() => DateTime, { description: 'When that was said.' })
  readonly statedAt: Date;

  @Field(() => DateTime, {
    nullable: true,
    description: 'It counts until then: GRANTED and PENDING become EXPIRED. Null: for ever.',
  })
  readonly expiresAt: Date | null;

  @Field(() => Boolean, {
    description:
      'Records of the customer say different things, so that the most restrictive one counts: see `statements`. It ends when ' +
      'somebody decides, with `setConsent`, or the customer does.',
  })
  readonly conflict: boolean;

  constructor(row: StoredConsent, now: Date) {
    this.row = row;
    this.purpose = row.purpose;
    this.channel = channelOf(row.channel);
    this.status = statusAt(row, now);
    this.legalBasis = row.legalBasis;
    this.source = row.source;
    this.statedAt = row.statedAt;
    this.expiresAt = row.expiresAt;
    this.conflict = row.conflict;
  }
}

@ObjectType({
  simpleResolvers: true,
  description: 'Something that was said about a consent: a fact that stays, whatever comes later.',
})
export class ConsentStatement {
  readonly row: ShownStatement;

  @Field(() => ID, { description: 'Id of the statement (`cns_…`).' })
  readonly id: string;

  @Field(() => [ID], {
    description: 'The source records (`rec_…`) on which it stands: a decision is about all of them.',
  })
  readonly recordIds: readonly string[];

  @Field(() => String, { description: 'Name of the purpose.' })
  readonly purpose: string;

  @Field(() => ChannelEnum, { nullable: true, description: 'Null: every channel.' })
  readonly channel: Channel | null;

  @Field(() => StatedStatusEnum, { description: 'What was said.' })
  readonly status: StatedStatus;

  @Field(() => LegalBasisEnum, { description: 'Why it is lawful.' })
  readonly legalBasis: LegalBasis;

  @Field(() => ConsentOriginEnum, { description: 'How it came to be.' })
  readonly origin: ConsentOrigin;

  @Field(() => String, { description: 'Where it was said.' })
  readonly source: string;

  @Field(() => JsonObjectValue, {
    nullable: true,
    description: 'What proves it: wording, form, address. Null without the scope `pii:read`, and where there is none.',
  })
  readonly evidence: JsonObject | null;

  @Field(() => String, { nullable: true, description: 'Name of the API key that entered it. Null: nobody did.' })
  readonly actor: string | null;

  @Field(() => String, { nullable: true, description: 'Why it was entered.' })
  readonly reason: string | null;

  @Field(() => DateTime, { description: 'When it was said: the latest counts.' })
  readonly statedAt: Date;

  @Field(() => DateTime, { description: 'When the platform heard of it.' })
  readonly recordedAt: Date;

  @Field(() => DateTime, { nullable: true, description: 'It counts until then, or can be confirmed until then.' })
  readonly expiresAt: Date | null;

  @Field(() => ID, { nullable: true, description: 'The touchpoint (`tp_…`) that said so.' })
  readonly touchpointId: string | null;

  constructor(row: ShownStatement, sight: Sight) {
    const { id, origin } = row;
    this.row = row;
    this.id = toPublicId('cns', id);
    this.recordIds = row.recordIds.map((recordId) => toPublicId('rec', recordId));
    this.purpose = row.purpose;
    this.channel = channelOf(row.channel);
    this.status = row.status;
    this.legalBasis = row.legalBasis;
    this.origin = origin;
    this.source = row.source;
    this.evidence = sight.full ? row.evidence : null;
    this.actor = row.actor;
    this.reason = row.reason;
    this.statedAt = row.statedAt;
    this.recordedAt = row.recordedAt;
    this.expiresAt = row.expiresAt;
    this.touchpointId = origin === 'TOUCHPOINT' ? toPublicId('tp', id) : null;
  }
}

@ObjectType({ simpleResolvers: true, description: 'A page of what was said about consents.' })
export class ConsentStatementConnection extends connectionType(ConsentStatement, 'ConsentStatement') {}

@ObjectType({ simpleResolvers: true, description: 'What was said, and of whom.' })
export class ConsentPayload {
  /** UUID. */
  readonly customerId: string;

  @Field(() => ConsentStatement, { description: 'What was said: of a repeat, what was said first.' })
  readonly statement: ConsentStatement;

  constructor(customerId: string, statement: ConsentStatement) {
    this.customerId = customerId;
    this.statement = statement;
  }
}

@ObjectType({ simpleResolvers: true, description: 'A purpose that was defined.' })
export class DefineConsentPurposePayload {
  @Field(() => ConsentPurpose, { description: 'The purpose as it is now.' })
  readonly purpose!: ConsentPurpose;
}
