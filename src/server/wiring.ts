import 'reflect-metadata';
import { ApiKeysResolver, findApiKeyNode } from '../access/api-keys.resolver.ts';
import { findAuditNode } from '../access/audit.resolver.ts';
import { AuditSealer } from '../access/audit-sealer.service.ts';
import { Authenticator } from '../access/authenticator.service.ts';
import { RateLimitResolver } from '../access/rate-limit.resolver.ts';
import { CurrentRules } from '../identity/current-rules.service.ts';
import { CustomerConnectionResolver, CustomerResolver } from '../identity/customer.resolver.ts';
import { CustomerService, findCustomerByUuid, findRecordByUuid } from '../identity/customer.service.ts';
import { DecisionService } from '../identity/decisions.service.ts';
import { IdentityRulesResolver } from '../identity/identity-rules.resolver.ts';
import { IdentityRulesService, repairBacklog } from '../identity/identity-rules.service.ts';
import { matchingLag } from '../identity/matching/match.service.ts';
import { findMatchCandidateNode, MatchReviewResolver } from '../identity/matching/match-candidate.resolver.ts';
import { MatchReviewService } from '../identity/matching/match-candidate.service.ts';
import { MatchDecisionService } from '../identity/matching/match-decisions.service.ts';
import { MatchingJob } from '../identity/matching/matching-job.service.ts';
import { CataloguedTraits } from '../identity/personal-traits.service.ts';
import { findAccountNode } from '../identity/relations/account.resolver.ts';
import { findHouseholdNode } from '../identity/relations/household.resolver.ts';
import { HouseholdDeriver } from '../identity/relations/household-deriver.service.ts';
import { householdLag } from '../identity/relations/household-rule.service.ts';
import { RulesPreviewService } from '../identity/rules-preview.service.ts';
import { RulesRepair } from '../identity/rules-repair.service.ts';
import { DecisionResolver, findDecisionNode } from '../identity/stewardship/decision.resolver.ts';
import { IdentityExplanationResolver } from '../identity/stewardship/explanation.resolver.ts';
import { IdentityExplainer } from '../identity/stewardship/explanation.service.ts';
import { findRegroupingNode } from '../identity/stewardship/regrouping.resolver.ts';
import { TraitCatalog } from '../identity/trait-catalog.service.ts';
import { TraitDefinitionResolver } from '../identity/trait-definition.resolver.ts';
import { TraitRefolder } from '../identity/trait-refold.service.ts';
import { ChangeFeed } from '../kernel/change-feed.ts';
import type { Config } from '../kernel/config.ts';
import type { Platform } from '../kernel/context.ts';
import { FeedRetention } from '../kernel/feed-retention.ts';
import type { IdPrefix } from '../kernel/ids.ts';
import { Metrics } from '../kernel/metrics.ts';
import { type NodeFinder, NodeResolver } from '../kernel/node.resolver.ts';
import { loadIdSecret } from '../kernel/settings.queries.ts';
import type { Downloads } from '../kpis/exports/downloads.service.ts';
import { factWarnings } from '../kpis/facts/reserved-properties.ts';
import { refuseSuppressed } from '../privacy/erasure/suppression-gate.service.ts';
import type { PreferenceCenterService } from '../privacy/preference-center/preference-center.service.ts';
import type { AccessExportService } from '../privacy/subject-access/access-export.service.ts';
import { boundaries } from '../segments/boundaries.queries.ts';
import { findSegmentNode } from '../segments/segment.resolver.ts';
import { onRefolding } from '../segments/segment-reactions.service.ts';
import { CustomerActivityResolver } from '../touchpoints/customer-activity.resolver.ts';
import { IngestResolver } from '../touchpoints/ingest.resolver.ts';
import { IngestService } from '../touchpoints/ingest.service.ts';
import { QuarantineResolver } from '../touchpoints/quarantine.resolver.ts';
import { findTouchpointByUuid } from '../touchpoints/touchpoint.service.ts';
import { boundedFinders } from './boundary-rules/node-rules.ts';
import { createEngines, recordingBooks, recordingReactions, regroupingReactions } from './engines.ts';
import type { OpenStreams } from './open-streams.ts';
import { accessLimits, type OperationRules, openOperationRules } from './operation-rules.ts';
import { privacyInspectors, wireConsents } from './wiring-consents.ts';
import { kpiNodes, wireKpis } from './wiring-kpis.ts';
import { loyaltyNodes, wireLoyalty } from './wiring-loyalty.ts';
import { erasureNodes, wireErasure } from './wiring-privacy-erasure.ts';
import { subjectNodes, wireSubjects } from './wiring-privacy-subject.ts';
import { wireSegments } from './wiring-segments.ts';
import { wireStreams } from './wiring-streams.ts';

/** Resolver class → its one instance. */
export type Instances = Map<unknown, object>;

/** What there is before anything is made. */
export type Surroundings = Omit<Platform, 'feed' | 'personalTraits'>;

/** What the server itself, beside the resolvers, has to do with. */
export interface Wiring {
  readonly platform: Platform;
  readonly metrics: Metrics;
  readonly authenticator: Authenticator;
  readonly ingest: IngestService;
  readonly instances: Instances;
  readonly downloads: Downloads;
  readonly preferenceCenter: PreferenceCenterService;
  readonly accessExports: AccessExportService;
  readonly streams: OpenStreams;
  readonly operationRules: OperationRules;
  start(): Promise<void>;
  /** Ends what was started, the last first; what was taken in is finished. */
  stop(): Promise<void>;
}

/** What `node(id)` can find, by the prefix of its id. */
export const nodeFinders: ReadonlyMap<IdPrefix, NodeFinder> = new Map<IdPrefix, NodeFinder>([
  ['cus', findCustomerByUuid],
  ['rec', findRecordByUuid],
  ['hh', findHouseholdNode],
  ['acc', findAccountNode],
  ['dec', findDecisionNode],
  ['mrg', findRegroupingNode],
  ['mc', findMatchCandidateNode],
  ['tp', findTouchpointByUuid],
  ['key', findApiKeyNode],
  ['aud', findAuditNode],
  ['seg', findSegmentNode],
  ...loyaltyNodes,
  ...kpiNodes,
  ...erasureNodes,
  ...subjectNodes,
]);

/** The table of contents of a running server: every long-lived object, made once, and who is given which. */
export async function wire(surroundings: Surroundings, config: Config): Promise<Wiring> {
  const { defaultRegion, timeZone } = config;
  const idSecret = await loadIdSecret(surroundings.pool);

  const metrics = new Metrics();
  const feed = new ChangeFeed(surroundings);
  const personalTraits = await CataloguedTraits.open(surroundings);
  const platform: Platform = { ...surroundings, feed, personalTraits, boundaries };
  const authenticator = new Authenticator(platform, accessLimits(config));
  const sealer = new AuditSealer(platform);
  const retention = new FeedRetention(platform);
  const rules = new CurrentRules();
  await rules.reload(surroundings.pool);
  const engines = createEngines(config, { ids: platform.ids, rules });
  const { evaluator } = engines;
  const ingest = new IngestService(platform, {
    settings: { idSecret, defaultRegion, inspectors: [...privacyInspectors, factWarnings] },
    rules,
    reactions: recordingReactions(engines),
    books: recordingBooks,
    refuse: refuseSuppressed(),
    metrics,
    meter: authenticator.meter,
  });
  metrics.observe('rundum_ingest_queue_touchpoints', 'Touchpoints that wait for a transaction.', () => ingest.queued);
  const households = new HouseholdDeriver(platform, idSecret);
  metrics.observe(
    'rundum_household_lag_seconds',
    'By how much households by rule are behind the customers.',
    // A database that is away must not take the other metrics with it.
    async () => (await householdLag(platform.pool, platform.clock.now()).catch(() => Number.NaN)) ?? 0,
  );
  const customers = new CustomerService({ idSecret, defaultRegion });
  const identityRules = new IdentityRulesService({ idSecret, defaultRegion, rules });
  const reactions = regroupingReactions(engines);
  const repair = new RulesRepair(platform, { rules, reactions });
  metrics.observe(
    'rundum_identity_rules_left',
    'Identifiers and records to which the identity rules in force are still to be applied.',
    async () => (await repairBacklog(platform.pool).catch(() => undefined))?.left ?? Number.NaN,
  );
  metrics.observe(
    'rundum_identity_rules_failures',
    'Attempts in a row to apply them that failed.',
    async () => (await repairBacklog(platform.pool).catch(() => undefined))?.failures ?? Number.NaN,
  );
  const decisionSettings = { idSecret, defaultRegion, rules, reactions };
  const decisions = new DecisionService(decisionSettings);
  const erasure = wireErasure(platform, engines, decisionSettings);
  const matchDecisions = new MatchDecisionService(decisionSettings);
  const matching = new MatchingJob(platform, matchDecisions);
  metrics.observe(
    'rundum_matching_lag_seconds',
    'By how much matching is behind the touchpoints; 0 without a model in use.',
    async () => (await matchingLag(platform.pool, platform.clock.now()).catch(() => Number.NaN)) ?? 0,
  );
  const refolder = new TraitRefolder(platform, { reactions: [onRefolding(evaluator)] });
  const consents = wireConsents(platform, { evaluator, idSecret });
  const subjects = wireSubjects(platform, engines, { idSecret, defaultRegion, rules, metrics });
  const loyalty = wireLoyalty(platform, engines, { idSecret, defaultRegion });
  const kpis = wireKpis(platform, engines, { idSecret, metrics });
  const segments = wireSegments(platform, { evaluator, settings: { idSecret, defaultRegion }, metrics });

  return {
    platform,
    metrics,
    authenticator,
    ingest,
    downloads: kpis.downloads,
    preferenceCenter: consents.preferenceCenter,
    accessExports: subjects.accessExports,
    streams: wireStreams(authenticator, config),
    operationRules: await openOperationRules(authenticator, config),
    instances: new Map<unknown, object>([
      [NodeResolver, new NodeResolver(boundedFinders(nodeFinders))],
      [ApiKeysResolver, new ApiKeysResolver(authenticator)],
      [RateLimitResolver, new RateLimitResolver(authenticator)],
      [CustomerResolver, new CustomerResolver(customers)],
      [CustomerConnectionResolver, new CustomerConnectionResolver(customers)],
      [IdentityRulesResolver, new IdentityRulesResolver(identityRules, new RulesPreviewService(identityRules))],
      [DecisionResolver, new DecisionResolver(decisions)],
      [IdentityExplanationResolver, new IdentityExplanationResolver(new IdentityExplainer(rules))],
      [MatchReviewResolver, new MatchReviewResolver(new MatchReviewService(decisions, matchDecisions))],
      [TraitDefinitionResolver, new TraitDefinitionResolver(new TraitCatalog(personalTraits, refolder))],
      [CustomerActivityResolver, new CustomerActivityResolver(timeZone)],
      [IngestResolver, new IngestResolver(ingest)],
      [QuarantineResolver, new QuarantineResolver(ingest)],
      ...consents.instances,
      ...erasure.instances,
      ...subjects.instances,
      ...loyalty.instances,
      ...kpis.instances,
      ...segments.instances,
    ]),
    async start() {
      await feed.start();
      authenticator.start();
      sealer.start();
      personalTraits.start();
      refolder.start();
      retention.start();
      households.start();
      repair.start();
      matching.start();
      consents.start();
      erasure.start();
      subjects.start();
      loyalty.start();
      kpis.start();
      segments.start();
    },
    async stop() {
      await ingest.drained();
      await segments.stop();
      await kpis.stop();
      await loyalty.stop();
      await subjects.stop();
      await erasure.stop();
      await consents.stop();
      await matching.stop();
      await repair.stop();
      await households.stop();
      await retention.stop();
      await refolder.stop();
      await personalTraits.stop();
      await sealer.stop();
      await authenticator.stop();
      await feed.stop();
    },
  };
}
