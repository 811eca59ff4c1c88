import { Field, ID, ObjectType } from 'type-graphql';
import type { Change } from '../../kernel/change-feed-page.ts';
import { toPublicId } from '../../kernel/ids.ts';
import { Cursor, DateTime } from '../../kernel/scalars.ts';
import type { EntryKind } from '../ledger/bucket.ts';
import { Points } from '../points.type.ts';
import { LoyaltyEntryKindEnum, LoyaltyTierCauseEnum } from './standing.enum.ts';

@ObjectType({ simpleResolvers: true, description: "By how much a customer's points of one wallet changed." })
export class LoyaltyBalanceChange {
  @Field(() => String, { description: 'The key of the wallet.' })
  readonly wallet: string;

  @Field(() => Points, { description: 'More to spend; negative: less.' })
  readonly available: bigint;

  @Field(() => Points, { description: 'More to be spent later; negative: less.' })
  readonly pending: bigint;

  constructor({ wallet, available, pending }: { wallet: string; available: number; pending: number }) {
    this.wallet = wallet;
    this.available = BigInt(available);
    this.pending = BigInt(pending);
  }
}

@ObjectType({ simpleResolvers: true, description: 'That a customer got another tier.' })
export class LoyaltyTierMove {
  @Field(() => String, { nullable: true, description: 'Key of the tier before; null: none.' })
  readonly from: string | null;

  @Field(() => String, { nullable: true, description: 'Key of the tier since then; null: none.' })
  readonly to: string | null;

  @Field(() => LoyaltyTierCauseEnum, { description: 'Why.' })
  readonly cause: string;

  constructor({ fromTier, toTier, cause }: { fromTier: string | null; toTier: string | null; cause: string }) {
    this.from = fromTier;
    this.to = toTier;
    this.cause = cause;
  }
}

@ObjectType({
  simpleResolvers: true,
  description: "A customer's points or tier changed: earned, spent, returned, expired, moved up or down.",
})
export class LoyaltyEvent {
  /** For the resolvers of further fields. */
  readonly change: Change;

  @Field(() => Cursor, { description: 'Subscribe `after` it to go on behind this event. Keep the latest.' })
  readonly cursor: string;

  @Field(() => DateTime, { description: 'When, by the clock of this platform.' })
  readonly at: Date;

  @Field(() => ID, { description: 'Who (`cus_…`), by the id of that time.' })
  readonly customerId: string;

  @Field(() => ID, { description: 'In which programme (`prg_…`).' })
  readonly programId: string;

  @Field(() => [LoyaltyEntryKindEnum], { description: 'Why points moved. Empty: the tier changed.' })
  readonly kinds: readonly EntryKind[];

  @Field(() => [LoyaltyBalanceChange], { description: 'By how much. Empty: the tier changed.' })
  readonly balances: readonly LoyaltyBalanceChange[];

  @Field(() => LoyaltyTierMove, { nullable: true, description: 'The change of the tier; null: points moved.' })
  readonly tier: LoyaltyTierMove | null;

  constructor(change: Change) {
    const detail = change.detail as unknown as {
      accounts?: { wallet: string; available: number; pending: number }[];
      kinds?: EntryKind[];
      fromTier: string | null;
      toTier: string | null;
      cause: string;
    };
    this.change = change;
    this.cursor = change.cursor;
    this.at = change.at;
    this.customerId = toPublicId('cus', change.customerId!);
    this.programId = toPublicId('prg', change.subjectId);
    this.kinds = detail.kinds ?? [];
    this.balances = (detail.accounts ?? []).map((account) => new LoyaltyBalanceChange(account));
    this.tier = change.topic === 'loyalty.tier_changed' ? new LoyaltyTierMove(detail) : null;
  }
}
