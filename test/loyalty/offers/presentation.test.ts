import { describe, expect, test } from 'vitest';
import {
  budgetMove,
  type Presentation,
  type Step,
  statusAt,
  takeStep,
} from '../../../src/loyalty/offers/presentation.ts';

const presentedAt = new Date('2026-11-02T12:00:00Z');
const after = (minutes: number) => new Date(presentedAt.getTime() + minutes * 60_000);
const shown: Presentation = {
  recordId: 'r',
  id: 'p',
  offerId: 'o',
  version: 1,
  status: 'PRESENTED',
  presentedAt,
  decidedAt: null,
  expiresAt: after(15),
  reserved: 500n,
  held: true,
  spent: null,
};
const accepted: Presentation = { ...shown, status: 'ACCEPTED', decidedAt: after(5), expiresAt: after(65) };
const declined: Presentation = { ...shown, status: 'DECLINED', decidedAt: after(5) };
const redeemed: Presentation = { ...shown, status: 'REDEEMED', decidedAt: after(9), spent: 400n };
const lapsed: Presentation = { ...shown, status: 'EXPIRED', held: false };

const accept = (minutes: number): Step => ({ kind: 'ACCEPT', at: after(minutes), redeemMinutes: 60 });
const decline = (minutes: number): Step => ({ kind: 'DECLINE', at: after(minutes) });
const redeem = (minutes: number, spent: bigint | null = null): Step => ({ kind: 'REDEEM', at: after(minutes), spent });

function outcome(presentation: Presentation, step: Step): string {
  const stepped = takeStep(presentation, step);
  return 'refused' in stepped ? stepped.refused : 'next' in stepped ? `→ ${stepped.next.status}` : 'REPEATED';
}

test.each<[string, Presentation, Step, string]>([
  ['presented, accepted', shown, accept(5), '→ ACCEPTED'],
  ['presented, accepted at the last moment', shown, accept(14.999), '→ ACCEPTED'],
  ['presented, accepted as time runs out', shown, accept(15), 'EXPIRED'],
  ['presented, accepted before it was shown', shown, accept(-1), 'TOO_EARLY'],
  ['presented, redeemed', shown, redeem(5), '→ REDEEMED'],
  ['presented, declined', shown, decline(5), '→ DECLINED'],
  ['presented, declined after its time', shown, decline(50), '→ DECLINED'],
  ['lapsed, accepted in time and heard of late', lapsed, accept(5), '→ ACCEPTED'],
  ['lapsed, accepted too late', lapsed, accept(16), 'EXPIRED'],
  ['accepted, redeemed', accepted, redeem(64), '→ REDEEMED'],
  ['accepted, redeemed too late', accepted, redeem(65), 'EXPIRED'],
  ['accepted again', accepted, accept(6), 'REPEATED'],
  ['accepted, then declined', accepted, decline(6), '→ DECLINED'],
  ['accepted, after a decline that is heard of late', accepted, decline(4), 'REPEATED'],
  ['declined again', declined, decline(6), 'REPEATED'],
  ['declined, accepted before that', declined, accept(4), 'REPEATED'],
  ['declined, accepted after that', declined, accept(6), 'DECLINED'],
  ['declined, redeemed', declined, redeem(6), 'DECLINED'],
  ['redeemed again for the same', redeemed, redeem(9, 400n), 'REPEATED'],
  ['redeemed for something else', redeemed, redeem(9, 300n), 'OTHER_AMOUNT'],
  ['redeemed, accepted before that', redeemed, accept(5), 'REPEATED'],
  ['redeemed, then declined', redeemed, decline(10), 'ALREADY_REDEEMED'],
])('%s', (_, presentation, step, expected) => {
  expect(outcome(presentation, step)).toBe(expected);
});

test('doing a step twice is doing it once', () => {
  for (const presentation of [shown, accepted, declined, redeemed, lapsed]) {
    for (const step of [accept(6), decline(6), redeem(6), redeem(6, 100n)]) {
      const stepped = takeStep(presentation, step);
      if (!('next' in stepped)) continue;
      expect(takeStep({ ...presentation, ...stepped.next }, step)).toEqual({ repeated: true });
    }
  }
});

describe('what a step moves in the budget', () => {
  test.each<[string, Presentation, Step, boolean, object]>([
    ['keeps what is held', shown, accept(5), true, { kind: 'NONE' }],
    ['takes anew what was released', lapsed, accept(5), true, { kind: 'RESERVE', amount: 500n }],
    ['takes nothing where there is no budget', lapsed, accept(5), false, { kind: 'NONE' }],
    ['gives back what is held', accepted, decline(6), true, { kind: 'RELEASE', amount: 500n }],
    ['gives back nothing where nothing is held', lapsed, decline(6), true, { kind: 'NONE' }],
    ['spends what is held', accepted, redeem(6, 420n), true, { kind: 'SPEND', reserved: 500n, spent: 420n }],
    [
      'spends what is held of a budget that is no more',
      accepted,
      redeem(6),
      false,
      { kind: 'SPEND', reserved: 500n, spent: 500n },
    ],
    ['spends without having held', lapsed, redeem(6), true, { kind: 'SPEND_UNRESERVED', spent: 500n }],
  ])('%s', (_, presentation, step, budgeted, move) => {
    const stepped = takeStep(presentation, step);
    if (!('next' in stepped)) throw new Error('refused');
    expect(budgetMove(presentation, stepped.next, budgeted)).toEqual(move);
  });
});

test('its time is over when it is over, whether or not anybody has noted it', () => {
  expect(statusAt(shown, after(14))).toBe('PRESENTED');
  expect(statusAt(shown, after(15))).toBe('EXPIRED');
  expect(statusAt(declined, after(99))).toBe('DECLINED');
  expect(statusAt(redeemed, after(99))).toBe('REDEEMED');
});
