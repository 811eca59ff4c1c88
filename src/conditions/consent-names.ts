// What conditions, and all that shows consents, call the same. What the names stand for is told by `src/privacy/consents`.

/** What counts as the consent of a customer at an instant. */
export const consentStatuses = ['GRANTED', 'PENDING', 'EXPIRED', 'DENIED', 'WITHDRAWN'] as const;
export type ConsentStatus = (typeof consentStatuses)[number];
