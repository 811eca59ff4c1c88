import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { subscribeToCustomer } from '../../../src/identity/customer-subscription.service.ts';
import { addHouseholdMember } from '../../../src/identity/relations/household-members.service.ts';
import { mostMembersOfHousehold } from '../../../src/identity/relations/relation-errors.ts';
import { fromPublicId } from '../../../src/kernel/ids.ts';
import {
  addToHousehold,
  createHousehold,
  membersOfHousehold,
  merge,
  openRelations,
  type RelationsFixture,
  relationsOf,
  removeFromHousehold,
} from './fixture.ts';

let fixture: RelationsFixture;
beforeAll(async () => {
  fixture = await openRelations();
});
afterAll(() => fixture.close());

describe('a household by hand', () => {
  test('shows its members with role, period, who added them and why', async () => {
    const [ann, bob] = [await fixture.person('h-ann'), await fixture.person('h-bob')];
    const householdId = await createHousehold(fixture, 'Keller');
    const validFrom = '2026-01-01T00:00:00.000Z';
    await addToHousehold(fixture, { householdId, customerId: ann, role: 'HEAD', validFrom, reason: 'told us' });
    await addToHousehold(fixture, { householdId, customerId: bob, role: 'PARTNER' });

    const { household } = await fixture.ask<{ household: Record<string, unknown> }>(
      `query ($id: ID!) { household(id: $id) { name origin memberCount members {
        nodes { customerId customer { id } role since until origin ruleVersion added { actor reason } ended { reason } }
      } } }`,
      { id: householdId },
    );
    expect(JSON.parse(JSON.stringify(household))).toMatchObject({
      name: 'Keller',
      origin: 'HAND',
      memberCount: 2,
      members: {
        nodes: [
          {
            customerId: ann,
            customer: { id: ann },
            role: 'HEAD',
            since: validFrom,
            until: null,
            origin: 'HAND',
            ruleVersion: null,
            added: { actor: 'test', reason: 'told us' },
            ended: null,
          },
          { customerId: bob, role: 'PARTNER' },
        ],
      },
    });
    expect(await relationsOf(fixture, ann)).toEqual({
      households: [{ household: { id: householdId }, role: 'HEAD', origin: 'HAND', otherMemberCount: 1 }],
      accounts: [],
    });
  });

  test('keeps the history of who was in it, when, and why not any more', async () => {
    const ann = await fixture.person('hist-ann');
    const householdId = await createHousehold(fixture);
    const year = (number: number) => `${number}-01-01T00:00:00.000Z`;
    await addToHousehold(fixture, { householdId, customerId: ann, role: 'CHILD', validFrom: year(2020) });
    await removeFromHousehold(fixture, { householdId, customerId: ann, at: year(2024), reason: 'moved out' });

    const membersAt = async (args: string) => {
      const { household } = await fixture.ask<{ household: { members: { nodes: Record<string, unknown>[] } } }>(
        `query ($id: ID!) { household(id: $id) { members(${args}) { nodes { role since until ended { reason } } } } }`,
        { id: householdId },
      );
      return JSON.parse(JSON.stringify(household.members.nodes)) as unknown;
    };
    const past = { role: 'CHILD', since: year(2020), until: year(2024), ended: { reason: 'moved out' } };
    expect(await membersAt('first: 5')).toEqual([]);
    expect(await membersAt(`at: "${year(2020)}"`), 'the beginning belongs to the period').toEqual([past]);
    expect(await membersAt(`at: "${year(2024)}"`), 'the end does not').toEqual([]);
    expect(await membersAt('includeEnded: true')).toEqual([past]);
  });

  test('pages through its members without skipping or repeating one', async () => {
    const householdId = await createHousehold(fixture);
    const people = [];
    for (let number = 0; number < 5; number++) {
      const customerId = await fixture.person(`page-${number}`);
      people.push(customerId);
      await addToHousehold(fixture, { householdId, customerId, validFrom: '2026-02-02T00:00:00Z' });
    }
    const seen: string[] = [];
    for (let after: string | null = null, more = true; more; ) {
      const {
        household,
      }: { household: { members: { nodes: { customerId: string }[]; pageInfo: Record<string, unknown> } } } =
        await fixture.ask(
          `query ($id: ID!, $after: Cursor) { household(id: $id) { members(first: 2, after: $after) {
            nodes { customerId } pageInfo { hasNextPage endCursor } } } }`,
          { id: householdId, after },
        );
      seen.push(...household.members.nodes.map(({ customerId }) => customerId));
      after = household.members.pageInfo.endCursor as string;
      more = household.members.pageInfo.hasNextPage as boolean;
    }
    expect(seen.toSorted()).toEqual(people.toSorted());
  });

  test('refuses who is in it already, and somebody who does not exist', async () => {
    const ann = await fixture.person('twice');
    const householdId = await createHousehold(fixture);
    await addToHousehold(fixture, { householdId, customerId: ann, role: 'HEAD' });
    await expect(addToHousehold(fixture, { householdId, customerId: ann, role: 'CHILD' })).rejects.toMatchObject({
      code: 'MEMBERSHIP_OVERLAPS',
      details: { role: 'HEAD' },
    });
    const nobody = 'cus_01h2xcejqtf2nbrexx3vqjhp41';
    await expect(addToHousehold(fixture, { householdId, customerId: nobody })).rejects.toMatchObject({
      code: 'NOT_FOUND',
    });
    await expect(removeFromHousehold(fixture, { householdId, customerId: nobody })).rejects.toMatchObject({
      code: 'NOT_FOUND',
    });
    await expect(
      addToHousehold(fixture, { householdId: 'hh_01h2xcejqtf2nbrexx3vqjhp41', customerId: ann }),
    ).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  test('can be left and come back to', async () => {
    const ann = await fixture.person('again');
    const householdId = await createHousehold(fixture);
    await addToHousehold(fixture, { householdId, customerId: ann, role: 'CHILD', validFrom: '2026-01-01T00:00:00Z' });
    await removeFromHousehold(fixture, { householdId, customerId: ann });
    expect(await membersOfHousehold(fixture, householdId)).toEqual([]);
    await expect(removeFromHousehold(fixture, { householdId, customerId: ann })).rejects.toMatchObject({
      code: 'NOT_FOUND',
    });
    await addToHousehold(fixture, { householdId, customerId: ann, role: 'HEAD' });
    expect(await membersOfHousehold(fixture, householdId)).toEqual([{ customerId: ann, role: 'HEAD', origin: 'HAND' }]);
  });

  test('has room for so many, also when the last two come at once', async () => {
    const householdId = await createHousehold(fixture);
    const customers = [];
    for (let number = 0; number <= mostMembersOfHousehold; number++)
      customers.push(await fixture.person(`full-${number}`));
    const add = (customer: string) =>
      addHouseholdMember(fixture.context(), {
        householdId: fromPublicId('hh', householdId),
        customerId: fromPublicId('cus', customer),
        role: 'MEMBER',
        reason: 'test',
      });
    for (const customer of customers.slice(0, mostMembersOfHousehold - 1)) await add(customer);
    const last = await Promise.allSettled(customers.slice(mostMembersOfHousehold - 1).map(add));
    expect(last.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    expect(last.find(({ status }) => status === 'rejected')).toMatchObject({ reason: { code: 'HOUSEHOLD_FULL' } });
  });

  test.each([
    ['role', { role: 'head of it' }],
    ['input.validTo', { validFrom: '2026-01-02T00:00:00Z', validTo: '2026-01-02T00:00:00Z' }],
    ['input.reason', { reason: '  ' }],
  ])('says what is wrong with %s', async (field, wrong) => {
    const customerId = await fixture.person('wrong');
    const householdId = await createHousehold(fixture);
    await expect(addToHousehold(fixture, { householdId, customerId, ...wrong })).rejects.toMatchObject({
      code: 'BAD_USER_INPUT',
      details: { field: expect.stringContaining(field) as string },
    });
  });
});

describe('a merge of two members', () => {
  test('shows them once, and taking it back shows both as they were', async () => {
    const [ann, bob, cat] = [
      await fixture.person('m-ann'),
      await fixture.person('m-bob'),
      await fixture.person('m-cat'),
    ];
    const householdId = await createHousehold(fixture);
    const year = (number: number) => `${number}-01-01T00:00:00.000Z`;
    await addToHousehold(fixture, { householdId, customerId: ann, role: 'HEAD', validFrom: year(2022) });
    await addToHousehold(fixture, { householdId, customerId: bob, role: 'PARTNER', validFrom: year(2021) });
    await addToHousehold(fixture, { householdId, customerId: cat, role: 'CHILD', validFrom: year(2023) });
    const before = [await membersOfHousehold(fixture, householdId), await relationsOf(fixture, cat)];

    const undo = await merge(fixture, ann, bob);
    const merged = await membersOfHousehold(fixture, householdId);
    expect(merged).toHaveLength(2);
    expect(merged).toContainEqual({ customerId: expect.any(String) as string, role: 'PARTNER', origin: 'HAND' });
    expect((await relationsOf(fixture, ann)).households, 'once, since the earlier').toMatchObject([
      { role: 'PARTNER', otherMemberCount: 1 },
    ]);
    expect(await relationsOf(fixture, bob), 'either id names the one').toEqual(await relationsOf(fixture, ann));
    expect((await relationsOf(fixture, cat)).households[0]!.otherMemberCount).toBe(1);

    await undo();
    expect([await membersOfHousehold(fixture, householdId), await relationsOf(fixture, cat)]).toEqual(before);
  });

  test('brings the memberships of both to the survivor, and gives each its own back', async () => {
    const [ann, bob] = [await fixture.person('mm-ann'), await fixture.person('mm-bob')];
    const [first, second] = [await createHousehold(fixture), await createHousehold(fixture)];
    await addToHousehold(fixture, { householdId: first, customerId: ann, role: 'HEAD' });
    await addToHousehold(fixture, { householdId: second, customerId: bob, role: 'HEAD' });
    const undo = await merge(fixture, ann, bob);
    const both = (await relationsOf(fixture, bob)).households.map(({ household }) => household.id);
    expect(both.toSorted()).toEqual([first, second].toSorted());
    await undo();
    expect((await relationsOf(fixture, ann)).households.map(({ household }) => household.id)).toEqual([first]);
    expect((await relationsOf(fixture, bob)).households.map(({ household }) => household.id)).toEqual([second]);
  });
});

describe('a repeat', () => {
  const input = { name: 'Once', reason: 'test', idempotencyKey: 'household-once' };
  const create = (more: object) =>
    fixture.ask<{ createHousehold: { household: { id: string } } }>(
      'mutation ($input: CreateHouseholdInput!) { createHousehold(input: $input) { household { id name } } }',
      { input: { ...input, ...more } },
    );

  test('with the same key makes one household, and says which', async () => {
    const answers = [await create({}), await create({})];
    expect(answers[0]).toEqual(answers[1]);
    const [{ count }] = await fixture.database.pool<[{ count: number }]>`
      select count(*)::int as count from households where name = 'Once'`;
    expect(count).toBe(1);
  });

  test('with the same key and another input is refused', async () => {
    await create({});
    await expect(create({ name: 'Twice' })).rejects.toMatchObject({ code: 'IDEMPOTENCY_CONFLICT' });
  });

  test('of an addition that was ended since does not bring the member back', async () => {
    const customerId = await fixture.person('repeat');
    const householdId = await createHousehold(fixture);
    const once = { householdId, customerId, idempotencyKey: 'add-once' };
    await addToHousehold(fixture, once);
    await removeFromHousehold(fixture, { householdId, customerId });
    await addToHousehold(fixture, once);
    expect(await membersOfHousehold(fixture, householdId)).toEqual([]);
  });
});

describe('who may', () => {
  test('see households needs identity:read, change them identity:manage', async () => {
    const query = '{ households { nodes { id } } }';
    await expect(fixture.ask(query, {}, ['customers:read'])).rejects.toMatchObject({
      code: 'FORBIDDEN',
      details: { requiredScope: 'identity:read' },
    });
    await expect(
      fixture.ask('mutation { createHousehold(input: { reason: "x" }) { household { id } } }', {}, ['identity:read']),
    ).rejects.toMatchObject({ code: 'FORBIDDEN', details: { requiredScope: 'identity:manage' } });
  });

  test('read a customer sees their relations, but not the name of a household without pii:read', async () => {
    const customerId = await fixture.person('seen');
    const householdId = await createHousehold(fixture, 'Family Keller');
    await addToHousehold(fixture, { householdId, customerId });
    const names = async (scopes: string[]) => {
      const { customer } = await fixture.ask<{ customer: { relations: { households: { household: object }[] } } }>(
        'query ($id: ID!) { customer(id: $id) { relations { households { household { name } } } } }',
        { id: customerId },
        scopes,
      );
      return customer.relations.households.map(({ household }) => ({ ...household }));
    };
    expect(await names(['customers:read'])).toEqual([{ name: '•••' }]);
    expect(await names(['customers:read', 'pii:read'])).toEqual([{ name: 'Family Keller' }]);
  });
});

test('relations of many customers cost the same statements as those of one', async () => {
  const { upsertAccount } = await fixture.ask<{ upsertAccount: { account: { id: string } } }>(
    'mutation { upsertAccount(input: { name: "Cost", reason: "test" }) { account { id } } }',
  );
  const households = [await createHousehold(fixture), await createHousehold(fixture)];
  const customers: string[] = [];
  for (let number = 0; number < 6; number++) {
    const customerId = await fixture.person(`cost-${number}`);
    customers.push(customerId);
    await addToHousehold(fixture, { householdId: households[number % 2], customerId });
    await fixture.ask(
      'mutation ($input: AddAccountMemberInput!) { addAccountMember(input: $input) { account { id } } }',
      { input: { accountId: upsertAccount.account.id, customerId, role: 'USER', reason: 'test' } },
    );
  }
  const relations = `relations {
    households { household { id memberCount members(first: 2) { nodes { role } } } role otherMemberCount }
    accounts { account { id path { id } members(first: 2) { nodes { role } } children { nodes { id } } } otherMemberCount }
  }`;
  const costOf = async (ids: string[]) => {
    const fields = ids.map((id, index) => `c${index}: customer(id: "${id}") { ${relations} }`);
    fixture.view.countStatements();
    await fixture.ask(`{ ${fields.join(' ')} }`);
    return fixture.view.countStatements();
  };
  await costOf(customers.slice(0, 1));
  expect(await costOf(customers)).toBe(await costOf(customers.slice(0, 1)));
});

test('the change feed tells of a member who comes and goes, and to whoever follows the customer', async () => {
  const customerId = await fixture.person('feed');
  const householdId = await createHousehold(fixture);
  await addToHousehold(fixture, { householdId, customerId });
  await removeFromHousehold(fixture, { householdId, customerId });
  const lines = await fixture.database.pool`
    select topic, customer_id as "customerId", detail from changes
    where subject_id = ${fromPublicId('hh', householdId)} order by tx, seq`;
  const uuid = fromPublicId('cus', customerId);
  expect(lines.map((line) => ({ ...line }))).toEqual([
    { topic: 'household.changed', customerId: null, detail: { what: 'CREATED', origin: 'HAND' } },
    { topic: 'household.changed', customerId: uuid, detail: { what: 'MEMBER_ADDED', origin: 'HAND' } },
    { topic: 'household.changed', customerId: uuid, detail: { what: 'MEMBER_REMOVED', origin: 'HAND' } },
  ]);
  const audited = await fixture.database
    .pool`select action, reason from audit_entries where subject = ${householdId} order by id`;
  expect(audited.map(({ action }) => action as string)).toEqual([
    'relations.createHousehold',
    'relations.addHouseholdMember',
    'relations.removeHouseholdMember',
  ]);
});

test('whoever follows a customer hears of their relations', async () => {
  const customerId = await fixture.person('followed');
  const householdId = await createHousehold(fixture);
  const updates = await subscribeToCustomer(fixture.context(), { customerId: fromPublicId('cus', customerId) });
  await addToHousehold(fixture, { householdId, customerId });
  // That they were created may come first: it is as new as the subscription.
  let update = (await updates.next()).value;
  if (update.reasons.includes('CREATED') && !update.reasons.includes('RELATIONS'))
    update = (await updates.next()).value;
  expect(update.reasons).toContain('RELATIONS');
  expect(update.customer.id).toBe(fromPublicId('cus', customerId));
  await updates.return?.();
});

test('node(id) finds a household', async () => {
  const id = await createHousehold(fixture, 'Node');
  expect(
    JSON.parse(JSON.stringify(await fixture.ask('query ($id: ID!) { node(id: $id) { __typename id } }', { id }))),
  ).toEqual({
    node: { __typename: 'Household', id },
  });
});
