/** An offer that was shown to somebody, and what came of it. */
export const presentationStatuses = ['PRESENTED', 'ACCEPTED', 'DECLINED', 'REDEEMED', 'EXPIRED'] as const;
export type PresentationStatus = (typeof presentationStatuses)[number];

export interface Presentation {
  readonly recordId: string;
  readonly id: string;
  readonly offerId: string;
  readonly version: number;
  readonly status: PresentationStatus;
  readonly presentedAt: Date;
  readonly decidedAt: Date | null;
  readonly expiresAt: Date;
  readonly reserved: bigint;
  readonly held: boolean;
  readonly spent: bigint | null;
}

export type Step =
  | { readonly kind: 'ACCEPT'; readonly at: Date; readonly redeemMinutes: number }
  | { readonly kind: 'DECLINE'; readonly at: Date }
  /** `spent`: what it cost; null: as much as was reserved. */
  | { readonly kind: 'REDEEM'; readonly at: Date; readonly spent: bigint | null };

/** Why a step is refused: it lapsed, was decided otherwise, or was redeemed for another amount. */
export type StepRefusal = 'EXPIRED' | 'DECLINED' | 'ALREADY_REDEEMED' | 'OTHER_AMOUNT' | 'TOO_EARLY';

export type Stepped =
  | { readonly refused: StepRefusal }
  | { readonly repeated: true }
  | { readonly next: Pick<Presentation, 'status' | 'decidedAt' | 'expiresAt' | 'spent'> };

/**
 * What a step makes of a presentation. By the time at which it took place, not at which it is heard of: a till that was
 * offline is believed, also after time ran out meanwhile. Doing the same step again changes nothing.
 */
export function takeStep(presentation: Presentation, step: Step): Stepped {
  const { status, presentedAt, expiresAt } = presentation;
  if (isDone(presentation, step)) return { repeated: true };
  if (status === 'REDEEMED') return { refused: step.kind === 'REDEEM' ? 'OTHER_AMOUNT' : 'ALREADY_REDEEMED' };
  if (status === 'DECLINED') return { refused: 'DECLINED' };
  if (step.at < presentedAt) return { refused: 'TOO_EARLY' };
  // Whoever lets it lapse has declined it; saying so late does no harm.
  if (step.at >= expiresAt && step.kind !== 'DECLINE') return { refused: 'EXPIRED' };
  return { next: after(presentation, step) };
}

/** It is so already; or something was decided later than this, and has been heard of first: a queue that is sent again. */
function isDone({ status, reserved, spent, decidedAt }: Presentation, step: Step): boolean {
  if (step.kind === 'REDEEM') return status === 'REDEEMED' && (step.spent ?? reserved) === spent;
  if (status === 'PRESENTED' || status === 'EXPIRED') return false;
  if (decidedAt !== null && step.at < decidedAt) return true;
  return step.kind === 'ACCEPT' ? status !== 'DECLINED' : status === 'DECLINED';
}

function after({ expiresAt, reserved }: Presentation, step: Step) {
  const decidedAt = step.at;
  switch (step.kind) {
    case 'ACCEPT':
      return {
        status: 'ACCEPTED' as const,
        decidedAt,
        expiresAt: minutesAfter(step.at, step.redeemMinutes),
        spent: null,
      };
    case 'DECLINE':
      return { status: 'DECLINED' as const, decidedAt, expiresAt, spent: null };
    default:
      return { status: 'REDEEMED' as const, decidedAt, expiresAt, spent: step.spent ?? reserved };
  }
}

export function minutesAfter(at: Date, minutes: number): Date {
  return new Date(at.getTime() + minutes * 60_000);
}

/** As it is at an instant, whether or not anybody has noted by then that time ran out. */
export function statusAt(
  { status, expiresAt }: Pick<Presentation, 'status' | 'expiresAt'>,
  now: Date,
): PresentationStatus {
  return (status === 'PRESENTED' || status === 'ACCEPTED') && expiresAt <= now ? 'EXPIRED' : status;
}

/** What a step moves in the offer's budget. */
export type BudgetMove =
  | { readonly kind: 'NONE' }
  | { readonly kind: 'RESERVE'; readonly amount: bigint }
  | { readonly kind: 'RELEASE'; readonly amount: bigint }
  | { readonly kind: 'SPEND'; readonly reserved: bigint; readonly spent: bigint }
  /** What it had reserved was released before it was heard of. */
  | { readonly kind: 'SPEND_UNRESERVED'; readonly spent: bigint };

/** `budgeted`: the offer has a budget now. */
export function budgetMove(
  { held, reserved }: Presentation,
  next: Pick<Presentation, 'status' | 'spent'>,
  budgeted: boolean,
): BudgetMove {
  if (next.status === 'ACCEPTED') return held || !budgeted ? { kind: 'NONE' } : { kind: 'RESERVE', amount: reserved };
  if (next.status === 'DECLINED') return held ? { kind: 'RELEASE', amount: reserved } : { kind: 'NONE' };
  const spent = next.spent ?? reserved;
  if (held) return { kind: 'SPEND', reserved, spent };
  return budgeted ? { kind: 'SPEND_UNRESERVED', spent } : { kind: 'NONE' };
}
