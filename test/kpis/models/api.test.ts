import 'reflect-metadata';
import { type ExecutionResult, type GraphQLSchema, graphql } from 'graphql';
import { buildSchemaSync } from 'type-graphql';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { NodeResolver } from '../../../src/kernel/node.resolver.ts';
import { DateTime } from '../../../src/kernel/scalars.ts';
import { findKpiModelNode, KpiModelsResolver } from '../../../src/kpis/models/models.resolver.ts';
import { KpiJobsResolver } from '../../../src/kpis/settings/kpi-jobs.resolver.ts';
import { KpiSettingsResolver } from '../../../src/kpis/settings/settings.resolver.ts';
import { ruleConditions } from '../../../src/segments/rule-conditions.service.ts';
import { openTestDatabase, type TestDatabase } from '../../support/database.ts';
import { simulateBgNbd } from '../clv/simulation.ts';
import { allConditions } from '../settings/conditions.ts';
import { insertKpis, insertPurchases, type ModelsFixture, openModels } from './fixture.ts';

let database: TestDatabase;
let fixture: ModelsFixture;
let schema: GraphQLSchema;
const today = Date.UTC(2026, 10, 1) / 86_400_000;

beforeAll(async () => {
  database = await openTestDatabase();
  fixture = await openModels(database.pool);
  const instances = new Map<unknown, object>([
    [KpiModelsResolver, new KpiModelsResolver(fixture.fitter, fixture.calibration)],
    [KpiSettingsResolver, new KpiSettingsResolver(ruleConditions(allConditions()))],
    [KpiJobsResolver, new KpiJobsResolver()],
    [NodeResolver, new NodeResolver(new Map([['mdl', findKpiModelNode]]))],
  ]);
  schema = buildSchemaSync({
    resolvers: [KpiModelsResolver, KpiSettingsResolver, KpiJobsResolver, NodeResolver],
    container: { get: (resolver) => instances.get(resolver) },
    validate: false,
    scalarsMap: [{ type: Date, scalar: DateTime }],
  });
  const histories = simulateBgNbd({ r: 0.6, alpha: 3, a: 0.8, b: 2.5 }, 1500, 7);
  const days = histories.map(({ repeats, recency, age }) => {
    const first = today - Math.round(age * 7);
    const between = Array.from({ length: Math.max(0, repeats - 1) }, (_, index) => first + 1 + index);
    return repeats === 0 ? [first] : [first, ...between, Math.max(first + Math.round(recency * 7), first + repeats)];
  });
  const mean = (index: number) => 1000 + ((index * 7919) % 5000);
  await insertKpis(
    database.pool,
    days.map((own, index) => ({ days: own, meanRepeatMinor: own.length > 1 ? mean(index) : null })),
  );
  await insertPurchases(
    database.pool,
    days.flatMap((own, index) =>
      own.map((day) => ({ customer: `c${index}`, at: new Date((day + 0.5) * 86_400_000), valueMinor: mean(index) })),
    ),
  );
});
afterAll(() => database.close());

async function ask<T>(source: string, scopes: readonly string[] = ['metrics:read', 'metrics:manage']): Promise<T> {
  const viewer = { ...fixture.ctx.viewer, scopes: new Set(scopes) };
  const { data, errors } = (await graphql({
    schema,
    source,
    contextValue: { ...fixture.ctx, viewer },
  })) as ExecutionResult;
  if (errors?.[0]) throw errors[0].originalError ?? errors[0];
  return JSON.parse(JSON.stringify(data)) as T;
}

interface Model {
  id: string;
  kind: string;
  status: string;
  parameters: { name: string; value: number }[];
  secondOrder: { days: number; survival: number }[];
}

describe('Models through the API', () => {
  it('are fitted on demand, listed, found by id, and one is in use', async () => {
    const { fitKpiModels } = await ask<{ fitKpiModels: { models: Model[] } }>(`mutation {
      fitKpiModels(input: { kinds: [PARETO_NBD, BG_NBD], reason: "to see" }) {
        models {
          id kind status reason atBound version effectiveFrom fittedAt cutOff customers repeaters logLikelihood
          parameters { name value } warnings { code currency message }
          spends { currency status parameters { name } logLikelihood customers correlation }
          secondOrder { days survival }
        }
      }
    }`);
    const [pareto, bgNbd] = fitKpiModels.models as [Model, Model];
    expect(pareto).toMatchObject({ kind: 'PARETO_NBD', version: 1, effectiveFrom: null, spends: [], secondOrder: [] });
    expect(bgNbd).toMatchObject({
      ...{ kind: 'BG_NBD', status: 'CONVERGED', version: 2, reason: null, atBound: [], customers: 1500 },
      ...{ effectiveFrom: '2026-11-01T12:00:00.000Z', cutOff: '2026-11-01', warnings: [] },
      spends: [{ currency: 'CHF', status: 'CONVERGED', parameters: [{ name: 'p' }, { name: 'q' }, { name: 'gamma' }] }],
    });
    expect(bgNbd.parameters.map(({ name }) => name)).toEqual(['r', 'alpha', 'a', 'b']);
    expect(bgNbd.secondOrder[0]!.survival).toBeLessThan(1);

    const listed = await ask<{ kpiModels: { nodes: Model[] }; kpiModelInUse: Model }>(`{
      kpiModels(first: 5) { nodes { id } pageInfo { hasNextPage } } kpiModelInUse { id }
    }`);
    expect(listed.kpiModelInUse.id).toBe(bgNbd.id);
    expect(listed.kpiModels.nodes.map(({ id }) => id).sort()).toEqual([bgNbd.id, pareto.id].sort());
    const only = await ask<{ kpiModels: { nodes: Model[] } }>('{ kpiModels(kind: PARETO_NBD) { nodes { id } } }');
    expect(only.kpiModels.nodes).toEqual([{ id: pareto.id }]);
    expect(await ask(`{ node(id: "${pareto.id}") { id ... on KpiModel { kind } } }`)).toEqual({
      node: { id: pareto.id, kind: 'PARETO_NBD' },
    });
  });

  it('are held against what happened', async () => {
    const { clvCalibration } = await ask<{
      clvCalibration: { bins: { customers: number }[] } & Record<string, unknown>;
    }>(`{
      clvCalibration(cutOff: "2026-08-01", until: "2026-10-31", bins: 4) {
        kind status reason cutOff until days customers predicted actual meanAbsoluteError
        parameters { name } bins { repeats orMore customers predicted actual }
      }
    }`);
    expect(clvCalibration).toMatchObject({
      ...{ kind: 'BG_NBD', status: 'CONVERGED', cutOff: '2026-08-01', until: '2026-10-31', days: 91 },
      bins: [{ repeats: 0, orMore: false }, { repeats: 1 }, { repeats: 2 }, { repeats: 3, orMore: true }],
    });
    const all = clvCalibration.bins.reduce((sum, { customers }) => sum + customers, 0);
    expect(clvCalibration.customers).toBe(all);
  });

  it('say which argument cannot be', async () => {
    await expect(ask('{ clvCalibration(cutOff: "2026-10-01", until: "2026-09-01") { days } }')).rejects.toMatchObject({
      code: 'BAD_USER_INPUT',
      details: { field: 'until' },
    });
    await expect(
      ask('mutation { fitKpiModels(input: { cutOff: "2027-01-01" }) { models { id } } }'),
    ).rejects.toMatchObject({
      details: { field: 'input.cutOff' },
    });
  });

  it('need the scopes', async () => {
    for (const [query, scopes] of [
      ['mutation { fitKpiModels(input: {}) { models { id } } }', ['metrics:read']],
      ['mutation { updateKpiSettings(input: {}) { settings { version } } }', ['metrics:read']],
      ['{ kpiModels { nodes { id } } }', ['customers:read']],
      ['{ kpiModelInUse { id } }', ['customers:read']],
      ['{ clvCalibration(cutOff: "2026-10-01") { days } }', ['customers:read']],
      ['{ kpiSettings { version } }', ['customers:read']],
      ['{ kpiSettingsHistory { version } }', ['customers:read']],
      ['{ kpiJobs { name } }', ['customers:read']],
    ] as const)
      await expect(ask(query, scopes), query).rejects.toMatchObject({ code: 'FORBIDDEN' });
  });
});

describe('Settings through the API', () => {
  it('show every lever, and change in what is given', async () => {
    const levers = `
      version effectiveFrom reason collaborativePurchases
      rfm { binning otherwise segments { key name recency { least most } frequency { least most } monetary { least most } } }
      abc { basis a b } clv { months discountRate marginRate costPerCase }
      lifecycle { prospectDays overdueDays dormantDays ownGaps lostProbability lostDays loyalRecency loyalFrequency loyalTier
                  loyalEvaluations advocateDays }
      churn { elevated high overdueWeight detractorWeight complaintWeight contractWeight contractDays detractorDays }`;
    const { kpiSettings: before } = await ask<{ kpiSettings: Record<string, object> }>(`{ kpiSettings { ${levers} } }`);
    expect(before).toMatchObject({ version: 0, effectiveFrom: null, clv: { months: 12, marginRate: null } });
    const { updateKpiSettings } = await ask<{ updateKpiSettings: { settings: Record<string, object> } }>(`mutation {
      updateKpiSettings(input: {
        expectedVersion: 0, reason: "Two kinds of customers", collaborativePurchases: 5
        clv: { marginRate: 0.4 }
        rfm: { segments: [{ key: "BEST", name: "Best", recency: { least: 4, most: 5 }, frequency: { least: 1, most: 5 },
                            monetary: { least: 3, most: 5 } }] }
      }) { settings { ${levers} } }
    }`);
    expect(updateKpiSettings.settings).toEqual({
      ...before,
      ...{
        version: 1,
        effectiveFrom: '2026-11-01T12:00:00.000Z',
        reason: 'Two kinds of customers',
        collaborativePurchases: 5,
      },
      clv: { ...before.clv, marginRate: 0.4 },
      rfm: {
        ...before.rfm,
        segments: [
          {
            ...{ key: 'BEST', name: 'Best', recency: { least: 4, most: 5 } },
            ...{ frequency: { least: 1, most: 5 }, monetary: { least: 3, most: 5 } },
          },
        ],
      },
    });
    // Null is "left out", but for the one lever that can be without a value.
    const { updateKpiSettings: last } = await ask<{ updateKpiSettings: { settings: object } }>(`mutation {
      updateKpiSettings(input: { clv: { marginRate: null, months: null }, abc: null }) {
        settings { version clv { months marginRate } abc { a } }
      }
    }`);
    expect(last.settings).toEqual({ version: 2, clv: { months: 12, marginRate: null }, abc: { a: 0.8 } });
    expect(
      await ask('{ kpiSettings(version: 1) { clv { marginRate } } kpiSettingsHistory(first: 2) { version } }'),
    ).toEqual({
      kpiSettings: { clv: { marginRate: 0.4 } },
      kpiSettingsHistory: [{ version: 2 }, { version: 1 }],
    });
  });

  it('name the fault in a list by its path', async () => {
    const range = '{ least: 1, most: 5 }';
    await expect(
      ask(`mutation {
        updateKpiSettings(input: { rfm: { segments: [
          { key: "A", name: "A", recency: ${range}, frequency: ${range}, monetary: ${range} }
          { key: "B", name: "B", recency: { least: 4, most: 3 }, frequency: ${range}, monetary: ${range} }
        ] } }) { settings { version } }
      }`),
    ).rejects.toMatchObject({ code: 'BAD_USER_INPUT', details: { field: 'input.rfm.segments[1].recency.most' } });
  });
});

describe('Jobs through the API', () => {
  it('show when they run, and how they did', async () => {
    await database.pool`
      insert into kpi_jobs (name, due_at, started_at, failures, error)
      values ('fit', '2026-11-02T01:30:00Z', '2026-11-01T01:30:00Z', 2, 'The disk is full.')`;
    expect(await ask('{ kpiJobs { name dueAt startedAt finishedAt failures error } }')).toEqual({
      kpiJobs: [
        {
          ...{
            name: 'fit',
            dueAt: '2026-11-02T01:30:00.000Z',
            startedAt: '2026-11-01T01:30:00.000Z',
            finishedAt: null,
          },
          ...{ failures: 2, error: 'The disk is full.' },
        },
      ],
    });
  });
});
