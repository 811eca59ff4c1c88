import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { TouchpointDraft } from '../../src/touchpoints/touchpoint.ts';
import { earningRule, exampleProgram } from '../loyalty/example-program.ts';
import { publishAt } from '../loyalty/fixture.ts';
import { openTestDatabase, type TestDatabase } from '../support/database.ts';
import { touchpoint } from '../support/ingest.ts';
import { openSubjectNode, type SubjectNode } from './subject-fixture.ts';
import { emptyEverything, expectEverythingTrue, readEverything } from './subject-world.ts';

let database: TestDatabase;
let node: SubjectNode;

beforeAll(async () => {
  database = await openTestDatabase();
  node = await openSubjectNode(database.pool);
  await publishAt(
    node,
    exampleProgram({
      rules: [
        earningRule({
          key: 'gift',
          match: { types: ['order.completed'], where: [{ property: 'gift', operator: 'EQUALS', value: true }] },
        }),
      ],
    }),
  );
});
afterAll(() => database.close());
beforeEach(() => emptyEverything(database.pool));

const email = (value: string) => [{ kind: 'email', value }];
const reason = 'a test';

function order(messageId: string, draft: Partial<TouchpointDraft> = {}): TouchpointDraft {
  return touchpoint({
    ...{
      messageId,
      type: 'order.completed',
      value: { amount: '10', currency: 'CHF' },
      identifiers: email('ann@example.com'),
    },
    ...{ key: 'ann', occurredAt: '2026-03-01T10:00:00Z', traits: { city: 'Bern' }, context: { ip: '192.0.2.1' } },
    ...{ properties: { orderId: messageId, store: 's1', cost: '4', note: 'for Ann', gift: true } },
    ...draft,
  });
}

async function messages(): Promise<string[]> {
  const rows = await database.pool<{ id: string }[]>`select message_id as id from touchpoints order by message_id`;
  return rows.map(({ id }) => id);
}

describe('deleting what is over', () => {
  test('takes what is older than the policy allows, and nothing else', async () => {
    await node.send(
      touchpoint({ messageId: 'old', occurredAt: '2026-10-01T11:59:59Z', key: 'a' }),
      touchpoint({ messageId: 'young', occurredAt: '2026-10-02T12:00:00Z', key: 'a' }),
      touchpoint({ messageId: 'other', occurredAt: '2026-01-01T00:00:00Z', key: 'a', type: 'store.visited' }),
    );
    const policy = await node.retention.set(node.ctx, { types: 'page.*', keepDays: 30, reason });
    await node.keeper.catchUp();
    expect(await messages()).toEqual(['other', 'young']);
    const [after] = await node.retention.list(node.ctx);
    expect(after).toMatchObject({ id: policy.id, deleted: 1n, recordsDeleted: 0n, walkedAt: null, failures: 0 });
  });

  test('keeps who somebody is as long as anything of their record is left, and forgets them with the last of it', async () => {
    await node.send(
      touchpoint({
        messageId: 'login',
        occurredAt: '2026-01-01T00:00:00Z',
        key: 'a',
        identifiers: email('ann@x.ch'),
        traits: { city: 'Bern' },
      }),
      touchpoint({ messageId: 'visit', occurredAt: '2026-10-30T00:00:00Z', key: 'a' }),
      touchpoint({
        messageId: 'gone',
        occurredAt: '2026-01-01T00:00:00Z',
        key: 'b',
        identifiers: email('bob@x.ch'),
        traits: { city: 'Bern' },
      }),
    );
    await node.retention.set(node.ctx, { types: 'page.viewed', keepDays: 30, reason });
    await node.keeper.catchUp();
    expect(await messages()).toEqual(['visit']);
    expect(await database.pool`select value from identifiers`).toEqual([{ value: 'ann@x.ch' }]);
    expect(await database.pool`select traits, touchpoints::int, identified from customers`).toEqual([
      { traits: { city: 'Bern' }, touchpoints: 1, identified: true },
    ]);
    expect(await database.pool`select key from records`).toEqual([{ key: 'a' }]);
    await expectEverythingTrue(node);
  });

  test('of several policies the one that says most about a type counts', async () => {
    const at = { occurredAt: '2026-06-01T00:00:00Z', key: 'a' };
    await node.send(
      ...['page.viewed', 'page.search.made', 'page.search.cleared', 'store.visited'].map((type) =>
        touchpoint({ ...at, type, messageId: type }),
      ),
    );
    await node.retention.set(node.ctx, { types: 'order.*', keepDays: null, reason });
    await node.retention.set(node.ctx, { types: '*', keepDays: 100, reason });
    await node.retention.set(node.ctx, { types: 'page.*', keepDays: 30, reason });
    await node.retention.set(node.ctx, { types: 'page.search.*', keepDays: null, reason });
    await node.retention.set(node.ctx, { types: 'page.search.cleared', keepDays: 10, reason });
    await node.keeper.catchUp();
    expect(await messages()).toEqual(['page.search.made']);
  });

  test('statements about consent stay, whatever is over', async () => {
    await node.send(
      touchpoint({
        messageId: 'yes',
        type: 'consent.granted',
        key: 'a',
        occurredAt: '2020-01-01T00:00:00Z',
        properties: { purpose: 'news' },
      }),
    );
    await node.retention.set(node.ctx, { types: 'store.*', keepDays: 1, reason });
    await node.retention.set(node.ctx, { types: '*', what: 'ANONYMIZE', keepDays: 1, reason });
    await node.keeper.catchUp();
    expect(await messages()).toEqual(['yes']);
  });

  test('is refused where points were earned by it', async () => {
    const set = (types: string) => node.retention.set(node.ctx, { types, keepDays: 30, reason });
    await expect(set('order.*')).rejects.toThrow(/order.completed, order.returned/);
    await expect(set('*')).rejects.toThrow(/ANONYMIZE/);
    await node.retention.set(node.ctx, { types: 'order.*', what: 'ANONYMIZE', keepDays: 30, reason });
    const kept = await set('*');
    const [orders] = (await node.retention.list(node.ctx)).filter(({ pattern }) => pattern === 'order.*');
    await expect(node.retention.remove(node.ctx, { id: orders!.id, reason })).rejects.toThrow(/ANONYMIZE/);
    await node.retention.remove(node.ctx, { id: kept.id, reason });
    await node.retention.remove(node.ctx, { id: orders!.id, reason });
    expect(await node.retention.list(node.ctx)).toEqual([]);
  });

  test('comes back for what came late, and goes on where another node stopped', async () => {
    await node.retention.set(node.ctx, { types: 'page.viewed', keepDays: 30, reason });
    await node.send(
      ...['a', 'b', 'c'].map((key, at) =>
        touchpoint({ messageId: key, key, occurredAt: `2026-01-0${at + 1}T00:00:00Z` }),
      ),
    );
    const other = await openSubjectNode(database.pool, { retentionAtOnce: 1 });
    expect(await other.keeper.step()).toBe(true);
    expect(await messages()).toEqual(['b', 'c']);
    await node.keeper.catchUp();
    expect(await messages()).toEqual([]);
    await node.send(touchpoint({ messageId: 'late', key: 'a', occurredAt: '2026-01-01T00:00:00Z' }));
    expect(await node.keeper.step()).toBe(false);
    node.clock.set('2026-11-01T18:00:00Z');
    await node.keeper.catchUp();
    expect(await messages()).toEqual([]);
    node.clock.set('2026-11-01T12:00:00Z');
  });

  test('one node at a time', async () => {
    await node.send(touchpoint({ messageId: 'old', key: 'a', occurredAt: '2026-01-01T00:00:00Z' }));
    await node.retention.set(node.ctx, { types: 'page.viewed', keepDays: 30, reason });
    await database.pool.begin(async (tx) => {
      await tx`select pg_advisory_xact_lock(hashtextextended('rundum retention', 0))`;
      expect(await node.keeper.step()).toBe(false);
    });
    expect(await node.keeper.step()).toBe(true);
  });
});

describe('anonymising what is over', () => {
  test('takes what was said freely, and leaves every figure as it was', async () => {
    await node.send(
      order('o-1'),
      order('o-2', { occurredAt: '2026-04-01T10:00:00Z' }),
      order('o-3', { occurredAt: '2026-10-30T10:00:00Z' }),
    );
    const before = await readEverything(database.pool);
    expect(before.lots).toHaveLength(3);
    await node.retention.set(node.ctx, { types: 'order.*', what: 'ANONYMIZE', keepDays: 30, reason });
    await node.keeper.catchUp();
    const rows = await database.pool`
      select traits, properties, context, given, identifier_ids, message_id = id::text as hidden, value_minor::int as value
      from touchpoints order by occurred_at`;
    const figures = { store: 's1', cost: '4', gift: true };
    const nothing = { traits: null, context: null, given: null, identifier_ids: null, hidden: true, value: 1000 };
    expect(rows.slice(0, 2)).toEqual([
      { ...nothing, properties: { ...figures, orderId: 'o-1' } },
      { ...nothing, properties: { ...figures, orderId: 'o-2' } },
    ]);
    expect(rows[2]).toMatchObject({ traits: { city: 'Bern' }, context: { ip: '192.0.2.1' } });
    const { touchpoints: _, ...figuresBefore } = before;
    expect(await readEverything(database.pool)).toMatchObject(figuresBefore);
    await expectEverythingTrue(node);
    expect(await node.send(order('o-1'))).toEqual(['DUPLICATE']);
  });

  test('is done once', async () => {
    await node.send(order('o-1'));
    await node.retention.set(node.ctx, { types: 'order.*', what: 'ANONYMIZE', keepDays: 30, reason });
    await node.keeper.catchUp();
    node.clock.set('2026-11-02T12:00:00Z');
    await node.keeper.catchUp();
    node.clock.set('2026-11-01T12:00:00Z');
    expect((await node.retention.list(node.ctx))[0]).toMatchObject({ anonymized: 1n });
  });
});

test('a preview counts what a policy would do beside the others, and does nothing', async () => {
  await node.send(
    ...['page.viewed', 'page.searched', 'page.searched'].map((type, at) =>
      touchpoint({ type, messageId: String(at), key: 'a', occurredAt: `2026-01-0${at + 1}T00:00:00Z` }),
    ),
  );
  await node.retention.set(node.ctx, { types: 'page.viewed', keepDays: null, reason });
  const preview = await node.retention.preview(node.ctx, { types: 'page.*', keepDays: 30 });
  expect(preview.counts).toMatchObject([{ type: 'page.searched', touchpoints: 2, records: 1 }]);
  expect(preview.isMore).toBe(false);
  expect(await messages()).toHaveLength(3);
});
