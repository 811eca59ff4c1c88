/**
 * Text without its case, character by character: ASCII letters, and every other letter that has one small letter of its
 * own. `Ü` is `ü`; `ß` stays, as it has no other spelling; `İ` stays, as its small letter is two characters. Without
 * regard to language or neighbours, so that SQL can do exactly the same.
 */
export function foldCase(text: string): string {
  let folded = '';
  for (const character of text) folded += small(character);
  return folded;
}

function small(character: string): string {
  const lower = character.toLowerCase();
  if (lower === character) return character;
  const code = lower.codePointAt(0)!;
  const isOne = lower.length === (code > 0xffff ? 2 : 1);
  // The sign for kelvin would become a plain k: what SQL does to ASCII would no longer be all that it does to a k.
  return isOne && (code > 0x7f || character.codePointAt(0)! <= 0x7f) ? lower : character;
}

/** Behind the last letter that has a case. */
const end = 0x20000;

let capitals: ReadonlyMap<string, string> | undefined;

/** The characters outside ASCII that {@link foldCase} turns into this one. */
export function capitalsOf(character: string): string {
  capitals ??= readCapitals();
  return capitals.get(character) ?? '';
}

function readCapitals(): Map<string, string> {
  const found = new Map<string, string>();
  for (let code = 0x80; code < end; code += 1) {
    const character = String.fromCodePoint(code);
    const lower = small(character);
    if (lower !== character) found.set(lower, (found.get(lower) ?? '') + character);
  }
  return found;
}
