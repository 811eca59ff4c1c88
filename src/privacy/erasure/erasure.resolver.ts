import { Arg, Ctx, FieldResolver, ID, Int, Mutation, Query, Resolver, Root } from 'type-graphql';
import type { Context } from '../../kernel/context.ts';
import { fromPublicId } from '../../kernel/ids.ts';
import { Cursor } from '../../kernel/scalars.ts';
import type { SubjectRequest, TableReceipt } from '../subject-requests.queries.ts';
import { findRequest, listRequests, loadReceipts } from './data-subject-requests.service.ts';
import { EraseCustomerInput, LiftSuppressionInput, SuppressionInput } from './erasure.input.ts';
import type { ErasureService } from './erasure.service.ts';
import {
  DataSubjectReceiptLine,
  DataSubjectRequest,
  DataSubjectRequestConnection,
  DataSubjectRequestKind,
  EraseCustomerPayload,
  LiftSuppressionPayload,
  SuppressionCount,
  SuppressionState,
} from './erasure.type.ts';
import type { SuppressionService } from './suppressions.service.ts';

/** For `node(id)` with a `dsr_…`. */
export async function findDataSubjectRequestNode(ctx: Context, uuid: string): Promise<DataSubjectRequest | null> {
  const row = await findRequest(ctx, uuid);
  return row && new DataSubjectRequest(row);
}

@Resolver()
export class ErasureResolver {
  readonly #erasure: ErasureService;
  readonly #suppressions: SuppressionService;

  constructor(erasure: ErasureService, suppressions: SuppressionService) {
    this.#erasure = erasure;
    this.#suppressions = suppressions;
  }

  @Query(() => DataSubjectRequestConnection, {
    description: 'What data subjects asked for, the latest first. Needs the scope `privacy:manage`.',
  })
  dataSubjectRequests(
    @Ctx() ctx: Context,
    @Arg('first', () => Int, { nullable: true, description: '1 to 200; 50 when left out.' }) first: number | null,
    @Arg('after', () => Cursor, { nullable: true, description: 'Only what comes behind this cursor.' })
    after: string | null,
    @Arg('kinds', () => [DataSubjectRequestKind], { nullable: true, description: 'Only these; all when left out.' })
    kinds: SubjectRequest['kind'][] | null,
    @Arg('customerId', () => ID, {
      nullable: true,
      description: 'Only those of this customer (`cus_…`); of the erased, by the id of that time.',
    })
    customerId: string | null,
  ): Promise<DataSubjectRequestConnection> {
    const uuid = customerId == null ? null : fromPublicId('cus', customerId, 'customerId');
    return listRequests(ctx, { first, after, kinds, customerId: uuid }, (row) => new DataSubjectRequest(row));
  }

  @Query(() => DataSubjectRequest, {
    nullable: true,
    description: 'One request, with its receipt; null for an id that is none. Needs the scope `privacy:manage`.',
  })
  dataSubjectRequest(
    @Ctx() ctx: Context,
    @Arg('id', () => ID, { description: 'Its id (`dsr_…`).' }) id: string,
  ): Promise<DataSubjectRequest | null> {
    return findDataSubjectRequestNode(ctx, fromPublicId('dsr', id));
  }

  @Query(() => SuppressionCount, {
    description: 'How much is kept from coming back after erasures. Needs the scope `privacy:manage`.',
  })
  suppressions(@Ctx() ctx: Context): Promise<SuppressionCount> {
    return this.#suppressions.count(ctx);
  }

  @Query(() => SuppressionState, {
    nullable: true,
    description:
      'Whether messages about this record or identifier are, or were, rejected after an erasure; null: never. The value ' +
      'is hashed and compared, and not stored. Needs the scope `privacy:manage`.',
  })
  async suppression(
    @Ctx() ctx: Context,
    @Arg('of', () => SuppressionInput, { description: 'What to look for.' }) of: SuppressionInput,
  ): Promise<SuppressionState | null> {
    const found = await this.#suppressions.find(ctx, of);
    return found && new SuppressionState(found);
  }

  @Mutation(() => EraseCustomerPayload, {
    description:
      'Erases a customer, for good, with everything that is theirs. What is counted by it stays as nobody’s: touchpoints ' +
      'without anything personal, sums, and the ledger, in which their points are forfeited. No repeat, import or replay ' +
      'brings them back: such messages are answered REJECTED with the code `SUPPRESSED`. Erasing somebody again answers ' +
      'the first receipt. Needs the scope `privacy:manage`. Codes: `BAD_USER_INPUT`, `NOT_FOUND`, `IDEMPOTENCY_CONFLICT`.',
  })
  async eraseCustomer(
    @Ctx() ctx: Context,
    @Arg('input', () => EraseCustomerInput, { description: 'Whom, and why.' }) input: EraseCustomerInput,
  ): Promise<EraseCustomerPayload> {
    const customerId = fromPublicId('cus', input.customerId, 'input.customerId');
    const { request, receipt, before } = await this.#erasure.eraseCustomer(ctx, { ...input, customerId });
    return { request: request && new DataSubjectRequest(request), receipt, alreadyErased: before };
  }

  @Mutation(() => LiftSuppressionPayload, {
    description:
      'Lets messages about somebody who was erased come in again, because they came back themselves. What was erased stays ' +
      'so. Lifting again changes nothing. Needs the scope `privacy:manage`. Code: `BAD_USER_INPUT`.',
  })
  async liftSuppression(
    @Ctx() ctx: Context,
    @Arg('input', () => LiftSuppressionInput, { description: 'What, and why.' }) input: LiftSuppressionInput,
  ): Promise<LiftSuppressionPayload> {
    const requestId = input.requestId == null ? null : fromPublicId('dsr', input.requestId, 'input.requestId');
    return { lifted: await this.#suppressions.lift(ctx, { ...input, requestId }) };
  }
}

@Resolver(() => DataSubjectRequest)
export class DataSubjectRequestResolver {
  @FieldResolver(() => [DataSubjectReceiptLine], { description: 'What was done to each table, in the order of names.' })
  receipt(@Root() { row }: DataSubjectRequest, @Ctx() ctx: Context): Promise<readonly TableReceipt[]> {
    return ctx.loaders.get(loadReceipts, ctx).load(row.id);
  }
}
