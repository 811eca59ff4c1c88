import { badInput } from '../kernel/errors.ts';

const longestName = 128;
const longestList = 100;
const printable = /^[^\p{Cc}\p{Cs}]+$/u;

/** A name as touchpoints can bring it in: of a trait, a source, a kind of identifier. Throws `BAD_USER_INPUT`. */
export function checkName(name: string, field: string): string {
  if (typeof name === 'string' && name.length <= longestName && name.trim() !== '' && printable.test(name)) return name;
  const got = JSON.stringify(name)?.slice(0, 80) ?? 'nothing';
  throw badInput(`Expected 1 to ${longestName} printable characters, got ${got}.`, field);
}

/** Sorted and each once: two spellings of the same list are the same condition. */
export function checkNames(names: readonly string[], field: string): string[] {
  if (!Array.isArray(names) || names.length === 0 || names.length > longestList) {
    throw badInput(`Expected a list of 1 to ${longestList} entries.`, field);
  }
  return [...new Set(names.map((name, index) => checkName(name, `${field}[${index}]`)))].sort();
}

/** The one of these members that is given. Throws `BAD_USER_INPUT` where there are more or none. */
export function checkOnly<T extends object, K extends keyof T>(given: T, names: readonly K[], field: string): K {
  const found = names.filter((name) => given[name] != null);
  if (found.length === 1) return found[0]!;
  throw badInput(`Expected exactly one of ${names.join(', ')}; got ${found.join(' and ') || 'none'}.`, field);
}
