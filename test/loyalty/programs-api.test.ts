import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { DomainError } from '../../src/kernel/errors.ts';
import { openTestDatabase, type TestDatabase } from '../support/database.ts';
import { openView, type ViewApi } from '../support/view.ts';

let database: TestDatabase;
let view: ViewApi;
beforeAll(async () => {
  database = await openTestDatabase();
  view = await openView(database.url);
});
afterAll(async () => {
  await view.close();
  await database.close();
});

const everything = ['loyalty:read', 'loyalty:manage', 'segments:manage', 'pii:read'];

interface Shown {
  readonly id: string;
  readonly [field: string]: unknown;
}

function ask<T>(query: string, variables: Record<string, unknown> = {}, scopes: readonly string[] = everything) {
  return view.ask<T>(query, variables, scopes);
}

async function refusal(query: string, variables: Record<string, unknown>, scopes?: readonly string[]) {
  try {
    await ask(query, variables, scopes);
  } catch (error) {
    return error as DomainError;
  }
  throw new Error('It was not refused.');
}

function mutation(name: string, fields = 'id'): string {
  const input = `${name[0]!.toUpperCase()}${name.slice(1)}Input`;
  return `mutation ($input: ${input}!) { ${name}(input: $input) { program { ${fields} } } }`;
}

async function change(name: string, input: Record<string, unknown>, fields = 'id'): Promise<Shown> {
  return (await ask<Record<string, { program: Shown }>>(mutation(name, fields), { input }))[name]!.program;
}

const definition = {
  mechanics: 'A point for each franc.',
  goals: 'More visits.',
  holdoutPercent: '2.50',
  wallets: [{ key: 'points', name: 'Points', pointValue: { amount: '0.01', currency: 'CHF' } }],
  rules: [
    {
      key: 'base',
      name: 'Base',
      wallet: 'points',
      match: { types: ['order.completed'] },
      earns: { spend: { points: { value: '1' }, per: '1.00', currency: 'CHF' } },
      expiry: { count: 12, unit: 'MONTH', endOf: 'MONTH' },
      caps: [{ per: 'DAY', points: { value: '500' } }],
    },
    {
      key: 'coffee-weeks',
      name: 'Coffee weeks',
      wallet: 'points',
      match: {
        types: ['order.completed'],
        channels: ['POS'],
        where: [{ property: 'store', operator: 'EQUALS', value: 'Bern' }],
      },
      lines: { categories: ['coffee'] },
      earns: { multiplier: { factor: { lever: 'coffee' }, of: ['base'] } },
      eligibilityText: 'country is "CH"',
      tiers: ['gold'],
      validFrom: '2026-12-01T00:00:00Z',
      validTo: '2027-01-01T00:00:00Z',
      budget: { value: '100000' },
      qualifies: false,
      partner: 'Roastery',
    },
  ],
  tierScheme: {
    basis: { points: { wallet: 'points' } },
    window: { calendar: { months: 12 } },
    keepsThroughNextPeriod: true,
    graceDays: 30,
    tiers: [
      { key: 'base', name: 'Base', threshold: { value: '0' } },
      { key: 'gold', name: 'Gold', threshold: { value: '1000' }, benefits: ['Free delivery'] },
    ],
  },
  levers: [{ key: 'coffee', name: 'Coffee', initial: '2', minimum: '1', maximum: '3', owner: 'Marketing' }],
};

const setting = '{ value lever }';
const versionFields = `
  version status effectiveAt mechanics goals enrolment holdoutPercent
  wallets { key name debt pointValue { amount currency } }
  rules {
    key name wallet rounding roundedPer lines { skus categories } tiers validFrom validTo pendingDays
    expiry { count unit endOf } qualifies partner text
    match { types channels directions sources campaigns where { property operator value values } }
    earns {
      spend { points ${setting} per currency } item { points ${setting} } event { points ${setting} }
      multiplier { factor ${setting} of }
    }
    eligibility eligibilityText hasEligibility caps { per points ${setting} } budget ${setting}
  }
  tierScheme {
    basis { pointsOfWallet spendInCurrency orders } window { rollingMonths calendarMonths }
    keepsThroughNextPeriod graceDays tiers { key name threshold ${setting} benefits }
  }
  levers { key name owner value initial minimum maximum changes { value effectiveAt until actor reason recordedAt } }`;

describe('a programme', () => {
  test('is created, published, run and turned, and shows all that it says', async () => {
    const input = { name: 'Round and about', definition, idempotencyKey: 'round' };
    const { id, draft } = await change('createLoyaltyProgram', input, `id draft { ${versionFields} }`);
    expect(id).toMatch(/^prg_/);
    expect(draft).toMatchObject({
      version: 1,
      status: 'DRAFT',
      enrolment: 'AUTOMATIC',
      holdoutPercent: '2.5',
      wallets: [{ key: 'points', debt: 'OWED', pointValue: { amount: '0.01', currency: 'CHF' } }],
      rules: [
        {
          key: 'base',
          rounding: 'DOWN',
          roundedPer: 'ORDER',
          lines: null,
          match: { types: ['order.completed'], channels: null, where: null },
          earns: {
            spend: { points: { value: '1', lever: null }, per: '1', currency: 'CHF' },
            item: null,
            multiplier: null,
          },
          expiry: { count: 12, unit: 'MONTH', endOf: 'MONTH' },
          caps: [{ per: 'DAY', points: { value: '500', lever: null } }],
          eligibility: null,
          hasEligibility: false,
          budget: null,
          qualifies: true,
          text:
            '1 point for each 1.00 CHF of the order, rounded down. For order.completed. Expires 12 months after it was ' +
            'earned, at the end of that month. At most 500 points for each customer a day.',
        },
        {
          key: 'coffee-weeks',
          lines: { skus: [], categories: ['coffee'] },
          match: { channels: ['POS'], where: [{ property: 'store', operator: 'EQUALS', value: 'Bern', values: null }] },
          earns: { spend: null, multiplier: { factor: { value: '2', lever: 'coffee' }, of: ['base'] } },
          eligibility: { trait: { trait: 'country', operator: 'EQUALS', value: 'CH' } },
          eligibilityText: 'country is "CH"',
          hasEligibility: true,
          tiers: ['gold'],
          validFrom: new Date('2026-12-01T00:00:00Z'),
          validTo: new Date('2027-01-01T00:00:00Z'),
          budget: { value: '100000', lever: null },
          partner: 'Roastery',
        },
      ],
      tierScheme: {
        basis: { pointsOfWallet: 'points', spendInCurrency: null, orders: null },
        window: { rollingMonths: null, calendarMonths: 12 },
        keepsThroughNextPeriod: true,
        graceDays: 30,
        tiers: [
          { key: 'base', threshold: { value: '0', lever: null }, benefits: [] },
          { key: 'gold', threshold: { value: '1000', lever: null }, benefits: ['Free delivery'] },
        ],
      },
      levers: [
        { key: 'coffee', owner: 'Marketing', value: '2', initial: '2', minimum: '1', maximum: '3', changes: [] },
      ],
    });

    await change('publishLoyaltyProgram', { programId: id, expectedVersion: 1 });
    await change('setLoyaltyProgramPhase', { programId: id, phase: 'LIVE' });
    await change('turnLoyaltyLever', { programId: id, lever: 'coffee', value: '3', reason: 'Advent' });
    await change('updateLoyaltyProgramDraft', { programId: id, definition: { ...definition, goals: 'Even more.' } });
    const { loyaltyProgram } = await ask<{ loyaltyProgram: Shown }>(
      `query ($name: String) {
         loyaltyProgram(name: $name) {
           id name publishedVersion latestVersion phase phases { phase actor reason }
           inForce { version status } draft { version goals } versions { version }
           mechanics goals enrolment wallets { key } rules { key text } tierScheme { tiers { key } }
           levers { value changes { value until actor reason } }
         }
       }`,
      { name: 'ROUND AND ABOUT' },
    );
    expect(loyaltyProgram).toMatchObject({
      id,
      publishedVersion: 1,
      latestVersion: 2,
      phase: 'LIVE',
      phases: [{ phase: 'LIVE', actor: 'test', reason: null }],
      inForce: { version: 1, status: 'PUBLISHED' },
      draft: { version: 2, goals: 'Even more.' },
      versions: [{ version: 2 }, { version: 1 }],
      goals: 'More visits.',
      rules: [{ key: 'base' }, { text: expect.stringContaining('3 (lever coffee) times the points of the rule base') }],
      levers: [{ value: '3', changes: [{ value: '3', until: null, actor: 'test', reason: 'Advent' }] }],
    });
  });

  test('can be found by id, as a node, and in the list', async () => {
    const { id } = await change('createLoyaltyProgram', { name: 'Found', definition });
    const found = await ask<Record<string, unknown>>(
      `query ($id: ID!) {
         loyaltyProgram(id: $id) { name }
         node(id: $id) { id ... on LoyaltyProgram { name } }
         loyaltyPrograms(first: 1) { nodes { id } pageInfo { hasNextPage } }
       }`,
      { id },
    );
    expect(found).toMatchObject({
      loyaltyProgram: { name: 'Found' },
      node: { id, name: 'Found' },
      loyaltyPrograms: { nodes: [{ id }], pageInfo: { hasNextPage: true } },
    });
  });

  test('asks the database a fixed number of times, however many there are', async () => {
    const query =
      '{ loyaltyPrograms { nodes { phase latestVersion rules { text } levers { value } draft { version } } } }';
    await ask(query);
    view.countStatements();
    await ask(query);
    expect(view.countStatements()).toBeLessThanOrEqual(4);
  });
});

describe('is refused', () => {
  const create = mutation('createLoyaltyProgram');

  test.each([
    [
      'a fault in a rule',
      { rules: [{ ...definition.rules[0], earns: { spend: { points: { value: '1' }, per: '0', currency: 'CHF' } } }] },
      'input.definition.rules[0].earns.spend.per',
    ],
    [
      'a condition in words that is none',
      { rules: [{ ...definition.rules[0], eligibilityText: 'count of' }] },
      'input.definition.rules[0].eligibilityText',
    ],
    [
      'a condition in both ways',
      { rules: [{ ...definition.rules[0], eligibilityText: 'everyone', eligibility: { everyone: true } }] },
      'input.definition.rules[0].eligibilityText',
    ],
    [
      'a segment that there is not',
      { rules: [{ ...definition.rules[0], eligibility: { segment: { id: 'seg_01h2xcejqtf2nbrexx3vqjhp41' } } }] },
      'input.definition.rules[0].eligibility',
    ],
  ])('%s, with its place', async (_what, part, field) => {
    const error = await refusal(create, {
      input: { name: 'Refused', definition: { ...definition, tierScheme: null, ...part } },
    });
    expect({ code: error.code, field: error.details.field }).toEqual({ code: 'BAD_USER_INPUT', field });
  });

  test('more than one way to earn, by GraphQL itself', async () => {
    const earns = { item: { points: { value: '1' } }, event: { points: { value: '1' } } };
    const input = { name: 'Both', definition: { ...definition, rules: [{ ...definition.rules[0], earns }] } };
    expect((await refusal(create, { input })).message).toContain('LoyaltyEarningInput');
  });

  test('a stranger', async () => {
    const error = await refusal(create, { input: { name: 'Stranger', definition } }, ['loyalty:read']);
    expect(error).toMatchObject({ code: 'FORBIDDEN', details: { requiredScope: 'loyalty:manage' } });
    const reading = await refusal('{ loyaltyPrograms { nodes { id } } }', {}, ['loyalty:manage']);
    expect(reading).toMatchObject({ code: 'FORBIDDEN', details: { requiredScope: 'loyalty:read' } });
  });

  test('a version that is not the latest', async () => {
    const { id } = await change('createLoyaltyProgram', { name: 'Fast', definition });
    const input = { programId: id, expectedVersion: 7 };
    const error = await refusal(mutation('publishLoyaltyProgram'), { input });
    expect(error).toMatchObject({ code: 'VERSION_CONFLICT', details: { currentVersion: 1 } });
  });
});

test('a condition on masked values is hidden without the scope pii:read, and said to be there', async () => {
  const rules = [{ ...definition.rules[0], eligibilityText: 'email ends with ".ch"' }];
  const { id } = await change('createLoyaltyProgram', { name: 'Hidden', definition: { ...definition, rules } });
  const query =
    'query ($id: ID) { loyaltyProgram(id: $id) { rules { eligibility eligibilityText hasEligibility text } } }';
  const shown = async (scopes: string[]) =>
    (await ask<{ loyaltyProgram: { rules: Shown[] } }>(query, { id }, scopes)).loyaltyProgram.rules[0];
  expect(await shown(everything)).toMatchObject({ eligibilityText: 'email ends with ".ch"', hasEligibility: true });
  const hidden = await shown(['loyalty:read']);
  expect(hidden).toMatchObject({ eligibility: null, eligibilityText: null, hasEligibility: true });
  expect(hidden?.text).toContain('hidden');
});
