import { expect } from 'vitest';
import type { Condition } from '../../src/conditions/condition.ts';
import { compileForAll } from '../../src/conditions/condition-statement.queries.ts';
import { loadFacts } from '../../src/conditions/facts.service.ts';
import { loadBook } from '../../src/segments/segment-book.queries.ts';
import { expandWith } from '../../src/segments/segment-evaluator.service.ts';
import { furtherFacts } from '../../src/segments/segment-leaves.queries.ts';
import type { SegmentsFixture } from './fixture.ts';

/** Stored membership, the SQL over everybody, and the interpreter over the facts: three ways to the same answer. */
export async function expectTruth(node: SegmentsFixture): Promise<void> {
  const now = node.clock.now();
  const { pool, evaluator } = node;
  const pages = await loadBook(pool);
  const ids = (await pool<{ id: string }[]>`select id from customers order by id`).map(({ id }) => id);
  const facts = await loadFacts(pool, ids, { now, further: furtherFacts });
  for (const live of pages.live) {
    expect(live.served, 'everything is built').toBe(true);
    const condition = expandWith(pages, live);
    const told = JSON.stringify(condition);
    const moment = { now, timeZone: evaluator.timeZone };
    const judged = ids.filter((id) => evaluator.language.judge(condition, facts.get(id)!, moment).verdict);
    expect(await recompute(node, condition), `recomputed: ${told}`).toEqual(judged);
    expect(await node.members(live.segmentId), `live: ${told}`).toEqual(judged);
    expect(await countOf(node, live.segmentId), `counted: ${told}`).toBe(judged.length);
    expect(await loggedMembers(node, live.segmentId), `logged: ${told}`).toEqual(judged);
  }
  const stray =
    await pool`select from segment_states s where not exists (select from customers c where c.id = s.customer_id)`;
  expect(stray.length, 'nobody is a member who is no more').toBe(0);
  expect((await pool`select from segment_builds`).length, 'no build is left over').toBe(0);
}

async function recompute({ pool, evaluator, clock }: SegmentsFixture, condition: Condition): Promise<string[]> {
  const now = clock.now();
  const input = ['00000000-0000-0000-0000-000000000000', 'ffffffff-ffff-ffff-ffff-ffffffffffff'];
  const statement = compileForAll(condition, evaluator.compilers);
  const values = statement.values({ moment: { now, timeZone: evaluator.timeZone }, input });
  const rows = await pool.unsafe<{ id: string; verdict: boolean }[]>(statement.text, values as never[]);
  return rows
    .filter(({ verdict }) => verdict)
    .map(({ id }) => id)
    .sort();
}

async function countOf({ pool }: SegmentsFixture, segmentId: string): Promise<number> {
  const [row] = await pool<{ members: number }[]>`
    select coalesce(sum(members), 0)::int as members from segment_tallies where segment_id = ${segmentId}`;
  return row!.members;
}

/** Who entered last and did not leave since. */
async function loggedMembers({ pool }: SegmentsFixture, segmentId: string): Promise<string[]> {
  const rows = await pool<{ id: string; entered: boolean }[]>`
    select distinct on (customer_id) l.customer_id as id, l.entered from segment_log l
    where l.segment_id = ${segmentId} order by l.customer_id, l.at desc, l.id desc`;
  return rows.filter(({ entered }) => entered).map(({ id }) => id);
}
