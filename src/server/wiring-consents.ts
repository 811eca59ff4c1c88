import type { Platform } from '../kernel/context.ts';
import { ConsentResolver, ConsentStatementResolver } from '../privacy/consents/consent.resolver.ts';
import { ConsentService } from '../privacy/consents/consent.service.ts';
import { ConsentClock } from '../privacy/consents/consent-clock.service.ts';
import { consentWarnings } from '../privacy/consents/consent-touchpoint.ts';
import { PreferenceCenterService } from '../privacy/preference-center/preference-center.service.ts';
import { PreferenceResolver } from '../privacy/preferences/preference.resolver.ts';
import { PreferenceService } from '../privacy/preferences/preference.service.ts';
import { PreferenceLinks } from '../privacy/preferences/preference-links.service.ts';
import { preferenceWarnings } from '../privacy/preferences/preference-touchpoint.ts';
import type { SegmentEvaluator } from '../segments/segment-evaluator.service.ts';
import { onConsentsMoved } from '../segments/segment-reactions.service.ts';
import type { TouchpointInspector } from '../touchpoints/validate.ts';

/** What is said to the sender of a touchpoint of a reserved type that can't be read. */
export const privacyInspectors: readonly TouchpointInspector[] = [consentWarnings, preferenceWarnings];

/** Consents and preferences, as the rest of the wiring sees them. */
export interface ConsentWiring {
  readonly instances: readonly (readonly [unknown, object])[];
  readonly preferenceCenter: PreferenceCenterService;
  start(): void;
  stop(): Promise<void>;
}

export function wireConsents(
  platform: Platform,
  { evaluator, idSecret }: { readonly evaluator: SegmentEvaluator; readonly idSecret: string },
): ConsentWiring {
  const reactions = [onConsentsMoved(evaluator)];
  const links = new PreferenceLinks(idSecret);
  const clock = new ConsentClock(platform);
  return {
    instances: [
      [ConsentResolver, new ConsentResolver(new ConsentService({ idSecret, reactions }))],
      [ConsentStatementResolver, new ConsentStatementResolver(idSecret)],
      [PreferenceResolver, new PreferenceResolver(new PreferenceService(idSecret), links)],
    ],
    preferenceCenter: new PreferenceCenterService(platform, { links, reactions }),
    start: () => clock.start(),
    stop: () => clock.stop(),
  };
}
