import { expect } from 'vitest';
import { CurrentRules } from '../../../src/identity/current-rules.service.ts';
import { matchingLag } from '../../../src/identity/matching/match.service.ts';
import { MatchDecisionService } from '../../../src/identity/matching/match-decisions.service.ts';
import { MatchingJob } from '../../../src/identity/matching/matching-job.service.ts';
import { systemClock } from '../../../src/kernel/clock.ts';
import { regroupRevenue } from '../../../src/touchpoints/regrouped-revenue.service.ts';
import { generatePersons, type PersonRecord } from '../../bench/person-generator.ts';
import { openTestDatabase, type TestDatabase } from '../../support/database.ts';
import { type IngestFixture, openIngest, touchpoint } from '../../support/ingest.ts';
import { openView, type ViewApi } from '../../support/view.ts';

export interface MatchingFixture extends IngestFixture {
  readonly database: TestDatabase;
  readonly view: ViewApi;
  /** The job of another node. */
  openJob(): MatchingJob;
  readonly job: MatchingJob;
  close(): Promise<void>;
}

export async function openMatching(): Promise<MatchingFixture> {
  const database = await openTestDatabase();
  const fixture = await openIngest(database.pool, { clock: systemClock });
  const { idSecret, ctx } = fixture;
  await ctx.feed.start();
  const settings = { idSecret, defaultRegion: 'CH', rules: new CurrentRules(), reactions: [regroupRevenue] };
  const openJob = () => new MatchingJob(ctx, new MatchDecisionService(settings), { noticeMs: 0 });
  const [view, job] = [await openView(database.url), openJob()];
  return {
    ...fixture,
    database,
    view,
    job,
    openJob,
    async close() {
      await job.stop();
      await ctx.feed.stop();
      await view.close();
      await database.close();
    },
  };
}

export function peopleOf(records: number, seed: string): PersonRecord[] {
  return [...generatePersons({ records, seed })];
}

/** Enters each as a record of its own: only traits, so that no identifier joins anybody. */
export async function enter(
  { ingest, ctx }: IngestFixture,
  people: readonly PersonRecord[],
  prefix: string,
): Promise<void> {
  const drafts = people.map(({ entity, birthDate, ...traits }, at) =>
    touchpoint({
      source: 'crm',
      key: `${prefix}-${at}-${entity}`,
      traits: withoutNulls({ ...traits, birthday: birthDate }),
    }),
  );
  for (let at = 0; at < drafts.length; at += 500) {
    const results = await ingest.submit(ctx, drafts.slice(at, at + 500));
    expect(results.every(({ status }) => status === 'STORED')).toBe(true);
  }
}

function withoutNulls(traits: Record<string, string | null>): Record<string, string> {
  return Object.fromEntries(Object.entries(traits).filter((entry): entry is [string, string] => entry[1] !== null));
}

const steward = ['identity:read', 'identity:manage', 'customers:read', 'pii:read'];

export function ask<T>(
  { view }: MatchingFixture,
  query: string,
  variables: Record<string, unknown> = {},
  scopes: readonly string[] = steward,
): Promise<T> {
  return view.ask<T>(query, variables, scopes);
}

/** Until nothing is left: changes become visible only when transactions of other tests that are older have ended. */
export async function settle({ job, database: { pool }, ctx }: MatchingFixture): Promise<void> {
  do {
    await job.settle();
  } while (((await matchingLag(pool, ctx.clock.now())) ?? 0) > 0);
}

/** Asks for a training, uses its model, and waits for all of it. */
export async function trainAndMatch(fixture: MatchingFixture): Promise<void> {
  await ask(fixture, `mutation { trainMatchModel(input: { activate: true }) { run { id status } } }`);
  await settle(fixture);
}

export interface PairState {
  readonly a: string;
  readonly b: string;
  readonly status: string;
}

/** Whose each record is, and what waits for a steward: all that matching is for. */
export async function readMatching({ database: { pool } }: MatchingFixture) {
  return {
    customers: await pool<{ key: string; customer: string }[]>`
      select r.key, c.key as customer from records r join records c on c.id = r.customer_id order by r.key`,
    pending: await pool<PairState[]>`
      select record_a as a, record_b as b, round(weight::numeric, 3)::text as weight
      from match_candidates c
      where status = 'PENDING' and (select customer_id from records where id = record_a)
                                <> (select customer_id from records where id = record_b)
      order by record_a, record_b`,
  };
}
