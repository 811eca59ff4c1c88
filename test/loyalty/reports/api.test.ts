import 'reflect-metadata';
import { type GraphQLSchema, graphql } from 'graphql';
import { buildSchemaSync } from 'type-graphql';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Context } from '../../../src/kernel/context.ts';
import type { DomainError } from '../../../src/kernel/errors.ts';
import { toPublicId } from '../../../src/kernel/ids.ts';
import { Loaders } from '../../../src/kernel/loaders.ts';
import { DateTime } from '../../../src/kernel/scalars.ts';
import { BenefitReports } from '../../../src/loyalty/reports/benefit.service.ts';
import { LiabilityReports } from '../../../src/loyalty/reports/liability.service.ts';
import { LoyaltyReportsResolver } from '../../../src/loyalty/reports/loyalty-reports.resolver.ts';
import { TierReports } from '../../../src/loyalty/reports/tier-reports.service.ts';
import { LeverSimulationResolver } from '../../../src/loyalty/simulation/lever-simulation.resolver.ts';
import { LeverSimulator } from '../../../src/loyalty/simulation/simulator.service.ts';
import { findBlocks } from '../../docs/markdown.ts';
import { openTestDatabase, type TestDatabase } from '../../support/database.ts';
import { earningRule, exampleProgram } from '../example-program.ts';
import { type LoyaltyFixture, openLoyalty, publishAt } from '../fixture.ts';
import { recordOf, take } from './decisions.ts';
import { bought, submit } from './people.ts';

let database: TestDatabase;
let node: LoyaltyFixture;
let schema: GraphQLSchema;
let program: string;

const lever = { key: 'pointsPerFranc', name: 'Points', initial: '1', minimum: '0', maximum: '9', owner: 'marketing' };
const rule = { points: { lever: lever.key }, per: '1', currency: 'CHF' };

beforeAll(async () => {
  database = await openTestDatabase();
  node = await openLoyalty(database.pool);
  const zone = 'Europe/Zurich';
  const parts = {
    liability: new LiabilityReports(node.book, zone),
    tiers: new TierReports(node.book, zone),
    benefit: new BenefitReports(node.book, zone),
  };
  const instances = new Map<unknown, object>([
    [LoyaltyReportsResolver, new LoyaltyReportsResolver(parts)],
    [LeverSimulationResolver, new LeverSimulationResolver(new LeverSimulator(node.book, zone))],
  ]);
  schema = buildSchemaSync({
    resolvers: [LoyaltyReportsResolver, LeverSimulationResolver],
    container: { get: (type) => instances.get(type)! },
    scalarsMap: [{ type: Date, scalar: DateTime }],
    validate: false,
  });
  const programId = await publishAt(
    node,
    exampleProgram({ rules: [earningRule({ earns: { spend: rule } })], levers: [lever] }),
  );
  program = toPublicId('prg', programId);
  await submit(node, 'ann', bought('2026-10-01T10:00:00Z', 250));
  await submit(node, 'bob', bought('2026-10-02T10:00:00Z', 40));
  await take(node, { programId, recordId: await recordOf(node, 'ann'), points: 50n });
});
afterAll(() => database.close());

async function ask<T>(source: string, variableValues: Record<string, unknown> = {}, scopes = ['admin']): Promise<T> {
  const viewer = { ...node.ctx.viewer, scopes: new Set(scopes) };
  const contextValue: Context = { ...node.ctx, viewer, loaders: new Loaders() };
  const { data, errors } = await graphql({ schema, source, variableValues, contextValue });
  if (errors?.[0]) throw errors[0].originalError ?? errors[0];
  return JSON.parse(JSON.stringify(data)) as T;
}

test('what a programme owes is in points and money', async () => {
  const found = await ask(
    `query ($id: ID!) { loyaltyLiability(programId: $id) {
       wallets { wallet name outstanding owed accounts pointValue currency liability { amount currency } receivable { amount } }
       total { amount currency } } }`,
    { id: program },
  );
  const wallet = {
    ...{
      wallet: 'points',
      name: 'Points',
      outstanding: 240,
      owed: 0,
      accounts: 2,
      pointValue: '0.01',
      currency: 'CHF',
    },
    ...{ liability: { amount: '2.40', currency: 'CHF' }, receivable: { amount: '0.00' } },
  };
  expect(found).toEqual({ loyaltyLiability: { wallets: [wallet], total: [{ amount: '2.40', currency: 'CHF' }] } });
});

test('a simulation says what a lever would have done', async () => {
  const { simulateLevers } = await ask<{ simulateLevers: unknown }>(
    `query ($input: SimulateLeversInput!) { simulateLevers(input: $input) {
       programId exact sampleSize customers touchpoints
       wallets { wallet granted { baseline { value } changed { value } delta { value lowest highest } }
                 liability { baseline { amount } changed { amount } delta { amount } } cost { delta { amount } }
                 marginEffect { amount currency } }
       rules { rule granted { delta { value } } }
       tierMoves { from to members { value } }
       revenue { revenue { amount currency } lowest { amount } }
       membersUp { value } membersDown { value } unjudgedRules rebudgetedRules } }`,
    {
      input: {
        programId: program,
        from: '2026-10-01T00:00:00Z',
        to: '2026-11-01T00:00:00Z',
        levers: [{ lever: 'pointsPerFranc', value: '2' }],
      },
    },
  );
  expect(simulateLevers).toEqual({
    ...{ programId: program, exact: true, sampleSize: 2, customers: 2, touchpoints: 2 },
    wallets: [
      {
        wallet: 'points',
        granted: {
          baseline: { value: 290 },
          changed: { value: 580 },
          delta: { value: 290, lowest: null, highest: null },
        },
        // Before what was redeemed on 1 November at noon.
        liability: { baseline: { amount: '2.90' }, changed: { amount: '5.80' }, delta: { amount: '2.90' } },
        cost: { delta: { amount: '2.90' } },
        marginEffect: { amount: '-2.90', currency: 'CHF' },
      },
    ],
    rules: [{ rule: 'base', granted: { delta: { value: 290 } } }],
    tierMoves: [
      { from: 'bronze', to: 'bronze', members: { value: 1 } },
      { from: 'silver', to: 'gold', members: { value: 1 } },
    ],
    revenue: [{ revenue: { amount: '290.00', currency: 'CHF' }, lowest: null }],
    ...{ membersUp: { value: 2 }, membersDown: { value: 0 }, unjudgedRules: [], rebudgetedRules: [] },
  });
});

test('reports need loyalty:read, simulations loyalty:manage', async () => {
  const report = `query ($id: ID!) { loyaltyTierDistribution(programId: $id) { members tiers { tier members share } } }`;
  expect(await ask(report, { id: program }, ['loyalty:read'])).toMatchObject({
    loyaltyTierDistribution: { members: 2 },
  });
  const refused = (source: string, variables: object, scopes: string[]) =>
    ask(source, variables as never, scopes).catch((error: DomainError) => [error.code, error.details.requiredScope]);
  expect(await refused(report, { id: program }, ['loyalty:manage'])).toEqual(['FORBIDDEN', 'loyalty:read']);
  const simulation = 'query ($input: SimulateLeversInput!) { simulateLevers(input: $input) { exact } }';
  const input = { programId: program, from: '2026-10-01T00:00:00Z', to: '2026-11-01T00:00:00Z' };
  expect(await refused(simulation, { input }, ['loyalty:read'])).toEqual(['FORBIDDEN', 'loyalty:manage']);
});

describe('every operation of the documentation runs', () => {
  const blocks = findBlocks('graphql', ['docs/loyalty-reports.md']);

  test.each(blocks.map(({ place, text }) => [place, text]))('%s', async (_place, text) => {
    const input = {
      ...{ programId: program, from: '2026-10-01T00:00:00Z', to: '2026-11-01T00:00:00Z' },
      levers: [{ lever: 'pointsPerFranc', value: '1.5' }],
    };
    const found = await ask<Record<string, unknown>>(text, { program, input });
    expect(Object.values(found)).not.toContain(null);
  });

  test('of which there are some', () => {
    expect(blocks.length).toBeGreaterThan(5);
  });
});
