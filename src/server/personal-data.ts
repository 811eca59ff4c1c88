import { kpiTablesAfter, kpiTablesBefore } from '../kpis/kpis.erasure.queries.ts';
import { ledgerTables } from '../loyalty/erasure/loyalty.erasure.queries.ts';
import { membershipTables } from '../loyalty/erasure/membership.erasure.queries.ts';
import { accessTables } from '../privacy/erasure/access.erasure.queries.ts';
import { identityTables } from '../privacy/erasure/identity.erasure.queries.ts';
import { kernelTables } from '../privacy/erasure/kernel.erasure.queries.ts';
import { matchingTables } from '../privacy/erasure/matching.erasure.queries.ts';
import { privacyTables } from '../privacy/erasure/privacy.erasure.queries.ts';
import { quarantineTable } from '../privacy/erasure/quarantine.erasure.queries.ts';
import { relationTables } from '../privacy/erasure/relations.erasure.queries.ts';
import { touchpointTables } from '../privacy/erasure/touchpoints.erasure.queries.ts';
import type { PersonalTable } from '../privacy/personal-data.ts';
import { segmentTables } from '../segments/segments.erasure.queries.ts';
import { type ValidationSettings, validateTouchpoint } from '../touchpoints/validate.ts';

/**
 * What every table of the database holds of people, and what becomes of it when one is erased: in the order in which that
 * happens. What is found by something else's ids comes before it.
 */
export function personalTables(
  settings: Omit<ValidationSettings, 'rules'>,
  rules: () => ValidationSettings['rules'],
): readonly PersonalTable[] {
  const quarantine = quarantineTable((draft, receivedAt) => {
    const verdict = validateTouchpoint(draft, receivedAt, { ...settings, rules: rules() });
    if (!verdict.ok) return null;
    const { recordId, identifiers } = verdict.touchpoint;
    return { recordId, identifierIds: identifiers.map(({ id }) => id) };
  });
  return [
    ...segmentTables,
    ...kpiTablesBefore,
    ...ledgerTables,
    ...membershipTables,
    ...privacyTables,
    quarantine,
    ...matchingTables,
    ...touchpointTables,
    ...kpiTablesAfter,
    ...relationTables,
    ...identityTables,
    ...kernelTables,
    ...accessTables,
  ];
}
