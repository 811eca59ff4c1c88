/** Numbers about fewer customers than this could be numbers about a person whom somebody knows. */
export const smallestGroup = 5;

/** Whether a number about so many customers is withheld from a caller; `sees`: who may see personal data is told everything. */
export function isTooSmall(customers: number, sees: boolean): boolean {
  return !sees && customers > 0 && customers < smallestGroup;
}
