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

interface Told {
  customerId: string;
  recordCount: number;
  neighbourhoodSize: number;
  settled: boolean;
  records: { key: string }[];
  paths: { from: { key: string }; to: { key: string }; steps: unknown[] }[];
  refused: unknown[];
  unused: { reason: string }[];
  decisions: { id: string; kind: string; inForce: boolean; reason: string }[];
  regroupings: { id: string; kind: string; cause: string; together: boolean }[];
  truncated: string[];
}

const document = `query ($customerId: ID!, $from: ID, $to: ID) { explainIdentity(customerId: $customerId, from: $from, to: $to) {
  customerId recordCount neighbourhoodSize rulesVersion settled records { key }
  paths { from { key } to { key } steps {
    record { key } otherRecord { key } since touchpointIds
    evidence { kind identifier { kind value } decision { id kind reason } }
    rule { priority strength valuesPerCustomer valuesWindowDays recordsPerValue }
  } }
  refused { refusal limitedBy customerId otherCustomerId refusedAt record { key } otherRecord { key }
    evidence { kind identifier { value } decision { id } } limitingDecision { id kind } }
  unused { reason firstSeenAt record { key } evidence { kind identifier { value recordCount } } decision { id actor reason } }
  decisions { id kind inForce reason actor decidedAt revokedBy revokeReason identifier { value } merge { id } }
  regroupings { id kind cause customerId otherCustomerId together recordCount decision { id } records { key } otherRecords { key } }
  truncated
} }`;

async function explain(customerId: string, ends: { from?: string; to?: string } = {}, scopes?: string[]) {
  const { explainIdentity } = await desk.ask<{ explainIdentity: Told }>(document, { customerId, ...ends }, scopes);
  return explainIdentity;
}

/** A visit without a login, one with it, and an order at the till with the same address: a chain of three records. */
async function chain() {
  await desk.store(
    { key: 'visit', identifiers: [browser('b-1')], occurredAt: day(1) },
    { key: 'login', identifiers: [browser('b-1'), userId('jo')], occurredAt: day(2) },
    { source: 'crm', key: 'file', identifiers: [userId('jo'), email('jo@example.com')], occurredAt: day(3) },
  );
  return desk.customerOf('visit');
}

describe('the evidence path', () => {
  test('leads from the founding record to each other, with what both carry, the rule, and since when', async () => {
    const customerId = await chain();
    const told = await explain(customerId);
    expect(told).toMatchObject({ customerId, recordCount: 3, neighbourhoodSize: 3, settled: true, truncated: [] });
    expect(told.records.map(({ key }) => key)).toEqual(['visit', 'login', 'file']);
    expect(told.paths.map(({ to, steps }) => [to.key, steps.length])).toEqual([
      ['login', 1],
      ['file', 2],
    ]);
    expect(told.paths[1]!.steps).toMatchObject([
      {
        record: { key: 'visit' },
        otherRecord: { key: 'login' },
        since: new Date(day(2)),
        touchpointIds: [expect.stringMatching(/^tp_/), expect.stringMatching(/^tp_/)],
        evidence: { kind: 'anonymousId', identifier: browser('b-1'), decision: null },
        rule: { priority: 6, strength: 'UNIQUE', valuesPerCustomer: 100, valuesWindowDays: null, recordsPerValue: 50 },
      },
      {
        record: { key: 'login' },
        otherRecord: { key: 'file' },
        since: new Date(day(3)),
        evidence: { kind: 'userId', identifier: userId('jo') },
        rule: { priority: 1, valuesPerCustomer: 1, recordsPerValue: 1000 },
      },
    ]);
  });

  test('between any two records is found, over decisions too', async () => {
    const customerId = await chain();
    await desk.store({ source: 'pos', key: 'card', identifiers: [email('j@example.com')], occurredAt: day(4) });
    const [from, to] = [await desk.recordOf('card'), await desk.recordOf('visit')];
    const { decision } = await desk.decide('linkRecords', {
      recordIds: [from, await desk.recordOf('file')],
      reason: 'A typing error.',
    });
    const { paths } = await explain(customerId, { from, to });
    expect(paths).toHaveLength(1);
    expect(paths[0]).toMatchObject({ from: { key: 'card' }, to: { key: 'visit' } });
    expect(paths[0]!.steps).toMatchObject([
      {
        record: { key: 'card' },
        otherRecord: { key: 'file' },
        evidence: { kind: 'decision', identifier: null, decision: { id: decision.id, reason: 'A typing error.' } },
        rule: null,
        touchpointIds: [],
      },
      { record: { key: 'file' }, evidence: { kind: 'userId' } },
      { record: { key: 'login' }, otherRecord: { key: 'visit' }, evidence: { kind: 'anonymousId' } },
    ]);
  });

  test('to a record of somebody else is refused', async () => {
    const customerId = await chain();
    await desk.store({ key: 'stranger', identifiers: [email('s@example.com')] });
    const refusal = await refusalOf(explain(customerId, { to: await desk.recordOf('stranger') }));
    expect(refusal).toMatchObject({ code: 'BAD_USER_INPUT', details: { field: 'to' } });
  });
});

describe('what did not count', () => {
  test('names refused evidence, its reason, and the other customer', async () => {
    await desk.store(
      { key: 'ann', identifiers: [userId('ann'), browser('tablet')], occurredAt: day(1) },
      { key: 'bob', identifiers: [userId('bob'), browser('tablet')], occurredAt: day(2) },
    );
    const [ann, bob] = [await desk.customerOf('ann'), await desk.customerOf('bob')];
    const refused = {
      refusal: 'VALUES_PER_CUSTOMER',
      limitedBy: 'userId',
      record: { key: 'bob' },
      otherRecord: { key: 'ann' },
      customerId: bob,
      otherCustomerId: ann,
      evidence: { kind: 'anonymousId', identifier: { value: 'tablet' }, decision: null },
      limitingDecision: null,
    };
    for (const customerId of [ann, bob]) {
      expect(await explain(customerId)).toMatchObject({ neighbourhoodSize: 2, paths: [], refused: [refused] });
    }
  });

  test('names the decision that keeps two apart', async () => {
    await desk.store(
      { key: 'a', identifiers: [email('a@example.com')], occurredAt: day(1) },
      { key: 'b', identifiers: [email('a@example.com')], occurredAt: day(2) },
    );
    const ids = { recordId: await desk.recordOf('a'), otherRecordId: await desk.recordOf('b') };
    const { decision } = await desk.decide('vetoMatch', ids);
    const told = await explain(await desk.customerOf('b'));
    const limitingDecision = { id: decision.id, kind: 'VETO' };
    expect(told.refused).toMatchObject([{ refusal: 'SEPARATED', limitedBy: null, limitingDecision }]);
    expect(told.decisions).toMatchObject([{ id: decision.id, kind: 'VETO', inForce: true }]);
  });

  test('names removed and overused identifiers, and who removed them', async () => {
    const card = { kind: 'loyaltyCard', value: '2500' };
    await desk.store({ key: 'a', identifiers: [email('wrong@example.com'), card], occurredAt: day(1) });
    const customerId = await desk.customerOf('a');
    const identifier = email('wrong@example.com');
    const { decision } = await desk.decide('removeIdentifier', { customerId, identifier, reason: 'Not hers.' });
    for (let index = 0; index < 51; index += 1) {
      await desk.store({ source: 'pos', key: `s-${index}`, identifiers: [card], occurredAt: day(2) });
    }
    const told = await explain(customerId);
    expect(Object.fromEntries(told.unused.map((unused) => [unused.reason, unused]))).toMatchObject({
      REMOVED: {
        record: { key: 'a' },
        evidence: { kind: 'email', identifier: { value: 'wrong@example.com' } },
        decision: { id: decision.id, reason: 'Not hers.' },
      },
      OVERUSED: { evidence: { identifier: { value: '2500', recordCount: 51 } }, decision: null },
    });
    expect(told.unused).toHaveLength(2);
  });
});

describe('history', () => {
  test('tells every decision, revoked ones with who and why, and every merge; its id undoes it', async () => {
    await desk.store(
      { key: 'a', identifiers: [email('a@example.com')], occurredAt: day(1) },
      { key: 'b', identifiers: [email('b@example.com')], occurredAt: day(2) },
    );
    const [a, b] = [await desk.customerOf('a'), await desk.customerOf('b')];
    const merge = await desk.decide('mergeCustomers', { customerIds: [a, b], reason: 'One person.' });
    const [merged] = (await explain(a)).regroupings;
    expect(merged).toMatchObject({
      kind: 'MERGED',
      cause: 'DECISION',
      customerId: b,
      otherCustomerId: a,
      together: true,
      decision: { id: merge.decision.id },
      records: [{ key: 'b' }],
      otherRecords: [{ key: 'a' }],
    });
    const undone = await desk.decide('unmergeCustomer', { customerId: a, mergeId: merged!.id, reason: 'Twins.' });
    for (const customerId of [a, b]) {
      const told = await explain(customerId);
      expect(told.decisions).toMatchObject([
        { id: undone.decision.id, kind: 'UNMERGE', inForce: true, reason: 'Twins.', merge: { id: merged!.id } },
        { id: merge.decision.id, kind: 'MERGE', inForce: false, revokedBy: 'test', revokeReason: 'Twins.' },
      ]);
      expect(told.regroupings.map(({ kind, together }) => [kind, together])).toEqual([
        ['SPLIT', false],
        ['MERGED', false],
      ]);
    }
  });

  test('runs a constant number of statements, however much there is to tell', async () => {
    await chain();
    const count = async () => {
      const id = await desk.customerOf('login');
      await explain(id);
      desk.view.countStatements();
      await explain(id);
      return desk.view.countStatements();
    };
    const few = await count();
    for (let index = 0; index < 20; index += 1) {
      await desk.store({ key: `v${index}`, identifiers: [userId('jo'), browser(`v${index}`)], occurredAt: day(5) });
    }
    const last = await desk.recordOf('v0');
    await desk.store({ key: 'other', identifiers: [userId('other'), browser('b-1')], occurredAt: day(6) });
    await desk.decide('vetoMatch', { recordId: last, otherRecordId: await desk.recordOf('visit') });
    const told = await explain(await desk.customerOf('login'));
    expect(told.paths.length).toBeGreaterThan(10);
    expect(told.refused.length).toBeGreaterThan(0);
    const many = await count();
    expect(many).toBeLessThanOrEqual(few + 4);
  });
});

describe('who may see it', () => {
  test('identity:read, without personal values unless pii:read is there too', async () => {
    const customerId = await chain();
    const told = JSON.stringify(await explain(customerId, {}, ['identity:read']));
    expect(told).not.toContain('jo@example.com');
    expect(told).not.toContain('b-1');
    expect(told).toContain('•••');
    const refusal = await refusalOf(explain(customerId, {}, ['identity:manage', 'customers:read', 'pii:read']));
    expect(refusal).toMatchObject({ code: 'FORBIDDEN', details: { requiredScope: 'identity:read' } });
  });

  test('nobody’s id is not found', async () => {
    const refusal = await refusalOf(explain('cus_01h2xcejqtf2nbrexx3vqjhp41'));
    expect(refusal).toMatchObject({ code: 'NOT_FOUND' });
  });
});
