import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createHousehold } from '../../src/identity/relations/household.service.ts';
import { addHouseholdMember } from '../../src/identity/relations/household-members.service.ts';
import { defaultRules } from '../../src/identity/rules.ts';
import { createPool } from '../../src/kernel/connect.ts';
import { DomainError } from '../../src/kernel/errors.ts';
import { refuseSuppressed } from '../../src/privacy/erasure/suppression-gate.service.ts';
import { openTestDatabase, type TestDatabase } from '../support/database.ts';
import { openGate, untilWaiting } from '../support/locks.ts';
import { expectRebuildable } from '../support/rebuild.ts';
import { type ErasureNode, email, openErasureNode } from './erasure-fixture.ts';
import { findTraces } from './erasure-scan.ts';

let database: TestDatabase;
let node: ErasureNode;
let other: ErasureNode;

beforeAll(async () => {
  database = await openTestDatabase();
  [node, other] = [await openErasureNode(database.pool), await openErasureNode(database.pool)];
});
afterAll(() => database.close());

const erase = (customerId: string, on = node) => on.erasure.eraseCustomer(on.ctx, { customerId, reason: 'Request' });

async function traces(...texts: string[]): Promise<string[]> {
  return Object.keys(await findTraces(database.pool, texts));
}

describe('an erasure', () => {
  test('waits for touchpoints that are on their way, and erases them too', async () => {
    const customerId = await node.meet({ key: 'race-1', identifiers: [email('race-1')] });
    const gate = openGate();
    const slow = await openErasureNode(database.pool, { gate: gate.reaction });
    const sent = slow.send({
      key: 'race-1',
      traits: { note: 'raceone-trait' },
      identifiers: [email('raceone-second')],
    });
    await gate.reached;
    const erased = erase(customerId);
    await untilWaiting(database.pool, 1);
    gate.open();
    expect((await sent)[0]!.status).toBe('STORED');
    const { receipt } = await erased;
    expect(receipt.find(({ table }) => table === 'touchpoints')!.rows).toBe(2);
    expect(await traces('raceone', 'race-1')).toEqual([]);
  });

  test('waits for touchpoints that have been let in and are not written yet', async () => {
    const customerId = await node.meet({ key: 'race-7', identifiers: [email('race-7')] });
    const { promise: reached, resolve: reach } = Promise.withResolvers<void>();
    const { promise: opened, resolve: open } = Promise.withResolvers<void>();
    const ask = refuseSuppressed();
    const slow = await openErasureNode(database.pool, {
      refuse: async (tx, touchpoints) => {
        const refused = await ask(tx, touchpoints);
        reach();
        await opened;
        return refused;
      },
    });
    const sent = slow.send({ source: 'shop', key: 'raceseven', identifiers: [email('race-7')] });
    await reached;
    const erased = erase(customerId);
    await untilWaiting(database.pool, 1);
    open();
    expect((await sent)[0]!.status).toBe('STORED');
    await erased;
    expect(await traces('raceseven', 'race-7')).toEqual([]);
  });

  test('keeps touchpoints waiting that come while it works, and they are refused', async () => {
    const customerId = await node.meet({ key: 'race-2', identifiers: [email('race-2')] });
    const { promise: released, resolve: release } = Promise.withResolvers<void>();
    const { promise: held, resolve: hold } = Promise.withResolvers<void>();
    // Somebody who has the customer, so that the erasure stops after it has stopped everybody else.
    const holder = database.pool.begin(async (tx) => {
      await tx`select from customers where id = ${customerId} for update`;
      hold();
      await released;
    });
    await held;
    const erased = erase(customerId);
    await untilWaiting(database.pool, 1);
    const sent = other.send({ key: 'race-2', traits: { note: 'racetwo' } }, { key: 'race-2-bystander' });
    await untilWaiting(database.pool, 2);
    release();
    await Promise.all([holder, erased]);
    expect((await sent).map(({ status }) => status)).toEqual(['REJECTED', 'STORED']);
    expect(await traces('racetwo')).toEqual([]);
  });

  test('and another one of the same person are one, and say the same', async () => {
    const customerId = await node.meet({ key: 'race-3', identifiers: [email('race-3')] });
    const [one, two] = await Promise.all([erase(customerId), erase(customerId, other)]);
    expect(one.request).toEqual(two.request);
    expect([one.before, two.before].sort()).toEqual([false, true]);
  });

  test('with one idempotency key, asked for twice at once, is done once', async () => {
    const customerId = await node.meet({ key: 'race-4' });
    const input = { customerId, reason: 'Request', idempotencyKey: 'race-4' };
    const [one, two] = await Promise.all([
      node.erasure.eraseCustomer(node.ctx, input),
      other.erasure.eraseCustomer(other.ctx, input),
    ]);
    expect(two).toEqual(one);
  });

  test('keeps out of quarantine what had failed before it and is put away after it', async () => {
    const customerId = await node.meet({ key: 'race-5', identifiers: [email('race-5')] });
    const own = createPool(database.url, { max: 1 });
    const gate = openGate();
    const broken = await openErasureNode(own, {
      gate: async (tx, batch) => {
        await gate.reaction(tx, batch);
        throw new Error('This touchpoint cannot be processed.');
      },
    });
    const { promise: released, resolve: release } = Promise.withResolvers<void>();
    const { promise: held, resolve: hold } = Promise.withResolvers<void>();
    const holder = database.pool.begin(async (tx) => {
      await tx`select pg_advisory_xact_lock(4711)`;
      hold();
      await released;
    });
    await held;
    const sent = broken.send({ key: 'race-5', properties: { text: 'racefive' } });
    await gate.reached;
    // The node's only connection goes to this one first.
    const queued = own`select pg_advisory_xact_lock(4711)`.execute();
    gate.open();
    await untilWaiting(database.pool, 1);
    await erase(customerId);
    release();
    await Promise.all([holder, queued]);
    expect((await sent)[0]).toMatchObject({ status: 'REJECTED', code: 'SUPPRESSED' });
    expect(await traces('racefive')).toEqual([]);
    await own.end();
  });

  test('waits for what somebody says of the person by hand, reason included', async () => {
    const customerId = await node.meet({ key: 'race-6', identifiers: [email('race-6')] });
    const { id: householdId } = await createHousehold(node.ctx, { name: 'Flat', reason: 'flat' });
    const { promise: released, resolve: release } = Promise.withResolvers<void>();
    const { promise: held, resolve: hold } = Promise.withResolvers<void>();
    const holder = database.pool.begin(async (tx) => {
      await tx`select from households where id = ${householdId} for update`;
      hold();
      await released;
    });
    await held;
    const added = addHouseholdMember(node.ctx, { householdId, customerId, role: 'MEMBER', reason: 'racesix moved in' });
    await untilWaiting(database.pool, 1);
    const erased = erase(customerId, other);
    await untilWaiting(database.pool, 2);
    release();
    await Promise.all([holder, added, erased]);
    expect(await traces('racesix')).toEqual([]);
    const late = addHouseholdMember(node.ctx, { householdId, customerId, role: 'MEMBER', reason: 'racesix again' });
    await expect(late).rejects.toMatchObject({ code: 'NOT_FOUND' });
    expect(await traces('racesix')).toEqual([]);
  });
});

test('erasures, touchpoints and decisions all at once leave what the facts say, and nothing of the erased', async () => {
  const rounds = 15;
  const orRefused = (work: Promise<unknown>) =>
    work.catch((error: unknown) => {
      if (!(error instanceof DomainError) || !['NOT_FOUND', 'BAD_USER_INPUT', 'IDENTITY_CONFLICT'].includes(error.code))
        throw error;
    });
  for (let round = 0; round < rounds; round += 1) {
    const name = `storm-${round}`;
    const a = await node.meet({ key: `${name}-a`, identifiers: [email(`${name}-a`)] });
    const b = await node.meet({ key: `${name}-b`, identifiers: [email(`${name}-b`)] });
    await Promise.all([
      node.send({ key: `${name}-a`, traits: { mark: name }, identifiers: [email(`${name}-c`)] }),
      erase(a),
      other.send({ key: `${name}-b`, identifiers: [email(`${name}-c`)] }),
      orRefused(other.decisions.mergeCustomers(other.ctx, { customerIds: [a, b], reason: name })),
      other.send({ key: `${name}-a`, value: { amount: '5', currency: 'CHF' }, type: 'order.completed' }),
    ]);
    expect(await node.ownerOf('web', `${name}-a`)).toBeUndefined();
    const found = await database.pool`select from records where key = ${`${name}-a`}`;
    expect(found).toHaveLength(0);
  }
  await expectRebuildable(database.pool, defaultRules);
}, 60_000);
