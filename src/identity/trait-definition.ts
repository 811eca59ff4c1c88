import { badInput, DomainError } from '../kernel/errors.ts';
import { canonicalJson, type Json } from '../kernel/json.ts';
import type { Strategy, Survivorship, TraitRule } from './survivorship.ts';
import type { TraitType } from './trait-value.ts';

export const traitStatuses = ['REVIEWED', 'UNREVIEWED'] as const;
export type TraitStatus = (typeof traitStatuses)[number];

/** What a steward can say about a trait. */
export interface TraitMeaning extends TraitRule {
  /** Of a number, such as `kg` or `EUR`. */
  readonly unit: string | null;
  /** Only `pii:read` sees its values. */
  readonly personal: boolean;
  readonly description: string | null;
}

export interface TraitDefinition extends TraitMeaning {
  readonly name: string;
  readonly status: TraitStatus;
  /** Grows by one with every change. */
  readonly version: number;
  readonly firstSeenAt: Date;
  readonly updatedAt: Date;
  /** The name of the API key; null while it is as shipped or learnt. */
  readonly updatedBy: string | null;
}

/** What is left out stays as it is; null takes a unit or a description away. */
export interface TraitChange {
  readonly type?: TraitType | null;
  readonly unit?: string | null;
  readonly personal?: boolean | null;
  readonly description?: string | null;
  readonly survivorship?: GivenSurvivorship | null;
}

/** A survivorship as an input may give it. */
export interface GivenSurvivorship {
  readonly strategy: Strategy;
  readonly sources?: readonly string[] | null;
  readonly ranking?: readonly Json[] | null;
}

export const mostRecent: Survivorship = { strategy: 'MOST_RECENT' };

const longestText = 1000;
const longestList = 100;

/** The definition with a change applied, checked. Throws `BAD_USER_INPUT`. */
export function changedMeaning(definition: TraitMeaning, change: TraitChange): TraitMeaning {
  const type = change.type ?? definition.type;
  const survivorship = change.survivorship ? completed(change.survivorship, type) : definition.survivorship;
  checkType(survivorship.strategy, type);
  return {
    type,
    unit: change.unit === undefined ? definition.unit : checkedText(change.unit, 'unit'),
    personal: change.personal ?? definition.personal,
    description:
      change.description === undefined ? definition.description : checkedText(change.description, 'description'),
    survivorship,
  };
}

export function isSameMeaning(a: TraitMeaning, b: TraitMeaning): boolean {
  const parts = ({ type, unit, personal, description, survivorship }: TraitMeaning) =>
    canonicalJson({ type, unit, personal, description, survivorship });
  return parts(a) === parts(b);
}

/** Whether golden values may differ under the two rules. */
export function foldsAlike(a: TraitRule, b: TraitRule): boolean {
  const parts = ({ type, survivorship }: TraitRule) =>
    canonicalJson({
      survivorship,
      type: survivorship.strategy === 'MIN' || survivorship.strategy === 'MAX' ? type : null,
    });
  return parts(a) === parts(b);
}

/** What a strategy can only do with values of certain types: with others every value would lose. */
const typesOf: Partial<Record<Strategy, readonly TraitType[]>> = {
  LONGEST: ['TEXT'],
  MIN: ['NUMBER', 'DATE', 'DATE_TIME'],
  MAX: ['NUMBER', 'DATE', 'DATE_TIME'],
  SUM: ['NUMBER'],
  // A trait that is no list would turn into one.
  SET_UNION: ['LIST'],
};

function checkType(strategy: Strategy, type: TraitType): void {
  const types = typesOf[strategy];
  if (!types || types.includes(type)) return;
  throw badInput(
    `${strategy} needs a trait of type ${types.join(' or ')}, and this one is ${type}. Give \`type\` with it if that is wrong.`,
    'input.survivorship.strategy',
  );
}

function completed({ strategy, sources, ranking }: GivenSurvivorship, type: TraitType): Survivorship {
  refuseStray(strategy, 'SOURCE_PRIORITY', 'sources', sources);
  refuseStray(strategy, 'MOST_RESTRICTIVE', 'ranking', ranking);
  if (strategy === 'SOURCE_PRIORITY') return { strategy, sources: checkedList('sources', sources) };
  if (strategy === 'MOST_RESTRICTIVE') {
    const usual = type === 'BOOLEAN' ? [false, true] : null;
    return { strategy, ranking: checkedList('ranking', ranking ?? usual) };
  }
  return { strategy };
}

function refuseStray(
  strategy: Strategy,
  owner: Strategy,
  field: string,
  given: readonly Json[] | null | undefined,
): void {
  if (given == null || strategy === owner) return;
  throw badInput(`\`${field}\` is for ${owner}, not for ${strategy}.`, `input.survivorship.${field}`);
}

function checkedList<T extends Json>(field: string, list: readonly T[] | null | undefined): readonly T[] {
  const at = `input.survivorship.${field}`;
  if (!list || list.length === 0) throw badInput(`Expected \`${field}\` with at least one value.`, at);
  if (list.length > longestList) throw badInput(`At most ${longestList} values, got ${list.length}.`, at);
  if (list.some((value) => value === null)) throw badInput('Null has no place: it never counts.', at);
  if (new Set(list.map((value) => canonicalJson(value))).size < list.length) throw badInput('A value comes twice.', at);
  return list;
}

function checkedText(text: string | null, field: string): string | null {
  const tidy = text?.trim() || null;
  if (tidy !== null && tidy.length > longestText) {
    throw badInput(`At most ${longestText} characters, got ${tidy.length}.`, `input.${field}`);
  }
  return tidy;
}

export function checkedReason(reason: string): string {
  const tidy = checkedText(reason, 'reason');
  if (tidy === null) throw badInput('Say why, in a few words: the next steward will want to know.', 'input.reason');
  return tidy;
}

export function versionConflict(expected: number, current: number | undefined): DomainError {
  return new DomainError(
    'VERSION_CONFLICT',
    `Expected version ${expected} of the definition, but it is at ${current ?? 'a later one'}: somebody changed it ` +
      'meanwhile. Read it again.',
    { field: 'input.expectedVersion', currentVersion: current },
  );
}

/** A trait that no event has brought yet, for a steward who defines it beforehand. */
export function blankDefinition(name: string, now: Date): TraitDefinition {
  return {
    name: checkedName(name),
    type: 'TEXT',
    unit: null,
    personal: true,
    description: null,
    survivorship: mostRecent,
    status: 'UNREVIEWED',
    version: 0,
    firstSeenAt: now,
    updatedAt: now,
    updatedBy: null,
  };
}

/** The same names as events may bring. */
function checkedName(name: string): string {
  if (name.length >= 1 && name.length <= 128 && !/\p{Cc}/u.test(name)) return name;
  throw badInput('Expected a name of 1 to 128 characters, none of them a control character.', 'input.name');
}
