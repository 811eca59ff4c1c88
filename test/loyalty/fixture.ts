import { coreLeaves } from '../../src/conditions/core-leaves.queries.ts';
import { CurrentRules } from '../../src/identity/current-rules.service.ts';
import { DecisionService } from '../../src/identity/decisions.service.ts';
import type { IdentityRules } from '../../src/identity/rules.ts';
import type { Context } from '../../src/kernel/context.ts';
import type { Pool } from '../../src/kernel/database.ts';
import { randomIds } from '../../src/kernel/ids.ts';
import { Ledger } from '../../src/loyalty/ledger/ledger.service.ts';
import { LoyaltyClock } from '../../src/loyalty/members/loyalty-clock.service.ts';
import { MemberFolder } from '../../src/loyalty/members/member-folder.service.ts';
import { earnFromRegrouping, earnFromTouchpoints } from '../../src/loyalty/members/member-reactions.service.ts';
import type { LeverValue, PhaseChange, ProgramDefinition } from '../../src/loyalty/program.ts';
import { turnProgramPage } from '../../src/loyalty/programs/program-book.queries.ts';
import { ProgramBook } from '../../src/loyalty/programs/program-book.service.ts';
import type { IngestService } from '../../src/touchpoints/ingest.service.ts';
import { regroupRevenue } from '../../src/touchpoints/regrouped-revenue.service.ts';
import { TestClock } from '../segments/fixture.ts';
import { openIngest } from '../support/ingest.ts';

export interface LoyaltyFixture {
  readonly pool: Pool;
  readonly ctx: Context;
  readonly clock: TestClock;
  readonly ingest: IngestService;
  readonly decisions: DecisionService;
  readonly book: ProgramBook;
  readonly ledger: Ledger;
  readonly folder: MemberFolder;
  readonly ticker: LoyaltyClock;
}

/** One node: ingestion, decisions and loyalty, put together as the server does. */
export async function openLoyalty(
  pool: Pool,
  {
    now = '2026-11-01T12:00:00Z',
    rules,
    timeZone = 'Europe/Zurich',
    concurrency,
  }: { now?: string; rules?: IdentityRules; timeZone?: string; concurrency?: number } = {},
): Promise<LoyaltyFixture> {
  const clock = new TestClock(now);
  const book = new ProgramBook();
  const ledger = new Ledger(randomIds);
  const compilers = new Map(coreLeaves.map(({ kind, compile }) => [kind.name, compile]));
  const folder = new MemberFolder({ ids: randomIds, timeZone, book, ledger, compilers });
  const { ingest, ctx, idSecret } = await openIngest(pool, {
    clock,
    rules,
    concurrency,
    reactions: [earnFromTouchpoints(folder)],
  });
  const reactions = [regroupRevenue, earnFromRegrouping(folder)];
  const decisions = new DecisionService({ idSecret, defaultRegion: 'CH', rules: new CurrentRules(rules), reactions });
  const ticker = new LoyaltyClock(ctx, { book, ledger, folder });
  return { pool, ctx, clock, ingest, decisions, book, ledger, folder, ticker };
}

/** Puts a programme into the tables as if it had been published at an instant. */
export async function publishAt(
  { pool }: Pick<LoyaltyFixture, 'pool'>,
  definition: ProgramDefinition,
  {
    at = '2020-01-01T00:00:00Z',
    name = 'Club',
    phases = [{ phase: 'LIVE', effectiveAt: new Date(at) }],
    leverValues = [],
    id = randomIds.uuid(),
    version = 1,
  }: {
    at?: string;
    name?: string;
    phases?: readonly PhaseChange[];
    leverValues?: readonly LeverValue[];
    id?: string;
    version?: number;
  } = {},
): Promise<string> {
  await pool.begin(async (tx) => {
    await tx`
      insert into loyalty_programs (id, name, published_version, created_at, updated_at, fingerprint)
      values (${id}, ${name}, ${version}, ${at}, ${at}, ${id}) on conflict (id) do update
      set published_version = excluded.published_version`;
    await tx`
      insert into loyalty_program_versions
        (program_id, version, status, definition, effective_at, actor, created_at, updated_at, published_at)
      values (${id}, ${version}, 'PUBLISHED', ${JSON.stringify(definition)}::text::jsonb, ${at}, 'test', ${at}, ${at}, ${at})`;
    for (const { phase, effectiveAt } of version === 1 ? phases : []) {
      await tx`
        insert into loyalty_phases (program_id, id, phase, effective_at, actor)
        values (${id}, ${randomIds.uuid()}, ${phase}, ${effectiveAt}, 'test')`;
    }
    for (const { lever, value, effectiveAt, until } of leverValues) {
      await tx`
        insert into loyalty_lever_values (program_id, id, lever, value, effective_at, until, actor, recorded_at)
        values (${id}, ${randomIds.uuid()}, ${lever}, ${value}, ${effectiveAt}, ${until}, 'test', ${effectiveAt})`;
    }
    await turnProgramPage(tx);
  });
  return id;
}
