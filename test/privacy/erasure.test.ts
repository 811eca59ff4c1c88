import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { HouseholdDeriver } from '../../src/identity/relations/household-deriver.service.ts';
import { setHouseholdRule } from '../../src/identity/relations/household-rule.service.ts';
import { defaultRules, type IdentityRules } from '../../src/identity/rules.ts';
import type { Context } from '../../src/kernel/context.ts';
import { importFile } from '../../src/touchpoints/import.service.ts';
import { noProgress } from '../../src/touchpoints/import-progress.ts';
import type { Refusal } from '../../src/touchpoints/import-row.ts';
import type { TouchpointDraft } from '../../src/touchpoints/touchpoint.ts';
import { openTestDatabase, type TestDatabase } from '../support/database.ts';
import { expectRebuildable } from '../support/rebuild.ts';
import { invoiceHeader, invoices, temporaryFolder } from '../touchpoints/import-support.ts';
import { type ErasureNode, email, openErasureNode } from './erasure-fixture.ts';

let database: TestDatabase;
let node: ErasureNode;

beforeAll(async () => {
  database = await openTestDatabase();
  node = await openErasureNode(database.pool);
});
afterAll(() => database.close());

const erase = (customerId: string, more: { idempotencyKey?: string; dryRun?: boolean; reason?: string } = {}) =>
  node.erasure.eraseCustomer(node.ctx, { customerId, reason: 'Request', ...more });

async function count(table: string, where = 'true'): Promise<number> {
  const [row] = await database.pool<{ count: number }[]>`
    select count(*)::int as count from ${database.pool(table)} where ${database.pool.unsafe(where)}`;
  return row!.count;
}

describe('asking for an erasure', () => {
  test('needs the scope', async () => {
    const viewer = { ...node.ctx.viewer, scopes: new Set(['customers:read', 'identity:manage', 'consent:manage']) };
    const ctx: Context = { ...node.ctx, viewer };
    const input = { customerId: node.ctx.ids.uuid(), reason: 'Request' };
    const refused = { code: 'FORBIDDEN', details: { requiredScope: 'privacy:manage' } };
    await expect(node.erasure.eraseCustomer(ctx, input)).rejects.toMatchObject(refused);
    await expect(node.suppressions.lift(ctx, { requestId: input.customerId, reason: 'x' })).rejects.toMatchObject(
      refused,
    );
    await expect(node.suppressions.count(ctx)).rejects.toMatchObject(refused);
    await expect(node.suppressions.find(ctx, { identifier: email('x') })).rejects.toMatchObject(refused);
  });

  test('needs somebody, and a reason', async () => {
    await expect(erase(node.ctx.ids.uuid())).rejects.toMatchObject({ code: 'NOT_FOUND' });
    for (const reason of ['', '  ', 'x'.repeat(501)]) {
      await expect(erase(node.ctx.ids.uuid(), { reason })).rejects.toMatchObject({
        code: 'BAD_USER_INPUT',
        details: { field: 'input.reason' },
      });
    }
  });

  test('twice with one key does it once; with another input it is a conflict', async () => {
    const [one, other] = [await node.meet({ key: 'k1' }), await node.meet({ key: 'k2' })];
    const first = await erase(one, { idempotencyKey: 'key 1' });
    expect(await erase(one, { idempotencyKey: 'key 1' })).toEqual(first);
    await expect(erase(other, { idempotencyKey: 'key 1' })).rejects.toMatchObject({ code: 'IDEMPOTENCY_CONFLICT' });
    expect(await node.ownerOf('web', 'k2')).toBe(other);
    // The operator's key of another one is another request.
    const ctx: Context = { ...node.ctx, viewer: { ...node.ctx.viewer, keyId: node.ctx.ids.uuid() } };
    const own = await node.erasure.eraseCustomer(ctx, {
      customerId: other,
      reason: 'Request',
      idempotencyKey: 'key 1',
    });
    expect(own.request!.id).not.toBe(first.request!.id);
  });

  test('only to see what it would do changes nothing, and says the same', async () => {
    const customerId = await node.meet({ key: 'dry', identifiers: [email('dry')], traits: { firstName: 'Dry' } });
    const tables = ['records', 'touchpoints', 'suppressions', 'data_subject_requests', 'audit_entries', 'changes'];
    const before = await Promise.all(tables.map((table) => count(table)));
    const tried = await erase(customerId, { dryRun: true, idempotencyKey: 'dry' });
    expect(tried).toMatchObject({ request: null, before: false });
    expect(await Promise.all(tables.map((table) => count(table)))).toEqual(before);
    expect(await node.ownerOf('web', 'dry')).toBe(customerId);
    const done = await erase(customerId, { idempotencyKey: 'dry' });
    expect(done.receipt).toEqual(tried.receipt);
    expect(await node.ownerOf('web', 'dry')).toBeUndefined();
  });
});

describe('who was merged', () => {
  test('is erased as one, by any id, with what was decided about them', async () => {
    const a = await node.meet({ key: 'm-a', identifiers: [email('m-a')] });
    const b = await node.meet({ key: 'm-b', identifiers: [email('m-b')] });
    await node.decisions.mergeCustomers(node.ctx, { customerIds: [a, b], reason: 'the same person' });
    const owner = await node.ownerOf('web', 'm-a');
    const absorbed = owner === a ? b : a;
    await erase(absorbed);
    expect(await node.ownerOf('web', 'm-a')).toBeUndefined();
    expect(await node.ownerOf('web', 'm-b')).toBeUndefined();
    expect(await count('decisions', `reason = 'the same person'`)).toBe(0);
    expect(await count('regroupings', `customer_id = '${absorbed}' or other_id = '${absorbed}'`)).toBe(0);
    expect((await erase(a)).before).toBe(true);
    expect((await erase(b)).request).toEqual((await erase(a)).request);
  });

  test('and taken apart again is two people: erasing one leaves the other, and what was decided about others', async () => {
    const a = await node.meet({ key: 's-a', identifiers: [email('s-a')] });
    const b = await node.meet({ key: 's-b', identifiers: [email('s-b')] });
    const c = await node.meet({ key: 's-c', identifiers: [email('s-c')] });
    const merged = await node.decisions.mergeCustomers(node.ctx, { customerIds: [a, b, c], reason: 'one family' });
    await node.decisions.unmergeCustomer(node.ctx, { customerId: a, recordIds: [a], reason: 'not one' });
    expect(await node.ownerOf('web', 's-b')).toBe(await node.ownerOf('web', 's-c'));
    await erase(a);
    expect(await node.ownerOf('web', 's-a')).toBeUndefined();
    const rest = await node.ownerOf('web', 's-b');
    expect(rest).toBeDefined();
    expect(await node.ownerOf('web', 's-c')).toBe(rest);
    const [decision] = await database.pool`select reason from decisions where id = ${merged.decision.id}`;
    expect(decision).toEqual({ reason: '' });
    await expectRebuildable(database.pool, defaultRules);
  });
});

describe('what others have too', () => {
  test('stays theirs: an address that a steward took away from the erased', async () => {
    const erased = await node.meet({ key: 'sh-1', identifiers: [email('sh-1')] });
    await node.meet({ key: 'sh-2', identifiers: [email('sh-2')] });
    // The erased carries the other's address by mistake: they are joined, and taken apart.
    await node.send({ key: 'sh-1', identifiers: [email('sh-2')] });
    const joined = await node.ownerOf('web', 'sh-1');
    await node.decisions.unmergeCustomer(node.ctx, { customerId: joined!, recordIds: [erased], reason: 'not one' });
    const other = await node.ownerOf('web', 'sh-2');
    const { request } = await erase(erased);
    expect(request!.detail).toMatchObject({ identifiers: 1, sharedIdentifiers: 1 });
    expect(await node.ownerOf('web', 'sh-2')).toBe(other);
    expect(await count('identifiers', `value = 'sh-2@example.com'`)).toBe(1);
    // The oldest record names a customer: of two of one instant, the smaller id.
    const now = await node.meet({ source: 'shop', identifiers: [email('sh-2')] });
    expect(now).toBe(await node.ownerOf('web', 'sh-2'));
    const [refused] = await node.send({ source: 'shop', identifiers: [email('sh-1')] });
    expect(refused).toMatchObject({ status: 'REJECTED', code: 'SUPPRESSED' });
  });

  test('a device is not suppressed: somebody else may use it tomorrow', async () => {
    const device = { kind: 'deviceId', value: 'kiosk-7' };
    await erase(await node.meet({ key: 'kiosk', identifiers: [device, email('kiosk')] }));
    expect(await count('identifiers', `value = 'kiosk-7'`)).toBe(0);
    expect((await node.send({ key: 'kiosk-2', identifiers: [device] }))[0]!.status).toBe('STORED');
  });

  test('others whom only the erased kept apart are joined', async () => {
    // An address joins two records at most.
    const mail = defaultRules.kinds.get('email')!;
    const rules: IdentityRules = {
      ...defaultRules,
      kinds: new Map([...defaultRules.kinds, ['email', { ...mail, recordsPerValue: 2 }]]),
    };
    const own = await openTestDatabase();
    const strict = await openErasureNode(own.pool, { rules });
    const shared = [email('office')];
    const persons = [];
    for (const key of ['o-1', 'o-2', 'o-3']) {
      persons.push(await strict.meet({ key, identifiers: [...shared, { kind: 'loyaltyCard', value: key }] }));
    }
    const owners = () => Promise.all(['o-1', 'o-2', 'o-3'].map((key) => strict.ownerOf('web', key)));
    expect(new Set(await owners()).size).toBe(3);
    await strict.erasure.eraseCustomer(strict.ctx, { customerId: persons[0]!, reason: 'Request' });
    const [gone, second, third] = await owners();
    expect(gone).toBeUndefined();
    expect(second).toBeDefined();
    expect(second).toBe(third);
    await expectRebuildable(own.pool, rules);
    await own.close();
  });
});

describe('what is left', () => {
  test('cannot be given to anybody', async () => {
    const other = await node.meet({ key: 'keeper', identifiers: [email('keeper')] });
    await erase(await node.meet({ key: 'left', identifiers: [email('left')] }));
    const [left] = await database.pool<{ id: string }[]>`
      select id from records where erased_at is not null order by created_at desc, id limit 1`;
    const link = { recordIds: [other, left!.id], reason: 'a guess' };
    await expect(node.decisions.linkRecords(node.ctx, link)).rejects.toMatchObject({ code: 'NOT_FOUND' });
    const veto = { recordId: other, otherRecordId: left!.id, reason: 'a guess' };
    await expect(node.decisions.vetoMatch(node.ctx, veto)).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  test('of a household by rule is what the rule says of the others', async () => {
    const address = { traits: { city: 'Bern', street: 'Ring 1' } };
    const [gone, stays, third] = [
      await node.meet({ key: 'hh-1', identifiers: [email('hh-1')], ...address }),
      await node.meet({ key: 'hh-2', identifiers: [email('hh-2')], ...address }),
      await node.meet({ key: 'hh-3', identifiers: [email('hh-3')], ...address }),
    ];
    const rule = { enabled: true, traits: ['city', 'street'], minimumSize: 2, maximumSize: 10, reason: 'homes' };
    await setHouseholdRule(node.ctx, rule);
    await node.ctx.feed.start();
    const deriver = new HouseholdDeriver(node.ctx, node.idSecret);
    await deriver.catchUp();
    const members = async () =>
      (await database.pool`select record_id as id from household_members where origin = 'RULE' order by 1`).map(
        ({ id }) => id,
      );
    expect(await members()).toEqual([gone, stays, third].sort());
    await erase(gone);
    // In the same commit: nobody has followed the feed since.
    expect(await members()).toEqual([stays, third].sort());
    expect(await count('company_changes', `customer_id = '${stays}'`)).toBeGreaterThan(0);
    await erase(third);
    expect(await members()).toEqual([]);
    expect(await count('households')).toBe(0);
    await deriver.catchUp();
    expect(await members()).toEqual([]);
    await node.ctx.feed.stop();
  });
});

describe('what comes in again', () => {
  const drafts = [
    { messageId: 'back-1', key: 'back', identifiers: [email('back')], traits: { firstName: 'Back' } },
    { messageId: 'back-2', key: 'back', type: 'note' },
  ];

  test('is refused, whatever it is mixed with, until it is lifted; then old messages are known as repeats', async () => {
    const { request } = await erase(await node.meet(...drafts));
    const mixed = await node.send(drafts[0]!, { key: 'bystander' }, drafts[1]!, {
      key: 'other',
      identifiers: [email('back')],
    });
    expect(mixed.map(({ status, code }) => [status, code])).toEqual([
      ['REJECTED', 'SUPPRESSED'],
      ['STORED', null],
      ['REJECTED', 'SUPPRESSED'],
      ['REJECTED', 'SUPPRESSED'],
    ]);
    expect(await node.suppressions.find(node.ctx, { identifier: email('back') })).toMatchObject({
      requestId: request!.id,
      liftedAt: null,
    });
    expect(await node.suppressions.lift(node.ctx, { requestId: request!.id, reason: 'Signed up again' })).toBe(2);
    expect(await node.suppressions.lift(node.ctx, { requestId: request!.id, reason: 'Signed up again' })).toBe(0);
    const repeated = await node.send(...drafts);
    expect(repeated.map(({ status, customerId }) => [status, customerId])).toEqual([
      ['DUPLICATE', null],
      ['DUPLICATE', null],
    ]);
    expect(await count('identifiers', `value = 'back@example.com'`)).toBe(0);
    // A new message makes them a customer again, who knows nothing of before, and can be erased again.
    const again = await node.meet({ messageId: 'back-3', key: 'back', identifiers: [email('back')] });
    const [customer] = await database.pool`select touchpoints::int, traits from customers where id = ${again}`;
    expect(customer).toEqual({ touchpoints: 1, traits: {} });
    const second = await erase(again);
    expect(second.before).toBe(false);
    expect(second.request!.id).not.toBe(request!.id);
    expect((await node.send({ key: 'back' }))[0]).toMatchObject({ code: 'SUPPRESSED' });
  });

  test('is refused for one identifier, and taken for one that was lifted alone', async () => {
    await erase(await node.meet({ key: 'one', identifiers: [email('one'), { kind: 'phone', value: '+41791112233' }] }));
    const lifted = await node.suppressions.lift(node.ctx, {
      identifier: { kind: 'phone', value: '079 111 22 33' },
      reason: 'The number has another owner',
    });
    expect(lifted).toBe(1);
    const phone = { kind: 'phone', value: '+41 79 111 22 33' };
    expect((await node.send({ key: 'two', identifiers: [phone] }))[0]!.status).toBe('STORED');
    expect((await node.send({ key: 'three', identifiers: [email('one')] }))[0]!.code).toBe('SUPPRESSED');
    const record = { source: 'web', key: 'one' };
    expect((await node.send({ key: 'one' }))[0]!.code).toBe('SUPPRESSED');
    expect(await node.suppressions.lift(node.ctx, { record, reason: 'Mistake' })).toBe(1);
    expect((await node.send({ key: 'one' }))[0]!.status).toBe('STORED');
  });

  test('an import of an old file brings back nobody, and says which rows it refused', async () => {
    const folder = await temporaryFolder();
    const file = await folder.file(
      `${invoiceHeader}1,tea,1,5,2026-09-01 10:00,imported-1\n2,tea,1,5,2026-09-01 10:01,imported-2\n`,
    );
    const sink = (drafts: TouchpointDraft[]) => node.ingest.submit(node.ctx, drafts);
    const refused: { line: number; code: string }[] = [];
    const observer = { refused: (more: readonly Refusal[]) => void refused.push(...more) };
    const run = () => importFile({ file, mapping: invoices, sink, progress: noProgress, batchSize: 10, observer });
    expect((await run()).counts.touchpoints).toEqual({ STORED: 2 });
    await erase((await node.ownerOf('shop', 'imported-1'))!);
    expect((await run()).counts.touchpoints).toEqual({ REJECTED: 1, DUPLICATE: 1 });
    expect(refused).toEqual([expect.objectContaining({ line: 2, code: 'SUPPRESSED' })]);
    expect(await node.ownerOf('shop', 'imported-1')).toBeUndefined();
    await folder.remove();
  });

  test('a lift names exactly one thing, and says why', async () => {
    const lift = (input: object) => node.suppressions.lift(node.ctx, { reason: 'x', ...input });
    await expect(lift({})).rejects.toMatchObject({ code: 'BAD_USER_INPUT', details: { field: 'input' } });
    const record = { source: 'web', key: 'a' };
    await expect(lift({ record, identifier: email('a') })).rejects.toMatchObject({ details: { field: 'input' } });
    await expect(lift({ identifier: { kind: 'email', value: 'none' } })).rejects.toMatchObject({
      details: { field: 'input.identifier.value' },
    });
    await expect(lift({ record, reason: ' ' })).rejects.toMatchObject({ details: { field: 'input.reason' } });
    expect(await lift({ record })).toBe(0);
  });

  test('costs a batch one small look where nobody was erased, and one with all ids where somebody was', async () => {
    const own = await openTestDatabase();
    const fresh = await openErasureNode(own.pool);
    await fresh.meet({ key: 'first' });
    const { refuseSuppressed } = await import('../../src/privacy/erasure/suppression-gate.service.ts');
    const refuse = refuseSuppressed();
    const asked: string[] = [];
    const watch = (tx: unknown) =>
      new Proxy(tx as never, {
        apply: (target: never, self, [strings, ...values]: [readonly string[], ...unknown[]]) => {
          asked.push(strings.join('?').trim());
          return Reflect.apply(target, self, [strings, ...values]);
        },
      });
    const batch = [{ id: 'x', recordId: fresh.ctx.ids.uuid(), identifiers: [] }] as never;
    await own.pool.begin(async (tx) => expect((await refuse(watch(tx), batch)).size).toBe(0));
    expect(asked).toEqual([expect.stringMatching(/^select exists/)]);
    await fresh.erasure.eraseCustomer(fresh.ctx, { customerId: await fresh.meet({ key: 'gone' }), reason: 'Request' });
    asked.length = 0;
    await own.pool.begin(async (tx) => void (await refuse(watch(tx), batch)));
    await own.pool.begin(async (tx) => void (await refuse(watch(tx), batch)));
    expect(asked.filter((sql) => sql.startsWith('select exists'))).toHaveLength(1);
    expect(asked.filter((sql) => sql.startsWith('select id from suppressions'))).toHaveLength(2);
    await own.close();
  });
});

describe('what the matcher has learnt', () => {
  test('loses values that only the erased brought into it, and keeps those of others', async () => {
    const name = (first: string, last: string) => ({ traits: { firstName: first, lastName: last } });
    const customerId = await node.meet(
      { key: 'match-1', identifiers: [email('match')], ...name('Anna', 'Wqzlmueller') },
      { source: 'crm', key: 'match-2', identifiers: [email('match')], ...name('Anna Maria', 'Meier') },
    );
    const shares = { wqzlmueller: 0.2, meier: 0.5, keller: 0.2, huber: 0.2 };
    const model = {
      frequencies: { familyName: { shares, rest: 0.1, collision: 0.3 }, city: { shares: {}, rest: 1, collision: 1 } },
    };
    const sources = [
      { name: 'familyName', kind: 'familyName', traits: ['lastName'], identifier: null },
      { name: 'city', kind: 'city', traits: ['city'], identifier: null },
    ];
    await database.pool`
      insert into match_models (version, sources, model, created_by, created_at, active)
      values (1, ${JSON.stringify(sources)}::text::jsonb, ${JSON.stringify(model)}::text::jsonb, 'test', now(), false)`;
    const { receipt } = await erase(customerId);
    expect(receipt.find(({ table }) => table === 'match_models')).toMatchObject({ effect: 'ANONYMISED', rows: 1 });
    const [left] = await database.pool`select model from match_models`;
    const { wqzlmueller: _, ...others } = shares;
    expect(left!.model.frequencies.familyName).toEqual({ shares: others, rest: 0.1, collision: 0.3 });
    await database.pool`delete from match_models`;
  });
});

describe('rows that come late', () => {
  test('are deleted by the sweep, and those of people who came back are not', async () => {
    const [gone, back] = [await node.meet({ key: 'late-1' }), await node.meet({ key: 'late-2' })];
    await erase(gone);
    const { request } = await erase(back);
    await node.suppressions.lift(node.ctx, { requestId: request!.id, reason: 'Back' });
    const write = (id: string) => database.pool`
      insert into match_records (record_id, fingerprint, keys) values (${id}, gen_random_uuid(), '{7}')`;
    await Promise.all([write(gone), write(back)]);
    await database.pool`insert into match_blocks (key, record_id) values (7, ${gone}), (7, ${back})`;
    expect(await node.lateRows.sweep()).toBe(2);
    const left =
      await database.pool`select record_id as id from match_records union all select record_id from match_blocks`;
    expect(left).toEqual([{ id: back }, { id: back }]);
    expect(await node.lateRows.sweep()).toBe(0);
  });
});
