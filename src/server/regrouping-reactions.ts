import type { CustomersChecked, CustomersRegrouped } from '../identity/identity.events.ts';
import { regroupRevenue } from '../touchpoints/regrouped-revenue.service.ts';
import { checkRevenue } from '../touchpoints/revenue-check.service.ts';

/** What happens in the transaction that regroups customers without a touchpoint, in this order. */
export const regroupingReactions: readonly CustomersRegrouped[] = [regroupRevenue];

/** How to tell whether what modules keep about customers is true. */
export const customerChecks: readonly CustomersChecked[] = [checkRevenue];
