import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Condition, MembersCondition } from '../../src/conditions/condition.ts';
import { fromPublicId } from '../../src/kernel/ids.ts';
import {
  addToHousehold,
  createHousehold,
  merge,
  openRelations,
  type RelationsFixture,
} from '../identity/relations/fixture.ts';
import { openIngest, touchpoint } from '../support/ingest.ts';
import { expectAgreement, language } from './fixture.ts';

let fixture: RelationsFixture;
const ids = new Map<string, string>();

beforeAll(async () => {
  fixture = await openRelations();
  for (const name of ['ann', 'bob', 'cyd', 'dan', 'eve', 'fay']) ids.set(name, await fixture.person(name));
  const { ingest, ctx } = await openIngest(fixture.database.pool);
  const visit = (name: string, occurredAt: string) =>
    touchpoint({ source: 'crm', key: name, type: 'visited', occurredAt });
  await ingest.submit(ctx, [
    visit('ann', '2026-10-20T10:00:00Z'),
    visit('bob', '2026-09-01T10:00:00Z'),
    visit('cyd', '2026-10-25T10:00:00Z'),
    visit('eve', '2026-10-28T10:00:00Z'),
  ]);
});

afterAll(() => fixture.close());

const visited: Condition = {
  event: {
    match: { types: ['visited'] },
    count: { comparison: 'AT_LEAST', value: '1' },
    window: { last: { count: 30, unit: 'DAY' } },
  },
};

async function home(members: Record<string, { validFrom?: string; validTo?: string }>): Promise<void> {
  const householdId = await createHousehold(fixture);
  for (const [name, period] of Object.entries(members)) {
    const since = { validFrom: '2026-01-01T00:00:00.000Z' };
    await addToHousehold(fixture, { householdId, customerId: ids.get(name), role: 'MEMBER', ...since, ...period });
  }
}

async function company(members: Record<string, { validFrom?: string; validTo?: string }>): Promise<void> {
  const { upsertAccount: made } = await fixture.ask<{ upsertAccount: { account: { id: string } } }>(
    'mutation ($input: UpsertAccountInput!) { upsertAccount(input: $input) { account { id } } }',
    { input: { name: 'Company', reason: 'test' } },
  );
  for (const [name, period] of Object.entries(members)) {
    const input = {
      accountId: made.account.id,
      customerId: ids.get(name),
      role: 'BUYER',
      reason: 'test',
      validFrom: '2026-01-01T00:00:00.000Z',
      ...period,
    };
    await fixture.ask(
      'mutation ($input: AddAccountMemberInput!) { addAccountMember(input: $input) { account { id } } }',
      {
        input,
      },
    );
  }
}

const members = (
  of: MembersCondition['of'],
  quantifier: MembersCondition['quantifier'],
  condition: Condition = visited,
) => ({
  members: { of, quantifier, condition },
});

/** Who is in, after every way has agreed on all three quantifiers. */
async function inside(given: Condition, now: string): Promise<string[]> {
  const answers = await ask(given, now);
  return [...answers].filter(([, { verdict }]) => verdict).map(([name]) => name);
}

async function ask(given: Condition, now: string) {
  const { pool } = fixture.database;
  const each = await expectAgreement(pool, [given], { now: new Date(now), timeZone: 'Europe/Zurich' });
  return new Map(
    [...ids].flatMap(([name, id]) => {
      const answer = each.get(fromPublicId('cus', id));
      return answer ? [[name, { verdict: answer.verdicts[0]!, next: answer.nexts[0]?.toISOString() ?? null }]] : [];
    }),
  );
}

const now = '2026-11-01T12:00:00Z';

describe('the members of households', () => {
  beforeAll(async () => {
    await home({
      ann: {},
      bob: { validTo: '2026-11-05T00:00:00.000Z' },
      cyd: { validFrom: '2026-11-10T00:00:00.000Z' },
    });
  });

  test('include the customer; who is in none has no members', async () => {
    expect(await inside(members('HOUSEHOLD', 'ANY'), now)).toEqual(['ann', 'bob']);
    expect(await inside(members('HOUSEHOLD', 'ALL'), now)).toEqual(['cyd', 'dan', 'eve', 'fay']);
    expect(await inside(members('HOUSEHOLD', 'NONE'), now)).toEqual(['cyd', 'dan', 'eve', 'fay']);
  });

  test('change when a membership ends or begins', async () => {
    const all = members('HOUSEHOLD', 'ALL');
    expect((await ask(all, now)).get('ann')).toEqual({ verdict: false, next: '2026-11-05T00:00:00.000Z' });
    const ended = await ask(all, '2026-11-05T00:00:00Z');
    expect(ended.get('ann')).toEqual({ verdict: true, next: '2026-11-10T00:00:00.000Z' });
    // Bob isn't in any more, and has nobody.
    expect(ended.get('bob')).toEqual({ verdict: true, next: null });
    expect(ended.get('cyd')).toEqual({ verdict: true, next: '2026-11-10T00:00:00.000Z' });
    const begun = await ask(members('HOUSEHOLD', 'NONE'), '2026-11-10T00:00:00Z');
    // The touchpoint of Ann leaves first.
    expect(begun.get('cyd')).toEqual({ verdict: false, next: '2026-11-19T10:00:00.000Z' });
  });

  test('turn when what holds for one of them does', async () => {
    const any = await ask(members('HOUSEHOLD', 'ANY'), '2026-11-05T00:00:00Z');
    expect(any.get('ann')).toEqual({ verdict: true, next: '2026-11-10T00:00:00.000Z' });
    const later = await ask(members('HOUSEHOLD', 'ANY'), '2026-11-20T12:00:00Z');
    expect(later.get('ann')).toEqual({ verdict: true, next: '2026-11-24T10:00:00.000Z' });
    expect((await ask(members('HOUSEHOLD', 'ANY'), '2026-11-24T10:00:00Z')).get('ann')).toEqual({
      verdict: false,
      next: null,
    });
  });
});

describe('the members of accounts', () => {
  test('are those of all the accounts that a customer acts for, each once', async () => {
    await company({ dan: {}, eve: {} });
    await company({ eve: {}, dan: {}, fay: {} });
    expect(await inside(members('ACCOUNT', 'ANY'), now)).toEqual(['dan', 'eve', 'fay']);
    const all = members('ACCOUNT', 'ALL', { not: visited });
    expect((await inside(all, now)).filter((name) => ['dan', 'eve', 'fay'].includes(name))).toEqual([]);
  });

  test('take part in trees, also twice', async () => {
    const tree: Condition = {
      any: [
        { all: [members('ACCOUNT', 'ANY'), { not: visited }] },
        { all: [members('HOUSEHOLD', 'ANY', { any: [visited, { not: { everyone: true } }] }), visited] },
      ],
    };
    expect(await inside(tree, now)).toEqual(['ann', 'dan', 'fay']);
  });

  test('are customers, not records: two that were merged are one, with the memberships of both', async () => {
    const undo = await merge(fixture, ids.get('bob')!, ids.get('fay')!);
    const answers = await ask({ all: [members('ACCOUNT', 'ANY'), members('HOUSEHOLD', 'ANY')] }, now);
    expect([...answers].filter(([, { verdict }]) => verdict).map(([name]) => name)).toHaveLength(1);
    await undo();
    await ask(members('ACCOUNT', 'ANY'), now);
  });
});

describe('as it is given', () => {
  test.each<[given: unknown, field: string]>([
    [{ of: 'FAMILY', quantifier: 'ANY', condition: visited }, 'definition.members.of'],
    [{ of: 'ACCOUNT', quantifier: 'SOME', condition: visited }, 'definition.members.quantifier'],
    [{ of: 'ACCOUNT', quantifier: 'ANY' }, 'definition.members.condition'],
    [{ of: 'ACCOUNT', quantifier: 'ANY', condition: { all: [] } }, 'definition.members.condition.all'],
    [
      { of: 'ACCOUNT', quantifier: 'ANY', condition: { not: { any: [visited, members('ACCOUNT', 'ANY')] } } },
      'definition.members.condition',
    ],
  ])('is refused with the path of the fault: %j', (given, field) => {
    expect(() => language.check({ members: given as MembersCondition })).toThrow(
      expect.objectContaining({ code: 'BAD_USER_INPUT', details: { field } }),
    );
  });

  test('needs what its condition needs, and the members', () => {
    const { members: needs, types } = language.needs(members('ACCOUNT', 'ALL'));
    expect({ needs, types }).toEqual({ needs: true, types: new Set(['visited']) });
    expect(language.cost(members('ACCOUNT', 'ALL'))).toBeGreaterThan(language.cost(visited));
  });
});
