/**
 * Root fields that take conditions on customers, as objects or as text. Whoever may put them could find out anything that
 * conditions can test, by asking often enough.
 */
export const conditionFields: ReadonlySet<string> = new Set([
  'Query.segmentPreview',
  'Mutation.createSegment',
  'Mutation.updateSegment',
  'Mutation.createLoyaltyProgram',
  'Mutation.updateLoyaltyProgramDraft',
  'Mutation.createOffer',
  'Mutation.updateOffer',
  'Mutation.updateKpiSettings',
]);
