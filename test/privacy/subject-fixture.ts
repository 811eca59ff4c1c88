import type { Condition } from '../../src/conditions/condition.ts';
import { CurrentRules } from '../../src/identity/current-rules.service.ts';
import { DecisionService } from '../../src/identity/decisions.service.ts';
import type { IdentityRules } from '../../src/identity/rules.ts';
import type { Context } from '../../src/kernel/context.ts';
import type { Pool } from '../../src/kernel/database.ts';
import { randomIds } from '../../src/kernel/ids.ts';
import { earningTypes } from '../../src/loyalty/earning/earning-types.service.ts';
import { PartialDeletionService } from '../../src/privacy/partial-deletion/partial-deletion.service.ts';
import { RetentionService } from '../../src/privacy/retention/retention.service.ts';
import { RetentionKeeper } from '../../src/privacy/retention/retention-keeper.service.ts';
import { SegmentService } from '../../src/segments/segment.service.ts';
import { SegmentBuilder } from '../../src/segments/segment-builder.service.ts';
import { createEngines, type Engines, recordingReactions, regroupingReactions } from '../../src/server/engines.ts';
import { keptProperties, quarantineOf, removalReactions } from '../../src/server/wiring-privacy-subject.ts';
import type { IngestService } from '../../src/touchpoints/ingest.service.ts';
import type { RemovalReactions } from '../../src/touchpoints/removal.events.ts';
import type { TouchpointDraft } from '../../src/touchpoints/touchpoint.ts';
import type { TouchpointsRecorded } from '../../src/touchpoints/touchpoints.events.ts';
import { TestClock } from '../segments/fixture.ts';
import { openIngest } from '../support/ingest.ts';

export interface SubjectNode {
  readonly pool: Pool;
  readonly ctx: Context;
  readonly clock: TestClock;
  readonly idSecret: string;
  readonly ingest: IngestService;
  readonly engines: Engines;
  readonly rules: CurrentRules;
  readonly removal: RemovalReactions;
  readonly decisions: DecisionService;
  readonly deletions: PartialDeletionService;
  readonly retention: RetentionService;
  readonly keeper: RetentionKeeper;
  /** Answers the statuses. */
  send(...drafts: TouchpointDraft[]): Promise<string[]>;
}

/** One node with everything that derives something from touchpoints, put together as the server does. */
export async function openSubjectNode(
  pool: Pool,
  {
    now = '2026-11-01T12:00:00Z',
    rules,
    retentionAtOnce,
    further = [],
  }: { now?: string; rules?: IdentityRules; retentionAtOnce?: number; further?: readonly TouchpointsRecorded[] } = {},
): Promise<SubjectNode> {
  const clock = new TestClock(now);
  const current = new CurrentRules(rules);
  const engines = createEngines({ timeZone: 'Europe/Zurich' }, { ids: randomIds, rules: current });
  const reactions = [...recordingReactions(engines), ...further];
  const { ingest, ctx, idSecret } = await openIngest(pool, { clock, rules, reactions });
  const removal = removalReactions(engines);
  const quarantine = quarantineOf({ idSecret, defaultRegion: 'CH', rules: current });
  const settings = { idSecret, rules: current, reactions: removal, quarantine };
  const decisions = new DecisionService({
    ...{ idSecret, defaultRegion: 'CH', rules: current },
    reactions: regroupingReactions(engines),
  });
  return {
    ...{ pool, ctx, clock, idSecret, ingest, engines, rules: current, removal, decisions },
    deletions: new PartialDeletionService(settings),
    retention: new RetentionService({ earningTypes: (db) => earningTypes(engines.book, db), changed: () => {} }),
    keeper: new RetentionKeeper(ctx, {
      ...{ rules: current, reactions: removal, kept: keptProperties(engines) },
      ...(retentionAtOnce === undefined ? {} : { atOnce: retentionAtOnce }),
    }),
    async send(...drafts) {
      const results = await ingest.submit(ctx, drafts);
      return results.map(({ status }) => status);
    },
  };
}

/** Creates segments and waits until their members are there. */
export async function createSegments(node: SubjectNode, conditions: readonly Condition[]): Promise<void> {
  const { evaluator } = node.engines;
  const builder: SegmentBuilder = new SegmentBuilder(node.ctx, evaluator, {
    onServed: (tx, version, at) => service.followServed(tx, version, at),
  });
  const service = new SegmentService(evaluator, builder);
  for (const [index, definition] of conditions.entries()) {
    await service.create(node.ctx, { name: `segment ${index}`, definition });
    await builder.finish();
  }
}
