import { badInput } from '../../kernel/errors.ts';
import { checkTypePattern, type TypePattern } from '../type-patterns.ts';

/** Which touchpoints of a customer. All that is given must hold. */
export interface DeletionSelection {
  readonly types: readonly TypePattern[] | null;
  readonly sources: readonly string[] | null;
  /** Half-open. */
  readonly from: Date | null;
  readonly to: Date | null;
}

export interface GivenSelection {
  readonly types?: readonly string[] | null;
  readonly sources?: readonly string[] | null;
  readonly period?: { readonly from?: Date | null; readonly to?: Date | null } | null;
}

const mostNames = 100;

/** Throws `BAD_USER_INPUT` where nothing narrows it down: whoever wants everything gone wants an erasure. */
export function checkSelection({ types, sources, period }: GivenSelection): DeletionSelection {
  const [from, to] = [period?.from ?? null, period?.to ?? null];
  if (!types && !sources && from === null && to === null) {
    throw badInput(
      'Give `types`, `sources` or a `period`. To delete everything about a customer, use `eraseCustomer`.',
      'input',
    );
  }
  if (from !== null && to !== null && from >= to) {
    throw badInput('A period ends after it begins.', 'input.period');
  }
  return {
    types: types
      ? checkNames(types, 'input.types').map((type, at) => checkTypePattern(type, `input.types[${at}]`))
      : null,
    sources: sources ? checkNames(sources, 'input.sources') : null,
    from,
    to,
  };
}

function checkNames(names: readonly string[], field: string): string[] {
  const tidy = [...new Set(names.map((name) => name.trim()))].sort();
  if (tidy.length >= 1 && tidy.length <= mostNames && !tidy.includes('')) return tidy;
  throw badInput(`Expected 1 to ${mostNames} names, got ${tidy.filter((name) => name !== '').length}.`, field);
}
