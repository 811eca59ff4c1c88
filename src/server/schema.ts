import 'reflect-metadata';
import type { GraphQLSchema } from 'graphql';
import { buildSchemaSync, type NonEmptyArray } from 'type-graphql';
import { ApiKeysResolver } from '../access/api-keys.resolver.ts';
import { AuditResolver } from '../access/audit.resolver.ts';
import { ApiKeyUsageResolver } from '../access/key-usage.resolver.ts';
import { RateLimitResolver } from '../access/rate-limit.resolver.ts';
import { ViewerResolver } from '../access/viewer.resolver.ts';
import { CustomerConnectionResolver, CustomerResolver } from '../identity/customer.resolver.ts';
import { CustomerSubscriptionResolver } from '../identity/customer-subscription.resolver.ts';
import { IdentityRulesResolver } from '../identity/identity-rules.resolver.ts';
import { MatchResolver } from '../identity/matching/match.resolver.ts';
import {
  MatchCandidateResolver,
  MatchDecisionPayloadResolver,
  MatchReviewResolver,
} from '../identity/matching/match-candidate.resolver.ts';
import { RecordTraitResolver, SourceRecordResolver, TraitResolver } from '../identity/record.resolver.ts';
import { AccountMemberResolver, AccountResolver } from '../identity/relations/account.resolver.ts';
import {
  AccountRelationResolver,
  CustomerRelationsResolver,
  HouseholdRelationResolver,
  RelationsResolver,
} from '../identity/relations/customer-relations.resolver.ts';
import { HouseholdMemberResolver, HouseholdResolver } from '../identity/relations/household.resolver.ts';
import { HouseholdRuleResolver } from '../identity/relations/household-rule.resolver.ts';
import {
  DecisionRecordResolver,
  DecisionResolver,
  IdentityDecisionPayloadResolver,
  IdentityDecisionResolver,
  UnlinkRecordsPayloadResolver,
} from '../identity/stewardship/decision.resolver.ts';
import {
  IdentityExplanationResolver,
  IdentityPathResolver,
  IdentityStepResolver,
  UnusedIdentifierResolver,
} from '../identity/stewardship/explanation.resolver.ts';
import { IdentitySubscriptionResolver } from '../identity/stewardship/identity-subscription.resolver.ts';
import { IdentityEvidenceResolver, RefusedLinkResolver } from '../identity/stewardship/refused-link.resolver.ts';
import { CustomerRegroupingsResolver, RegroupingResolver } from '../identity/stewardship/regrouping.resolver.ts';
import { TraitDefinitionResolver } from '../identity/trait-definition.resolver.ts';
import type { Context } from '../kernel/context.ts';
import { NodeResolver } from '../kernel/node.resolver.ts';
import { DateTime } from '../kernel/scalars.ts';
import { AnalysesResolver } from '../kpis/analyses/analyses.resolver.ts';
import { CustomerKpisResolver } from '../kpis/customers/customer-kpis.resolver.ts';
import { ScoringResolver } from '../kpis/customers/scoring.resolver.ts';
import { SavedQueryResolver } from '../kpis/exports/saved-query.resolver.ts';
import { ChurnCalibrationResolver } from '../kpis/lifecycle/churn-calibration.resolver.ts';
import {
  CustomerChurnRiskResolver,
  CustomerLifecycleResolver,
  LifecycleResolver,
} from '../kpis/lifecycle/lifecycle.resolver.ts';
import {
  ChurnRiskSubscriptionResolver,
  LifecycleSubscriptionResolver,
} from '../kpis/lifecycle/lifecycle-subscription.resolver.ts';
import { MetricResolver } from '../kpis/metrics/metric.resolver.ts';
import { KpiModelsResolver } from '../kpis/models/models.resolver.ts';
import { KpiJobsResolver } from '../kpis/settings/kpi-jobs.resolver.ts';
import { KpiSettingsResolver } from '../kpis/settings/settings.resolver.ts';
import { EnrolmentResolver } from '../loyalty/members/enrolment.resolver.ts';
import { LoyaltyPoolResolver } from '../loyalty/members/pool.resolver.ts';
import { ReferralResolver } from '../loyalty/members/referral.resolver.ts';
import { TierOverrideResolver } from '../loyalty/members/tier-override.resolver.ts';
import { CustomerOffersResolver } from '../loyalty/offers/customer-offers.resolver.ts';
import { OfferResolver } from '../loyalty/offers/offer.resolver.ts';
import { OfferPresentationResolver, TillResolver } from '../loyalty/offers/till.resolver.ts';
import { LoyaltyProgramResolver } from '../loyalty/programs/program.resolver.ts';
import { LoyaltyProgramFieldsResolver } from '../loyalty/programs/program-fields.resolver.ts';
import { LoyaltyDecisionPayloadResolver, RedeemingResolver } from '../loyalty/redeeming/redeeming.resolver.ts';
import { LoyaltyReportsResolver } from '../loyalty/reports/loyalty-reports.resolver.ts';
import { RewardResolver } from '../loyalty/rewards/reward.resolver.ts';
import { VoucherResolver } from '../loyalty/rewards/voucher.resolver.ts';
import { LeverSimulationResolver } from '../loyalty/simulation/lever-simulation.resolver.ts';
import { LoyaltySubscriptionResolver } from '../loyalty/view/loyalty-subscription.resolver.ts';
import {
  CustomerLoyaltyResolver,
  LoyaltyBalanceResolver,
  LoyaltyMemberResolver,
} from '../loyalty/view/standing.resolver.ts';
import {
  ConsentFieldsResolver,
  ConsentPayloadResolver,
  ConsentResolver,
  ConsentStatementResolver,
  CustomerConsentsResolver,
} from '../privacy/consents/consent.resolver.ts';
import { DataSubjectRequestResolver, ErasureResolver } from '../privacy/erasure/erasure.resolver.ts';
import { PartialDeletionResolver } from '../privacy/partial-deletion/partial-deletion.resolver.ts';
import {
  CustomerPreferencesResolver,
  PreferencePayloadResolver,
  PreferenceResolver,
} from '../privacy/preferences/preference.resolver.ts';
import { RetentionResolver } from '../privacy/retention/retention.resolver.ts';
import { AccessExportResolver } from '../privacy/subject-access/access-export.resolver.ts';
import {
  CustomerSegmentsResolver,
  SegmentLogEntryResolver,
  SegmentMembershipResolver,
} from '../segments/customer-segments.resolver.ts';
import { SegmentResolver } from '../segments/segment.resolver.ts';
import { SegmentExplanationResolver } from '../segments/segment-explanation.resolver.ts';
import { SegmentFieldsResolver } from '../segments/segment-fields.resolver.ts';
import { SegmentListsResolver } from '../segments/segment-lists.resolver.ts';
import { SegmentOverlapResolver, SegmentPreviewResolver } from '../segments/segment-preview.resolver.ts';
import '../segments/segment-metrics.enum.ts';
import { SegmentSubscriptionResolver } from '../segments/segment-subscription.resolver.ts';
import { ChangesResolver } from '../touchpoints/changes.resolver.ts';
import { CustomerActivityResolver } from '../touchpoints/customer-activity.resolver.ts';
import { CustomerTouchpointsResolver } from '../touchpoints/customer-touchpoints.resolver.ts';
import type { TouchpointInput } from '../touchpoints/ingest.input.ts';
import { IngestResolver } from '../touchpoints/ingest.resolver.ts';
import { QuarantineResolver } from '../touchpoints/quarantine.resolver.ts';
import { TouchpointResolver } from '../touchpoints/touchpoint.resolver.ts';
import { TouchpointSubscriptionResolver } from '../touchpoints/touchpoint-subscription.resolver.ts';
import { applyOneOf } from './one-of.ts';
import type { Instances } from './wiring.ts';

type ResolverClass = abstract new (...args: never[]) => object;

/** Everything that has a root field or adds fields to a type, in the order of the modules. */
const resolvers: NonEmptyArray<ResolverClass> = [
  NodeResolver,
  ViewerResolver,
  RateLimitResolver,
  ApiKeysResolver,
  ApiKeyUsageResolver,
  AuditResolver,
  CustomerResolver,
  CustomerConnectionResolver,
  CustomerSubscriptionResolver,
  SourceRecordResolver,
  TraitResolver,
  RecordTraitResolver,
  DecisionResolver,
  IdentityDecisionResolver,
  IdentityDecisionPayloadResolver,
  UnlinkRecordsPayloadResolver,
  DecisionRecordResolver,
  MatchReviewResolver,
  MatchCandidateResolver,
  MatchDecisionPayloadResolver,
  MatchResolver,
  RegroupingResolver,
  CustomerRegroupingsResolver,
  RefusedLinkResolver,
  IdentityEvidenceResolver,
  IdentityExplanationResolver,
  IdentityPathResolver,
  IdentityStepResolver,
  UnusedIdentifierResolver,
  IdentitySubscriptionResolver,
  TraitDefinitionResolver,
  IdentityRulesResolver,
  CustomerRelationsResolver,
  RelationsResolver,
  HouseholdRelationResolver,
  AccountRelationResolver,
  HouseholdResolver,
  HouseholdMemberResolver,
  HouseholdRuleResolver,
  AccountResolver,
  AccountMemberResolver,
  TouchpointResolver,
  TouchpointSubscriptionResolver,
  CustomerTouchpointsResolver,
  CustomerActivityResolver,
  IngestResolver,
  QuarantineResolver,
  ChangesResolver,
  ErasureResolver,
  AccessExportResolver,
  PartialDeletionResolver,
  RetentionResolver,
  DataSubjectRequestResolver,
  ConsentResolver,
  ConsentFieldsResolver,
  ConsentStatementResolver,
  ConsentPayloadResolver,
  CustomerConsentsResolver,
  PreferenceResolver,
  PreferencePayloadResolver,
  CustomerPreferencesResolver,
  LoyaltyProgramResolver,
  LoyaltyProgramFieldsResolver,
  CustomerLoyaltyResolver,
  LoyaltyMemberResolver,
  LoyaltyBalanceResolver,
  LoyaltySubscriptionResolver,
  EnrolmentResolver,
  RedeemingResolver,
  LoyaltyDecisionPayloadResolver,
  RewardResolver,
  VoucherResolver,
  LoyaltyPoolResolver,
  ReferralResolver,
  TierOverrideResolver,
  OfferResolver,
  TillResolver,
  OfferPresentationResolver,
  CustomerOffersResolver,
  LoyaltyReportsResolver,
  LeverSimulationResolver,
  MetricResolver,
  SavedQueryResolver,
  CustomerKpisResolver,
  CustomerChurnRiskResolver,
  CustomerLifecycleResolver,
  LifecycleResolver,
  LifecycleSubscriptionResolver,
  ChurnRiskSubscriptionResolver,
  ChurnCalibrationResolver,
  ScoringResolver,
  KpiSettingsResolver,
  KpiModelsResolver,
  KpiJobsResolver,
  AnalysesResolver,
  SegmentResolver,
  SegmentFieldsResolver,
  SegmentMembershipResolver,
  SegmentLogEntryResolver,
  CustomerSegmentsResolver,
  SegmentListsResolver,
  SegmentPreviewResolver,
  SegmentOverlapResolver,
  SegmentExplanationResolver,
  SegmentSubscriptionResolver,
];

/** Classes that no field names, reachable only through an interface such as `Node`. */
const orphanedTypes: ResolverClass[] = [];

/**
 * Assembles the schema from the decorated classes.
 * Resolver instances come from `instances`; those that need nothing long-lived are made on the spot.
 */
export function createSchema(instances: Instances): GraphQLSchema {
  const schema = buildSchemaSync({
    resolvers,
    orphanedTypes,
    container: { get: (resolver) => resolverInstance(instances, resolver) },
    // Inputs are checked by services, which the CLI and jobs use too, not by class-validator.
    validate: false,
    pubSub: noPubSub,
    scalarsMap: [{ type: Date, scalar: DateTime }],
  });
  applyOneOf(schema);
  takeEventsAsTheyAre(schema, instances);
  return schema;
}

/**
 * type-graphql makes an instance of every input object, looking up its class field by field: work and garbage for each of
 * ten thousand objects of an ingest call, which wants plain drafts as they come from everywhere else.
 */
function takeEventsAsTheyAre(schema: GraphQLSchema, instances: Instances): void {
  const { ingest } = schema.getMutationType()!.getFields();
  const resolver = resolverInstance(instances, IngestResolver as new () => IngestResolver);
  ingest!.resolve = (_root, { events }: { events: TouchpointInput[] }, ctx: Context) => resolver.ingest(ctx, events);
}

/**
 * type-graphql insists on a PubSub as soon as there is a subscription. Ours read the change feed instead: the one that
 * comes with type-graphql throws, uncaught, once a slow reader is a thousand events behind.
 */
const noPubSub = {
  publish: () => {
    throw new Error('Nothing is published: append to the change feed.');
  },
  subscribe: () => {
    throw new Error('Nothing is published: subscribe to the change feed.');
  },
};

function resolverInstance<T extends object>(instances: Instances, resolver: new () => T): T {
  const known = instances.get(resolver);
  if (known) return known as T;
  const made = new resolver();
  instances.set(resolver, made);
  return made;
}
