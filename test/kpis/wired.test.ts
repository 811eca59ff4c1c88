import { afterAll, beforeAll, expect, test } from 'vitest';
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

const scopes = ['ingest', 'customers:read', 'metrics:read', 'metrics:manage', 'pii:read'];

const ask = (query: string) => view.ask<Record<string, unknown>>(query, {}, scopes);

test('an event whose reserved properties count for nothing is stored, and its sender is told', async () => {
  const answer = await ask(`mutation { ingest(events: [
    { messageId: "1", source: "web", type: "survey.answered", occurredAt: "2026-01-01T00:00:00Z", properties: { survey: "NPS", score: "nine" } }
    { messageId: "2", source: "pos", type: "order.completed", occurredAt: "2026-01-01T00:00:00Z",
      value: { amount: "1.00", currency: "CHF" }, properties: { cost: "free" } }
    { messageId: "3", source: "web", type: "case.opened", occurredAt: "2026-01-01T00:00:00Z" }
  ]) { results { status warnings { code } } } }`);
  const told = { status: 'STORED', warnings: [{ code: 'PROPERTY_UNUSABLE' }] };
  expect(answer).toEqual({ ingest: { results: [told, told, told] } });
});

test('metrics take the identity of a past date', async () => {
  const refused = ask(
    `{ metrics(query: { measures: [BUYERS, LOSSES], identityAsOf: "2026-01-02T00:00:00Z" }) { rows } }`,
  );
  await expect(refused).rejects.toMatchObject({ code: 'BAD_USER_INPUT', details: { field: 'identityAsOf' } });
  expect(
    await ask(
      `{ metrics(query: { measures: [BUYERS, UNIDENTIFIED_ORDERS], identityAsOf: "2026-01-02T00:00:00Z" }) { rows } }`,
    ),
  ).toEqual({
    metrics: { rows: [[0, 1]] },
  });
});

test('levers of groups are set and shown, and risks can be followed by store', async () => {
  const answer = await ask(`mutation { updateKpiSettings(input: { groups: [
    { key: "BEST", name: "Best", condition: { lifecycle: { abcClasses: ["A"] } }, lifecycle: { overdueDays: 60 } }
  ] }) { settings { version groups { key conditionText levers { lever value } } } } }`);
  expect(answer).toMatchObject({
    updateKpiSettings: {
      settings: {
        version: 1,
        groups: [
          {
            key: 'BEST',
            conditionText: 'lifecycle abc class is A',
            levers: [{ lever: 'lifecycle.overdueDays', value: 60 }],
          },
        ],
      },
    },
  });
  const { __type } = (await ask(`{ __type(name: "Subscription") { fields { name args { name } } } }`)) as {
    __type: { fields: { name: string; args: { name: string }[] }[] };
  };
  const { args } = __type.fields.find(({ name }) => name === 'churnRiskRaised')!;
  expect(args.map(({ name }) => name)).toContain('storeId');
});
