import { requireScope } from '../../access/scopes.ts';
import type { Context } from '../../kernel/context.ts';
import { badInput } from '../../kernel/errors.ts';
import { checkOptionalReason, checkPoints, type DecisionDesk, type DecisionRequest } from './decide.service.ts';
import type { Decision } from './decision.ts';
import type { DecisionHead, OpenDesk, Outcome } from './open-desk.service.ts';
import type { GivenMember } from './parties.service.ts';

/** What all that a till asks for has in common. */
export interface TillRequest {
  /** UUID. Left out: the membership's, or the only programme there is. */
  readonly programId?: string | null;
  readonly member: GivenMember;
  readonly reason?: string | null;
  /** Of a till that was offline: at most 30 days back. */
  readonly occurredAt?: Date | null;
  readonly idempotencyKey?: string | null;
}

export interface RedeemPoints extends TillRequest {
  /** Left out: the only one there is. */
  readonly wallet?: string | null;
  readonly points: bigint;
}

export interface ReservePoints extends RedeemPoints {
  /** How long they are held; 15 minutes when left out. */
  readonly minutes?: number | null;
}

const usualMinutes = 15;
/** A week. */
const mostMinutes = 10_080;

/** Takes points for what the caller gives for them, now or in a while. */
export class RedeemingService {
  readonly #desk: DecisionDesk;

  constructor(desk: DecisionDesk) {
    this.#desk = desk;
  }

  /** Throws `INSUFFICIENT_POINTS`, and has written nothing then. */
  async redeemPoints(ctx: Context, input: RedeemPoints): Promise<Decision> {
    requireScope(ctx, 'loyalty:operate');
    return this.#take(ctx, { kind: 'REDEMPTION', input }, (desk, head) => takeFor(desk, head, input));
  }

  /** Holds points until they are confirmed or released, or their time is up. */
  async reservePoints(ctx: Context, input: ReservePoints): Promise<Decision> {
    requireScope(ctx, 'loyalty:operate');
    const minutes = checkMinutes(input.minutes);
    return this.#take(ctx, { kind: 'RESERVATION', input }, async (desk, head) => ({
      ...(await takeFor(desk, head, input)),
      bucket: 'RESERVED',
      status: 'RESERVED',
      expiresAt: new Date(desk.now.getTime() + minutes * 60_000),
    }));
  }

  async #take(
    ctx: Context,
    request: { kind: Decision['kind']; input: RedeemPoints },
    work: (desk: OpenDesk, head: DecisionHead) => Promise<Outcome>,
  ): Promise<Decision> {
    checkPoints(request.input.points);
    return this.#desk.decide(ctx, await tillRequest(ctx, this.#desk, request), work);
  }
}

/** Understands what all tills say. */
export async function tillRequest(
  ctx: Context,
  desk: DecisionDesk,
  { kind, input }: { kind: Decision['kind']; input: TillRequest },
): Promise<DecisionRequest> {
  const program = await desk.programOf(ctx, input);
  // A till that got no answer tells later, when it is online again, when it was: that is no other request.
  const { idempotencyKey, occurredAt, ...said } = input;
  return {
    ...{ kind, idempotencyKey, occurredAt },
    programId: program.id,
    parties: [desk.readMember(input.member)],
    pooled: true,
    reason: checkOptionalReason(input.reason),
    input: said,
  };
}

async function takeFor(desk: OpenDesk, head: DecisionHead, input: RedeemPoints): Promise<Outcome> {
  const [member] = desk.members;
  const { key: wallet } = desk.walletAt(head.at, input.wallet);
  const { points } = input;
  const takings = await desk.take(head, { wallet, points, customerIds: member!.mates });
  return { recordId: member!.recordId, points, wallet, takings };
}

function checkMinutes(minutes: number | null | undefined): number {
  const asked = minutes ?? usualMinutes;
  if (Number.isInteger(asked) && asked >= 1 && asked <= mostMinutes) return asked;
  throw badInput(`Expected 1 to ${mostMinutes} minutes, got ${minutes}.`, 'input.minutes');
}
