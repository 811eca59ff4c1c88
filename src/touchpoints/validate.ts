import { identifierId, normaliseIdentifier } from '../identity/normalise.ts';
import { defaultRules, type IdentityRules, isBlocked, ruleFor } from '../identity/rules.ts';
import { deriveUuid, fingerprintUuid } from '../kernel/ids.ts';
import { canonicalJson, type JsonObject, maximumLevels } from '../kernel/json.ts';
import { Rejection, shown } from './rejection.ts';
import type {
  AcceptedIdentifier,
  AcceptedTouchpoint,
  Channel,
  Direction,
  IngestWarning,
  TouchpointDraft,
} from './touchpoint.ts';
import { acceptTime } from './validate-time.ts';
import { acceptLines, acceptValue } from './validate-value.ts';

export const maximumEventBytes = 32 * 1024;
const maximumIdentifiers = 20;
const maximumTraits = 200;
/** Levels of an event: what goes deeper exhausts a stack, here or in PostgreSQL. */

/** What the checks need to know about this installation. */
export interface ValidationSettings {
  /** The database's secret, from which ids of facts are derived. */
  readonly idSecret: string;
  readonly rules: IdentityRules;
  /** ISO 3166 region of phone numbers without a country code. */
  readonly defaultRegion: string;
  /** What modules further up have to say of touchpoints of their reserved types: properties that they can't use. */
  readonly inspectors?: readonly TouchpointInspector[];
}

/** Pure. Warns of what is stored and means nothing. */
export type TouchpointInspector = (
  touchpoint: Pick<AcceptedTouchpoint, 'type' | 'properties' | 'occurredAt' | 'currency'>,
) => readonly IngestWarning[];

export type Verdict = { ok: true; touchpoint: AcceptedTouchpoint } | { ok: false; code: string; message: string };

/** Checks one draft and derives its ids. Pure: the same draft received at the same time gets the same verdict. */
export function validateTouchpoint(draft: TouchpointDraft, receivedAt: Date, settings: ValidationSettings): Verdict {
  try {
    return { ok: true, touchpoint: accept(draft, receivedAt, settings) };
  } catch (error) {
    if (error instanceof Rejection) return { ok: false, code: error.code, message: error.message };
    throw error;
  }
}

function accept(draft: TouchpointDraft, receivedAt: Date, settings: ValidationSettings): AcceptedTouchpoint {
  checkTexts(draft);
  const body = canonicalBody(draft);
  checkSize(draft, body);
  const occurredAt = acceptTime(draft.occurredAt, draft.sentAt, receivedAt);
  const blockedKeys = findBlockedKey(draft, settings.rules);
  const accepted = acceptIdentifiers(draft, settings);
  const ignored = [...blockedKeys, ...accepted.ignored];
  const { identifiers } = accepted;
  const blocked = identifiers.filter((identifier) => identifier.blocked);
  const value = acceptValue(draft);
  const properties = nonEmpty(draft.properties);
  const key =
    (blockedKeys.length === 0 ? draft.key : null) ?? keyFrom(identifiers.filter((identifier) => !identifier.blocked));
  return {
    id: deriveUuid(settings.idSecret, 'touchpoint', draft.source, draft.messageId),
    fingerprint: fingerprintUuid(body),
    // A receipt of nobody is a record of its own: it can be claimed later, by this key.
    recordId: deriveUuid(settings.idSecret, 'record', draft.source, key ?? receiptKey(draft)),
    source: draft.source,
    key: key ?? receiptKey(draft),
    unidentified: key === undefined,
    identifiers,
    messageId: draft.messageId,
    type: draft.type,
    channel: draft.channel ?? usualChannel.get(draft.source) ?? 'OTHER',
    direction: draft.direction ?? usualDirection(draft.type),
    occurredAt,
    receivedAt,
    valueMinor: value.valueMinor,
    currency: value.currency,
    campaign: draft.campaign ?? null,
    traits: nonEmpty(draft.traits),
    properties,
    lines: acceptLines(draft),
    context: contextOf(draft, ignored),
    warnings: [
      ...ignored.map(({ code, message }) => ({ code, message })),
      ...blocked.map(blockedWarning),
      ...inspect({ type: draft.type, properties, occurredAt, currency: value.currency }, settings),
    ],
    draft,
  };
}

function inspect(
  touchpoint: Parameters<TouchpointInspector>[0],
  { inspectors = [] }: ValidationSettings,
): readonly IngestWarning[] {
  return inspectors.length === 0 ? [] : inspectors.flatMap((warningsOf) => warningsOf(touchpoint));
}

const printable = /^[^\p{Cc}]+$/u;

function checkTexts(draft: TouchpointDraft): void {
  checkText(draft.messageId, 'messageId', 'MESSAGE_ID_INVALID', 256);
  checkText(draft.source, 'source', 'SOURCE_INVALID', 64);
  checkText(draft.type, 'type', 'TYPE_INVALID', 128);
  if (draft.key !== null && draft.key !== undefined) checkText(draft.key, 'key', 'KEY_INVALID', 512);
  if (draft.campaign !== null && draft.campaign !== undefined)
    checkText(draft.campaign, 'campaign', 'CAMPAIGN_INVALID', 256);
  const names = Object.keys(draft.traits ?? {});
  if (names.length > maximumTraits)
    throw new Rejection('TOO_MANY_TRAITS', `At most ${maximumTraits} traits, got ${names.length}.`);
  for (const name of names) checkText(name, 'A trait name', 'TRAIT_NAME_INVALID', 128);
}

function checkText(text: unknown, field: string, code: string, maximum: number): void {
  if (typeof text === 'string' && text.length <= maximum && text.trim() !== '' && printable.test(text)) return;
  throw new Rejection(code, `${field} must have 1 to ${maximum} printable characters, got ${shown(text)}.`);
}

/** What makes two messages the same: everything but the time of sending, which a retry changes. */
const isOfBody: { readonly [Field in keyof TouchpointDraft]-?: boolean } = {
  messageId: true,
  source: true,
  key: true,
  identifiers: true,
  type: true,
  channel: true,
  direction: true,
  occurredAt: true,
  sentAt: false,
  traits: true,
  properties: true,
  value: true,
  lines: true,
  campaign: true,
  context: true,
};
const fieldsOfBody = (Object.keys(isOfBody) as (keyof TouchpointDraft)[]).filter((field) => isOfBody[field]).sort();

/** {@link canonicalJson} of the fields that are given. */
function canonicalBody(draft: TouchpointDraft): string {
  let text = '';
  try {
    for (const field of fieldsOfBody) {
      const value = draft[field];
      if (value === null || value === undefined) continue;
      text += `${text === '' ? '{' : ','}"${field}":${canonicalJson(value, 1)}`;
    }
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new Rejection('EVENT_TOO_LARGE', `An event may have ${maximumLevels} levels of nesting, got more.`);
  }
  return `${text}}`;
}

function checkSize(draft: TouchpointDraft, body: string): void {
  // Counting takes time, and no character has more than three bytes for its one or two units.
  const size = body.length > maximumEventBytes / 3 ? sizeWithoutLines(draft, body) : 0;
  if (size > maximumEventBytes) {
    throw new Rejection(
      'EVENT_TOO_LARGE',
      `An event may have ${maximumEventBytes} bytes without its lines, got ${size}.`,
    );
  }
  if (body.includes('\\u') && !isStorable(draft)) {
    throw new Rejection('TEXT_INVALID', 'Texts must be valid Unicode without NUL characters.');
  }
}

/** Order lines have a limit of their own: a wholesale order may have a thousand. */
function sizeWithoutLines({ lines }: TouchpointDraft, body: string): number {
  return Buffer.byteLength(body) - (lines ? Buffer.byteLength(canonicalJson(lines)) : 0);
}

/** PostgreSQL stores no NUL and no half of a surrogate pair. */
function isStorable(value: unknown): boolean {
  if (typeof value === 'string') return value.isWellFormed() && !value.includes('\u0000');
  if (value === null || typeof value !== 'object') return true;
  return Object.entries(value).every(([name, member]) => isStorable(name) && isStorable(member));
}

interface IgnoredIdentifier extends IngestWarning {
  readonly kind: string;
  readonly value: string;
}

/** A source that sends "null" for every key would make everybody one record. */
function findBlockedKey({ key }: TouchpointDraft, rules: IdentityRules): IgnoredIdentifier[] {
  if (key === null || key === undefined || !isBlocked(rules, key.trim())) return [];
  return [
    {
      kind: 'key',
      value: key,
      code: 'IDENTIFIER_BLOCKED',
      message: 'The key was left out: its value identifies nobody.',
    },
  ];
}

/** A useless identifier doesn't cost the event: it is left out, reported, and kept with the touchpoint's context. */
function acceptIdentifiers(draft: TouchpointDraft, settings: ValidationSettings) {
  const given = draft.identifiers ?? [];
  if (given.length > maximumIdentifiers) {
    throw new Rejection('TOO_MANY_IDENTIFIERS', `At most ${maximumIdentifiers} identifiers, got ${given.length}.`);
  }
  const identifiers = new Map<string, AcceptedIdentifier>();
  const ignored: IgnoredIdentifier[] = [];
  for (const { kind, value } of given) {
    const verdict = acceptIdentifier(kind, value, settings);
    if ('code' in verdict) ignored.push(verdict);
    else identifiers.set(verdict.id, verdict);
  }
  return { identifiers: [...identifiers.values()], ignored };
}

function acceptIdentifier(
  kind: string,
  value: string,
  settings: ValidationSettings,
): AcceptedIdentifier | IgnoredIdentifier {
  if (typeof kind !== 'string' || !/^[A-Za-z]\w{0,63}$/.test(kind)) {
    throw new Rejection(
      'IDENTIFIER_KIND_INVALID',
      `An identifier kind is a name such as email or customerNo, got ${shown(kind)}.`,
    );
  }
  if (typeof value !== 'string') {
    throw new Rejection(
      'IDENTIFIER_VALUE_INVALID',
      `The value of identifier ${kind} must be text, got ${shown(value)}.`,
    );
  }
  const normalised = normaliseIdentifier(kind, value, settings);
  if (!normalised.ok) {
    const message = `The ${kind} was left out: expected ${normalised.expected}.`;
    return { kind, value, code: 'IDENTIFIER_INVALID', message };
  }
  // As given too: a normaliser can hide what it was ("-1" is card 1).
  if (
    isBlocked(defaultRules, normalised.value) ||
    (normalised.given !== null && isBlocked(defaultRules, normalised.given))
  ) {
    return {
      kind,
      value,
      code: 'IDENTIFIER_BLOCKED',
      message: `The ${kind} was left out: its value identifies nobody.`,
    };
  }
  const blocked = isBlocked(settings.rules, normalised.value, kind);
  return {
    id: identifierId(settings.idSecret, kind, normalised.value),
    kind,
    value: normalised.value,
    given: normalised.given,
    namesPerson: !blocked && ruleFor(settings.rules, kind).namesPerson,
    blocked,
  };
}

/** Kept all the same: rules change, and other rules may say that it does identify somebody. */
function blockedWarning({ kind }: AcceptedIdentifier): IngestWarning {
  return {
    code: 'IDENTIFIER_BLOCKED',
    message: `The ${kind} joins nobody: a rule says that its value identifies nobody.`,
  };
}

/**
 * A record without a key of its source's own is named by the strongest identifier: logins on one device stay apart. The
 * shipped order decides, whatever the rules are: which record a touchpoint belongs to is a fact and stays one.
 */
function keyFrom(identifiers: readonly AcceptedIdentifier[]): string | undefined {
  let strongest: AcceptedIdentifier | undefined;
  for (const identifier of identifiers) {
    if (!strongest || isStronger(identifier, strongest)) strongest = identifier;
  }
  return strongest && `${strongest.kind}:${strongest.value}`;
}

function isStronger(a: AcceptedIdentifier, b: AcceptedIdentifier): boolean {
  const difference = ruleFor(defaultRules, a.kind).priority - ruleFor(defaultRules, b.kind).priority;
  return difference < 0 || (difference === 0 && `${a.kind}:${a.value}` < `${b.kind}:${b.value}`);
}

function receiptKey(draft: TouchpointDraft): string {
  return `receipt:${draft.messageId}`;
}

const usualChannel = new Map<string, Channel>([
  ['web', 'WEB'],
  ['app', 'APP'],
  ['pos', 'POS'],
  ['newsletter', 'NEWSLETTER'],
  ['service', 'SERVICE'],
]);

function usualDirection(type: string): Direction {
  return type.endsWith('.sent') ? 'OUTBOUND' : 'INBOUND';
}

function nonEmpty(object: JsonObject | null | undefined): JsonObject | null {
  return object && Object.keys(object).length > 0 ? object : null;
}

function contextOf(draft: TouchpointDraft, ignored: readonly IgnoredIdentifier[]): JsonObject | null {
  if (ignored.length === 0) return nonEmpty(draft.context);
  const left = ignored.map(({ kind, value, code }) => ({ kind, value, code }));
  return { ...draft.context, ignoredIdentifiers: left };
}
