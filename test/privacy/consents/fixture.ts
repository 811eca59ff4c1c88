import { CurrentRules } from '../../../src/identity/current-rules.service.ts';
import { DecisionService } from '../../../src/identity/decisions.service.ts';
import type { Context } from '../../../src/kernel/context.ts';
import type { Pool } from '../../../src/kernel/database.ts';
import { fromPublicId, randomIds } from '../../../src/kernel/ids.ts';
import { ConsentService } from '../../../src/privacy/consents/consent.service.ts';
import { ConsentClock } from '../../../src/privacy/consents/consent-clock.service.ts';
import { foldConsentsFromRegrouping, recordConsents } from '../../../src/privacy/consents/consent-reactions.service.ts';
import type { SetConsent } from '../../../src/privacy/consents/consent-request.ts';
import { PreferenceCenterService } from '../../../src/privacy/preference-center/preference-center.service.ts';
import { PreferenceService } from '../../../src/privacy/preferences/preference.service.ts';
import { PreferenceLinks } from '../../../src/privacy/preferences/preference-links.service.ts';
import { recordPreferences } from '../../../src/privacy/preferences/preference-reactions.service.ts';
import { SegmentService } from '../../../src/segments/segment.service.ts';
import { SegmentBuilder } from '../../../src/segments/segment-builder.service.ts';
import { SegmentClock } from '../../../src/segments/segment-clock.service.ts';
import { SegmentEvaluator } from '../../../src/segments/segment-evaluator.service.ts';
import { onConsentsMoved, onRegrouping, onTouchpoints } from '../../../src/segments/segment-reactions.service.ts';
import { allLeaves } from '../../../src/server/engines.ts';
import { privacyInspectors } from '../../../src/server/wiring-consents.ts';
import { IngestService } from '../../../src/touchpoints/ingest.service.ts';
import { regroupRevenue } from '../../../src/touchpoints/regrouped-revenue.service.ts';
import type { TouchpointDraft } from '../../../src/touchpoints/touchpoint.ts';
import type { TouchpointsRecorded } from '../../../src/touchpoints/touchpoints.events.ts';
import { TestClock } from '../../segments/fixture.ts';
import { openIngest, touchpoint } from '../../support/ingest.ts';

export interface ConsentsFixture {
  readonly pool: Pool;
  readonly ctx: Context;
  readonly clock: TestClock;
  readonly idSecret: string;
  readonly ingest: IngestService;
  readonly decisions: DecisionService;
  readonly consents: ConsentService;
  readonly preferences: PreferenceService;
  readonly links: PreferenceLinks;
  readonly center: PreferenceCenterService;
  readonly ticker: ConsentClock;
  readonly segments: {
    readonly builder: SegmentBuilder;
    readonly service: SegmentService;
    readonly ticker: SegmentClock;
  };
  /** Ingests something of a person whom a source knows by this key; answers the UUID of the customer. */
  says(key: string, draft: Partial<TouchpointDraft>): Promise<string>;
  /** Says it as an operator would. */
  set(customerId: string, input: Partial<SetConsent>): Promise<void>;
  /** `purpose channel status`, with `!` where records differ; as it is kept. */
  kept(customerId: string): Promise<string[]>;
  /** Makes customers one; answers how to take it back. */
  merge(...customerIds: string[]): Promise<() => Promise<void>>;
}

/** One node: ingestion, decisions, consents and segments, put together as the server does. */
export async function openConsents(
  pool: Pool,
  { now = '2026-11-01T12:00:00Z', reactions = [] }: { now?: string; reactions?: readonly TouchpointsRecorded[] } = {},
): Promise<ConsentsFixture> {
  const clock = new TestClock(now);
  const evaluator = new SegmentEvaluator({ leaves: allLeaves, timeZone: 'UTC' }, randomIds);
  const { ctx, idSecret } = await openIngest(pool, { clock });
  const rules = new CurrentRules();
  const ingest = new IngestService(ctx, {
    settings: { idSecret, defaultRegion: 'CH', inspectors: privacyInspectors },
    rules,
    reactions: [recordConsents, recordPreferences, onTouchpoints(evaluator), ...reactions],
  });
  const decisions = new DecisionService({
    ...{ idSecret, defaultRegion: 'CH', rules },
    reactions: [regroupRevenue, foldConsentsFromRegrouping, onRegrouping(evaluator)],
  });
  const moved = [onConsentsMoved(evaluator)];
  const consents = new ConsentService({ idSecret, reactions: moved });
  const links = new PreferenceLinks(idSecret);
  const builder: SegmentBuilder = new SegmentBuilder(ctx, evaluator, {
    onServed: (tx, version, at) => service.followServed(tx, version, at),
  });
  const service = new SegmentService(evaluator, builder);
  return {
    ...{ pool, ctx, clock, idSecret, ingest, decisions, consents, links },
    preferences: new PreferenceService(idSecret),
    center: new PreferenceCenterService(ctx, { links, reactions: moved }),
    ticker: new ConsentClock(ctx),
    segments: { builder, service, ticker: new SegmentClock(ctx, evaluator) },
    async says(key, draft) {
      const identifiers = [{ kind: 'userId', value: key }];
      const given = touchpoint({ source: 'crm', key, identifiers, ...draft });
      const [result] = await ingest.submit(ctx, [given]);
      if (result?.status !== 'STORED') throw new Error(`${result?.status}: ${result?.message}`);
      return fromPublicId('cus', result.customerId!);
    },
    async set(customerId, input) {
      await consents.setConsent(ctx, { customerId, purpose: 'newsletter', status: 'GRANTED', ...input });
    },
    async kept(customerId) {
      const rows = await pool<{ text: string }[]>`
        select purpose || ' ' || channel || ' ' || status || case when conflict then '!' else '' end as text
        from customer_consents where customer_id = ${customerId} order by purpose, channel`;
      return rows.map(({ text }) => text);
    },
    async merge(...customerIds) {
      const { decision } = await decisions.mergeCustomers(ctx, { customerIds, reason: 'the same person' });
      return async () => {
        await decisions.revokeDecision(ctx, { decisionId: decision.id, reason: 'they were two' });
      };
    },
  };
}

/** A touchpoint of a reserved type about consent. */
export function about(
  what: 'granted' | 'denied' | 'withdrawn' | 'requested',
  { at = '2026-10-01T10:00:00Z', ...properties }: { at?: string; [property: string]: unknown } = {},
): Partial<TouchpointDraft> {
  const given = { purpose: 'newsletter', ...properties } as TouchpointDraft['properties'];
  return { type: `consent.${what}`, occurredAt: at, properties: given };
}
