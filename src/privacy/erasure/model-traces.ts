import type { FieldKind, MatchModel } from '../../identity/matching/match-model.ts';
import { normaliseValue } from '../../identity/matching/normalise-value.ts';

type Frequencies = MatchModel['frequencies'];

/**
 * Frequencies without the values that only this person can have brought into them, by having several records. A value that
 * more records had than the person has is of others too, such as a common name. Undefined: there are none.
 */
export function withoutTraces(
  frequenciesOf: Frequencies,
  {
    kinds,
    texts,
    records,
  }: { readonly kinds: ReadonlyMap<string, FieldKind>; readonly texts: readonly string[]; readonly records: number },
): Frequencies | undefined {
  const candidates = [...new Set(texts.flatMap(partsOf))];
  let found = false;
  const cleaned = Object.entries(frequenciesOf).map(([field, frequencies]) => {
    const kind = kinds.get(field);
    const theirs = new Set(kind === undefined ? [] : candidates.map((text) => normaliseValue(kind, text)));
    const atMost = (records + 0.5) * unitOf(frequencies.shares);
    const shares = Object.entries(frequencies.shares).filter(([value, share]) => !theirs.has(value) || share > atMost);
    found ||= shares.length < Object.keys(frequencies.shares).length;
    return [field, { ...frequencies, shares: Object.fromEntries(shares) }] as const;
  });
  return found ? Object.fromEntries(cleaned) : undefined;
}

/** What one record more adds to a share: the rarest value of a list was found twice. */
function unitOf(shares: Readonly<Record<string, number>>): number {
  return Math.min(...Object.values(shares), 1) / 2;
}

/** A text, and its words from the front and from the back: names come whole and in parts. */
function partsOf(text: string): string[] {
  const words = text.split(/[\s,]+/).filter((word) => word !== '');
  const parts = [text];
  for (let at = 1; at < Math.min(words.length, 6); at += 1) {
    parts.push(words.slice(0, at).join(' '), words.slice(at).join(' '));
  }
  return parts;
}
