import type { IdentityOutcome } from '../identity/evidence.service.ts';
import type { ClaimFold } from '../identity/evidence.ts';
import type { Refusal, RefusedLink } from '../identity/resolution.ts';
import type { AcceptedTouchpoint, IngestWarning } from './touchpoint.ts';

type Refused = Pick<IdentityOutcome, 'refused' | 'cut' | 'removed'>;

/** What the senders of a batch must know of evidence that joined nobody: touchpoint id → warnings. */
export function identityWarnings(
  touchpoints: readonly AcceptedTouchpoint[],
  { refused, cut, removed }: Refused,
): Map<string, IngestWarning[]> {
  const warnings = new Map<string, IngestWarning[]>();
  if (refused.length === 0 && cut.length === 0 && removed.length === 0) return warnings;
  const [cutClaims, removedClaims] = [new Set(cut.map(claimKey)), new Set(removed.map(claimKey))];
  const causes = causesOf(touchpoints, refused);
  for (const touchpoint of touchpoints) {
    const found = [...(causes.get(touchpoint.id) ?? [])].map(refusalWarning);
    for (const { id: identifierId, kind } of touchpoint.identifiers) {
      const key = claimKey({ identifierId, recordId: touchpoint.recordId });
      if (cutClaims.has(key)) found.push(cutWarning(kind));
      if (removedClaims.has(key)) found.push(removedWarning(kind));
    }
    if (found.length > 0) warnings.set(touchpoint.id, found);
  }
  return warnings;
}

function claimKey({ identifierId, recordId }: Pick<ClaimFold, 'identifierId' | 'recordId'>): string {
  return identifierId + recordId;
}

/** The touchpoints that carried the refused identifier; where none did, those of the records that it would have joined. */
function causesOf(touchpoints: readonly AcceptedTouchpoint[], refused: readonly RefusedLink[]) {
  const carriers = Map.groupBy(
    touchpoints.flatMap((touchpoint) => touchpoint.identifiers.map(({ id }) => ({ id, touchpoint }))),
    ({ id }) => id,
  );
  const ofRecord = Map.groupBy(touchpoints, ({ recordId }) => recordId);
  const causes = new Map<string, Set<RefusedLink>>();
  for (const link of refused) {
    const carrying = carriers.get(link.evidenceId)?.map(({ touchpoint }) => touchpoint);
    const others = link.otherRecordId === null ? [] : (ofRecord.get(link.otherRecordId) ?? []);
    for (const { id } of carrying ?? ofRecord.get(link.recordId) ?? others) {
      causes.set(id, (causes.get(id) ?? new Set()).add(link));
    }
  }
  return causes;
}

const explanations: Record<Refusal, (link: RefusedLink) => string> = {
  VALUES_PER_CUSTOMER: ({ limitedBy }) => `one customer would hold more values of ${limitedBy} than its rule allows`,
  BOTH_KNOWN: ({ kind }) => `${kind} may be shared, and both customers are known by identifiers of their own`,
  TOO_MANY_VALUES: ({ limitedBy }) =>
    `the record carries more values of ${limitedBy} than one customer may hold, so that none of them joins it to anybody`,
  SEPARATED: () => 'somebody decided that they are not the same person',
  ONE_PER_SOURCE: ({ limitedBy }) => `the source ${limitedBy} holds each person once`,
};

function refusalWarning(link: RefusedLink): IngestWarning {
  const evidence = link.kind === 'decision' ? 'A link' : `The ${link.kind}`;
  return {
    code: 'LINK_REFUSED',
    message: `${evidence} did not join two customers: ${explanations[link.refusal](link)}.`,
  };
}

function cutWarning(kind: string): IngestWarning {
  const message = `The ${kind} joined nobody: more records carry it than its rule allows.`;
  return { code: 'IDENTIFIER_OVERUSED', message };
}

function removedWarning(kind: string): IngestWarning {
  return { code: 'IDENTIFIER_REMOVED', message: `The ${kind} was left out: somebody took it away from this record.` };
}
