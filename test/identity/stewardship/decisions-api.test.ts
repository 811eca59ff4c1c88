import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { refusalOf } from '../../access/fixture.ts';
import { emptyWorld, readWorld } from '../../support/world.ts';
import { browser, type Desk, day, email, openDesk, userId } from './fixture.ts';

let desk: Desk;

beforeAll(async () => {
  desk = await openDesk();
});
beforeEach(() => emptyWorld(desk.database.pool));
afterAll(() => desk.close());

/** Two people with an order, a trait and an e-mail address each. */
async function twoPeople() {
  const order = { type: 'order.completed', value: { amount: '10.00', currency: 'EUR' } };
  await desk.store(
    { ...order, key: 'ann', identifiers: [email('ann@example.com')], occurredAt: day(1), traits: { city: 'Bern' } },
    { ...order, key: 'bob', identifiers: [email('bob@example.com')], occurredAt: day(2), traits: { city: 'Basel' } },
  );
  const [ann, bob] = [await desk.customerOf('ann'), await desk.customerOf('bob')];
  return { ann, bob, before: await readWorld(desk.database.pool) };
}

const everyone = `decision { id kind actor reason inForce revokedAt records { side record { key } } }
  customerIds customers { id recordCount touchpointCount traits { name value } }`;

describe('mergeCustomers', () => {
  test('makes two customers one, with the id of the older; the other id keeps resolving', async () => {
    const { ann, bob } = await twoPeople();
    const merged = await desk.decide(
      'mergeCustomers',
      { customerIds: [bob, ann], reason: 'Same address.' },
      { select: everyone },
    );
    expect(merged).toEqual({
      decision: {
        id: expect.stringMatching(/^dec_/),
        kind: 'MERGE',
        actor: 'test',
        reason: 'Same address.',
        inForce: true,
        revokedAt: null,
        records: expect.arrayContaining([
          { side: 0, record: { key: 'ann' } },
          { side: 0, record: { key: 'bob' } },
        ]),
      },
      customerIds: [ann],
      customers: [{ id: ann, recordCount: 2, touchpointCount: 2, traits: [{ name: 'city', value: 'Basel' }] }],
    });
    const { customer } = await desk.ask<{ customer: unknown }>('query ($id: ID!) { customer(id: $id) { id } }', {
      id: bob,
    });
    expect(customer).toEqual({ id: ann });
  });

  test('shows the new state to what the same operation asks for afterwards', async () => {
    const { ann, bob } = await twoPeople();
    const answer = await desk.ask<Record<string, unknown>>(
      `mutation ($input: MergeCustomersInput!) {
         mergeCustomers(input: $input) { customers { id recordCount identifiers { value } } }
       }`,
      { input: { customerIds: [ann, bob], reason: 'test' } },
    );
    expect(answer.mergeCustomers).toMatchObject({ customers: [{ recordCount: 2, identifiers: { length: 2 } }] });
  });

  test('with an idempotency key decides once, and answers a repeat the same', async () => {
    const { ann, bob } = await twoPeople();
    const input = { customerIds: [ann, bob], idempotencyKey: 'once' };
    const first = await desk.decide('mergeCustomers', input, { select: everyone });
    const again = await desk.decide('mergeCustomers', input, { select: everyone });
    expect(again).toEqual(first);
    const [count] = await desk.database.pool`select count(*)::int from decisions`;
    expect(count).toEqual({ count: 1 });
    const other = { customerIds: [ann, bob], idempotencyKey: 'once', reason: 'something else' };
    const refusal = await refusalOf(desk.decide('mergeCustomers', other));
    expect(refusal).toMatchObject({ code: 'IDEMPOTENCY_CONFLICT', details: { field: 'input.idempotencyKey' } });
  });

  test('is refused where a decision says the contrary, and names that decision', async () => {
    const { ann, bob } = await twoPeople();
    const ids = { recordId: await desk.recordOf('ann'), otherRecordId: await desk.recordOf('bob') };
    const { decision } = await desk.decide('vetoMatch', ids);
    const refusal = await refusalOf(desk.decide('mergeCustomers', { customerIds: [ann, bob] }));
    expect(refusal).toMatchObject({ code: 'IDENTITY_CONFLICT', details: { decisionId: decision.id } });
    expect(await desk.people()).toEqual(['ann', 'bob']);
  });
});

describe('unmergeCustomer', () => {
  test('undoes a merge that somebody decided: the world is as before', async () => {
    const { ann, bob, before } = await twoPeople();
    await desk.decide('mergeCustomers', { customerIds: [ann, bob] });
    const mergeId = await latestRegrouping(ann, { kind: 'MERGED', together: true });
    const { customerIds, decision } = await desk.decide('unmergeCustomer', { customerId: bob, mergeId });
    expect(decision.kind).toBe('UNMERGE');
    expect([...customerIds].sort()).toEqual([ann, bob].sort());
    expect(await readWorld(desk.database.pool)).toEqual(before);
    await latestRegrouping(ann, { kind: 'SPLIT', together: false });
  });

  test('undoes a merge that evidence made: what came before it is as it was, what came later follows the evidence', async () => {
    const { ann, bob, before } = await twoPeople();
    await desk.store({ key: 'desk', identifiers: [email('ann@example.com'), email('bob@example.com')] });
    expect(await desk.people()).toEqual(['ann+bob+desk']);
    const mergeId = await latestRegrouping(ann, { kind: 'MERGED', together: true });
    await desk.decide('unmergeCustomer', { customerId: ann, mergeId });
    expect(await desk.people()).toEqual(['ann+desk', 'bob']);
    const { customers } = await readWorld(desk.database.pool);
    const isBob = ({ traits }: { traits: { city?: string } }) => traits.city === 'Basel';
    expect(customers.find((customer) => isBob(customer as never))).toEqual(
      before.customers.find((customer) => isBob(customer as never)),
    );
    await desk.store({ key: 'late', identifiers: [email('bob@example.com')] });
    expect(await desk.people()).toEqual(['ann+desk', 'bob+late']);
    expect([ann, bob]).toContain(await desk.customerOf('late'));
  });

  test('undoes one merge of three customers, and leaves the other', async () => {
    const { ann, bob } = await twoPeople();
    await desk.store({ key: 'cyd', identifiers: [email('cyd@example.com')], occurredAt: day(3) });
    await desk.decide('mergeCustomers', { customerIds: [ann, bob, await desk.customerOf('cyd')] });
    expect(await desk.people()).toEqual(['ann+bob+cyd']);
    const { identityRegroupings } = await desk.ask<{
      identityRegroupings: { nodes: { id: string; customerId: string }[] };
    }>('{ identityRegroupings { nodes { id customerId } } }');
    const mergeId = identityRegroupings.nodes.find(({ customerId }) => customerId === bob)!.id;
    await desk.decide('unmergeCustomer', { customerId: ann, mergeId });
    expect(await desk.people()).toEqual(['ann+cyd', 'bob']);
  });

  test('is itself undone by revoking it: the merge counts again', async () => {
    const { ann, bob, before } = await twoPeople();
    const { decision } = await desk.decide('mergeCustomers', { customerIds: [ann, bob] });
    const merged = await readWorld(desk.database.pool);
    const mergeId = await latestRegrouping(ann, { kind: 'MERGED' });
    const undone = await desk.decide('unmergeCustomer', { customerId: ann, mergeId });
    await desk.decide('revokeDecision', { decisionId: undone.decision.id });
    expect(await readWorld(desk.database.pool)).toEqual(merged);
    const { node } = await desk.ask<{ node: object }>(
      'query ($id: ID!) { node(id: $id) { id ... on IdentityDecision { inForce revokedAt } } }',
      { id: decision.id },
    );
    expect(node).toEqual({ id: decision.id, inForce: true, revokedAt: null });
    await desk.decide('revokeDecision', { decisionId: decision.id });
    expect(await readWorld(desk.database.pool)).toEqual(before);
  });

  test('leaves later evidence free to join them, after a merge that only a decision had made', async () => {
    const { ann, bob } = await twoPeople();
    await desk.decide('mergeCustomers', { customerIds: [ann, bob] });
    const mergeId = await latestRegrouping(ann, { kind: 'MERGED' });
    await desk.decide('unmergeCustomer', { customerId: ann, mergeId });
    await desk.store({ key: 'both', identifiers: [email('ann@example.com'), email('bob@example.com')] });
    expect(await desk.people()).toEqual(['ann+bob+both']);
  });

  test('does not take back what made a merge as a side effect', async () => {
    const wrong = email('wrong@example.com');
    await desk.store(
      { key: 'a', identifiers: [userId('a'), wrong], occurredAt: day(1) },
      { key: 'b', identifiers: [userId('b')], occurredAt: day(2) },
      { key: 'b', identifiers: [wrong], occurredAt: day(3) },
      { key: 'c', identifiers: [wrong], occurredAt: day(4) },
    );
    expect(await desk.people()).toEqual(['a+c', 'b']);
    const removal = { customerId: await desk.customerOf('a'), identifier: wrong };
    const { decision } = await desk.decide('removeIdentifier', removal);
    const [after] = await desk.database.pool`select count(*)::int from claims where removed_by is not null`;
    const { identityRegroupings } = await desk.ask<{
      identityRegroupings: { nodes: { id: string; kind: string; customerId: string; together: boolean }[] };
    }>('{ identityRegroupings { nodes { id kind customerId together } } }');
    for (const { id, together, customerId } of identityRegroupings.nodes) {
      if (together) await desk.decide('unmergeCustomer', { customerId, mergeId: id });
    }
    const { node } = await desk.ask<{ node: object }>(
      'query ($id: ID!) { node(id: $id) { ... on IdentityDecision { inForce } } }',
      { id: decision.id },
    );
    expect(node).toEqual({ inForce: true });
    expect(await desk.database.pool`select count(*)::int from claims where removed_by is not null`).toEqual([after]);
  });

  test('takes chosen records out of a customer', async () => {
    await desk.store(
      { key: 'a', identifiers: [email('a@example.com')], occurredAt: day(1) },
      { key: 'b', identifiers: [email('a@example.com')], occurredAt: day(2) },
      { key: 'c', identifiers: [email('a@example.com')], occurredAt: day(3) },
    );
    const customerId = await desk.customerOf('a');
    await desk.decide('unmergeCustomer', { customerId, recordIds: [await desk.recordOf('b')] });
    expect(await desk.people()).toEqual(['a+c', 'b']);
  });

  test.each([
    [{}, 'input'],
    [{ mergeId: 'mrg_01h2xcejqtf2nbrexx3vqjhp41', recordIds: ['rec_01h2xcejqtf2nbrexx3vqjhp41'] }, 'input'],
    [{ mergeId: 'dec_01h2xcejqtf2nbrexx3vqjhp41' }, 'input.mergeId'],
    [{ recordIds: [] }, 'input.recordIds'],
    [{ recordIds: ['rec_01h2xcejqtf2nbrexx3vqjhp41'] }, 'input.recordIds[0]'],
  ])('with %j is refused: BAD_USER_INPUT at %s', async (input, field) => {
    const { ann } = await twoPeople();
    const refusal = await refusalOf(desk.decide('unmergeCustomer', { customerId: ann, ...input }));
    expect(refusal).toMatchObject({ code: 'BAD_USER_INPUT', details: { field } });
  });

  test('of all records of a customer is refused, and of an unknown merge not found', async () => {
    const { ann } = await twoPeople();
    const all = { customerId: ann, recordIds: [await desk.recordOf('ann')] };
    expect(await refusalOf(desk.decide('unmergeCustomer', all))).toMatchObject({ code: 'BAD_USER_INPUT' });
    const unknown = { customerId: ann, mergeId: 'mrg_01h2xcejqtf2nbrexx3vqjhp41' };
    expect(await refusalOf(desk.decide('unmergeCustomer', unknown))).toMatchObject({ code: 'NOT_FOUND' });
  });

  async function latestRegrouping(customerId: string, expected: object): Promise<string> {
    const { customer } = await desk.ask<{ customer: { regroupings: { id: string }[] } }>(
      `query ($id: ID!) { customer(id: $id) { regroupings(first: 1) { id kind together cause } } }`,
      { id: customerId },
    );
    expect(customer.regroupings).toMatchObject([expected]);
    return customer.regroupings[0]!.id;
  }
});

describe('linkRecords, unlinkRecords and revokeDecision', () => {
  const everything = { select: 'decisions { id kind inForce revokedBy revokeReason } customerIds' };

  test('a link joins whatever limits say; taking it back parts them again', async () => {
    await desk.store(
      { key: 'u1', identifiers: [userId('one')], occurredAt: day(1) },
      { key: 'u2', identifiers: [userId('two')], occurredAt: day(2) },
    );
    const before = await readWorld(desk.database.pool);
    const recordIds = [await desk.recordOf('u1'), await desk.recordOf('u2')];
    const { decision } = await desk.decide('linkRecords', { recordIds });
    expect(await desk.people()).toEqual(['u1+u2']);
    const unlinked = await desk.decide('unlinkRecords', { recordIds, reason: 'Two people.' }, everything);
    const revoked = { id: decision.id, kind: 'LINK', inForce: false, revokedBy: 'test', revokeReason: 'Two people.' };
    expect(unlinked).toMatchObject({ decisions: [revoked], customerIds: { length: 2 } });
    expect(await readWorld(desk.database.pool)).toEqual(before);
    const again = await desk.decide('unlinkRecords', { recordIds, reason: 'Once more.' }, everything);
    expect(again).toEqual(unlinked);
  });

  test('records that nothing links are not found', async () => {
    await twoPeople();
    const recordIds = [await desk.recordOf('ann'), await desk.recordOf('bob')];
    expect(await refusalOf(desk.decide('unlinkRecords', { recordIds }, everything))).toMatchObject({
      code: 'NOT_FOUND',
    });
  });

  test('revokeDecision takes any decision back, once', async () => {
    const { before } = await twoPeople();
    const recordIds = [await desk.recordOf('ann'), await desk.recordOf('bob')];
    const { decision } = await desk.decide('linkRecords', { recordIds });
    const select = 'decision { id inForce revokedAt revokeReason } customerIds';
    const input = { decisionId: decision.id, reason: 'A mistake.' };
    const first = await desk.decide('revokeDecision', input, { select });
    expect(first).toMatchObject({ decision: { id: decision.id, inForce: false, revokeReason: 'A mistake.' } });
    expect(await readWorld(desk.database.pool)).toEqual(before);
    expect(await desk.decide('revokeDecision', { ...input, reason: 'Again.' }, { select })).toEqual(first);
  });
});

describe('vetoMatch', () => {
  test('parts two records and keeps them apart', async () => {
    await desk.store(
      { key: 'a', identifiers: [browser('b')], occurredAt: day(1) },
      { key: 'b', identifiers: [browser('b')], occurredAt: day(2) },
    );
    expect(await desk.people()).toEqual(['a+b']);
    const ids = { recordId: await desk.recordOf('a'), otherRecordId: await desk.recordOf('b') };
    await desk.decide('vetoMatch', ids);
    await desk.store({ key: 'b', identifiers: [browser('b')], occurredAt: day(3) });
    expect(await desk.people()).toEqual(['a', 'b']);
  });
});

describe('removeIdentifier', () => {
  const wrong = email('wrong@example.com');

  test('takes it from the customer for good: replays do not bring it back, and their senders hear of it', async () => {
    await desk.store({ key: 'a', identifiers: [wrong], occurredAt: day(1) });
    await desk.store({ key: 'b', identifiers: [wrong], occurredAt: day(2) });
    const customerId = await desk.customerOf('b');
    const select = 'decision { id kind identifier { kind value } } customerIds';
    const removed = await desk.decide(
      'removeIdentifier',
      { customerId, identifier: { kind: 'email', value: 'WRONG@example.com' } },
      { select },
    );
    expect(removed).toMatchObject({
      decision: { kind: 'REMOVE_IDENTIFIER', identifier: wrong },
      customerIds: { length: 2 },
    });
    const [again] = await desk.store({ key: 'b', identifiers: [wrong], occurredAt: day(3) });
    expect(again!.warnings).toMatchObject([{ code: 'IDENTIFIER_REMOVED' }]);
    expect(await desk.people()).toEqual(['a', 'b']);
    const { customers } = await desk.ask<{ customers: { nodes: unknown[] } }>(
      '{ customers { nodes { identified identifiers { value } } } }',
    );
    expect(customers.nodes).toEqual([
      { identified: false, identifiers: [] },
      { identified: false, identifiers: [] },
    ]);
  });

  test('that nobody of the customer carries is not found', async () => {
    const { ann } = await twoPeople();
    const refusal = await refusalOf(desk.decide('removeIdentifier', { customerId: ann, identifier: wrong }));
    expect(refusal).toMatchObject({ code: 'NOT_FOUND', details: { field: 'input.identifier' } });
  });
});

describe('scopes', () => {
  const anyone = 'cus_01h2xcejqtf2nbrexx3vqjhp41';
  const record = 'rec_01h2xcejqtf2nbrexx3vqjhp41';
  const other = 'rec_01h2xcejqtf2nbrexx3vqjhp42';

  test.each([
    ['mergeCustomers', { customerIds: [anyone, 'cus_01h2xcejqtf2nbrexx3vqjhp42'] }],
    ['unmergeCustomer', { customerId: anyone, recordIds: [record] }],
    ['linkRecords', { recordIds: [record, other] }],
    ['unlinkRecords', { recordIds: [record, other] }],
    ['vetoMatch', { recordId: record, otherRecordId: other }],
    ['removeIdentifier', { customerId: anyone, identifier: email('a@example.com') }],
    ['revokeDecision', { decisionId: 'dec_01h2xcejqtf2nbrexx3vqjhp41' }],
  ])('%s needs identity:manage', async (mutation, input) => {
    const scopes = ['identity:read', 'customers:read', 'pii:read', 'ingest'];
    const refusal = await refusalOf(desk.decide(mutation, input, { select: 'customerIds', scopes }));
    expect(refusal).toMatchObject({ code: 'FORBIDDEN', details: { requiredScope: 'identity:manage' } });
  });

  test('identity:manage alone decides and hears the ids, without seeing the customers', async () => {
    const { ann, bob } = await twoPeople();
    const scopes = ['identity:manage'];
    const { customerIds } = await desk.decide('mergeCustomers', { customerIds: [ann, bob] }, { scopes });
    expect(customerIds).toEqual([ann]);
  });

  test.each(['{ identityDecisions { nodes { id } } }', '{ identityRegroupings { nodes { id } } }'])(
    '%s needs identity:read',
    async (query) => {
      const refusal = await refusalOf(desk.ask(query, {}, ['identity:manage', 'customers:read']));
      expect(refusal).toMatchObject({ code: 'FORBIDDEN', details: { requiredScope: 'identity:read' } });
    },
  );
});
