/** What looking at one field costs, where that is not what follows from the schema. */
export interface CostWeight {
  /** Points, once. */
  readonly base?: number;
  /** Points for each object of a list, beside what is selected of it. */
  readonly each?: number;
  /** How many objects a list has when its caller doesn't say: its own default, or as many as it usually has. */
  readonly size?: number;
  /** Points for each unit of arguments: of a list for each member, of a number for each one. `usual`: units of who gives none. */
  readonly per?: { readonly inputs: readonly string[]; readonly points: number; readonly usual?: number };
}

/** Reads through facts, whoever they belong to. */
const analysis: CostWeight = { base: 500 };
/** Reads a sum or a distribution that has to be counted. */
const report: CostWeight = { base: 200 };
/** Starts work that goes on for minutes. */
const job: CostWeight = { base: 1_000 };
/** Counts rows. */
const count: CostWeight = { base: 20 };
/** Judges or resolves one customer anew. */
const explanation: CostWeight = { base: 20 };

/**
 * By schema coordinate. Everything else costs what `docs/limits.md` says in three sentences: a look-up 1, each object of a
 * list that is looked up 1, a mutation 10, opening a subscription 10.
 */
export const costWeights: Readonly<Record<string, CostWeight>> = {
  'Query.__schema': { base: 100 },
  'Query.__type': { base: 10 },

  // What is left of a budget is not to cost some of it.
  'Viewer.limits': { base: 0, each: 0 },

  // The one way in: a call of a thousand touchpoints costs as much as a good query.
  'Mutation.ingest': { base: 1, per: { inputs: ['events'], points: 0.1 } },
  'Mutation.replayQuarantined': { base: 10, per: { inputs: ['ids'], points: 0.1, usual: 100 } },
  'Mutation.importMemberships': { base: 10, per: { inputs: ['input.memberships'], points: 1 } },
  'Mutation.addToSegmentList': { base: 10, per: { inputs: ['input.customerIds', 'input.identifiers'], points: 1 } },
  'Mutation.removeFromSegmentList': {
    base: 10,
    per: { inputs: ['input.customerIds', 'input.identifiers'], points: 1 },
  },

  'Query.metrics': analysis,
  'Subscription.metricChanged': { base: 500, each: 500 },
  'Query.attribution': analysis,
  'Query.caseResolution': analysis,
  'Query.churnCalibration': { base: 2_000 },
  'Query.churnRate': analysis,
  'Query.clvCalibration': { base: 2_000 },
  'Query.lifecycleStages': report,
  'Query.nps': analysis,
  'Query.portfolio': analysis,
  'Query.retentionCohorts': analysis,
  'Query.tierMigration': analysis,
  'Query.loyaltyCostBenefit': analysis,
  'Query.loyaltyLiability': report,
  'Query.loyaltyLift': analysis,
  'Query.loyaltyPartnerSettlement': report,
  'Query.loyaltyRedemptionRate': report,
  'Query.loyaltyTierDistribution': report,
  'Query.loyaltyTierMigration': report,
  'Query.loyaltyVintages': report,
  'Query.simulateLevers': { base: 2_000 },
  'Query.previewIdentityRules': { base: 0, per: { inputs: ['seconds'], points: 100, usual: 20 } },
  'Query.segmentPreview': analysis,
  'Query.explainIdentity': explanation,
  'Query.explainMembership': explanation,
  'Query.nextBestOffers': explanation,
  'Query.checkout': explanation,

  'Mutation.createSegment': report,
  'Mutation.updateSegment': report,
  'Mutation.fitKpiModels': job,
  'Mutation.scoreCustomers': job,
  'Mutation.runMatching': job,
  'Mutation.trainMatchModel': job,
  'Mutation.updateIdentityRules': job,
  'Mutation.revertIdentityRules': job,
  'Mutation.updateKpiSettings': job,
  'Mutation.turnLoyaltyLever': report,
  'Mutation.publishLoyaltyProgram': report,

  'CustomerConnection.totalCount': { base: 100 },
  'MatchCandidateConnection.totalCount': count,
  'QuarantineConnection.totalCount': count,

  // Every record of a customer, and every trait of a record, when nobody says how many.
  'Customer.traits': { size: 20 },
  'SourceRecord.traits': { size: 20 },
  'Customer.activity': { size: 90, each: 0.1 },
};
