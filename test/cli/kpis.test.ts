import { afterAll, beforeAll, expect, test } from 'vitest';
import { simulateBgNbd } from '../kpis/clv/simulation.ts';
import { insertPurchases } from '../kpis/models/fixture.ts';
import { openTestDatabase, type TestDatabase } from '../support/database.ts';
import { startRundum } from '../support/processes.ts';

let database: TestDatabase;
const end = Date.UTC(2026, 5, 30) / 86_400_000;

beforeAll(async () => {
  database = await openTestDatabase();
  const histories = simulateBgNbd({ r: 0.6, alpha: 3, a: 0.8, b: 2.5 }, 1500, 7);
  await insertPurchases(
    database.pool,
    histories.flatMap(({ repeats, recency, age }, index) => {
      const first = end - Math.round(age * 7);
      const later = Array.from({ length: repeats }, (_, repeat) => Math.round((recency * 7 * (repeat + 1)) / repeats));
      return [0, ...later].map((day) => ({
        ...{ customer: `c${index}`, at: new Date((first + day + 0.5) * 86_400_000) },
        valueMinor: 1000 + ((index * 7919) % 5000),
      }));
    }),
  );
});
afterAll(() => database.close());

async function kpis(...args: string[]): Promise<{ code: unknown; said: string }> {
  const env = { DATABASE_URL: database.url, LOG_LEVEL: 'silent', RUNDUM_TIMEZONE: 'Europe/Zurich' };
  const rundum = startRundum(['kpis', ...args], env);
  return { code: await rundum.ended, said: rundum.output() };
}

test('kpis fit and calibration say what the purchases say, and exit with 1 where they say nothing', async () => {
  const fitted = await kpis('fit', '--cut-off', '2026-06-30');
  expect(fitted).toMatchObject({ code: 0 });
  expect(fitted.said).toMatch(/BG_NBD, version 1: 1500 customers up to 2026-06-30, \d+ of whom have bought again\./);
  expect(fitted.said).toMatch(/r 0\.\d+, alpha [\d.]+ days, a [\d.]+, b [\d.]+; log-likelihood -\d+/);
  expect(fitted.said).toContain('It is used from now on.');

  const kept = await kpis('fit', '--kind', 'PARETO_NBD', '--cut-off', '2026-06-30');
  expect(kept.said).toContain('PARETO_NBD, version 2');
  expect(kept.said).not.toContain('It is used');

  const early = await kpis('fit', '--cut-off', '2000-01-01');
  expect(early).toMatchObject({ code: 1, said: expect.stringContaining('not converged: TOO_FEW_CUSTOMERS') });

  const held = await kpis('calibration', '--cut-off', '2026-03-31', '--until', '2026-06-30', '--bins', '4');
  expect(held).toMatchObject({ code: 0 });
  expect(held.said).toContain('held against the 91 days until 2026-06-30');
  expect(held.said).toMatch(/ {5}3\+ +\d+ +[\d.]+ +[\d.]+/);
  expect(held.said).toMatch(/In all \d+ predicted, \d+ came; off by 0\.\d+ a customer\./);

  const refused = await kpis('fit', '--cut-off', '2026-02-30');
  expect(refused).toMatchObject({ code: 1, said: expect.stringContaining('Expected a day such as 2026-10-31') });
}, 120_000);

test('kpis score scores whoever is there', async () => {
  expect(await kpis('score')).toMatchObject({ code: 0, said: expect.stringContaining('0 customers scored') });
}, 120_000);

test('kpis verify finds purchases that no touchpoint has made', async () => {
  const damaged = await kpis('verify');
  expect(damaged).toMatchObject({ code: 1, said: expect.stringContaining('facts differ from touchpoints') });
  await database.pool`truncate purchases`;
  expect(await kpis('verify')).toMatchObject({ code: 0, said: expect.stringContaining('0 differ') });
}, 120_000);
