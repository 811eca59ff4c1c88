import { describe, expect, test } from 'vitest';
import { judgePairs, type Surroundings } from '../../../src/identity/matching/judge-pairs.ts';
import type { CandidateStatus, FoundPair, StoredCandidate } from '../../../src/identity/matching/match-candidate.ts';

const thresholds = { link: 8, review: 0 };
const strangers: Surroundings = {
  customerOf: new Map([
    ['a', 'A'],
    ['b', 'B'],
    ['c', 'C'],
  ]),
  parted: new Set(),
  withdrawn: new Set(),
  linked: new Set(),
};
const oneCustomer = { ...strangers, customerOf: new Map([...'abc'].map((id) => [id, 'A'])) };

function found(weight: number, together = true): FoundPair {
  return { recordA: 'a', recordB: 'b', weight, together };
}

function known(status: CandidateStatus, decisionId: string | null = null): StoredCandidate {
  return { recordA: 'a', recordB: 'b', weight: 9, status, decisionId };
}

function judge(pairs: FoundPair[], before: StoredCandidate[], around: Surroundings = strangers) {
  const { candidates, toLink, toRevoke } = judgePairs(pairs, before, around, thresholds);
  return { status: candidates[0]?.status, links: toLink.length, revoked: toRevoke };
}

describe('a pair that is found for the first time', () => {
  test.each<[string, FoundPair, Surroundings, string | undefined, number]>([
    ['is linked if it is certain enough', found(8), strangers, 'LINKED', 1],
    ['waits for a steward if it is not', found(7.9), strangers, 'PENDING', 0],
    ['waits if the records do not hang together', found(20, false), strangers, 'PENDING', 0],
    ['is no news in one customer', found(20), oneCustomer, undefined, 0],
    ['is news in one customer that matches made', found(20), { ...oneCustomer, linked: new Set(['b']) }, 'LINKED', 1],
    ['is none between parted customers', found(20), { ...strangers, parted: new Set(['A B']) }, undefined, 0],
    ['is none where a steward took it back', found(20), { ...strangers, withdrawn: new Set(['a b']) }, undefined, 0],
    ['is none with a record of nobody', found(20), { ...strangers, customerOf: new Map([['a', 'A']]) }, undefined, 0],
  ])('%s', (_what, pair, around, status, links) => {
    expect(judge([pair], [], around)).toEqual({ status, links, revoked: [] });
  });
});

describe('a pair that was found before', () => {
  test.each<[string, FoundPair[], StoredCandidate, Surroundings, string | undefined, number, string[]]>([
    ['stays linked by its decision', [found(9)], known('LINKED', 'd'), oneCustomer, 'LINKED', 0, []],
    ['is unlinked where it became unlikely', [found(1)], known('LINKED', 'd'), oneCustomer, 'PENDING', 0, ['d']],
    ['is unlinked where it is lost', [], known('LINKED', 'd'), oneCustomer, 'OBSOLETE', 0, ['d']],
    ['is linked where it became certain', [found(9)], known('PENDING'), strangers, 'LINKED', 1, []],
    ['is linked again after it was lost', [found(9)], known('OBSOLETE'), strangers, 'LINKED', 1, []],
    [
      'stays rejected',
      [found(9)],
      known('REJECTED', 'v'),
      { ...strangers, parted: new Set(['A B']) },
      'REJECTED',
      0,
      [],
    ],
    ['is judged anew where the veto was revoked', [found(5)], known('REJECTED', 'v'), strangers, 'PENDING', 0, []],
    ['stays accepted, whatever it weighs', [found(0)], known('ACCEPTED', 'l'), oneCustomer, 'ACCEPTED', 0, []],
    ['stays accepted where it is lost', [], known('ACCEPTED', 'l'), oneCustomer, undefined, 0, []],
    ['keeps the link that a limit refuses', [found(9)], known('PENDING', 'd'), strangers, 'LINKED', 0, []],
    ['loses it where it becomes unlikely', [found(1)], known('PENDING', 'd'), strangers, 'PENDING', 0, ['d']],
  ])('%s', (_what, pairs, before, around, status, links, revoked) => {
    expect(judge(pairs, [before], around)).toEqual({ status, links, revoked });
  });
});
