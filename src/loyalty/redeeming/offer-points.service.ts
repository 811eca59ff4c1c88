import { fingerprintUuid } from '../../kernel/ids.ts';
import type { Ledger } from '../ledger/ledger.service.ts';
import { debtPolicies } from '../members/debt-policy.ts';
import type { LoyaltyMoved } from '../members/loyalty-clock.service.ts';
import { pointChanges } from '../members/point-changes.ts';
import type { GrantPoints } from '../offers/decide-offer.service.ts';
import type { ProgramBook } from '../programs/program-book.service.ts';
import { decisionLot } from './bonus-rule.ts';
import { insertDecisions } from './decisions.queries.ts';

export interface OfferPointsParts {
  readonly book: ProgramBook;
  readonly ledger: Ledger;
  /** What follows from other points, in the same transaction. */
  readonly reactions: readonly LoyaltyMoved[];
}

/** Puts the points of a redeemed offer on the account of whom it was shown to: once for each presentation. */
export function offerPoints({ book, ledger, reactions }: OfferPointsParts): GrantPoints {
  return async (tx, ctx, { customerId, recordId, programId, wallet, points, offerId, presentationId, at }) => {
    const programs = await book.hold(tx);
    const id = fingerprintUuid(['offer', presentationId].join('\n'));
    const now = ctx.clock.now();
    const given = await insertDecisions(tx, [
      {
        ...{ id, programId, recordId, points, wallet, at },
        kind: 'BONUS',
        status: 'DONE',
        recordedAt: now,
        subjectId: offerId,
        expiresAt: null,
        actor: ctx.viewer.name,
        reason: null,
        detail: null,
        fingerprint: id,
      },
    ]);
    if (given.length === 0) return [];
    const times = { earnedAt: at, availableAt: at, expiresAt: null };
    const lot = decisionLot({ ...times, recordId, programId, wallet, decisionId: id, points, version: null });
    const entered = await ledger.settle(tx, [{ recordId, programId, wallet, lots: [lot] }], {
      at: now,
      causeOf: () => ({ kind: 'BONUS', causeId: id }),
      debtOf: debtPolicies(programs, now),
    });
    const changes = pointChanges(entered, () => customerId);
    for (const react of reactions) changes.push(...(await react(tx, { at: now, customerIds: [customerId] })));
    return changes;
  };
}
