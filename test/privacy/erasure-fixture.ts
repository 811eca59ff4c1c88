import { CurrentRules } from '../../src/identity/current-rules.service.ts';
import { DecisionService } from '../../src/identity/decisions.service.ts';
import type { IdentityRules } from '../../src/identity/rules.ts';
import type { Context } from '../../src/kernel/context.ts';
import type { Pool } from '../../src/kernel/database.ts';
import { fromPublicId, randomIds } from '../../src/kernel/ids.ts';
import type { ErasureService } from '../../src/privacy/erasure/erasure.service.ts';
import { LateRows } from '../../src/privacy/erasure/late-rows.service.ts';
import { refuseSuppressed } from '../../src/privacy/erasure/suppression-gate.service.ts';
import { SuppressionService } from '../../src/privacy/erasure/suppressions.service.ts';
import { createEngines, type Engines, recordingReactions, regroupingReactions } from '../../src/server/engines.ts';
import { createErasure } from '../../src/server/erasure.ts';
import { personalTables } from '../../src/server/personal-data.ts';
import type { IngestService } from '../../src/touchpoints/ingest.service.ts';
import type { IngestResult, TouchpointDraft } from '../../src/touchpoints/touchpoint.ts';
import type { TouchpointsRecorded, TouchpointsRefused } from '../../src/touchpoints/touchpoints.events.ts';
import { TestClock } from '../segments/fixture.ts';
import { openIngest, touchpoint } from '../support/ingest.ts';

export interface ErasureNode {
  readonly pool: Pool;
  readonly ctx: Context;
  readonly clock: TestClock;
  readonly engines: Engines;
  readonly idSecret: string;
  readonly ingest: IngestService;
  readonly decisions: DecisionService;
  readonly erasure: ErasureService;
  readonly suppressions: SuppressionService;
  readonly lateRows: LateRows;
  /** Answers what became of each. */
  send(...drafts: Partial<TouchpointDraft>[]): Promise<IngestResult[]>;
  /** Of somebody whose messages are all stored: the UUID of the customer. */
  meet(...drafts: Partial<TouchpointDraft>[]): Promise<string>;
  /** The customer's UUID of a record; undefined: nobody's, or no record. */
  ownerOf(source: string, key: string): Promise<string | undefined>;
}

/** One node: ingestion, decisions and erasure, put together as the server does. */
export async function openErasureNode(
  pool: Pool,
  {
    rules,
    gate,
    refuse = refuseSuppressed(),
  }: { rules?: IdentityRules; gate?: TouchpointsRecorded; refuse?: TouchpointsRefused } = {},
): Promise<ErasureNode> {
  const clock = new TestClock('2026-11-01T12:00:00Z');
  const current = new CurrentRules(rules);
  const engines = createEngines({ timeZone: 'Europe/Zurich' }, { ids: randomIds, rules: current });
  const reactions = [...recordingReactions(engines), ...(gate ? [gate] : [])];
  const { ingest, ctx, idSecret } = await openIngest(pool, { clock, rules, reactions, refuse });
  const settings = { idSecret, defaultRegion: 'CH', rules: current, reactions: regroupingReactions(engines) };
  const send = (...drafts: Partial<TouchpointDraft>[]) => ingest.submit(ctx, drafts.map(touchpoint));
  return {
    ...{ pool, ctx, clock, engines, idSecret, ingest, send },
    decisions: new DecisionService(settings),
    erasure: createErasure(engines, settings),
    suppressions: new SuppressionService(settings),
    lateRows: new LateRows(
      ctx,
      personalTables(settings, () => current.inForce.rules),
    ),
    async meet(...drafts) {
      const results = await send(...drafts);
      const refused = results.find(({ status }) => status !== 'STORED');
      if (refused) throw new Error(`Not stored: ${JSON.stringify(refused)}`);
      return fromPublicId('cus', results.at(-1)!.customerId!);
    },
    async ownerOf(source, key) {
      const [row] = await pool<{ id: string | null }[]>`
        select customer_id as id from records where source = ${source} and key = ${key}`;
      return row?.id ?? undefined;
    },
  };
}

export const email = (name: string) => ({ kind: 'email', value: `${name}@example.com` });
