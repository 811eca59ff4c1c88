import { Field, ID, ObjectType } from 'type-graphql';
import { type IdPrefix, toPublicId } from '../../kernel/ids.ts';
import { Node } from '../../kernel/node.type.ts';
import { connectionType } from '../../kernel/paging.type.ts';
import { Points } from '../points.type.ts';
import type { WalletBalance } from './balance.service.ts';
import { LoyaltyDecisionKind, LoyaltyDecisionStatus } from './decision.enum.ts';
import type { Decision, DecisionKind, DecisionStatus } from './decision.ts';

/** What the subject of a decision is. */
const subjectPrefixes: Readonly<Partial<Record<DecisionKind, IdPrefix>>> = {
  REWARD: 'rwd',
  VOUCHER: 'vch',
  TRANSFER: 'rec',
  REFERRAL: 'rec',
};

@ObjectType({ simpleResolvers: true, description: 'What somebody has of a wallet, over all of their accounts.' })
export class LoyaltyWalletBalance {
  @Field(() => String, { description: 'Key of the wallet, such as `points`.' })
  readonly wallet: string;

  @Field(() => Points, { description: 'What can be spent now. Negative: owed, after returns of what was spent.' })
  readonly available: bigint;

  @Field(() => Points, { description: 'What was earned and can be spent later.' })
  readonly pending: bigint;

  @Field(() => Points, { description: 'What reservations hold.' })
  readonly reserved: bigint;

  constructor({ wallet, available, pending, reserved }: WalletBalance) {
    this.wallet = wallet;
    this.available = available;
    this.pending = pending;
    this.reserved = reserved;
  }
}

@ObjectType({
  implements: Node,
  simpleResolvers: true,
  description:
    'Something that a person, a till or a rule decided about points. How many were taken from whose account stays as it ' +
    'was decided; from which lots follows, and is in the ledger.',
})
export class LoyaltyDecision implements Node {
  @Field(() => ID, { description: '`ldc_…`' })
  readonly id: string;

  @Field(() => ID, { description: 'The programme, `prg_…`.' })
  readonly programId: string;

  @Field(() => LoyaltyDecisionKind, { description: 'What was decided.' })
  readonly kind: DecisionKind;

  @Field(() => LoyaltyDecisionStatus, { description: 'What became of it.' })
  readonly status: DecisionStatus;

  @Field(() => Date, { description: 'When it took place: of a till that was offline, before it was recorded.' })
  readonly at: Date;

  @Field(() => Date, { description: 'When it was recorded.' })
  readonly recordedAt: Date;

  @Field(() => ID, { description: 'The record of the member that it is about, `rec_…`.' })
  readonly recordId: string;

  @Field(() => Points, { description: 'How many, over all accounts. Negative: a correction downwards.' })
  readonly points: bigint;

  @Field(() => String, { nullable: true, description: 'Key of the wallet.' })
  readonly wallet: string | null;

  @Field(() => ID, {
    nullable: true,
    description:
      'The reward (`rwd_…`) or voucher (`vch_…`), the record (`rec_…`) of who got points of a transfer, or of the other side ' +
      'of a referral.',
  })
  readonly subjectId: string | null;

  @Field(() => Date, { nullable: true, description: 'Of a reservation: when it is released by itself.' })
  readonly expiresAt: Date | null;

  @Field(() => String, { description: 'Name of the API key.' })
  readonly actor: string;

  @Field(() => String, { nullable: true, description: 'Why, in the words of the caller.' })
  readonly reason: string | null;

  constructor(decision: Decision) {
    const { kind, subjectId } = decision;
    this.id = toPublicId('ldc', decision.id);
    this.programId = toPublicId('prg', decision.programId);
    this.kind = kind;
    this.status = decision.status;
    this.at = decision.at;
    this.recordedAt = decision.recordedAt;
    this.recordId = toPublicId('rec', decision.recordId);
    this.points = decision.points;
    this.wallet = decision.wallet;
    const prefix = subjectPrefixes[kind];
    this.subjectId = prefix && subjectId !== null ? toPublicId(prefix, subjectId) : null;
    this.expiresAt = decision.expiresAt;
    this.actor = decision.actor;
    this.reason = decision.reason;
  }
}

@ObjectType({ description: 'A page of decisions about points.' })
export class LoyaltyDecisionConnection extends connectionType(LoyaltyDecision, 'LoyaltyDecision') {}

@ObjectType({ description: 'What was decided. A repeat under the same key answers what was decided first.' })
export class LoyaltyDecisionPayload {
  @Field(() => LoyaltyDecision, { description: 'The decision.' })
  readonly decision: LoyaltyDecision;

  readonly of: Decision;

  constructor(decision: Decision) {
    this.decision = new LoyaltyDecision(decision);
    this.of = decision;
  }
}
