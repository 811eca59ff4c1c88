import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { refusalOf } from '../../access/fixture.ts';
import { emptyWorld } from '../../support/world.ts';
import { browser, type Desk, day, email, openDesk, userId } from './fixture.ts';

let desk: Desk;

beforeAll(async () => {
  desk = await openDesk();
});
beforeEach(() => emptyWorld(desk.database.pool));
afterAll(() => desk.close());

interface Listed<N> {
  nodes: N[];
  pageInfo: { hasNextPage: boolean; endCursor: string };
}

/** One node after the other, page by page. */
async function everything<N>(field: string, select: string, args = ''): Promise<N[]> {
  const found: N[] = [];
  for (let after: string | null = null, more = true; more; ) {
    const answer: Record<string, Listed<N>> = await desk.ask(
      `query ($after: Cursor) { ${field}(first: 2, after: $after ${args}) { nodes { ${select} } pageInfo { hasNextPage endCursor } } }`,
      { after },
    );
    found.push(...answer[field]!.nodes);
    ({ hasNextPage: more, endCursor: after } = answer[field]!.pageInfo);
  }
  return found;
}

/** People who log in on one tablet: all but the first are refused. */
async function tablet(users: number) {
  const stored = await desk.store(
    ...Array.from({ length: users }, (_, index) => ({
      key: `u${index}`,
      identifiers: [userId(`u${index}`), browser('tablet')],
      occurredAt: day(1 + index),
    })),
  );
  return stored.map(({ warnings }) => warnings.map(({ code }) => code));
}

describe('refused links', () => {
  test('are told to the event that caused them, and listed page by page, each once', async () => {
    const warnings = await tablet(6);
    expect(warnings).toEqual([[], ...Array.from({ length: 5 }, () => ['LINK_REFUSED'])]);
    const listed = await everything<{ record: { key: string }; refusedAt: Date }>(
      'refusedLinks',
      'refusal limitedBy refusedAt record { key } otherRecord { key } evidence { identifier { kind value } }',
    );
    expect(new Set(listed.map(({ record }) => record.key))).toEqual(new Set(['u1', 'u2', 'u3', 'u4', 'u5']));
    expect(listed).toHaveLength(5);
    const times = listed.map(({ refusedAt }) => refusedAt.getTime());
    expect(times).toEqual(times.toSorted((a, b) => b - a));
    expect(listed[0]).toMatchObject({
      refusal: 'VALUES_PER_CUSTOMER',
      limitedBy: 'userId',
      otherRecord: { key: 'u0' },
      evidence: { identifier: browser('tablet') },
    });
  });

  test('of one instant are told apart by the cursor', async () => {
    await tablet(6);
    await desk.database.pool`update refused_links set refused_at = '2026-10-01'`;
    const listed = await everything<{ record: { key: string } }>('refusedLinks', 'record { key }');
    expect(listed.map(({ record }) => record.key).sort()).toEqual(['u1', 'u2', 'u3', 'u4', 'u5']);
  });

  test('can be chosen by reason and kind', async () => {
    await tablet(2);
    const count = async (args: string) => (await everything('refusedLinks', 'refusal', args)).length;
    expect(await count('refusals: [VALUES_PER_CUSTOMER]')).toBe(1);
    expect(await count('refusals: [SEPARATED, BOTH_KNOWN]')).toBe(0);
    expect(await count('kinds: ["anonymousId"]')).toBe(1);
    expect(await count('kinds: ["email"]')).toBe(0);
  });

  test('are gone once somebody decides', async () => {
    await tablet(2);
    await desk.decide('linkRecords', { recordIds: [await desk.recordOf('u0'), await desk.recordOf('u1')] });
    expect(await everything('refusedLinks', 'refusal')).toEqual([]);
  });
});

describe('overused identifiers', () => {
  test('are told to the event that made them so, and listed with the number of records', async () => {
    const card = { kind: 'loyaltyCard', value: '2500' };
    const sales = Array.from({ length: 51 }, (_, index) => ({ source: 'pos', key: `s${index}`, identifiers: [card] }));
    const stored = await desk.store(...sales);
    expect(stored.at(-1)!.warnings).toMatchObject([{ code: 'IDENTIFIER_OVERUSED' }]);
    expect(stored.slice(0, -1).flatMap(({ warnings }) => warnings)).toEqual([]);
    const listed = await everything('overusedIdentifiers', 'kind value recordCount overusedSince blocked');
    expect(listed).toEqual([{ ...card, recordCount: 51, overusedSince: expect.any(Date), blocked: false }]);
  });
});

describe('decisions and regroupings', () => {
  test('are listed page by page, the latest first', async () => {
    await desk.store(
      ...Array.from({ length: 4 }, (_, index) => ({
        key: `p${index}`,
        identifiers: [email(`p${index}@example.com`)],
        occurredAt: day(1 + index),
      })),
    );
    const made: string[] = [];
    for (const index of [1, 2, 3]) {
      const recordIds = [await desk.recordOf('p0'), await desk.recordOf(`p${index}`)];
      made.unshift((await desk.decide('linkRecords', { recordIds })).decision.id);
    }
    const listed = await everything<{ id: string }>('identityDecisions', 'id kind');
    expect(listed.map(({ id }) => id)).toEqual(made);
    expect(await everything('identityDecisions', 'id', 'kinds: [VETO]')).toEqual([]);
    const regroupings = await everything<{ decision: { id: string } }>('identityRegroupings', 'kind decision { id }');
    expect(regroupings.map(({ decision }) => decision.id)).toEqual(made);
  });
});

describe('who may see them', () => {
  test.each(['refusedLinks', 'overusedIdentifiers'])('%s needs identity:read', async (field) => {
    const refusal = await refusalOf(desk.ask(`{ ${field} { pageInfo { hasNextPage } } }`, {}, ['customers:read']));
    expect(refusal).toMatchObject({ code: 'FORBIDDEN', details: { requiredScope: 'identity:read' } });
  });

  test('values are masked without pii:read', async () => {
    await tablet(2);
    const answer = await desk.ask(
      '{ refusedLinks { nodes { record { key } evidence { identifier { kind value } } } } }',
      {},
      ['identity:read'],
    );
    expect(answer).toEqual({
      refusedLinks: {
        nodes: [{ record: { key: '•••' }, evidence: { identifier: { kind: 'anonymousId', value: '•••' } } }],
      },
    });
  });
});
