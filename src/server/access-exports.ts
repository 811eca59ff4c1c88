import { kpiExports } from '../kpis/kpis.access-export.queries.ts';
import { loyaltyExports } from '../loyalty/loyalty.access-export.queries.ts';
import type { ExportedTable } from '../privacy/personal-data.ts';
import {
  identityExports,
  matchingExports,
  relationExports,
} from '../privacy/subject-access/identity.access-export.queries.ts';
import { logExports, privacyExports } from '../privacy/subject-access/privacy.access-export.queries.ts';
import { quarantineExport, touchpointExports } from '../privacy/subject-access/touchpoints.access-export.queries.ts';
import { segmentExports } from '../segments/segments.access-export.queries.ts';
import { type ValidationSettings, validateTouchpoint } from '../touchpoints/validate.ts';

/** What an access export says of every table that holds something of people, in the order in which it is read. */
export function accessExports(
  settings: Omit<ValidationSettings, 'rules'>,
  rules: () => ValidationSettings['rules'],
): readonly ExportedTable[] {
  const quarantine = quarantineExport((draft, receivedAt) => {
    const verdict = validateTouchpoint(draft, receivedAt, { ...settings, rules: rules() });
    if (!verdict.ok) return null;
    const { recordId, identifiers } = verdict.touchpoint;
    return { recordId, identifierIds: identifiers.map(({ id }) => id) };
  });
  return [
    ...identityExports,
    ...privacyExports,
    ...touchpointExports,
    quarantine,
    ...relationExports,
    ...segmentExports,
    ...kpiExports,
    ...loyaltyExports,
    ...matchingExports,
    ...logExports,
  ];
}
