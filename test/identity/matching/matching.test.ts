import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { clusterAccuracy } from '../../bench/pair-accuracy.ts';
import {
  ask,
  enter,
  type MatchingFixture,
  openMatching,
  peopleOf,
  readMatching,
  settle,
  trainAndMatch,
} from './fixture.ts';

let fixture: MatchingFixture;
const people = peopleOf(600, 'matching');

beforeAll(async () => {
  fixture = await openMatching();
  await enter(fixture, people, 'p');
  await trainAndMatch(fixture);
});
afterAll(() => fixture.close());

interface Candidate {
  id: string;
  status: string;
  weight: number;
  probability: number;
  records: { id: string; key: string; customer: { id: string } | null }[];
  decision: { kind: string; inForce: boolean } | null;
  breakdown: {
    prior: number;
    household: number;
    weight: number;
    steps: { comparison: string; agreement: string; weight: number; values: { first: string; second: string }[] }[];
  };
}

const candidateFields = `id status weight probability records { id key customer { id } } decision { kind inForce }
  breakdown { prior household weight steps { comparison agreement weight values { field first second } } }`;

async function listCandidates(status: string, scopes?: string[]): Promise<Candidate[]> {
  const { matchCandidates } = await ask<{ matchCandidates: { nodes: Candidate[] } }>(
    fixture,
    `query ($status: MatchCandidateStatus!) { matchCandidates(status: $status, first: 200) { nodes { ${candidateFields} } } }`,
    { status },
    scopes,
  );
  return matchCandidates.nodes;
}

async function decide(mutation: string, candidateId: string): Promise<Candidate> {
  const answer = await ask<Record<string, { candidate: Candidate }>>(
    fixture,
    `mutation ($input: MatchDecisionInput!) { ${mutation}(input: $input) { candidate { ${candidateFields} } decision { kind } customerIds } }`,
    { input: { candidateId, reason: 'looked at both', idempotencyKey: `${mutation} ${candidateId}` } },
  );
  return answer[mutation]!.candidate;
}

test('a training on next to nothing fails, and says why', async () => {
  const small = await openMatching();
  try {
    await enter(small, peopleOf(20, 'few'), 'p');
    await trainAndMatch(small);
    const { matchRuns, matchModels } = await ask<{ matchRuns: object[]; matchModels: object[] }>(
      small,
      `{ matchRuns { status error } matchModels { version } }`,
    );
    expect(matchRuns).toEqual([{ status: 'FAILED', error: expect.stringContaining('there are 20') }]);
    expect(matchModels).toEqual([]);
    await expect(ask(small, `mutation { runMatching(input: {}) { run { id } } }`)).rejects.toMatchObject({
      code: 'BAD_USER_INPUT',
    });
  } finally {
    await small.close();
  }
});

describe('a run over all records', () => {
  test('makes people of records that nobody said are the same', async () => {
    const { customers } = await readMatching(fixture);
    const number = new Map(customers.map(({ customer }, at) => [customer, at]));
    const clusters = customers.map(({ customer }) => number.get(customer)!);
    const entities = customers.map(({ key }) => Number(key.split('-')[2]));
    const { precision, recall } = clusterAccuracy(clusters, entities);
    expect(precision).toBeGreaterThan(0.9);
    expect(recall).toBeGreaterThan(0.7);
  });

  test('is told with its progress, its counts and its model', async () => {
    const { matchRuns, matchingStatus } = await ask<{
      matchRuns: {
        kind: string;
        status: string;
        phase: string;
        modelVersion: number;
        result: Record<string, number>;
      }[];
      matchingStatus: Record<string, unknown>;
    }>(
      fixture,
      `{ matchRuns { kind status phase modelVersion result }
         matchingStatus { complete lagSeconds pendingCandidates currentRun { id } activeModel { version records active } } }`,
    );
    expect(matchRuns.map(({ kind, status, modelVersion }) => [kind, status, modelVersion])).toEqual([
      ['MATCH', 'SUCCEEDED', 1],
      ['TRAIN', 'SUCCEEDED', 1],
    ]);
    const linked = await listCandidates('LINKED');
    expect(matchRuns[0]!.result).toMatchObject({ records: people.length, withdrawn: 0 });
    expect(linked.length).toBe(Math.min(200, matchRuns[0]!.result.linked!));
    expect(matchingStatus).toMatchObject({
      complete: true,
      lagSeconds: 0,
      currentRun: null,
      activeModel: { version: 1, records: people.length, active: true },
    });
  });

  test('links by decisions of the matcher, which are in force', async () => {
    for (const { records, decision } of await listCandidates('LINKED')) {
      expect(decision).toEqual({ kind: 'MATCH', inForce: true });
      expect(records[0]!.customer).toEqual(records[1]!.customer);
    }
  });

  test('leaves to stewards what is likely only, the likeliest first', async () => {
    const pending = await listCandidates('PENDING');
    expect(pending.length).toBeGreaterThan(3);
    expect(pending.map(({ weight }) => weight)).toEqual(pending.map(({ weight }) => weight).toSorted((a, b) => b - a));
    for (const { records } of pending) expect(records[0]!.customer).not.toEqual(records[1]!.customer);
  });
});

describe('a candidate', () => {
  test('explains its weight: the steps add up to it', async () => {
    const candidates = [...(await listCandidates('PENDING')), ...(await listCandidates('LINKED'))];
    expect(candidates.length).toBeGreaterThan(10);
    for (const { weight, breakdown } of candidates) {
      const sum = breakdown.steps.reduce((total, step) => total + step.weight, breakdown.prior + breakdown.household);
      expect(sum).toBeCloseTo(weight, 3);
      expect(breakdown.weight).toBeCloseTo(weight, 3);
    }
  });

  test('shows its values to those only who may see them', async () => {
    const [masked] = await listCandidates('LINKED', ['identity:read', 'customers:read']);
    const [plain] = await listCandidates('LINKED');
    const namesOf = (candidate: Candidate) =>
      candidate.breakdown.steps.find(({ comparison }) => comparison === 'familyName');
    expect(namesOf(masked!)!.values[0]!.first).toBe('•••');
    expect(namesOf(plain!)!.values[0]!.first).toMatch(/^\p{L}/u);
  });

  test('is listed page by page, each once, and counted', async () => {
    const seen: string[] = [];
    let after: string | null = null;
    let total = 0;
    do {
      const page: {
        matchCandidates: {
          nodes: { id: string }[];
          totalCount: number;
          pageInfo: { endCursor: string; hasNextPage: boolean };
        };
      } = await ask(
        fixture,
        `query ($after: Cursor) { matchCandidates(first: 2, after: $after) { nodes { id } totalCount pageInfo { endCursor hasNextPage } } }`,
        { after },
      );
      seen.push(...page.matchCandidates.nodes.map(({ id }) => id));
      total = page.matchCandidates.totalCount;
      after = page.matchCandidates.pageInfo.hasNextPage ? page.matchCandidates.pageInfo.endCursor : null;
    } while (after !== null);
    expect(new Set(seen).size).toBe(seen.length);
    expect(seen.length).toBe(total);
    expect(seen).toEqual((await listCandidates('PENDING')).map(({ id }) => id));
  });

  test('needs a scope to be seen, and another to be decided on', async () => {
    const refused = { code: 'FORBIDDEN' };
    await expect(listCandidates('PENDING', ['customers:read'])).rejects.toMatchObject(refused);
    const [candidate] = await listCandidates('PENDING');
    const accept = `mutation ($id: ID!) { acceptMatch(input: { candidateId: $id, reason: "x" }) { candidate { id } } }`;
    await expect(ask(fixture, accept, { id: candidate!.id }, ['identity:read'])).rejects.toMatchObject(refused);
  });
});

describe('a steward', () => {
  test('accepts a candidate: the two are one, and it is off the list; a repeat changes nothing', async () => {
    const [candidate] = await listCandidates('PENDING');
    const accepted = await decide('acceptMatch', candidate!.id);
    expect(accepted).toMatchObject({ status: 'ACCEPTED', decision: { kind: 'LINK', inForce: true } });
    expect(accepted.records[0]!.customer).toEqual(accepted.records[1]!.customer);
    expect((await listCandidates('PENDING')).map(({ id }) => id)).not.toContain(candidate!.id);
    expect(await decide('acceptMatch', candidate!.id)).toEqual(accepted);
  });

  test('rejects one, and one that the matcher has linked: neither comes back, whatever is trained', async () => {
    const [proposed] = await listCandidates('PENDING');
    const [linked] = await listCandidates('LINKED');
    for (const { id } of [proposed!, linked!]) {
      const rejected = await decide('rejectMatch', id);
      expect(rejected).toMatchObject({ status: 'REJECTED', decision: { kind: 'VETO', inForce: true } });
      expect(rejected.records[0]!.customer).not.toEqual(rejected.records[1]!.customer);
    }
    await trainAndMatch(fixture);
    const rejected = await listCandidates('REJECTED');
    // Others are between the same customers: they are as good as rejected.
    expect(rejected.map(({ id }) => id)).toEqual(expect.arrayContaining([proposed!.id, linked!.id]));
    for (const { records } of rejected) expect(records[0]!.customer).not.toEqual(records[1]!.customer);
  });

  test('takes a match back: it is not said again', async () => {
    const [linked] = await listCandidates('LINKED');
    const pair = linked!.records.map(({ id }) => id);
    await ask(
      fixture,
      `mutation ($recordIds: [ID!]!) { unlinkRecords(input: { recordIds: $recordIds, reason: "wrong" }) { customerIds } }`,
      { recordIds: pair },
    );
    await ask(fixture, `mutation { runMatching(input: {}) { run { id } } }`);
    await settle(fixture);
    const found = [...(await listCandidates('LINKED')), ...(await listCandidates('PENDING'))].map(({ id }) => id);
    expect(found).not.toContain(linked!.id);
  });

  test('sees how the newest model judges what stewards have decided', async () => {
    await ask(fixture, `mutation { trainMatchModel(input: {}) { run { id } } }`);
    await settle(fixture);
    const { matchModels } = await ask<{
      matchModels: { version: number; active: boolean; evaluation: Record<string, number> | null }[];
    }>(
      fixture,
      `{ matchModels { version active evaluation { pairs same linkedRightly linkedWrongly proposedRightly proposedWrongly missed } } }`,
    );
    expect(matchModels.map(({ version, active }) => [version, active])).toEqual([
      [3, false],
      [2, true],
      [1, false],
    ]);
    const { pairs, same, ...judged } = matchModels[0]!.evaluation!;
    expect([pairs, same]).toEqual([3, 1]);
    expect(judged.linkedWrongly).toBeGreaterThanOrEqual(1);
    expect(matchModels[2]!.evaluation).toBeNull();
  });
});
