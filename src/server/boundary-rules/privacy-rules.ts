import type { RuleTable } from './field-rule.ts';

/** Consents, preferences and the requests of data subjects. */
export const privacyRules: RuleTable = {
  Consent: {
    purpose: 'INSIDE',
    channel: 'INSIDE',
    status: 'INSIDE',
    legalBasis: 'INSIDE',
    source: 'INSIDE',
    statedAt: 'INSIDE',
    expiresAt: 'INSIDE',
    conflict: 'INSIDE',
    statements: 'INSIDE',
    definition: 'FREE',
  },
  ConsentStatement: {
    id: 'INSIDE',
    purpose: 'INSIDE',
    channel: 'INSIDE',
    status: 'INSIDE',
    legalBasis: 'INSIDE',
    origin: 'INSIDE',
    source: 'INSIDE',
    evidence: 'INSIDE',
    actor: 'INSIDE',
    reason: 'INSIDE',
    statedAt: 'INSIDE',
    recordedAt: 'INSIDE',
    expiresAt: 'INSIDE',
    touchpointId: 'INSIDE',
    // A decision is about all records that the customer had then: some may be somebody else's now.
    recordIds: 'OTHERS',
    // Whoever has it can confirm.
    confirmationToken: 'OTHERS',
  },
  ConsentPurpose: 'FREE',
  Preference: 'INSIDE',
  PreferenceDefinition: 'FREE',

  DataSubjectRequest: 'OTHERS',
  DataSubjectReceiptLine: 'OTHERS',
  SuppressionCount: 'OTHERS',
  SuppressionState: 'OTHERS',
  RetentionPolicy: 'OTHERS',
  RetentionPreview: 'OTHERS',
  RetentionPreviewType: 'OTHERS',
};
