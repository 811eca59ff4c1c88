import { Field, ID, Int, ObjectType } from 'type-graphql';
import { toPublicId } from '../../kernel/ids.ts';
import { connectionType } from '../../kernel/paging.type.ts';
import { CalendarDate, DateTime } from '../../kernel/scalars.ts';
import type { Bucket, EntryKind } from '../ledger/bucket.ts';
import type { Grant, Lot } from '../ledger/lot.ts';
import { Points } from '../points.type.ts';
import { LoyaltyBucketEnum, LoyaltyEntryKindEnum, LoyaltyTierCauseEnum } from './standing.enum.ts';
import type { EntryView, ExpiringView, MembershipView, Standing, TierLogView, WalletView } from './standing.queries.ts';
import type { MemberTier, Progress } from './standing.service.ts';

@ObjectType({
  simpleResolvers: true,
  description:
    'A customer in a loyalty programme: the sum of what their records have, whoever those belonged to before.',
})
export class LoyaltyMember {
  /** For the resolvers of further fields. */
  readonly row: Standing;

  constructor(row: Standing) {
    this.row = row;
  }
}

@ObjectType({
  simpleResolvers: true,
  description: 'A membership, such as a card. It stays with the record that carries it, through merges and unmerges.',
})
export class LoyaltyMembership {
  @Field(() => ID, { description: '`mem_…`' })
  readonly id: string;

  @Field(() => ID, { description: 'The record that carries it (`rec_…`).' })
  readonly recordId: string;

  @Field(() => Boolean, { description: 'False: they have left.' })
  readonly active: boolean;

  @Field(() => DateTime, { description: 'Since when.' })
  readonly enrolledAt: Date;

  @Field(() => DateTime, { nullable: true, description: 'When they left; null: they have not.' })
  readonly leftAt: Date | null;

  constructor(row: MembershipView) {
    this.id = toPublicId('mem', row.id);
    this.recordId = toPublicId('rec', row.recordId);
    this.active = row.status === 'ACTIVE';
    this.enrolledAt = row.enrolledAt;
    this.leftAt = row.leftAt;
  }
}

@ObjectType({ simpleResolvers: true, description: 'Points of one unit, as they are at this instant.' })
export class LoyaltyBalance {
  /** For the resolvers of further fields. */
  readonly row: WalletView;

  @Field(() => String, { description: 'The key of the wallet in the programme.' })
  readonly wallet: string;

  @Field(() => Points, { description: 'To spend. Negative: owed.' })
  readonly available: bigint;

  @Field(() => Points, { description: 'Granted, and to be spent later.' })
  readonly pending: bigint;

  @Field(() => Points, { description: 'Held for something that is about to be redeemed.' })
  readonly reserved: bigint;

  @Field(() => Points, { description: 'Ever spent.' })
  readonly redeemed: bigint;

  @Field(() => Points, { description: 'Ever expired.' })
  readonly expired: bigint;

  @Field(() => Points, { description: 'Ever granted, net of what returns have taken back.' })
  readonly earned: bigint;

  @Field(() => Points, { description: 'Spent, and then taken back by returns: the next points pay it first.' })
  readonly owed: bigint;

  constructor(row: WalletView) {
    this.row = row;
    this.wallet = row.wallet;
    this.available = row.available;
    this.pending = row.pending;
    this.reserved = row.reserved;
    this.redeemed = row.redeemed;
    this.expired = row.expired;
    this.earned = row.earned;
    this.owed = row.owed;
  }
}

@ObjectType({ simpleResolvers: true, description: 'Points that expire together, unless they are spent before.' })
export class LoyaltyExpiring {
  @Field(() => DateTime, { description: "When: a midnight of the organisation's time zone." })
  readonly at: Date;

  @Field(() => Points, { description: 'How many.' })
  readonly points: bigint;

  constructor({ at, points }: ExpiringView) {
    this.at = at;
    this.points = points;
  }
}

@ObjectType({ simpleResolvers: true, description: 'The tier of a member.' })
export class LoyaltyMemberTier {
  @Field(() => String, { description: 'Its key in the programme.' })
  readonly key: string;

  @Field(() => String, { description: 'Its name.' })
  readonly name: string;

  @Field(() => [String], { description: 'What it brings.' })
  readonly benefits: readonly string[];

  @Field(() => DateTime, { description: 'Since when they have had it, by the clock of this platform.' })
  readonly since: Date;

  @Field(() => DateTime, {
    nullable: true,
    description: 'When it ends if nothing happens, or is looked at again. Null: only what they do changes it.',
  })
  readonly dueAt: Date | null;

  @Field(() => DateTime, { nullable: true, description: 'Somebody gave it to them until then. Null: they earned it.' })
  readonly overriddenUntil: Date | null;

  constructor({ tier, since, dueAt, overriddenUntil }: MemberTier) {
    this.key = tier.key;
    this.name = tier.name;
    this.benefits = tier.benefits;
    this.since = since;
    this.dueAt = dueAt;
    this.overriddenUntil = overriddenUntil;
  }
}

@ObjectType({
  simpleResolvers: true,
  description: 'How far it is to the next tier: "320 points to Gold by 31 December".',
})
export class LoyaltyTierProgress {
  @Field(() => Points, {
    description: 'What counts now: points or orders; of spend, minor units of the currency. Net of returns.',
  })
  readonly counted: bigint;

  @Field(() => String, { nullable: true, description: 'Key of the next tier; null: there is none above.' })
  readonly nextTier: string | null;

  @Field(() => String, { nullable: true, description: 'Its name.' })
  readonly nextTierName: string | null;

  @Field(() => Points, { nullable: true, description: 'What is missing for it, in the same unit.' })
  readonly missing: bigint | null;

  @Field(() => CalendarDate, {
    nullable: true,
    description: 'The last day on which all that is counted still counts.',
  })
  readonly until: string | null;

  constructor({ counted, next, nextTier, until }: Progress) {
    this.counted = counted;
    this.nextTier = next?.key ?? null;
    this.nextTierName = nextTier?.name ?? null;
    this.missing = next?.missing ?? null;
    this.until = until;
  }
}

@ObjectType({ simpleResolvers: true, description: 'How points came about.' })
export class LoyaltyGrant {
  @Field(() => String, { nullable: true, description: 'Key of the rule; null: somebody decided it.' })
  readonly rule: string | null;

  @Field(() => Int, { nullable: true, description: "Place in the touchpoint's lines, from 0; null: for the whole." })
  readonly line: number | null;

  @Field(() => Points, { description: 'How many, net of returns.' })
  readonly points: bigint;

  constructor({ rule, line, points }: Grant) {
    this.rule = rule;
    this.line = line;
    this.points = points;
  }
}

@ObjectType({ simpleResolvers: true, description: 'Points that were granted together and expire together.' })
export class LoyaltyLot {
  @Field(() => ID, { description: '`lot_…`' })
  readonly id: string;

  @Field(() => ID, { description: 'The record whose account holds it (`rec_…`).' })
  readonly recordId: string;

  @Field(() => String, { description: 'The key of the wallet.' })
  readonly wallet: string;

  @Field(() => ID, { nullable: true, description: 'The touchpoint that earned it (`tp_…`); null: a decision did.' })
  readonly touchpointId: string | null;

  @Field(() => ID, { nullable: true, description: 'The decision that granted it (`ldc_…`); null: a touchpoint did.' })
  readonly decisionId: string | null;

  @Field(() => DateTime, { description: 'When it was earned.' })
  readonly earnedAt: Date;

  @Field(() => DateTime, { description: 'From when on it can be spent.' })
  readonly availableAt: Date;

  @Field(() => DateTime, { nullable: true, description: 'When it expires; null: never.' })
  readonly expiresAt: Date | null;

  @Field(() => Int, { nullable: true, description: 'The version of the programme by which it was earned.' })
  readonly version: number | null;

  @Field(() => Points, { description: 'What it is worth, net of returns.' })
  readonly granted: bigint;

  @Field(() => Points, { description: 'What is left of it to spend, now or later.' })
  readonly remaining: bigint;

  @Field(() => Points, { description: 'Spent of it.' })
  readonly redeemed: bigint;

  @Field(() => Points, { description: 'Expired of it.' })
  readonly expired: bigint;

  @Field(() => [LoyaltyGrant], { description: 'How it came about: which rule gave how much for which line.' })
  readonly grants: readonly LoyaltyGrant[];

  constructor(lot: Lot) {
    this.id = toPublicId('lot', lot.id);
    this.recordId = toPublicId('rec', lot.recordId);
    this.wallet = lot.wallet;
    this.touchpointId = lot.source === 'TOUCHPOINT' ? toPublicId('tp', lot.sourceId!) : null;
    this.decisionId = lot.source === 'DECISION' ? toPublicId('ldc', lot.sourceId!) : null;
    this.earnedAt = lot.earnedAt;
    this.availableAt = lot.availableAt;
    this.expiresAt = lot.expiresAt;
    this.version = lot.version;
    this.granted = lot.granted;
    this.remaining = lot.holdings.AVAILABLE + lot.holdings.PENDING;
    this.redeemed = lot.holdings.REDEEMED;
    this.expired = lot.holdings.EXPIRED;
    this.grants = lot.grants.map((grant) => new LoyaltyGrant(grant));
  }
}

@ObjectType({ simpleResolvers: true, description: 'A page of lots.' })
export class LoyaltyLotConnection extends connectionType(LoyaltyLot, 'LoyaltyLot') {}

@ObjectType({ simpleResolvers: true, description: 'Points that went from one account of the ledger to another.' })
export class LoyaltyPosting {
  @Field(() => LoyaltyBucketEnum, { description: 'Where they were.' })
  readonly from: Bucket;

  @Field(() => LoyaltyBucketEnum, { description: 'Where they are since then.' })
  readonly to: Bucket;

  @Field(() => Points, { description: 'How many; always more than none.' })
  readonly points: bigint;

  @Field(() => ID, { description: 'Of which lot (`lot_…`).' })
  readonly lotId: string;

  @Field(() => ID, { description: "Of which record's account (`rec_…`)." })
  readonly recordId: string;

  constructor(posting: EntryView['postings'][number]) {
    this.from = posting.from as Bucket;
    this.to = posting.to as Bucket;
    this.points = BigInt(posting.points);
    this.lotId = toPublicId('lot', posting.lotId);
    this.recordId = toPublicId('rec', posting.recordId);
  }
}

const touchpointKinds = new Set(['EARNED', 'RETURNED', 'RECOUNTED']);

@ObjectType({
  simpleResolvers: true,
  description: 'An entry of the ledger: everything that one cause moved. It never changes.',
})
export class LoyaltyEntry {
  @Field(() => ID, { description: '`ent_…`' })
  readonly id: string;

  @Field(() => String, { description: 'The key of the wallet.' })
  readonly wallet: string;

  @Field(() => DateTime, { description: 'When it was entered.' })
  readonly at: Date;

  @Field(() => LoyaltyEntryKindEnum, { description: 'Why.' })
  readonly kind: EntryKind;

  @Field(() => ID, {
    nullable: true,
    description:
      'The touchpoint (`tp_…`) or decision (`ldc_…`) behind it; null: time, or other evidence of who is who.',
  })
  readonly causeId: string | null;

  @Field(() => [LoyaltyPosting], { description: 'What moved. Both sides of each are in it, so an entry sums to zero.' })
  readonly postings: readonly LoyaltyPosting[];

  constructor(row: EntryView) {
    this.id = toPublicId('ent', row.id);
    this.wallet = row.wallet;
    this.at = row.at;
    this.kind = row.kind as EntryKind;
    this.causeId = row.causeId && toPublicId(touchpointKinds.has(row.kind) ? 'tp' : 'ldc', row.causeId);
    this.postings = row.postings.map((posting) => new LoyaltyPosting(posting));
  }
}

@ObjectType({ simpleResolvers: true, description: 'A page of the ledger.' })
export class LoyaltyEntryConnection extends connectionType(LoyaltyEntry, 'LoyaltyEntry') {}

@ObjectType({ simpleResolvers: true, description: 'That a member got another tier.' })
export class LoyaltyTierChange {
  @Field(() => DateTime, { description: 'When, by the clock of this platform.' })
  readonly at: Date;

  @Field(() => String, { nullable: true, description: 'Key of the tier before; null: none.' })
  readonly from: string | null;

  @Field(() => String, { nullable: true, description: 'Key of the tier since then; null: none.' })
  readonly to: string | null;

  @Field(() => LoyaltyTierCauseEnum, { description: 'Why.' })
  readonly cause: string;

  constructor({ at, fromTier, toTier, cause }: TierLogView) {
    this.at = at;
    this.from = fromTier;
    this.to = toTier;
    this.cause = cause;
  }
}
