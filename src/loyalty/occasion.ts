/**
 * What a programme can give points for that is no touchpoint: a rule whose only type is one of these says how many. Nobody
 * can send them.
 */
export const occasions = ['loyalty.enrolled', 'loyalty.birthday', 'loyalty.referral', 'loyalty.referred'] as const;
export type OccasionType = (typeof occasions)[number];

export function isOccasion(type: string): type is OccasionType {
  return (occasions as readonly string[]).includes(type);
}
