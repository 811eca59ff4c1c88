import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pino from 'pino';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ApiClient } from '../../src/demo/api-client.ts';
import { type DemoOptions, runDemo } from '../../src/demo/demo.ts';
import { claimDataDir, resetDemo } from '../../src/demo/reset.ts';
import { planDemo } from '../../src/demo/scale.ts';
import type { DemoState } from '../../src/demo/state.queries.ts';
import { type Config, readConfig } from '../../src/kernel/config.ts';
import { lockFile } from '../../src/kernel/open-database.ts';
import { tryLock } from '../../src/kernel/process-lock.ts';
import { openTestDatabase, type TestDatabase } from '../support/database.ts';

const log = pino({ level: 'silent' });
let dataDir: string;

beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'rundum-demo-'));
});

afterEach(() => rm(dataDir, { recursive: true, force: true }));

// Whole servers with a history to feed: slow where the machine is busy.
describe('rundum demo', { timeout: 60_000 }, () => {
  let database: TestDatabase;
  let config: Config;

  beforeEach(async () => {
    database = await openTestDatabase();
    config = readConfig({ DATABASE_URL: database.url, RUNDUM_PORT: '0', RUNDUM_DATA_DIR: dataDir });
  });

  afterEach(() => database.close());

  /** Runs the demo until its output has `until`, does `then`, and stops it. Answers the output. */
  async function run(
    options: DemoOptions,
    until: RegExp,
    then: (output: string) => Promise<void> = async () => {},
  ): Promise<string> {
    const stopping = new AbortController();
    let output = '';
    const reached = Promise.withResolvers<void>();
    const print = vi.spyOn(console, 'log').mockImplementation((line: string) => {
      output += `${line}\n`;
      if (until.test(output)) reached.resolve();
    });
    const demo = runDemo(config, log, { ...options, signal: stopping.signal });
    try {
      await Promise.race([reached.promise, demo]);
      await then(output);
      stopping.abort();
      await demo;
      return output;
    } finally {
      stopping.abort();
      await demo.catch(() => {});
      print.mockRestore();
    }
  }

  const countTouchpoints = async () => {
    const [row] = await database.pool`select count(*)::int as touchpoints from touchpoints`;
    return row!.touchpoints as number;
  };

  it('feeds the history through the API, shows a customer and goes live; the next start only goes on', async () => {
    const first = await run({ replay: true, customers: 60 }, /Live:/, async (output) => {
      const url = /API +(\S+)/.exec(output)![1]!;
      const key = /^rundum_live_\w+$/m.exec(output)![0];
      const before = await countTouchpoints();
      await vi.waitFor(async () => expect(await countTouchpoints()).toBeGreaterThan(before + 2), { timeout: 30_000 });
      const customerId = /cus_\w+/.exec(output)![0];
      const { customer } = await new ApiClient(url, key).request<{ customer: { recordCount: number } }>(
        'query ($id: ID!) { customer(id: $id) { recordCount } }',
        { id: customerId },
      );
      expect(customer.recordCount).toBeGreaterThan(2);
    });
    expect(first).toMatch(/[\d,]+ touchpoints stored, \d+ repeats recognised\.\n/);
    const stored = await countTouchpoints();

    expect(first).toMatch(/Segments, kept true[\s\S]*\d+ {2}Regulars\n/);

    const second = await run({ replay: false }, /Try it/);
    expect(second).not.toContain('Feeding');
    expect(await countTouchpoints()).toBe(stored);
    expect(second.match(/ Regulars$/gm), 'created once').toHaveLength(1);
  });

  it('goes on where it was interrupted', async () => {
    const first = await run({ replay: false, customers: 120 }, /Feeding/, async () => {
      await vi.waitFor(async () => expect(await countTouchpoints()).toBeGreaterThan(500), {
        timeout: 30_000,
        interval: 20,
      });
    });
    expect(first).not.toContain('Try it');
    const interrupted = await countTouchpoints();
    const second = await run({ replay: false }, /Try it/);
    const [, stored, repeats] = /([\d,]+) touchpoints stored, ([\d,]+) repeats/
      .exec(second)!
      .map((text) => Number(text.replaceAll(',', '')));
    expect(await countTouchpoints()).toBe(interrupted + stored!);
    expect(repeats).toBeLessThan(200);
  });

  it('refuses to mix two demos in one database', async () => {
    await run({ replay: false, customers: 5 }, /stored/);
    await expect(run({ replay: false, seed: 'other' }, /stored/)).rejects.toThrow('--reset starts over');
  });

  it('refuses --reset where the database is not its own', async () => {
    await expect(resetDemo(config, log)).rejects.toThrow('DATABASE_URL');
  });
});

describe('rundum demo --reset', () => {
  const config = () => readConfig({ RUNDUM_DATA_DIR: dataDir, DATABASE_URL: '' }, {});

  async function makeDatabaseFiles(): Promise<void> {
    await mkdir(join(dataDir, 'postgres', 'cluster'), { recursive: true });
    await writeFile(join(dataDir, 'postgres', 'cluster', 'PG_VERSION'), '18\n');
    await writeFile(join(dataDir, 'owner-key'), 'rundum_live_x\n');
  }

  it('deletes database and owner key of a directory that the demo made, and nothing else', async () => {
    await claimDataDir(config());
    await makeDatabaseFiles();
    await writeFile(join(dataDir, 'notes.txt'), 'mine');
    await resetDemo(config(), log);
    const left = await readdir(dataDir);
    expect(left).toContain('notes.txt');
    expect(left).not.toContain('postgres');
    expect(left).not.toContain('owner-key');
  });

  it('leaves a database alone that something else made', async () => {
    await makeDatabaseFiles();
    await claimDataDir(config());
    await expect(resetDemo(config(), log)).rejects.toThrow('was not made by the demo');
    expect(await readdir(dataDir)).toContain('postgres');
  });

  it('refuses while somebody uses the directory', async () => {
    await claimDataDir(config());
    await makeDatabaseFiles();
    const lock = await tryLock(lockFile(dataDir), 'server');
    await expect(resetDemo(config(), log)).rejects.toThrow(`pid ${process.pid}`);
    await lock!.release();
    expect(await readdir(dataDir)).toContain('postgres');
  });

  it('has nothing to do where there is nothing', async () => {
    await resetDemo(config(), log);
    expect(await readdir(dataDir)).toEqual([]);
  });
});

describe('what the demo plans', () => {
  const now = new Date('2026-07-01T00:00:00Z');
  const done: DemoState = {
    seed: 's',
    customers: 2000,
    until: '2026-06-01T00:00:00.000Z',
    fed: 70_000,
    complete: true,
    written: 2000,
    example: 'u',
  };

  it('starts with two thousand people up to now', () => {
    expect(planDemo(undefined, {}, now)).toMatchObject({
      customers: 2000,
      until: '2026-07-01T00:00:00.000Z',
      fed: 0,
      complete: false,
    });
  });

  it('keeps the history of an earlier start', () => {
    expect(planDemo(done, {}, now)).toEqual(done);
    expect(planDemo(done, { customers: 500 }, now)).toEqual(done);
  });

  it('feeds again when more people are to come by the API', () => {
    expect(planDemo(done, { customers: 5000 }, now)).toEqual({ ...done, customers: 5000, fed: 0, complete: false });
  });

  it('only writes the others when there are too many for the API', () => {
    expect(planDemo(done, { customers: 1_000_000 }, now)).toEqual({ ...done, customers: 1_000_000 });
  });
});
