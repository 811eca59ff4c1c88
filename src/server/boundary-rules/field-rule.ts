/**
 * What a field is for a key whose data are limited:
 *
 * - FREE: says nothing about customers.
 * - INSIDE: belongs to something that was cut to the boundary on the way to it.
 * - CUT: is cut to the boundary where it is read.
 * - RECORD: follows from all touchpoints of a source record, which have one source: refused to keys limited by types or stores.
 * - WHOLE: follows from all touchpoints of a customer who is inside: refused to keys whose touchpoints are limited.
 * - OTHERS: tells about others than those inside: refused to all of them.
 */
export type FieldRule = 'FREE' | 'INSIDE' | 'CUT' | 'RECORD' | 'WHOLE' | 'OTHERS';

/** One rule for each field; `*`: for all others of the type. A type with one rule leads to nobody by itself. */
export type TypeRules = FieldRule | Readonly<Record<string, FieldRule>>;

export type RuleTable = Readonly<Record<string, TypeRules>>;
