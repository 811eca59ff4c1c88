import type { JsonObject } from '../../kernel/json.ts';
import { type AcceptedTouchpoint, channels, type IngestWarning } from '../../touchpoints/touchpoint.ts';
import { choiceIn, instantIn, nameIn, Unusable } from '../reserved-property.ts';
import { everyChannel, type LegalBasis, legalBases, type Stated, type StatedStatus } from './consent.ts';

const statusOfType: ReadonlyMap<string, StatedStatus> = new Map([
  ['consent.granted', 'GRANTED'],
  ['consent.denied', 'DENIED'],
  ['consent.withdrawn', 'WITHDRAWN'],
  ['consent.requested', 'PENDING'],
]);

/** Reserved types of touchpoints: they say something about consent. */
export const consentTypes: ReadonlySet<string> = new Set(statusOfType.keys());

/** What a touchpoint says about consent. */
export interface TouchpointStatement extends Stated {
  readonly evidence: JsonObject | null;
  readonly recordedAt: Date;
}

type Told = Pick<AcceptedTouchpoint, 'type' | 'properties' | 'occurredAt'>;
type Stamp = Pick<AcceptedTouchpoint, 'recordId' | 'id' | 'source' | 'receivedAt'>;

/** `undefined` for touchpoints of other types, and for one whose properties don't say what it is about. */
export function statementOf(touchpoint: Told & Stamp): TouchpointStatement | undefined {
  const { type, recordId, id, source, occurredAt: statedAt, receivedAt: recordedAt } = touchpoint;
  const status = statusOfType.get(type);
  const said = status && readProperties(touchpoint, status).said;
  return said && { recordId, id, status, source, statedAt, recordedAt, ...said };
}

/** What the sender has to know, where something could not be read. */
export function consentWarnings(touchpoint: Told): readonly IngestWarning[] {
  const status = statusOfType.get(touchpoint.type);
  return status === undefined ? [] : readProperties(touchpoint, status).warnings;
}

type Properties = Pick<TouchpointStatement, 'purpose' | 'channel' | 'legalBasis' | 'expiresAt' | 'evidence'>;

interface Read {
  readonly said: Properties | undefined;
  readonly warnings: readonly IngestWarning[];
}

/**
 * Of what is granted or asked for, all or nothing: it must not become a consent for every channel, or for ever, because its
 * channel or its end can't be read. A refusal counts whatever else can't be read of it, and has no end.
 */
function readProperties({ properties, occurredAt }: Told, status: StatedStatus): Read {
  const given = properties ?? {};
  const refusal = status === 'DENIED' || status === 'WITHDRAWN';
  const warnings: IngestWarning[] = [];
  const read = <T>(reader: () => T, otherwise: T): T => {
    try {
      return reader();
    } catch (error) {
      if (!(error instanceof Unusable)) throw error;
      warnings.push(error.warning);
      return otherwise;
    }
  };
  const purpose = read<string | undefined>(() => nameIn(given, 'purpose'), undefined);
  const said = {
    channel: read(() => choiceIn(given, 'channel', { among: channels, otherwise: everyChannel }), everyChannel),
    legalBasis: read<LegalBasis>(() => choiceIn(given, 'legalBasis', { among: legalBases, otherwise: usual }), usual),
    expiresAt: refusal ? null : read(() => endIn(given, occurredAt), null),
    evidence: read(() => evidenceIn(given), null),
  };
  const usable = purpose !== undefined && (refusal || warnings.length === 0);
  return { said: usable ? { purpose, ...said } : undefined, warnings };
}

const usual: LegalBasis = 'CONSENT';

function endIn(properties: JsonObject, occurredAt: Date): Date | null {
  const end = instantIn(properties, 'expiresAt');
  if (end === null || end > occurredAt) return end;
  throw new Unusable('expiresAt', 'later than the touchpoint itself', properties.expiresAt);
}

function evidenceIn({ evidence }: JsonObject): JsonObject | null {
  if (evidence == null) return null;
  if (typeof evidence === 'object' && !Array.isArray(evidence)) return evidence;
  throw new Unusable('evidence', 'an object', evidence);
}

/** As it is stored. */
export function toRow(statement: TouchpointStatement) {
  return { ...statement, origin: 'TOUCHPOINT', actor: null, reason: null, fingerprint: null } as const;
}
