/** How often a property is tried: as often as every change has time for, or `PROPERTY_FACTOR` times as often. */
export function propertyRuns(usual: number): number {
  return Math.ceil(usual * Number(process.env.PROPERTY_FACTOR ?? 1));
}
