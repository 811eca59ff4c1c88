import type { ConsentStatus } from '../../conditions/consent-names.ts';
import type { Json } from '../../kernel/json.ts';
import { type Consent, consentFor, everyChannel, type StatedStatus, statusAt } from '../consents/consent.ts';
import type { PurposeRow } from '../consents/consent-purposes.queries.ts';
import type { DefinitionRow } from '../preferences/preference-definitions.queries.ts';

/** One thing that a customer can allow or not. */
export interface Choice {
  readonly purpose: string;
  /** Empty text: every channel. */
  readonly channel: string;
  /** Null: nothing is known. */
  readonly status: ConsentStatus | null;
  readonly statedAt: Date | null;
  readonly expiresAt: Date | null;
  readonly conflict: boolean;
}

export interface OfferedPurpose {
  readonly name: string;
  readonly label: string;
  readonly description: string;
  readonly choices: readonly Choice[];
}

export interface OfferedPreference extends Pick<DefinitionRow, 'name' | 'label' | 'description' | 'kind' | 'options'> {
  /** What the customer said. Null: nothing. What was concluded is not theirs, and not shown. */
  readonly value: Json;
}

/** What a customer sees who opens their link. */
export interface PreferenceCenter {
  readonly expiresAt: Date;
  readonly purposes: readonly OfferedPurpose[];
  readonly preferences: readonly OfferedPreference[];
}

/** Of each purpose that customers are asked for, one choice for each of its channels, or one for all. */
export function offerPurposes(
  purposes: readonly PurposeRow[],
  consents: readonly Consent[],
  now: Date,
): OfferedPurpose[] {
  return purposes.map(({ name, label, description, channels }) => {
    const over = channels.length > 0 ? channels : [everyChannel];
    const choices = over.map((channel) =>
      toChoice(name, channel, { consent: consentFor(consents, name, channel), now }),
    );
    return { name, label, description, choices };
  });
}

function toChoice(
  purpose: string,
  channel: string,
  { consent, now }: { consent: Consent | undefined; now: Date },
): Choice {
  if (!consent) return { purpose, channel, status: null, statedAt: null, expiresAt: null, conflict: false };
  const { statedAt, expiresAt, conflict } = consent;
  return { purpose, channel, status: statusAt(consent, now), statedAt, expiresAt, conflict };
}

/**
 * What has to be said so that the customer's word counts; `undefined` where it counts already. Leaving a box empty of which
 * nothing was known says nothing; where records differ, it settles the matter.
 */
export function statusToState({ status, conflict }: Choice, granted: boolean): StatedStatus | undefined {
  if (granted) return status === 'GRANTED' ? undefined : 'GRANTED';
  if (status === 'GRANTED' || status === 'PENDING') return 'WITHDRAWN';
  return conflict ? 'DENIED' : undefined;
}
