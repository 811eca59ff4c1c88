import { type IdentityRules, ruleFor } from '../../identity/rules.ts';
import type { Subject } from '../personal-data.ts';
import type { SubjectIdentifier, SubjectRecord } from './subject.queries.ts';
import type { NewSuppression } from './suppressions.queries.ts';

/** What is known of a person before anything is erased. */
export interface Known {
  readonly records: readonly SubjectRecord[];
  readonly identifiers: readonly SubjectIdentifier[];
}

export function subjectOf({ records, identifiers }: Known): Subject {
  const recordIds = records.map(({ id }) => id);
  const idsOf = (shared: boolean) => identifiers.filter((one) => one.shared === shared).map(({ id }) => id);
  return {
    customerId: records[0]!.customerId,
    // A customer has the id of one of its records, whoever it was merged with.
    customerIds: recordIds,
    recordIds,
    identifierIds: idsOf(false),
    sharedIdentifierIds: idsOf(true),
  };
}

/**
 * What must not come back: the records, and identifiers that were the person's alone and of a kind that is one person's. A
 * device may be used by somebody else tomorrow, and so may a value that a rule calls nobody's.
 */
export function suppressionsOf({ records, identifiers }: Known, rules: IdentityRules): NewSuppression[] {
  const own = identifiers.filter(
    ({ kind, shared, usable }) => !shared && usable && ruleFor(rules, kind).strength === 'UNIQUE',
  );
  return [
    ...records.map(({ id }) => ({ id, kind: 'RECORD' as const })),
    ...own.map(({ id }) => ({ id, kind: 'IDENTIFIER' as const })),
  ];
}

/** Whether somebody was merged, taken apart or learnt about between two looks. */
export function isSamePerson(one: Known, other: Known): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}
