import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { defaultRules } from '../../src/identity/rules.ts';
import { verifyFacts } from '../../src/kpis/facts/facts-verifier.service.ts';
import { recountBy } from '../../src/loyalty/members/enrolment-recount.service.ts';
import { createDecisionServices } from '../../src/loyalty/redeeming/decision-services.service.ts';
import type { PartialDeletionRequest } from '../../src/privacy/partial-deletion/partial-deletion.service.ts';
import { holdRecords, RecordEmptied, removeTouchpoints } from '../../src/touchpoints/remove-touchpoints.service.ts';
import type { TouchpointDraft } from '../../src/touchpoints/touchpoint.ts';
import { exampleProgram } from '../loyalty/example-program.ts';
import { publishAt } from '../loyalty/fixture.ts';
import { openTestDatabase, type TestDatabase } from '../support/database.ts';
import { touchpoint } from '../support/ingest.ts';
import { openGate, untilWaiting } from '../support/locks.ts';
import { openSubjectNode, type SubjectNode } from './subject-fixture.ts';
import { emptyEverything, expectEverythingTrue, readEverything } from './subject-world.ts';

let database: TestDatabase;
let node: SubjectNode;
let programId: string;

beforeAll(async () => {
  database = await openTestDatabase();
  node = await openSubjectNode(database.pool);
  programId = await publishAt(node, exampleProgram());
});
afterAll(() => database.close());
beforeEach(() => emptyEverything(database.pool));

const reason = 'a test';

async function customerOf(messageId: string): Promise<string> {
  const [row] = await database.pool<{ id: string }[]>`
    select r.customer_id as id from touchpoints t join records r on r.id = t.record_id where t.message_id = ${messageId}`;
  return row!.id;
}

const remove = (request: Partial<PartialDeletionRequest> & { customerId: string }) =>
  node.deletions.deleteTouchpoints(node.ctx, { reason, ...request });

function order(messageId: string, draft: Partial<TouchpointDraft> = {}): TouchpointDraft {
  const identifiers = [{ kind: 'email', value: 'ann@example.com' }];
  const value = { amount: '10', currency: 'CHF' };
  return touchpoint({ messageId, type: 'order.completed', key: 'ann', identifiers, value, ...draft });
}

async function messages(): Promise<string[]> {
  const rows = await database.pool<{ id: string }[]>`select message_id as id from touchpoints order by message_id`;
  return rows.map(({ id }) => id);
}

test('what a source sent goes, with all that follows from it, and a repeat does not bring it back', async () => {
  const drafts = [
    order('a-1', { source: 'web', key: 'web' }),
    order('a-2', { source: 'pos', key: 'pos' }),
    order('a-3', { source: 'pos', key: 'pos' }),
  ];
  await node.send(...drafts);
  const done = await remove({ customerId: await customerOf('a-1'), sources: ['pos'] });
  expect(done.touchpoints).toBe(2);
  const [customer] =
    await database.pool`select orders, records, touchpoints from customers where id = ${done.customerId}`;
  expect(customer).toEqual({ orders: 1, records: 1, touchpoints: 1n });
  expect(await node.send(...drafts)).toEqual(['DUPLICATE', 'DUPLICATE', 'DUPLICATE']);
  expect(await verifyFacts(database.pool)).toEqual([]);
  expect(done.receipts).toContainEqual(expect.objectContaining({ table: 'purchases', effect: 'DELETED', rows: 2 }));
  expect(done.receipts).toContainEqual(expect.objectContaining({ table: 'records', rows: 1 }));
});

describe('who is who', () => {
  test('customers part where only deleted touchpoints had joined them', async () => {
    const both = [
      { kind: 'email', value: 'ann@example.com' },
      { kind: 'phone', value: '+41 79 111 22 33' },
    ];
    await node.send(
      order('a', { key: 'a', identifiers: both.slice(0, 1) }),
      order('b', { key: 'b', identifiers: both.slice(1) }),
      touchpoint({ messageId: 'bridge', key: 'a', identifiers: both, type: 'form.sent' }),
    );
    const customerId = await customerOf('a');
    expect(await customerOf('b')).toBe(customerId);
    await remove({ customerId, types: ['form.*'] });
    expect(await customerOf('b')).not.toBe(await customerOf('a'));
    await expectEverythingTrue(node);
  });

  test('the id changes where the founding record goes, and the change feed says which one it is now', async () => {
    await node.send(
      order('a', { key: 'a', type: 'page.viewed', value: null, occurredAt: '2026-01-01T00:00:00Z' }),
      order('b', { key: 'b' }),
    );
    const customerId = await customerOf('a');
    const done = await remove({ customerId, types: ['page.viewed'] });
    expect(done.customerId).not.toBe(customerId);
    expect(done.customerId).toBe(await customerOf('b'));
    const lines = await database.pool`
      select topic, customer_id, detail from changes where topic in ('customer.merged', 'data.deleted') order by tx, seq`;
    expect(lines).toMatchObject([
      { topic: 'customer.merged', customer_id: customerId, detail: { into: done.customerId } },
      { topic: 'data.deleted', customer_id: customerId, detail: { touchpoints: 1 } },
    ]);
  });

  test('nothing is left of a customer who loses everything: no row, no value, no points', async () => {
    await node.send(order('a', { traits: { name: 'Ann' } }));
    const done = await remove({ customerId: await customerOf('a'), types: ['*'] });
    expect(done.customerId).toBeNull();
    const { receipts: _, ...left } = await readEverything(database.pool).then((world) => ({ receipts: [], ...world }));
    for (const [what, rows] of Object.entries(left)) expect(rows, what).toEqual([]);
    expect(await database.pool`select topic from changes where topic = 'customer.merged'`).toEqual([]);
    expect(await node.send(order('a', { traits: { name: 'Ann' } }), order('b'))).toEqual(['DUPLICATE', 'STORED']);
    await expectEverythingTrue(node);
  });

  test('a record stays where something rests on it that no touchpoint said', async () => {
    await node.send(
      touchpoint({ messageId: 'yes', type: 'consent.granted', key: 'ann', properties: { purpose: 'news' } }),
      order('a', { source: 'web', key: 'ann' }),
      order('m', { key: 'member' }),
    );
    const [record] = await database.pool<{ id: string }[]>`select id from records where key = 'member'`;
    await database.pool`
      insert into loyalty_memberships (record_id, program_id, id, status, how, enrolled_at, actor)
      values (${record!.id}, ${programId}, ${record!.id}, 'ACTIVE', 'EXPLICIT', now(), 'test')
      on conflict (record_id, program_id) do update set how = 'EXPLICIT'`;
    const done = await remove({ customerId: await customerOf('a'), types: ['*'] });
    expect(await messages()).toEqual(['yes']);
    expect(await database.pool`select key, touchpoints::int, owned from records order by key`).toEqual([
      { key: 'ann', touchpoints: 1, owned: true },
      { key: 'member', touchpoints: 0, owned: true },
    ]);
    expect(done.customerId).not.toBeNull();
  });

  test('touchpoints of which nobody knows what identified them may be the evidence of anything', async () => {
    await node.send(
      order('a'),
      order('b', { occurredAt: '2026-10-02T10:00:00Z' }),
      order('c', { occurredAt: '2026-10-03T10:00:00Z', identifiers: [] }),
    );
    await database.pool`update touchpoints set identifier_ids = null where message_id in ('a', 'b')`;
    const customerId = await customerOf('a');
    await remove({ customerId, period: { to: new Date('2026-10-02T00:00:00Z') } });
    expect(await database.pool`select first_seen_at, last_seen_on from claims`).toEqual([
      { first_seen_at: new Date('2026-10-02T10:00:00Z'), last_seen_on: expect.anything() },
    ]);
    await remove({ customerId: await customerOf('b'), period: { to: new Date('2026-10-03T00:00:00Z') } });
    expect(await database.pool`select count(*)::int as count from claims`).toEqual([{ count: 0 }]);
    expect(await database.pool`select count(*)::int as count from identifiers`).toEqual([{ count: 0 }]);
  });
});

test('points that were spent are owed when what had earned them goes', async () => {
  await node.send(
    order('a', { value: { amount: '100', currency: 'CHF' } }),
    touchpoint({ messageId: 'v', key: 'ann' }),
  );
  const [record] = await database.pool<{ id: string }[]>`select id from records`;
  await spend(await customerOf('a'), 60);
  await remove({ customerId: await customerOf('a'), types: ['order.completed'] });
  const [account] = await database.pool`
    select available::int, reversed::int, owed::int, redeemed::int from loyalty_accounts where record_id = ${record!.id}`;
  expect(account).toEqual({ available: -60, reversed: 100, owed: 60, redeemed: 60 });
  await expectEverythingTrue(node);
});

/** As a till does. */
async function spend(customerId: string, points: number): Promise<void> {
  const { book, ledger, folder } = node.engines;
  const desk = createDecisionServices({
    ...{ idSecret: node.idSecret, defaultRegion: 'CH', book, ledger, calendar: folder.calendar },
    ...{ recount: recountBy(folder), reactions: [] },
  });
  await desk.redeeming.redeemPoints(node.ctx, { programId, member: { customerId }, points: BigInt(points) });
}

describe('a request', () => {
  test('is done once under one idempotency key, and is another one under another', async () => {
    await node.send(order('a'), order('b', { occurredAt: '2026-10-02T10:00:00Z' }));
    const customerId = await customerOf('a');
    const asked = {
      customerId,
      types: ['order.*'],
      period: { to: new Date('2026-10-02T00:00:00Z') },
      idempotencyKey: 'k',
    };
    const first = await remove(asked);
    await node.send(order('c', { occurredAt: '2026-09-02T10:00:00Z' }));
    const again = await remove(asked);
    expect(again).toEqual(first);
    expect(await messages()).toEqual(['b', 'c']);
    await expect(remove({ ...asked, types: ['*'] })).rejects.toMatchObject({ code: 'IDEMPOTENCY_CONFLICT' });
    expect((await remove({ ...asked, idempotencyKey: 'other' })).touchpoints).toBe(1);
  });

  test('that is only tried tells what it would do, and leaves everything as it was', async () => {
    await node.send(order('a', { traits: { name: 'Ann' } }), order('b', { key: 'other', source: 'pos' }));
    const customerId = await customerOf('a');
    const before = await readEverything(database.pool);
    const tried = await remove({ customerId, sources: ['web'], dryRun: true });
    expect(await readEverything(database.pool)).toEqual(before);
    expect(await database.pool`select id from data_subject_requests`).toEqual([]);
    const done = await remove({ customerId, sources: ['web'] });
    expect({ ...tried, request: null, dryRun: false }).toEqual({ ...done, request: null });
  });

  test('has to say which touchpoints, and leaves statements of consent alone', async () => {
    const customerId = '00000000-0000-7000-8000-000000000000';
    await expect(remove({ customerId })).rejects.toThrow(/eraseCustomer/);
    await expect(remove({ customerId, types: ['consent.granted'] })).rejects.toThrow(/proof/);
    await expect(remove({ customerId, types: ['order*'] })).rejects.toThrow(/order\.\*/);
    await expect(remove({ customerId, types: ['*'] })).rejects.toMatchObject({ code: 'NOT_FOUND' });
    const period = { from: new Date('2026-02-01'), to: new Date('2026-01-01') };
    await expect(remove({ customerId, period })).rejects.toThrow(/ends after/);
  });

  test('is entered in the audit log, without anything personal', async () => {
    await node.send(order('a'));
    const customerId = await customerOf('a');
    await remove({ customerId, types: ['order.*'] });
    const [entry] = await database.pool<{ action: string; detail: object }[]>`
      select action, detail from audit_entries order by id desc limit 1`;
    expect(entry).toMatchObject({
      action: 'privacy.touchpoints_deleted',
      detail: { types: ['order.*'], touchpoints: 1, request: expect.stringMatching(/^dsr_/) },
    });
  });

  test('reaches messages in quarantine, which a replay would store', async () => {
    await node.send(order('a'));
    const draft = (messageId: string, type: string, key: string) => ({
      ...order(messageId),
      type,
      key,
      identifiers: null,
    });
    for (const body of [
      draft('q1', 'order.completed', 'ann'),
      draft('q2', 'note', 'ann'),
      draft('q3', 'order.completed', 'bob'),
    ]) {
      await database.pool`
        insert into quarantine (id, source, message_id, body, code, reason, attempts, received_at, quarantined_at, last_attempt_at)
        values (${node.ctx.ids.uuid()}, 'web', ${body.messageId}, ${JSON.stringify(body)}::text::jsonb, 'X', 'x', 1, now(), now(), now())`;
    }
    await remove({ customerId: await customerOf('a'), types: ['order.*'] });
    expect(await database.pool`select message_id from quarantine order by 1`).toEqual([
      { message_id: 'q2' },
      { message_id: 'q3' },
    ]);
  });
});

describe('beside ingestion', () => {
  test('what is on its way is stored before or after, and counted once', async () => {
    await node.send(order('a'), order('b', { type: 'page.viewed', value: null }));
    const customerId = await customerOf('a');
    const late = ['c', 'd', 'e'].map((id) => order(id, { occurredAt: '2026-10-05T10:00:00Z' }));
    const other = await openSubjectNode(database.pool);
    const [done, ...statuses] = await Promise.all([
      remove({ customerId, period: { to: new Date('2026-10-02T00:00:00Z') } }),
      ...late.map((draft) => other.send(draft)),
    ]);
    expect(done.touchpoints).toBe(2);
    expect(statuses.flat()).toEqual(['STORED', 'STORED', 'STORED']);
    expect(await database.pool`select touchpoints::int, orders from customers`).toEqual([
      { touchpoints: 3, orders: 3 },
    ]);
    expect(await verifyFacts(database.pool)).toEqual([]);
    await expectEverythingTrue(node);
  });

  test('a deletion waits for a batch that has found the record, and takes what it may take of it', async () => {
    await node.send(order('a'));
    const customerId = await customerOf('a');
    const gate = openGate();
    const other = await openSubjectNode(database.pool, { further: [gate.reaction] });
    const stored = other.send(order('b'), order('c', { type: 'page.viewed', value: null }));
    await gate.reached;
    const done = remove({ customerId, types: ['order.*'] });
    await untilWaiting(database.pool, 1);
    gate.open();
    expect(await stored).toEqual(['STORED', 'STORED']);
    expect((await done).touchpoints).toBe(2);
    expect(await messages()).toEqual(['c']);
    expect(await verifyFacts(database.pool)).toEqual([]);
    await expectEverythingTrue(node);
  });

  test('thinning waits only for whoever tells of the same records, and refuses to empty one', async () => {
    await node.send(
      order('a'),
      order('b', { occurredAt: '2026-10-02T10:00:00Z' }),
      order('x', { key: 'x', identifiers: [] }),
    );
    const [row] = await database.pool<{ recordId: string; occurredAt: Date; id: string }[]>`
      select record_id as "recordId", occurred_at as "occurredAt", id from touchpoints where message_id = 'a'`;
    const [, other] = await database.pool<{ recordId: string; occurredAt: Date; id: string }[]>`
      select record_id as "recordId", occurred_at as "occurredAt", id from touchpoints where message_id in ('a', 'b') order by message_id`;
    const settings = {
      ...{ now: node.clock.now(), ids: node.ctx.ids, rules: defaultRules, reactions: node.removal },
      ...{ keepsIdentity: true, keepsRecords: true },
    };
    let same: Promise<string[]> | undefined;
    await database.pool.begin(async (tx) => {
      await holdRecords(tx, [row!.recordId]);
      await removeTouchpoints(tx, settings, [row!]);
      // Somebody else's is stored meanwhile; one of the same record after it.
      expect(await node.send(touchpoint({ messageId: 'y', key: 'x' }))).toEqual(['STORED']);
      same = node.send(order('c', { occurredAt: '2026-10-03T10:00:00Z' }));
      await untilWaiting(database.pool, 1);
    });
    expect(await same).toEqual(['STORED']);
    expect(await database.pool`select touchpoints::int, orders from customers order by orders desc`).toEqual([
      { touchpoints: 2, orders: 2 },
      { touchpoints: 2, orders: 1 },
    ]);
    await expectEverythingTrue(node);
    const empty = database.pool.begin(async (tx) => {
      await holdRecords(tx, [other!.recordId]);
      const all = await tx<{ recordId: string; occurredAt: Date; id: string }[]>`
        select record_id as "recordId", occurred_at as "occurredAt", id from touchpoints where record_id = ${other!.recordId}`;
      await removeTouchpoints(tx, settings, all);
    });
    await expect(empty).rejects.toThrow(RecordEmptied);
  });
});
