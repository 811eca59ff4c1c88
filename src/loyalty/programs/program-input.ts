import { badInput } from '../../kernel/errors.ts';

/** Members of inputs that several mutations share, checked. */

export function checkProgramName(name: string): string {
  const tidy = name.trim();
  if (tidy.length >= 1 && tidy.length <= 200 && !/\p{Cc}/u.test(tidy)) return tidy;
  throw badInput(`Expected a name of 1 to 200 characters, got ${tidy.length}.`, 'input.name');
}

/** Now where it is left out. What is over can't be changed any more: points were granted by it. */
export function checkEffectiveAt(
  given: Date | null | undefined,
  now: Date,
  { mayBeOver = false }: { mayBeOver?: boolean } = {},
): Date {
  if (given == null) return now;
  if (given >= now || mayBeOver) return given;
  throw badInput(
    `Expected an instant that is not over, got ${given.toISOString()}; it is ${now.toISOString()}. Leave it out for now.`,
    'input.effectiveAt',
  );
}

export function checkUntil(until: Date | null | undefined, effectiveAt: Date): Date | null {
  if (until == null || until > effectiveAt) return until ?? null;
  throw badInput(`Expected an instant behind ${effectiveAt.toISOString()}, got ${until.toISOString()}.`, 'input.until');
}
