import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createPool } from '../../../src/kernel/connect.ts';
import type { Pool, Tx } from '../../../src/kernel/database.ts';
import { turnTimeline } from '../../../src/kpis/settings/kpi-book.queries.ts';
import { KpiBook } from '../../../src/kpis/settings/kpi-book.service.ts';
import { defaultSettings } from '../../../src/kpis/settings/kpi-settings.ts';
import { openTestDatabase, type TestDatabase } from '../../support/database.ts';
import { untilWaiting } from '../../support/locks.ts';

let database: TestDatabase;
/** Another node. */
let other: Pool;
let book: KpiBook;

beforeAll(async () => {
  database = await openTestDatabase();
  other = createPool(database.url, { applicationName: 'rundum test' });
});
afterAll(async () => {
  await other.end();
  await database.close();
});
beforeEach(async () => {
  await database.pool`delete from kpi_settings`;
  book = new KpiBook({ timeZone: 'Europe/Zurich' });
});

async function addSettings(tx: Tx, version: number): Promise<void> {
  await tx`
    insert into kpi_settings (version, effective_from, settings)
    values (${version}, ${new Date(Date.UTC(2026, 0, version))}, ${JSON.stringify({ collaborativePurchases: version })}::text::jsonb)`;
  await turnTimeline(tx);
}

const latest = async (reader: KpiBook, db: Pool) => (await reader.current(db)).settings.at(-1)!;

/** A transaction that holds the timeline until it is told to go on. */
function holding(db: Pool, reader: KpiBook) {
  const { promise: going, resolve: goOn } = Promise.withResolvers<void>();
  const { promise: held, resolve: hold } = Promise.withResolvers<number>();
  const done = db.begin(async (tx) => {
    hold((await reader.hold(tx)).revision);
    await going;
  });
  return { held, goOn, done };
}

describe('The timeline', () => {
  it('begins with the default settings, in force since ever', async () => {
    const { settings, models, scales, timeZone } = await book.current(database.pool);
    expect(settings).toHaveLength(1);
    expect(settings[0]).toMatchObject({ version: 0, settings: defaultSettings });
    expect(settings[0]!.effectiveFrom.getTime()).toBeLessThan(Date.UTC(-2000, 0));
    expect({ models, scales, timeZone }).toEqual({ models: [], scales: [], timeZone: 'Europe/Zurich' });
  });

  it('is read once as long as nothing is added, and anew when another node has added something', async () => {
    const before = await book.current(database.pool);
    expect(await book.current(database.pool)).toBe(before);
    await other.begin((tx) => addSettings(tx, 1));
    const after = await book.current(database.pool);
    expect(after.revision).toBe(before.revision + 1);
    expect(after.settings.map(({ version }) => version)).toEqual([0, 1]);
    expect(after.settings[1]!.settings).toEqual({ ...defaultSettings, collaborativePurchases: 1 });
  });

  it('keeps a change waiting as long as somebody holds it, but nobody else who holds it', async () => {
    const [one, two] = [holding(database.pool, book), holding(other, new KpiBook({ timeZone: 'UTC' }))];
    const revision = await one.held;
    expect(await two.held).toBe(revision);
    const change = other.begin((tx) => addSettings(tx, 1));
    await untilWaiting(database.pool, 1);
    expect((await latest(book, database.pool)).version).toBe(0);
    one.goOn();
    two.goOn();
    await Promise.all([one.done, two.done, change]);
    expect((await latest(book, database.pool)).version).toBe(1);
  });

  it('shows who waited for a change what it has added', async () => {
    const { promise: going, resolve: goOn } = Promise.withResolvers<void>();
    const { promise: turned, resolve: turn } = Promise.withResolvers<void>();
    await book.current(database.pool);
    const change = other.begin(async (tx) => {
      await addSettings(tx, 1);
      turn();
      await going;
    });
    await turned;
    const late = database.pool.begin(async (tx) => (await book.hold(tx)).settings.at(-1)!.version);
    await untilWaiting(other, 1);
    goOn();
    await change;
    expect(await late).toBe(1);
  });

  it('does not keep what a transaction has added that is rolled back', async () => {
    const undone = new Error('undone');
    const change = database.pool.begin(async (tx) => {
      await addSettings(tx, 1);
      expect((await book.hold(tx)).settings.at(-1)!.version).toBe(1);
      throw undone;
    });
    await expect(change).rejects.toBe(undone);
    // The same number of revision, and something else.
    await other.begin((tx) => addSettings(tx, 2));
    expect((await latest(book, database.pool)).version).toBe(2);
  });

  it('makes the sweep go over everybody again', async () => {
    await database.pool`
      update kpi_sweeps set cursor = '0190a000-0000-7000-8000-000000000000', finished_at = now() where name = 'timeline'`;
    await database.pool.begin((tx) => addSettings(tx, 1));
    const [row] = await database.pool`select cursor, finished_at from kpi_sweeps where name = 'timeline'`;
    expect(row).toEqual({ cursor: null, finished_at: null });
  });
});
