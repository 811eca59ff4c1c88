import type { Json } from '../../kernel/json.ts';

export const preferenceOrigins = ['TOUCHPOINT', 'DECISION', 'PREFERENCE_CENTER'] as const;
export type PreferenceOrigin = (typeof preferenceOrigins)[number];

export interface StatedPreference {
  readonly recordId: string;
  readonly id: string;
  readonly name: string;
  /** Null: not any more. */
  readonly value: Json;
  /** The customer said so. Else somebody concluded it. */
  readonly declared: boolean;
  readonly statedAt: Date;
}

/**
 * What counts for a customer, by what was said of their records, in any order: the latest of what they declared, or else the
 * latest of what was concluded. Null takes back what was said before in the same way: without a declaration, what was concluded
 * counts again. Sorted by name.
 */
export function foldPreferences<S extends StatedPreference>(statements: readonly S[]): S[] {
  const byName = Map.groupBy(statements, ({ name }) => name);
  return [...byName.keys()].sort().flatMap((name) => {
    const said = byName.get(name)!;
    const declared = latest(said.filter((one) => one.declared));
    if (declared && declared.value !== null) return [declared];
    const inferred = latest(said.filter((one) => !one.declared));
    return inferred && inferred.value !== null ? [inferred] : [];
  });
}

function latest<S extends StatedPreference>(said: readonly S[]): S | undefined {
  return said.reduce<S | undefined>((last, next) => (last && !isLater(next, last) ? last : next), undefined);
}

/** A decision has one id on several records: which of them is shown must not depend on chance. */
function isLater(a: StatedPreference, b: StatedPreference): boolean {
  const [left, right] = [a.statedAt.getTime(), b.statedAt.getTime()];
  if (left !== right) return left > right;
  return a.id === b.id ? a.recordId < b.recordId : a.id > b.id;
}
