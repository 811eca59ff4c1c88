import type { Condition } from '../../src/conditions/condition.ts';
import { printCondition } from '../../src/conditions/condition-text.ts';
import type { Pool } from '../../src/kernel/database.ts';
import { type Figures, median, round } from './report.ts';
import { writeSegmentData } from './segment-data.ts';
import { membersOf, openSegmentsOf } from './segments-setup.ts';
import { type ServerProcess, startServerProcess } from './server-process.ts';

const touchpoints = 10;
const rounds = 3;

const definition: Condition = {
  all: [
    { trait: { trait: 'country', operator: 'EQUALS', value: 'CH' } },
    {
      event: {
        match: { types: ['page.viewed'] },
        count: { comparison: 'AT_LEAST', value: '3' },
        window: { last: { count: 60, unit: 'DAY' } },
      },
    },
    {
      total: {
        match: {},
        measure: 'NET_REVENUE',
        currency: 'CHF',
        comparison: 'MORE',
        value: '100',
        window: { ever: true },
      },
    },
  ],
};

/** A new segment over everybody until its members are there, with log, timers and change feed, beside the bare question. */
export async function run({ customers }: { customers: number }): Promise<Figures> {
  const server = await startServerProcess();
  const { pool } = server;
  try {
    const now = new Date();
    const generated = performance.now();
    await writeSegmentData(pool, { customers, touchpoints, now });
    console.log(
      `${customers} customers and ${customers * touchpoints} touchpoints written in ${round((performance.now() - generated) / 1000)} s`,
    );
    const desk = await openSegmentsOf(pool);
    const previews = await timePreviews(server);
    console.log({ 'preview ms': previews.map(round) });
    const ours: number[] = [];
    const byHand: number[] = [];
    let counts = { ours: 0, byHand: 0 };
    for (let index = 0; index < rounds; index += 1) {
      byHand.push(
        await timed(async () => {
          counts = { ...counts, byHand: await askByHand(pool, index) };
        }),
      );
      ours.push(
        await timed(async () => {
          counts = { ...counts, ours: await membersOf(pool, await desk.create(`Round ${index}`, definition)) };
        }),
      );
      console.log({ 'ours ms': round(ours.at(-1)!), 'by hand ms': round(byHand.at(-1)!), ...counts });
    }
    return {
      'backfill: customers': customers,
      'backfill: touchpoints': customers * touchpoints,
      'backfill: members': counts.ours,
      'backfill: members by hand, some seconds earlier': counts.byHand,
      'preview ms (median, and the first)': `${round(median(previews))} (${round(previews[0]!)})`,
      'backfill ms (median)': round(median(ours)),
      'hand-written SQL ms (median)': round(median(byHand)),
      'ratio (goal ≤ 1.5)': round(median(ours) / median(byHand), 2),
    };
  } finally {
    await server.stop();
  }
}

/** The same definition through the API, before anybody has built it: what an analyst waits for while typing. */
async function timePreviews(server: Pick<ServerProcess, 'url' | 'key'>): Promise<number[]> {
  const times: number[] = [];
  for (let round = 0; round < 5; round += 1) {
    times.push(await timed(() => preview(server)));
  }
  return times;
}

async function preview({ url, key }: Pick<ServerProcess, 'url' | 'key'>): Promise<void> {
  const query = `query ($text: String!) {
    segmentPreview(text: $text) { exact sampleSize size lowestSize highestSize overlaps { customers } }
  }`;
  const response = await fetch(`${url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${key}` },
    body: JSON.stringify({ query, variables: { text: printCondition(definition) } }),
  });
  const answer = (await response.json()) as { errors?: unknown };
  if (answer.errors) throw new Error(`A preview failed: ${JSON.stringify(answer.errors)}`);
}

async function timed(work: () => Promise<void>): Promise<number> {
  const from = performance.now();
  await work();
  return performance.now() - from;
}

/** What an analyst would write into the same database, with the same memory to work in, kept in a table. */
async function askByHand(pool: Pool, index: number): Promise<number> {
  return pool.begin(async (tx) => {
    await tx`select set_config('work_mem', '256MB', true), set_config('plan_cache_mode', 'force_custom_plan', true)`;
    const { count } = await tx.unsafe(`
      create table by_hand_${index} as
      select c.id, now() as since
      from customers c
      join (
        select r.customer_id from touchpoints t join records r on r.id = t.record_id
        where t.type = 'page.viewed' and t.occurred_at > now() - interval '60 days'
        group by r.customer_id having count(*) >= 3
      ) visited on visited.customer_id = c.id
      join (
        select r.customer_id from touchpoints t join records r on r.id = t.record_id
        where t.type in ('order.completed', 'order.returned') and t.currency = 'CHF'
        group by r.customer_id
        having sum(case when t.type = 'order.completed' then t.value_minor else -t.value_minor end) > 10000
      ) bought on bought.customer_id = c.id
      where c.traits ->> 'country' = 'CH'`);
    return count;
  });
}
