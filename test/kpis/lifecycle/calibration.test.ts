import { buildSchemaSync } from 'type-graphql';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ChurnCalibrationResolver } from '../../../src/kpis/lifecycle/churn-calibration.resolver.ts';
import { ChurnCalibrationService } from '../../../src/kpis/lifecycle/churn-calibration.service.ts';
import { CustomerLifecycleResolver, LifecycleResolver } from '../../../src/kpis/lifecycle/lifecycle.resolver.ts';
import {
  ChurnRiskSubscriptionResolver,
  LifecycleSubscriptionResolver,
} from '../../../src/kpis/lifecycle/lifecycle-subscription.resolver.ts';
import { openTestDatabase, type TestDatabase } from '../../support/database.ts';
import { touchpoint } from '../../support/ingest.ts';
import { openKpis, useModel } from '../customers/fixture.ts';
import { model } from './lives.ts';

let database: TestDatabase;

beforeAll(async () => {
  database = await openTestDatabase();
});

afterAll(() => database.close());

test('risks of a cut-off are held against who bought again', async () => {
  const node = await openKpis(database.pool, { now: '2026-11-01T00:00:00Z', timeZone: 'UTC' });
  const { bgNbd, spend, secondOrder } = model;
  await useModel(database.pool, { bgNbd, spend, secondOrder });
  const bought = (name: string, day: string, rest = {}) =>
    touchpoint({
      ...{ type: 'order.completed', value: { amount: '10', currency: 'CHF' }, occurredAt: `2026-${day}T10:00:00Z` },
      ...{ identifiers: [{ kind: 'email', value: `${name}@example.com` }], ...rest },
    });
  const returned = { type: 'order.returned', properties: { orderId: 'r' } };
  const results = await node.ingest.submit(node.ctx, [
    // Again; not again; again, but all of it came back; only behind the cut-off.
    ...[bought('a', '05-01'), bought('a', '05-20'), bought('a', '07-01')],
    ...[bought('b', '01-01'), bought('b', '01-20')],
    ...[bought('c', '03-01'), bought('c', '07-02', { properties: { orderId: 'r' } }), bought('c', '07-09', returned)],
    bought('d', '08-01'),
  ]);
  expect(results.map(({ status }) => status)).toEqual(Array(results.length).fill('STORED'));
  const service = new ChurnCalibrationService(node);
  const report = await service.calibrate(node.ctx, { cutOff: new Date('2026-06-01T00:00:00Z') });
  expect(report).toMatchObject({ customers: 3, modelVersion: 1, knewBetter: false });
  expect(report.actual).toBeCloseTo(2 / 3, 12);
  expect(report.brier!).toBeLessThan(report.brierOfActual!);
  await expect(service.calibrate(node.ctx, { cutOff: new Date('2027-01-01T00:00:00Z') })).rejects.toThrow('until');
});

test('the GraphQL types of the life cycle make a schema', () => {
  const schema = buildSchemaSync({
    resolvers: [
      ...[CustomerLifecycleResolver, LifecycleResolver, ChurnCalibrationResolver],
      ...[LifecycleSubscriptionResolver, ChurnRiskSubscriptionResolver],
    ] as never,
    pubSub: { publish: () => {}, subscribe: () => undefined as never } as never,
    validate: false,
  });
  const fields = (name: string) =>
    Object.keys((schema.getType(name) as { getFields(): object } | undefined)?.getFields() ?? {});
  expect(fields('Customer')).toContain('lifecycle');
  expect(fields('Subscription')).toEqual(expect.arrayContaining(['lifecycleChanged', 'churnRiskRaised']));
  expect(fields('Query')).toEqual(expect.arrayContaining(['lifecycleStages', 'churnCalibration']));
});
