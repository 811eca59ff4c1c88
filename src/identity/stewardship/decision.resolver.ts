import { Arg, Ctx, FieldResolver, Int, Mutation, Query, Resolver, Root } from 'type-graphql';
import type { Context } from '../../kernel/context.ts';
import { fromPublicId } from '../../kernel/ids.ts';
import { Cursor } from '../../kernel/scalars.ts';
import { Customer } from '../customer.type.ts';
import type { Decided } from '../decide.service.ts';
import type { DecisionKind } from '../decision.ts';
import type { DecisionService } from '../decisions.service.ts';
import { sightOf } from '../masking.ts';
import { SourceRecord } from '../record.type.ts';
import {
  LinkRecordsInput,
  MergeCustomersInput,
  RemoveIdentifierInput,
  RevokeDecisionInput,
  UnlinkRecordsInput,
  UnmergeCustomerInput,
  VetoMatchInput,
} from './decision.input.ts';
import {
  DecisionRecord,
  IdentityDecision,
  IdentityDecisionConnection,
  IdentityDecisionKind,
  IdentityDecisionPayload,
  UnlinkRecordsPayload,
} from './decision.type.ts';
import { KnownIdentifier } from './evidence.type.ts';
import { IdentityRegrouping } from './regrouping.type.ts';
import {
  findConcernedCustomers,
  findDecision,
  findKnownIdentifier,
  findRegroupingById,
  findStewardsRecord,
  listAllDecisions,
  recordsOfDecision,
} from './steward.service.ts';

/** For `node(id)` with a `dec_…`. */
export async function findDecisionNode(ctx: Context, uuid: string): Promise<IdentityDecision | null> {
  const row = await findDecision(ctx, uuid);
  return row && new IdentityDecision(row);
}

const decides = 'Needs the scope `identity:manage`. Codes: `BAD_USER_INPUT`, `NOT_FOUND`, `IDEMPOTENCY_CONFLICT`';

@Resolver()
export class DecisionResolver {
  readonly #decisions: DecisionService;

  constructor(decisions: DecisionService) {
    this.#decisions = decisions;
  }

  @Query(() => IdentityDecisionConnection, {
    description: 'What was decided about who is who, the latest first. Needs the scope `identity:read`.',
  })
  identityDecisions(
    @Ctx() ctx: Context,
    @Arg('first', () => Int, { nullable: true, description: '1 to 200; 50 when left out.' }) first: number | null,
    @Arg('after', () => Cursor, { nullable: true, description: 'Only what comes behind this cursor.' })
    after: string | null,
    @Arg('kinds', () => [IdentityDecisionKind], {
      nullable: true,
      description: 'Only these; all but MATCH, of which there may be millions, when left out.',
    })
    kinds: DecisionKind[] | null,
  ): Promise<IdentityDecisionConnection> {
    return listAllDecisions(ctx, { first, after, kinds }, (row) => new IdentityDecision(row));
  }

  @Mutation(() => IdentityDecisionPayload, {
    description:
      'Makes customers one, whatever limits say. The customer keeps the id of the oldest record; the other ids keep ' +
      `resolving. ${decides}, \`IDENTITY_CONFLICT\` where a decision (\`extensions.decisionId\`) says that they are not ` +
      'one person.',
  })
  async mergeCustomers(
    @Ctx() ctx: Context,
    @Arg('input', () => MergeCustomersInput, { description: 'Who, and why.' }) input: MergeCustomersInput,
  ): Promise<IdentityDecisionPayload> {
    const customerIds = toUuids('cus', input.customerIds, 'input.customerIds');
    return payload(ctx, this.#decisions.mergeCustomers(ctx, { ...input, customerIds }));
  }

  @Mutation(() => IdentityDecisionPayload, {
    description:
      'Undoes a merge, or takes chosen records out of a customer. Everything derived is then as if they had never been ' +
      'one: ids, traits, orders, touchpoints. What evidence would join again stays apart; records that come later ' +
      `follow the evidence. ${decides}.`,
  })
  async unmergeCustomer(
    @Ctx() ctx: Context,
    @Arg('input', () => UnmergeCustomerInput, { description: 'What, and why.' }) input: UnmergeCustomerInput,
  ): Promise<IdentityDecisionPayload> {
    const { mergeId, recordIds } = input;
    const ids = {
      customerId: fromPublicId('cus', input.customerId, 'input.customerId'),
      mergeId: mergeId == null ? null : fromPublicId('mrg', mergeId, 'input.mergeId'),
      recordIds: recordIds == null ? null : toUuids('rec', recordIds, 'input.recordIds'),
    };
    return payload(ctx, this.#decisions.unmergeCustomer(ctx, { ...input, ...ids }));
  }

  @Mutation(() => IdentityDecisionPayload, {
    description:
      'Says that records are one person, whatever limits say; also gives an unidentified receipt to somebody. ' +
      `${decides}, \`IDENTITY_CONFLICT\` where a decision (\`extensions.decisionId\`) says the contrary.`,
  })
  async linkRecords(
    @Ctx() ctx: Context,
    @Arg('input', () => LinkRecordsInput, { description: 'Which, and why.' }) input: LinkRecordsInput,
  ): Promise<IdentityDecisionPayload> {
    const recordIds = toUuids('rec', input.recordIds, 'input.recordIds');
    return payload(ctx, this.#decisions.linkRecords(ctx, { ...input, recordIds }));
  }

  @Mutation(() => UnlinkRecordsPayload, {
    description:
      'Takes back every link, merge and match that says of at least two of these records that they are one person. What ' +
      'identifiers say stays: to keep them apart, use `unmergeCustomer` or `vetoMatch`. Doing it again changes nothing. ' +
      'Needs the scope `identity:manage`. Codes: `BAD_USER_INPUT`, `NOT_FOUND` where there never was such a link.',
  })
  async unlinkRecords(
    @Ctx() ctx: Context,
    @Arg('input', () => UnlinkRecordsInput, { description: 'Which, and why.' }) input: UnlinkRecordsInput,
  ): Promise<UnlinkRecordsPayload> {
    const recordIds = toUuids('rec', input.recordIds, 'input.recordIds');
    const unlinked = await this.#decisions.unlinkRecords(ctx, { ...input, recordIds });
    ctx.loaders.clear();
    return new UnlinkRecordsPayload(unlinked);
  }

  @Mutation(() => IdentityDecisionPayload, {
    description:
      'Says that two records are never one person, and parts them if anything has joined them. It stands above links and ' +
      `merges. ${decides}.`,
  })
  async vetoMatch(
    @Ctx() ctx: Context,
    @Arg('input', () => VetoMatchInput, { description: 'Which, and why.' }) input: VetoMatchInput,
  ): Promise<IdentityDecisionPayload> {
    const recordId = fromPublicId('rec', input.recordId, 'input.recordId');
    const otherRecordId = fromPublicId('rec', input.otherRecordId, 'input.otherRecordId');
    return payload(ctx, this.#decisions.vetoMatch(ctx, { ...input, recordId, otherRecordId }));
  }

  @Mutation(() => IdentityDecisionPayload, {
    description:
      'Takes a wrong identifier away from all records of a customer, for good: when it is sent again, or replayed, the ' +
      'event is stored with the warning `IDENTIFIER_REMOVED`. Whom it alone had joined part. ' +
      `${decides}; \`NOT_FOUND\` also where no record of the customer carries it.`,
  })
  async removeIdentifier(
    @Ctx() ctx: Context,
    @Arg('input', () => RemoveIdentifierInput, { description: 'Whose, which, and why.' }) input: RemoveIdentifierInput,
  ): Promise<IdentityDecisionPayload> {
    const customerId = fromPublicId('cus', input.customerId, 'input.customerId');
    return payload(ctx, this.#decisions.removeIdentifier(ctx, { ...input, customerId }));
  }

  @Mutation(() => IdentityDecisionPayload, {
    description:
      'Takes a decision back: everything is as if it had never been made. Taking it back again changes nothing. Needs ' +
      'the scope `identity:manage`. Codes: `BAD_USER_INPUT`, `NOT_FOUND`.',
  })
  async revokeDecision(
    @Ctx() ctx: Context,
    @Arg('input', () => RevokeDecisionInput, { description: 'Which, and why.' }) input: RevokeDecisionInput,
  ): Promise<IdentityDecisionPayload> {
    const decisionId = fromPublicId('dec', input.decisionId, 'input.decisionId');
    return payload(ctx, this.#decisions.revokeDecision(ctx, { ...input, decisionId }));
  }
}

/** What the operation has read before may have changed: it is read anew. */
async function payload(ctx: Context, decided: Promise<Decided>): Promise<IdentityDecisionPayload> {
  const result = new IdentityDecisionPayload(await decided);
  ctx.loaders.clear();
  return result;
}

function toUuids(prefix: 'cus' | 'rec', ids: readonly string[], field: string): string[] {
  return ids.map((id, index) => fromPublicId(prefix, id, `${field}[${index}]`));
}

const concerned = {
  nullable: true,
  description:
    'The customers, as they are now, of the records that it is about. Needs the scope `customers:read`: null, with ' +
    '`FORBIDDEN`, without it; the decision stands all the same.',
} as const;

@Resolver(() => IdentityDecisionPayload)
export class IdentityDecisionPayloadResolver {
  @FieldResolver(() => [Customer], concerned)
  customers(@Root() { uuids }: IdentityDecisionPayload, @Ctx() ctx: Context): Promise<Customer[]> {
    return findConcernedCustomers(ctx, uuids);
  }
}

@Resolver(() => UnlinkRecordsPayload)
export class UnlinkRecordsPayloadResolver {
  @FieldResolver(() => [Customer], concerned)
  customers(@Root() { uuids }: UnlinkRecordsPayload, @Ctx() ctx: Context): Promise<Customer[]> {
    return findConcernedCustomers(ctx, uuids);
  }
}

@Resolver(() => IdentityDecision)
export class IdentityDecisionResolver {
  @FieldResolver(() => [DecisionRecord], { description: 'The records that it is about.' })
  async records(
    @Root() decision: IdentityDecision,
    @Ctx() ctx: Context,
    @Arg('first', () => Int, { defaultValue: 50, description: '1 to 200.' }) first: number,
  ): Promise<DecisionRecord[]> {
    const rows = await recordsOfDecision(ctx, decision.uuid, first);
    return rows.map((row) => new DecisionRecord(row));
  }

  @FieldResolver(() => KnownIdentifier, {
    nullable: true,
    description: 'Of REMOVE_IDENTIFIER: the identifier that was taken away.',
  })
  async identifier(@Root() { identifierId }: IdentityDecision, @Ctx() ctx: Context): Promise<KnownIdentifier | null> {
    const row = identifierId === null ? null : await findKnownIdentifier(ctx, identifierId);
    return row && new KnownIdentifier(row, sightOf(ctx));
  }

  @FieldResolver(() => IdentityRegrouping, { nullable: true, description: 'Of UNMERGE: the merge that it undid.' })
  async merge(@Root() { regroupingId }: IdentityDecision, @Ctx() ctx: Context): Promise<IdentityRegrouping | null> {
    const row = regroupingId === null ? null : await findRegroupingById(ctx, regroupingId);
    return row && new IdentityRegrouping(row);
  }
}

@Resolver(() => DecisionRecord)
export class DecisionRecordResolver {
  @FieldResolver(() => SourceRecord, { description: 'The record.' })
  record(@Root() { recordId }: DecisionRecord, @Ctx() ctx: Context): Promise<SourceRecord | null> {
    return findStewardsRecord(ctx, recordId);
  }
}
