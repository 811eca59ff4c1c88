import { requireScope } from '../../access/scopes.ts';
import type { Context } from '../../kernel/context.ts';
import { badInput } from '../../kernel/errors.ts';
import { groupBy } from '../../kernel/lists.ts';
import type { LotTerms } from '../ledger/lot.ts';
import { decisionLot } from './bonus-rule.ts';
import { checkOptionalReason, checkPoints, type DecisionDesk } from './decide.service.ts';
import type { Decision } from './decision.ts';
import type { DecisionHead, Member, OpenDesk, Outcome } from './open-desk.service.ts';
import type { GivenMember } from './parties.service.ts';
import type { Piece, Taking } from './taking.ts';

export interface TransferPoints {
  readonly programId?: string | null;
  readonly from: GivenMember;
  readonly to: GivenMember;
  readonly wallet?: string | null;
  readonly points: bigint;
  readonly reason?: string | null;
  readonly idempotencyKey?: string | null;
}

/** Gives points to another member. What expires goes on expiring when it did. */
export class TransferService {
  readonly #desk: DecisionDesk;

  constructor(desk: DecisionDesk) {
    this.#desk = desk;
  }

  async transferPoints(ctx: Context, input: TransferPoints): Promise<Decision> {
    requireScope(ctx, 'loyalty:operate');
    checkPoints(input.points);
    const { idempotencyKey, ...said } = input;
    const program = await this.#desk.programOf(ctx, { programId: input.programId, member: input.from });
    const request = {
      ...({ kind: 'TRANSFER', idempotencyKey, input: said } as const),
      programId: program.id,
      parties: [this.#desk.readMember(input.from, 'input.from'), this.#desk.readMember(input.to, 'input.to')],
      reason: checkOptionalReason(input.reason),
    };
    return this.#desk.decide(ctx, request, (desk, head) => transfer(desk, head, input));
  }
}

async function transfer(desk: OpenDesk, head: DecisionHead, input: TransferPoints): Promise<Outcome> {
  const [giver, receiver] = desk.members as [Member, Member];
  if (giver.customerId === receiver.customerId) {
    throw badInput('Both are the same customer: their points are together already.', 'input.to');
  }
  const { points } = input;
  const { key: wallet } = desk.walletAt(head.at, input.wallet);
  const takings = await desk.take(head, { wallet, points, customerIds: [giver.customerId] });
  const lots = receivedLots(desk, { head, wallet, recordId: receiver.recordId, takings });
  return {
    recordId: giver.recordId,
    subjectId: receiver.recordId,
    points,
    wallet,
    takings,
    bucket: 'TRANSFERRED',
    lots,
  };
}

interface Received {
  readonly head: DecisionHead;
  readonly wallet: string;
  readonly recordId: string;
  readonly takings: readonly Taking[];
}

/** One lot for what expires at the same time. */
function receivedLots(desk: OpenDesk, { head, wallet, recordId, takings }: Received): LotTerms[] {
  const { version } = desk.termsAt(head.at);
  const pieces = takings.flatMap((taking) => taking.pieces);
  const together = groupBy(pieces, ({ lot }) => lot.expiresAt?.getTime() ?? null);
  return [...together.values()].map((of) =>
    decisionLot({
      ...{ recordId, wallet, version, programId: desk.program.id, decisionId: head.id },
      points: of.reduce((sum, { points }) => sum + points, 0n),
      earnedAt: earliest(of),
      availableAt: head.at,
      expiresAt: of[0]!.lot.expiresAt,
    }),
  );
}

/** The points are as old as they were. */
function earliest(pieces: readonly Piece[]): Date {
  return pieces.map(({ lot }) => lot.earnedAt).reduce((first, at) => (at < first ? at : first));
}
