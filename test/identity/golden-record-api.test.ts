import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Scope } from '../../src/access/scopes.ts';
import { CataloguedTraits } from '../../src/identity/personal-traits.service.ts';
import type { JsonObject } from '../../src/kernel/json.ts';
import { openTestDatabase, type TestDatabase } from '../support/database.ts';
import { type IngestFixture, openIngest, touchpoint } from '../support/ingest.ts';
import { openView, type ViewApi } from '../support/view.ts';

let database: TestDatabase;
let fixture: IngestFixture;
let view: ViewApi;

beforeAll(async () => {
  database = await openTestDatabase();
  fixture = await openIngest(database.pool);
  view = await openView(database.url);
});
afterAll(async () => {
  await view.close();
  await database.close();
});

function says(source: string, person: string, traits: JsonObject, day = 1) {
  return touchpoint({
    source,
    key: person,
    identifiers: [{ kind: 'email', value: `${person}@example.com` }],
    type: 'identify',
    occurredAt: `2026-10-${String(day).padStart(2, '0')}T10:00:00Z`,
    traits,
  });
}

async function send(...drafts: ReturnType<typeof says>[]): Promise<string> {
  const results = await fixture.ingest.submit(fixture.ctx, drafts);
  expect(results.map(({ status }) => status)).toEqual(drafts.map(() => 'STORED'));
  return results.at(-1)!.customerId!;
}

const steward: Scope[] = ['identity:read', 'identity:manage', 'pii:read', 'customers:read'];

interface Definition {
  name: string;
  version: number;
  status: string;
  personal: boolean;
  type: string;
  refold: { done: boolean; progress: number } | null;
  versions: { version: number; actor: string | null; reason: string; personal: boolean }[];
}

const fields = `name type unit personal description status version updatedBy
  survivorship { strategy sources ranking } refold { version done progress examined changed }
  versions { version actor reason personal survivorship { strategy } }`;

async function list(args: string, scopes: readonly Scope[] = steward) {
  const { traitCatalog } = await view.ask<{
    traitCatalog: { nodes: Definition[]; pageInfo: { hasNextPage: boolean; endCursor: string } };
  }>(`{ traitCatalog(${args}) { nodes { ${fields} } pageInfo { hasNextPage endCursor } } }`, {}, scopes);
  return traitCatalog;
}

async function update(input: JsonObject, scopes: readonly Scope[] = steward): Promise<Definition> {
  const answer = await view.ask<{ updateTraitDefinition: { definition: Definition } }>(
    `mutation ($input: UpdateTraitDefinitionInput!) { updateTraitDefinition(input: $input) { definition { ${fields} } } }`,
    { input: { reason: 'A test.', ...input } },
    scopes,
  );
  return answer.updateTraitDefinition.definition;
}

const codeOf = (attempt: Promise<unknown>) =>
  attempt.then(
    () => 'let in',
    (error: { code?: string }) => error.code,
  );

describe('the catalogue', () => {
  test('starts with what is shipped, and pages by name', async () => {
    const all = await list('first: 200, status: REVIEWED');
    expect(all.nodes).toContainEqual(
      expect.objectContaining({ name: 'birthday', type: 'DATE', personal: true, version: 1, updatedBy: null }),
    );
    const names: string[] = [];
    let page = await list('first: 7, status: REVIEWED');
    for (;;) {
      names.push(...page.nodes.map(({ name }) => name));
      if (!page.pageInfo.hasNextPage) break;
      page = await list(`first: 7, status: REVIEWED, after: "${page.pageInfo.endCursor}"`);
    }
    expect(names).toEqual(all.nodes.map(({ name }) => name));
    expect(names).toEqual([...names].sort());
    expect(await codeOf(list('after: "bm9uc2Vuc2U"'))).toBe('CURSOR_INVALID');
  });

  test('learns a trait from its first event: unreviewed, personal, with a guess at its type', async () => {
    await send(says('web', 'new', { shoeSize: 42, hobbies: ['golf'], since: null }));
    await send(says('web', 'new', { shoeSize: 'forty', since: '2020-02-29' }, 2));
    const unreviewed = await list('status: UNREVIEWED');
    expect(unreviewed.nodes).toMatchObject([
      { name: 'hobbies', type: 'LIST' },
      {
        name: 'shoeSize',
        type: 'NUMBER',
        personal: true,
        version: 1,
        survivorship: { strategy: 'MOST_RECENT' },
        versions: [{ version: 1, actor: null, reason: 'Came with an event.' }],
      },
      { name: 'since', type: 'TEXT' },
    ]);
  });

  test('keeps what a steward said when the server starts again', async () => {
    const before = await update({ name: 'industry', personal: true, expectedVersion: 1 });
    await CataloguedTraits.open(fixture.ctx);
    expect((await list('first: 200')).nodes.find(({ name }) => name === 'industry')).toEqual(before);
  });
});

describe('a change', () => {
  test('makes a version with who and why, is repeatable, and refuses what it did not look at', async () => {
    await send(says('web', 'change', { weight: 70 }));
    const change = { name: 'weight', unit: 'kg', description: 'Body weight.', expectedVersion: 1 };
    const changed = await update(change);
    expect(changed).toMatchObject({
      ...{ name: 'weight', unit: 'kg', description: 'Body weight.', type: 'NUMBER', status: 'REVIEWED' },
      ...{ version: 2, updatedBy: 'test', refold: null },
    });
    expect(changed.versions.map(({ version, actor, reason }) => [version, actor, reason])).toEqual([
      [2, 'test', 'A test.'],
      [1, null, 'Came with an event.'],
    ]);
    expect(await update(change)).toEqual(changed);
    const audited = await database.pool`select actor, reason, detail from audit_entries where subject = 'trait weight'`;
    expect(audited).toEqual([{ actor: 'test', reason: 'A test.', detail: { version: 2 } }]);
    const stale = update({ name: 'weight', unit: 'lb', expectedVersion: 1 });
    await expect(stale).rejects.toMatchObject({ code: 'VERSION_CONFLICT', details: { currentVersion: 2 } });
  });

  test('defines a trait that no event has brought yet', async () => {
    expect(await codeOf(update({ name: 'later', expectedVersion: 1 }))).toBe('NOT_FOUND');
    expect(await update({ name: 'later', type: 'NUMBER', expectedVersion: 0 })).toMatchObject({ version: 1 });
    await send(says('web', 'later', { later: 'text' }));
    expect(await update({ name: 'later', unit: 'EUR', expectedVersion: 1 })).toMatchObject({ type: 'NUMBER' });
  });

  test.each([
    [{ survivorship: { strategy: 'SUM' } }, 'input.survivorship.strategy'],
    [{ survivorship: { strategy: 'SOURCE_PRIORITY' } }, 'input.survivorship.sources'],
    [{ survivorship: { strategy: 'OLDEST', sources: ['crm'] } }, 'input.survivorship.sources'],
    [{ survivorship: { strategy: 'MOST_RESTRICTIVE' } }, 'input.survivorship.ranking'],
    [{ survivorship: { strategy: 'MOST_RESTRICTIVE', ranking: ['no', 'no'] } }, 'input.survivorship.ranking'],
    [{ reason: ' ' }, 'input.reason'],
    [{ description: 'x'.repeat(1001) }, 'input.description'],
    [{ name: '', expectedVersion: 0 }, 'input.name'],
  ])('%j is refused with the field to blame', async (input, field) => {
    const refused = update({ name: 'title', expectedVersion: 1, ...(input as JsonObject) });
    await expect(refused).rejects.toMatchObject({ code: 'BAD_USER_INPUT', details: { field } });
  });

  test('needs its scopes; to show what was hidden, also the right to see it', async () => {
    expect(await codeOf(list('first: 1', ['customers:read', 'pii:read']))).toBe('FORBIDDEN');
    const shows = { name: 'city', personal: false, expectedVersion: 1 };
    expect(await codeOf(update(shows, ['identity:read', 'pii:read']))).toBe('FORBIDDEN');
    expect(await codeOf(update(shows, ['identity:manage']))).toBe('FORBIDDEN');
    expect(
      await update({ name: 'city', unit: null, type: 'TEXT', expectedVersion: 1 }, ['identity:manage']),
    ).toMatchObject({ version: 1 });
  });

  test('decides at once what is masked, on other nodes with their next look', async () => {
    await send(says('web', 'masks', { tier: 'gold', mood: 'sunny' }));
    const otherNode = await CataloguedTraits.open(fixture.ctx);
    const seen = async () => {
      const { customer } = await view.ask<{ customer: { traits: { name: string; value: string }[] } }>(
        `{ customer(identifier: { kind: "email", value: "masks@example.com" }) { traits { name value } } }`,
        {},
        ['customers:read'],
      );
      return Object.fromEntries(customer.traits.map(({ name, value }) => [name, value]));
    };
    const filters = () =>
      codeOf(
        view.ask(
          '{ customers(filter: { trait: { name: "tier", operator: EQUALS, value: "gold" } }) { nodes { id } } }',
          {},
          ['customers:read'],
        ),
      );
    expect(await seen()).toEqual({ mood: '•••', tier: 'gold' });
    expect(await filters()).toBe('let in');
    await update({ name: 'tier', personal: true, expectedVersion: 1 });
    await update({ name: 'mood', personal: false, expectedVersion: 1 });
    expect(await seen()).toEqual({ mood: 'sunny', tier: '•••' });
    expect(await filters()).toBe('FORBIDDEN');
    expect(['tier', 'mood'].map((name) => otherNode.has(name))).toEqual([false, true]);
    await otherNode.refresh();
    expect(['tier', 'mood'].map((name) => otherNode.has(name))).toEqual([true, false]);
  });
});

describe('provenance', () => {
  const query = `query ($id: ID!, $with: Boolean) { customer(id: $id) { traits(names: ["spent", "motto"], withProvenance: $with) {
    name value masked strategy source setAt record { id source key } provenance { source }
    contributions { value source setAt } losers { value masked source setAt reason record { source } } otherValues { value }
  } } }`;
  const ask = async (id: string, scopes?: readonly Scope[], withProvenance?: boolean) => {
    const { customer } = await view.ask<{ customer: { traits: JsonObject[] } }>(
      query,
      { id, with: withProvenance },
      scopes,
    );
    return JSON.parse(JSON.stringify(customer.traits)) as JsonObject[];
  };
  let id: string;

  beforeAll(async () => {
    await update({ name: 'spent', type: 'NUMBER', survivorship: { strategy: 'SUM' }, expectedVersion: 0 });
    await update({ name: 'motto', survivorship: { strategy: 'LONGEST' }, expectedVersion: 0 });
    id = await send(
      says('web', 'origin', { spent: 1.1, motto: 'Carpe diem' }, 1),
      says('crm', 'origin', { spent: 2.2, motto: 'Go' }, 2),
      says('pos', 'origin', { spent: 'a lot', motto: null }, 3),
    );
  });

  test('says of what a value is made, and why the others do not count', async () => {
    const [crm, web] = [
      { value: 2.2, source: 'crm', setAt: '2026-10-02T10:00:00.000Z' },
      { value: 1.1, source: 'web', setAt: '2026-10-01T10:00:00.000Z' },
    ];
    const pos = { masked: false, source: 'pos', setAt: '2026-10-03T10:00:00.000Z', record: { source: 'pos' } };
    expect(await ask(id, undefined, true)).toEqual([
      {
        ...{ name: 'motto', value: 'Carpe diem', masked: false, strategy: 'LONGEST' },
        ...{ source: 'web', setAt: web.setAt, provenance: { source: 'web' } },
        record: { id: expect.stringMatching(/^rec_/), source: 'web', key: 'origin' },
        contributions: [{ ...web, value: 'Carpe diem' }],
        losers: [
          { ...pos, value: null, reason: 'NO_VALUE' },
          { ...crm, value: 'Go', masked: false, reason: 'SHORTER', record: { source: 'crm' } },
        ],
        otherValues: [{ value: null }, { value: 'Go' }],
      },
      {
        ...{ name: 'spent', value: 3.3, masked: false, strategy: 'SUM' },
        ...{ source: 'crm', setAt: crm.setAt, provenance: { source: 'crm' } },
        record: { id: expect.stringMatching(/^rec_/), source: 'crm', key: 'origin' },
        contributions: [crm, web],
        losers: [{ ...pos, value: 'a lot', reason: 'WRONG_TYPE' }],
        otherValues: [{ value: 'a lot' }],
      },
    ]);
    expect(await ask(id)).toEqual(await ask(id, undefined, true));
  });

  test('is masked like the value itself', async () => {
    const masked = JSON.stringify(await ask(id, ['customers:read']));
    for (const secret of ['Carpe', 'Go', '2.2', '3.3', 'a lot', 'origin']) expect(masked).not.toContain(secret);
    expect(masked).toContain('SHORTER');
  });

  test('is left out where the caller declines it, and costs two statements for any number of customers', async () => {
    const declined = await ask(id, undefined, false);
    expect(declined[0]).toEqual({
      ...{ name: 'motto', value: 'Carpe diem', masked: false, strategy: null, source: null, setAt: null },
      ...{ record: null, provenance: null, contributions: null, losers: null, otherValues: null },
    });
    const cost = async (first: number, withProvenance: boolean) => {
      view.countStatements();
      await view.ask(
        `query ($first: Int!, $with: Boolean!) { customers(first: $first) { nodes { traits(withProvenance: $with) {
           name strategy source record { key } losers { reason } } } } }`,
        { first, with: withProvenance },
      );
      return view.countStatements();
    };
    const bare = await cost(1, false);
    expect(await cost(1, true)).toBe(bare + 2);
    expect(await cost(5, true)).toBe(bare + 2);
  });
});

test('an unmerge gives both back what they had, whatever the strategies; the merge loses and doubles nothing', async () => {
  await update({ name: 'stamps', type: 'NUMBER', survivorship: { strategy: 'SUM' }, expectedVersion: 0 });
  await update({ name: 'interests', type: 'LIST', survivorship: { strategy: 'SET_UNION' }, expectedVersion: 0 });
  const [one, two] = [
    await send(says('web', 'merge-1', { stamps: 1, interests: ['a'], nickname: 'One', phone: '1' })),
    await send(says('web', 'merge-2', { stamps: 2, interests: ['b', 'a'], nickname: null, street: 'S' }, 2)),
  ];
  const decide = (field: string, input: JsonObject) =>
    view.ask(`mutation { ${field}(input: ${literal({ ...input, reason: 'A test.' })}) { customerIds } }`, {}, [
      'admin',
    ]);
  const golden = async (id: string) => {
    const { customer } = await view.ask<{
      customer: { traits: { name: string; value: unknown }[]; records: { id: string }[] };
    }>('{ customer(id: "ID") { traits { name value } records { id } } }'.replace('ID', id));
    return {
      traits: Object.fromEntries(customer.traits.map(({ name, value }) => [name, value])),
      records: customer.records,
    };
  };
  const before = [await golden(one), await golden(two)];
  await decide('mergeCustomers', { customerIds: [one, two] });
  const merged = await golden(two);
  expect(merged).toEqual(await golden(one));
  expect(merged.traits).toEqual({ stamps: 3, interests: ['a', 'b'], phone: '1', street: 'S' });
  await decide('unmergeCustomer', { customerId: one, recordIds: before[1]!.records.map((record) => record.id) });
  expect([await golden(one), await golden(two)]).toEqual(before);
});

/** JSON as GraphQL writes it. */
function literal(input: JsonObject): string {
  return JSON.stringify(input).replace(/"(\w+)":/g, '$1:');
}
