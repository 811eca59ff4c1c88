import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { upsertAccount } from '../../../src/identity/relations/account.service.ts';
import { setAccountParent } from '../../../src/identity/relations/account-hierarchy.service.ts';
import { addAccountMember } from '../../../src/identity/relations/account-members.service.ts';
import { mostLevelsOfAccounts } from '../../../src/identity/relations/relation-errors.ts';
import { fromPublicId } from '../../../src/kernel/ids.ts';
import { untilWaiting } from '../../support/locks.ts';
import { merge, openRelations, type RelationsFixture, relationsOf } from './fixture.ts';

let fixture: RelationsFixture;
beforeAll(async () => {
  fixture = await openRelations();
});
afterAll(() => fixture.close());

interface AccountData {
  readonly id: string;
  readonly name: string;
  readonly domains: string[];
  readonly externalKeys: { source: string; key: string }[];
}

async function upsert(input: Record<string, unknown>): Promise<{ account: AccountData; created: boolean }> {
  const { upsertAccount: payload } = await fixture.ask<{ upsertAccount: { account: AccountData; created: boolean } }>(
    `mutation ($input: UpsertAccountInput!) { upsertAccount(input: $input) {
      created account { id name domains externalKeys { source key } }
    } }`,
    { input: { reason: 'test', ...input } },
  );
  return JSON.parse(JSON.stringify(payload)) as typeof payload;
}

const create = async (name: string) => (await upsert({ name })).account.id;

function setParent(accountId: string, parentId: string | null): Promise<unknown> {
  return fixture.ask(
    'mutation ($input: SetAccountParentInput!) { setAccountParent(input: $input) { account { id } } }',
    {
      input: { accountId, parentId, reason: 'test' },
    },
  );
}

function addMember(input: Record<string, unknown>): Promise<unknown> {
  return fixture.ask(
    'mutation ($input: AddAccountMemberInput!) { addAccountMember(input: $input) { account { id } } }',
    {
      input: { reason: 'test', ...input },
    },
  );
}

function endMembership(input: Record<string, unknown>): Promise<unknown> {
  return fixture.ask(
    'mutation ($input: EndAccountMembershipInput!) { endAccountMembership(input: $input) { account { memberCount } } }',
    { input: { reason: 'test', ...input } },
  );
}

async function membersOf(id: string, args = 'first: 50') {
  const { account } = await fixture.ask<{ account: { members: { nodes: Record<string, unknown>[] } } }>(
    `query ($id: ID!) { account(id: $id) { members(${args}) { nodes { customerId role since until } } } }`,
    { id },
  );
  return JSON.parse(JSON.stringify(account.members.nodes)) as Record<string, string | null>[];
}

describe('upsertAccount', () => {
  const externalKey = { source: 'crm', key: 'A-1' };

  test('creates an account, finds it again by its key, and changes only what is given', async () => {
    const first = await upsert({
      externalKey,
      name: 'Muster AG',
      domains: ['Muster.CH', 'müller.example', 'muster.ch.'],
    });
    expect(first).toEqual({
      created: true,
      account: {
        id: expect.stringMatching(/^acc_/) as string,
        name: 'Muster AG',
        domains: ['muster.ch', 'xn--mller-kva.example'],
        externalKeys: [externalKey],
      },
    });
    const second = await upsert({ externalKey, name: 'Muster Holding AG' });
    expect(second).toEqual({ created: false, account: { ...first.account, name: 'Muster Holding AG' } });
    const { account } = await fixture.ask<{ account: { id: string } }>(
      '{ account(externalKey: { source: "crm", key: "A-1" }) { id } }',
    );
    expect(account.id).toBe(first.account.id);
    const { accounts } = await fixture.ask<{ accounts: { nodes: { id: string }[] } }>(
      '{ accounts(domain: "MUSTER.ch") { nodes { id } } }',
    );
    expect(accounts.nodes.map(({ id }) => id)).toEqual([first.account.id]);
  });

  test('that changes nothing leaves no trace', async () => {
    const input = { externalKey: { source: 'crm', key: 'same' }, name: 'Same', domains: ['same.example'] };
    const { account } = await upsert(input);
    await upsert(input);
    await upsert({ ...input, domains: ['Same.Example', 'same.example'] });
    const id = fromPublicId('acc', account.id);
    const lines = await fixture.database.pool`select detail ->> 'what' as what from changes where subject_id = ${id}`;
    expect(lines.map(({ what }) => what as string)).toEqual(['CREATED']);
    const said = await fixture.database.pool`select from relation_statements where subject_id = ${id}`;
    expect(said).toHaveLength(1);
  });

  test('gives an account further keys, but no key twice', async () => {
    const one = await upsert({ externalKey: { source: 'crm', key: 'K-1' }, name: 'One' });
    const erp = { source: 'erp', key: '9' };
    const both = await upsert({ accountId: one.account.id, externalKey: erp });
    expect(both.account.externalKeys).toEqual([{ source: 'crm', key: 'K-1' }, erp]);
    const other = await create('Other');
    await expect(upsert({ accountId: other, externalKey: erp })).rejects.toMatchObject({
      code: 'ACCOUNT_KEY_TAKEN',
      details: { accountId: one.account.id },
    });
  });

  test('needs a name for a new account and an account for an id', async () => {
    await expect(upsert({ externalKey: { source: 'crm', key: 'nameless' } })).rejects.toMatchObject({
      code: 'BAD_USER_INPUT',
    });
    const left = await fixture.database.pool`select from account_keys where key = 'nameless'`;
    expect(left, 'nothing of it stays').toHaveLength(0);
    await expect(upsert({ accountId: 'acc_01h2xcejqtf2nbrexx3vqjhp41', name: 'x' })).rejects.toMatchObject({
      code: 'NOT_FOUND',
    });
  });

  test('with an idempotency key creates one account without an external key, and never takes a later change back', async () => {
    const input = { name: 'Once', idempotencyKey: 'account-once' };
    const first = await upsert(input);
    await upsert({ accountId: first.account.id, name: 'Renamed' });
    expect(await upsert(input)).toEqual({ created: false, account: { ...first.account, name: 'Renamed' } });
    await expect(upsert({ ...input, name: 'Another' })).rejects.toMatchObject({ code: 'IDEMPOTENCY_CONFLICT' });
  });

  test('of one external key by two at once gives one account', async () => {
    const key = { source: 'crm', key: 'race' };
    const upsertAs = (name: string) => upsertAccount(fixture.context(), { externalKey: key, name, reason: 'race' });
    // Somebody is creating it already and has not committed: both wait, and find what was committed.
    const { promise: held, resolve: letGo } = Promise.withResolvers<void>();
    const { promise: begun, resolve: begin } = Promise.withResolvers<void>();
    const holder = fixture.database.pool.begin(async (tx) => {
      await tx`insert into account_keys (source, key, account_id) values (${key.source}, ${key.key}, gen_random_uuid())`;
      begin();
      await held;
      throw new Error('rolled back');
    });
    await begun;
    const racing = [upsertAs('One'), upsertAs('Two')];
    await untilWaiting(fixture.database.pool, 2);
    letGo();
    await expect(holder).rejects.toThrow('rolled back');
    const [one, two] = await Promise.all(racing);
    expect(one!.account.id).toBe(two!.account.id);
    expect([one!.created, two!.created].sort()).toEqual([false, true]);
    const rows = await fixture.database
      .pool`select from accounts where name in ('One', 'Two') and id = ${one!.account.id}`;
    expect(rows).toHaveLength(1);
  });

  test.each(['', 'localhost', 'http://x.example', 'a b.example', '10.0.0.1', 'x..example', '-x.example'])(
    'refuses %j as a domain',
    async (domain) => {
      await expect(upsert({ name: 'Domain', domains: ['ok.example', domain] })).rejects.toMatchObject({
        code: 'BAD_USER_INPUT',
        details: { field: 'input.domains[1]' },
      });
    },
  );
});

describe('the hierarchy', () => {
  test('has a path, a parent and children', async () => {
    const [top, middle, leaf, other] = [
      await create('Top'),
      await create('Middle'),
      await create('Leaf'),
      await create('Oak'),
    ];
    await setParent(middle, top);
    await setParent(leaf, middle);
    await setParent(other, top);
    const { account } = await fixture.ask<{ account: object }>(
      `query ($id: ID!) { account(id: $id) { parent { id } path { id } children { nodes { id } } } }`,
      { id: leaf },
    );
    expect(JSON.parse(JSON.stringify(account))).toEqual({
      parent: { id: middle },
      path: [top, middle, leaf].map((id) => ({ id })),
      children: { nodes: [] },
    });
    const { root } = await fixture.ask<{ root: object }>(
      `query ($id: ID!) { root: account(id: $id) { parent { id } path { id }
        children(first: 1) { nodes { id } pageInfo { hasNextPage } } } }`,
      { id: top },
    );
    expect(JSON.parse(JSON.stringify(root))).toEqual({
      parent: null,
      path: [{ id: top }],
      children: { nodes: [{ id: middle }], pageInfo: { hasNextPage: true } },
    });
    await setParent(middle, null);
    const { moved } = await fixture.ask<{ moved: { path: object[] } }>(
      `query ($id: ID!) { moved: account(id: $id) { path { id } } }`,
      { id: leaf },
    );
    expect(moved.path).toHaveLength(2);
  });

  test('never leads back', async () => {
    const [a, b, c] = [await create('A'), await create('B'), await create('C')];
    await setParent(b, a);
    await setParent(c, b);
    for (const parent of [a, b, c]) {
      await expect(setParent(a, parent)).rejects.toMatchObject({
        code: 'ACCOUNT_CYCLE',
        details: { field: 'input.parentId' },
      });
    }
    await expect(setParent(a, 'acc_01h2xcejqtf2nbrexx3vqjhp41')).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  test('never leads back, also when two harmless changes come at once', async () => {
    for (let round = 0; round < 5; round++) {
      const [a, b] = [await create('Race A'), await create('Race B')];
      const move = (accountId: string, parentId: string) =>
        setAccountParent(fixture.context(), {
          accountId: fromPublicId('acc', accountId),
          parentId: fromPublicId('acc', parentId),
          reason: 'race',
        });
      const results = await Promise.allSettled([move(a, b), move(b, a)]);
      expect(results.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
      expect(results.find(({ status }) => status === 'rejected')).toMatchObject({ reason: { code: 'ACCOUNT_CYCLE' } });
    }
  });

  test('has a greatest depth, counted from the top to the lowest below', async () => {
    const chain = [await create('Level 1')];
    for (let level = 2; level < mostLevelsOfAccounts; level++) {
      const next = await create(`Level ${level}`);
      await setParent(next, chain.at(-1)!);
      chain.push(next);
    }
    const [upper, lower] = [await create('Upper'), await create('Lower')];
    await setParent(lower, upper);
    await expect(setParent(upper, chain.at(-1)!)).rejects.toMatchObject({
      code: 'ACCOUNT_TOO_DEEP',
      details: { maximum: mostLevelsOfAccounts },
    });
    await setParent(upper, chain.at(-2)!);
    await setParent(upper, null);
    await setParent(await create('Deepest'), chain.at(-1)!);
  });
});

describe('members', () => {
  const instant = (year: number) => `${year}-01-01T00:00:00.000Z`;

  test('can have several roles, each with a period of its own', async () => {
    const [ann, bob] = [await fixture.person('a-ann'), await fixture.person('a-bob')];
    const accountId = await create('Roles');
    await addMember({ accountId, customerId: ann, role: 'BUYER', validFrom: instant(2020), validTo: instant(2022) });
    await addMember({ accountId, customerId: ann, role: 'BUYER', validFrom: instant(2022) });
    await addMember({ accountId, customerId: ann, role: 'DECISION_MAKER', validFrom: instant(2023) });
    await addMember({ accountId, customerId: bob, role: 'CONTACT', validFrom: instant(2024) });
    const rolesAt = async (year: number) =>
      (await membersOf(accountId, `at: "${instant(year)}"`)).map(({ role }) => role);
    expect(await rolesAt(2019)).toEqual([]);
    expect(await rolesAt(2021)).toEqual(['BUYER']);
    expect(await rolesAt(2022)).toEqual(['BUYER']);
    expect(await rolesAt(2025)).toEqual(['BUYER', 'DECISION_MAKER', 'CONTACT']);
    expect(await membersOf(accountId, 'includeEnded: true')).toHaveLength(4);
    await expect(
      addMember({ accountId, customerId: ann, role: 'BUYER', validFrom: instant(2021), validTo: instant(2023) }),
    ).rejects.toMatchObject({ code: 'MEMBERSHIP_OVERLAPS' });
    expect((await relationsOf(fixture, ann)).accounts).toEqual([
      { account: { id: accountId }, role: 'BUYER', otherMemberCount: 1 },
      { account: { id: accountId }, role: 'DECISION_MAKER', otherMemberCount: 1 },
    ]);
  });

  test('end in one role or in all, and the history keeps them', async () => {
    const ann = await fixture.person('e-ann');
    const accountId = await create('Ends');
    for (const role of ['BUYER', 'USER', 'CONTACT']) {
      await addMember({ accountId, customerId: ann, role, validFrom: instant(2020) });
    }
    await endMembership({ accountId, customerId: ann, role: 'USER', at: instant(2021) });
    expect((await membersOf(accountId)).map(({ role }) => role).sort()).toEqual(['BUYER', 'CONTACT']);
    await expect(endMembership({ accountId, customerId: ann, role: 'USER' })).rejects.toMatchObject({
      code: 'NOT_FOUND',
    });
    expect(await endMembership({ accountId, customerId: ann })).toMatchObject({
      endAccountMembership: { account: { memberCount: 0 } },
    });
    const history = await membersOf(accountId, 'includeEnded: true');
    expect(history.map(({ role, until }) => [role, until === instant(2021)]).sort()).toEqual([
      ['BUYER', false],
      ['CONTACT', false],
      ['USER', true],
    ]);
  });

  test('have a role once, also when it is said twice at once', async () => {
    const customerId = fromPublicId('cus', await fixture.person('r-ann'));
    const accountId = fromPublicId('acc', await create('Race'));
    const add = () => addAccountMember(fixture.context(), { accountId, customerId, role: 'BUYER', reason: 'race' });
    const results = await Promise.allSettled([add(), add()]);
    expect(results.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
  });

  test('who are merged are one in each role; who are parted again have their own', async () => {
    const [ann, bob] = [await fixture.person('am-ann'), await fixture.person('am-bob')];
    const accountId = await create('Merged');
    await addMember({ accountId, customerId: ann, role: 'BUYER', validFrom: instant(2021) });
    await addMember({ accountId, customerId: bob, role: 'BUYER', validFrom: instant(2020) });
    await addMember({ accountId, customerId: bob, role: 'USER', validFrom: instant(2022) });
    const before = await membersOf(accountId);
    const undo = await merge(fixture, ann, bob);
    const merged = await membersOf(accountId);
    expect(merged.map(({ role, since }) => [role, since])).toEqual([
      ['BUYER', instant(2020)],
      ['USER', instant(2022)],
    ]);
    expect(new Set(merged.map(({ customerId }) => customerId)).size).toBe(1);
    await undo();
    expect(await membersOf(accountId)).toEqual(before);
  });
});

test('accounts need identity:read to be seen', async () => {
  await expect(fixture.ask('{ accounts { nodes { id } } }', {}, ['customers:read'])).rejects.toMatchObject({
    code: 'FORBIDDEN',
    details: { requiredScope: 'identity:read' },
  });
});

test('node(id) finds an account', async () => {
  const id = await create('Node');
  expect(
    JSON.parse(JSON.stringify(await fixture.ask('query ($id: ID!) { node(id: $id) { __typename id } }', { id }))),
  ).toEqual({
    node: { __typename: 'Account', id },
  });
});
