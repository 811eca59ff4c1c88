import type { Json } from '../../kernel/json.ts';

export const preferenceKinds = ['TEXT', 'YES_NO', 'ONE_OF', 'SOME_OF'] as const;
export type PreferenceKind = (typeof preferenceKinds)[number];

/** What customers are asked in the preference centre. */
export interface PreferenceDefinition {
  readonly name: string;
  readonly kind: PreferenceKind;
  /** Of ONE_OF and SOME_OF. */
  readonly options: readonly string[];
}

const longestText = 500;

/** Why this can't be what a customer says; `undefined` where it can. Null takes back what they said before. */
export function faultOf({ kind, options }: PreferenceDefinition, value: Json): string | undefined {
  if (value === null) return undefined;
  switch (kind) {
    case 'TEXT': {
      const fits = typeof value === 'string' && value.length <= longestText;
      return fits ? undefined : `text of at most ${longestText} characters`;
    }
    case 'YES_NO':
      return typeof value === 'boolean' ? undefined : 'true or false';
    case 'ONE_OF':
      return isOption(value, options) ? undefined : `one of ${options.join(', ')}`;
    case 'SOME_OF': {
      const fits = Array.isArray(value) && value.every((one) => isOption(one, options));
      return fits && new Set(value).size === value.length ? undefined : `a list of ${options.join(', ')}`;
    }
  }
}

function isOption(value: Json, options: readonly string[]): boolean {
  return typeof value === 'string' && options.includes(value);
}
