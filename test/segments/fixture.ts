import type { Condition } from '../../src/conditions/condition.ts';
import { coreLeaves } from '../../src/conditions/core-leaves.queries.ts';
import { CurrentRules } from '../../src/identity/current-rules.service.ts';
import { DecisionService } from '../../src/identity/decisions.service.ts';
import type { IdentityRules } from '../../src/identity/rules.ts';
import type { Context } from '../../src/kernel/context.ts';
import type { Pool } from '../../src/kernel/database.ts';
import { randomIds } from '../../src/kernel/ids.ts';
import { loyaltyLeaves } from '../../src/loyalty/conditions/loyalty-leaf.queries.ts';
import { Ledger } from '../../src/loyalty/ledger/ledger.service.ts';
import { LoyaltyClock } from '../../src/loyalty/members/loyalty-clock.service.ts';
import { MemberFolder } from '../../src/loyalty/members/member-folder.service.ts';
import { earnFromRegrouping, earnFromTouchpoints } from '../../src/loyalty/members/member-reactions.service.ts';
import { ProgramBook } from '../../src/loyalty/programs/program-book.service.ts';
import { SegmentService } from '../../src/segments/segment.service.ts';
import { SegmentBuilder } from '../../src/segments/segment-builder.service.ts';
import { SegmentClock } from '../../src/segments/segment-clock.service.ts';
import { SegmentEvaluator } from '../../src/segments/segment-evaluator.service.ts';
import { segmentLeaves } from '../../src/segments/segment-leaves.queries.ts';
import { onLoyaltyMoved, onRegrouping, onTouchpoints } from '../../src/segments/segment-reactions.service.ts';
import type { SegmentView } from '../../src/segments/segments.queries.ts';
import type { IngestService } from '../../src/touchpoints/ingest.service.ts';
import { regroupRevenue } from '../../src/touchpoints/regrouped-revenue.service.ts';
import { openIngest } from '../support/ingest.ts';

/** A clock that tests move. */
export class TestClock {
  #now: Date;

  constructor(now: string) {
    this.#now = new Date(now);
  }

  now(): Date {
    return this.#now;
  }

  set(now: string | Date): void {
    this.#now = new Date(now);
  }
}

export interface SegmentsFixture {
  readonly pool: Pool;
  readonly ctx: Context;
  readonly clock: TestClock;
  readonly ingest: IngestService;
  readonly decisions: DecisionService;
  readonly evaluator: SegmentEvaluator;
  readonly builder: SegmentBuilder;
  readonly ticker: SegmentClock;
  readonly service: SegmentService;
  /** Where loyalty was asked for: what moves points and tiers. */
  readonly loyalty?: { readonly ledger: Ledger; readonly folder: MemberFolder; readonly ticker: LoyaltyClock };
  /** Creates a segment and waits until its members are there. */
  create(name: string, definition: Condition): Promise<SegmentView>;
  /** The ids of the members, sorted. */
  members(segmentId: string): Promise<string[]>;
}

export const leaves = [...coreLeaves, ...loyaltyLeaves, ...segmentLeaves];

/** One node: ingestion, decisions, segments and, if asked for, loyalty, put together as the server does. */
export async function openSegments(
  pool: Pool,
  {
    now = '2026-11-01T12:00:00Z',
    rules,
    timeZone = 'Europe/Zurich',
    concurrency,
    loyalty = false,
  }: { now?: string; rules?: IdentityRules; timeZone?: string; concurrency?: number; loyalty?: boolean } = {},
): Promise<SegmentsFixture> {
  const clock = new TestClock(now);
  const evaluator = new SegmentEvaluator({ leaves, timeZone }, randomIds);
  const book = new ProgramBook();
  const ledger = new Ledger(randomIds);
  const folder = new MemberFolder({ ids: randomIds, timeZone, book, ledger, compilers: evaluator.compilers });
  const { ingest, ctx, idSecret } = await openIngest(pool, {
    clock,
    rules,
    concurrency,
    reactions: [...(loyalty ? [earnFromTouchpoints(folder)] : []), onTouchpoints(evaluator)],
  });
  const reactions = [regroupRevenue, ...(loyalty ? [earnFromRegrouping(folder)] : []), onRegrouping(evaluator)];
  const decisions = new DecisionService({ idSecret, defaultRegion: 'CH', rules: new CurrentRules(rules), reactions });
  const builder: SegmentBuilder = new SegmentBuilder(ctx, evaluator, {
    onServed: (tx, version, at) => service.followServed(tx, version, at),
  });
  const service = new SegmentService(evaluator, builder);
  const ticker = new SegmentClock(ctx, evaluator);
  const clockParts = { book, ledger, folder, reactions: [onLoyaltyMoved(evaluator)] };
  const members = async (segmentId: string) => {
    const rows = await pool<{ id: string }[]>`
      select customer_id as id from segment_states where segment_id = ${segmentId} and member order by customer_id`;
    return rows.map(({ id }) => id);
  };
  return {
    pool,
    ctx,
    clock,
    ingest,
    decisions,
    evaluator,
    builder,
    ticker,
    service,
    members,
    ...(loyalty && { loyalty: { ledger, folder, ticker: new LoyaltyClock(ctx, clockParts) } }),
    async create(name, definition) {
      const segment = await service.create(ctx, { name, definition });
      await builder.finish();
      return segment;
    },
  };
}
