import pino from 'pino';
import { operatorContext } from '../../src/access/operator.ts';
import type { Condition } from '../../src/conditions/condition.ts';
import { coreLeaves } from '../../src/conditions/core-leaves.queries.ts';
import { CataloguedTraits } from '../../src/identity/personal-traits.service.ts';
import { ChangeFeed } from '../../src/kernel/change-feed.ts';
import { systemClock } from '../../src/kernel/clock.ts';
import type { Pool } from '../../src/kernel/database.ts';
import { randomIds } from '../../src/kernel/ids.ts';
import { SegmentService } from '../../src/segments/segment.service.ts';
import { SegmentBuilder } from '../../src/segments/segment-builder.service.ts';
import { SegmentEvaluator } from '../../src/segments/segment-evaluator.service.ts';
import { segmentLeaves } from '../../src/segments/segment-leaves.queries.ts';

/** Segments of a database whose server runs beside: created past the API, in a process of one's own. */
export async function openSegmentsOf(pool: Pool) {
  const log = pino({ level: 'silent' });
  const surroundings = { pool, clock: systemClock, ids: randomIds, log };
  const personalTraits = await CataloguedTraits.open(surroundings);
  const ctx = operatorContext({ ...surroundings, feed: new ChangeFeed({ pool, log }), personalTraits });
  const evaluator = new SegmentEvaluator(
    { leaves: [...coreLeaves, ...segmentLeaves], timeZone: 'Europe/Zurich' },
    randomIds,
  );
  const builder: SegmentBuilder = new SegmentBuilder(ctx, evaluator, {
    onServed: (tx, version, now) => service.followServed(tx, version, now),
  });
  const service = new SegmentService(evaluator, builder);
  return {
    /** Creates a segment and waits until it is served; answers its id. */
    async create(name: string, definition: Condition): Promise<string> {
      const { id } = await service.create(ctx, { name, definition });
      await builder.finish();
      return id;
    },
  };
}

export async function membersOf(pool: Pool, segmentId: string): Promise<number> {
  const [row] = await pool<{ members: number }[]>`
    select count(*)::int as members from segment_states where segment_id = ${segmentId} and member`;
  return row!.members;
}
