/** Spellings of one sound, in this order, on folded text: the ones that European names use most. */
const spellings: readonly (readonly [RegExp, string])[] = [
  [/tsch|tch|sch|sh|ch(?=[eiy])/g, 'X'],
  [/[ckq]h|ck|cq|kh/g, 'k'],
  [/ph|pf|v/g, 'f'],
  [/gh(?=[^aeiouy]|$)/g, ''],
  [/[td]h|dt|tt|d/g, 't'],
  [/tz|ts|z|c(?=[eiy])/g, 's'],
  [/^kn|^gn/g, 'n'],
  [/^wr/g, 'r'],
  [/^j|^y/g, 'j'],
  [/[cqg]/g, 'k'],
  [/x/g, 'ks'],
  [/w/g, 'f'],
  [/b/g, 'p'],
  [/m/g, 'n'],
];

/**
 * Names that sound alike have the same key: vowels count at the start only, related consonants as one, doubled ones
 * once. In the spirit of Soundex and of Postel's Cologne phonetics (1969), for names of several languages at a time.
 */
export function soundKey(text: string): string {
  let sound = text.replaceAll(' ', '');
  for (const [spelling, letter] of spellings) sound = sound.replace(spelling, letter);
  const first = /^[aeiouy]/.test(sound) ? 'a' : sound.slice(0, 1);
  return (first + sound.slice(1).replace(/[aeiouyhj]/g, '')).replace(/(.)\1+/g, '$1');
}
