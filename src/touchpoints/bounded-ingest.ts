import { type Boundary, limitBroken, limitsCustomers, limitsTouchpoints } from '../kernel/boundary.ts';
import type { Viewer } from '../kernel/context.ts';
import type { IngestResult, IngestWarning, TouchpointDraft } from './touchpoint.ts';

/** Why a key may not send a touchpoint; `undefined`: it may. */
export interface OutsideBoundary {
  readonly code: 'OUTSIDE_BOUNDARY';
  readonly message: string;
}

const words = { touchpointTypes: 'types', sources: 'sources', stores: 'stores' } as const;

export function outsideBoundary({ boundary }: Viewer, draft: TouchpointDraft): OutsideBoundary | undefined {
  if (!limitsTouchpoints(boundary)) return undefined;
  const { type, source, properties } = draft;
  const limit = limitBroken(boundary, { type, source, properties: asObject(properties) });
  if (!limit) return undefined;
  const message = `This key may send touchpoints of these ${words[limit]} only: ${boundary[limit]!.join(', ')}.`;
  return { code: 'OUTSIDE_BOUNDARY', message };
}

/**
 * How much an answer may tell. QUIET: whether the event is well-formed, and nothing of what is stored, or of whom: what came
 * before under an identifier or a message id is not for whoever can only send, or does not see all customers. OWN: of a
 * key kept to sources, what became of its own events, and nothing of other people.
 */
export function discretionOf({ boundary, writeOnly }: Viewer): 'QUIET' | 'OWN' | undefined {
  if (writeOnly) return 'QUIET';
  if (!limitsCustomers(boundary) && !limitsTouchpoints(boundary)) return undefined;
  return boundary && isKeptToSourcesAlone(boundary) ? 'OWN' : 'QUIET';
}

function isKeptToSourcesAlone({ segments, consents, sources }: Boundary): boolean {
  return sources !== undefined && segments === undefined && consents === undefined;
}

/** What the event itself shows; all else follows from what is known of others. */
const ownWarnings: readonly string[] = ['IDENTIFIER_INVALID', 'PROPERTY_UNUSABLE'];

export function discreet(result: IngestResult, discretion: 'QUIET' | 'OWN'): IngestResult {
  const warnings = result.warnings.filter(({ code }) => ownWarnings.includes(code));
  const isSuppressed = result.status === 'REJECTED' && result.code === 'SUPPRESSED';
  const isOwnFault = (result.status === 'REJECTED' && !isSuppressed) || result.status === 'VALID';
  if (isOwnFault) return result;
  if (discretion === 'OWN' && !isSuppressed) return withWarnings(result, warnings);
  const { messageId } = result;
  return { messageId, status: 'ACCEPTED', code: null, message: null, touchpointId: null, customerId: null, warnings };
}

/** Not copied: what a result says of ids is made when somebody asks. */
function withWarnings(result: IngestResult, warnings: readonly IngestWarning[]): IngestResult {
  result.warnings = warnings;
  return result;
}

function asObject(value: unknown): Readonly<Record<string, unknown>> | null {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Readonly<Record<string, unknown>>)
    : null;
}
