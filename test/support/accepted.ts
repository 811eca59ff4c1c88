import { defaultRules } from '../../src/identity/rules.ts';
import type { AcceptedTouchpoint, TouchpointDraft } from '../../src/touchpoints/touchpoint.ts';
import { type ValidationSettings, type Verdict, validateTouchpoint } from '../../src/touchpoints/validate.ts';
import { touchpoint } from './ingest.ts';

/** When everything is received that says nothing else. */
export const receivedAt = new Date('2026-11-01T12:00:00Z');

export const validationSettings: ValidationSettings = { idSecret: 'secret', rules: defaultRules, defaultRegion: 'CH' };

/** What validation says of a draft; what the test doesn't care about is filled in. */
export function judge(draft: Partial<TouchpointDraft>, at = receivedAt): Verdict {
  return validateTouchpoint(touchpoint(draft), at, validationSettings);
}

/** The draft as it is accepted; fails where it is rejected. */
export function accept(draft: Partial<TouchpointDraft>, at = receivedAt): AcceptedTouchpoint {
  const verdict = judge(draft, at);
  if (!verdict.ok) throw new Error(`${verdict.code}: ${verdict.message}`);
  return verdict.touchpoint;
}
