/**
 * Which letters and digits a text has, as bits. Several letters may share a bit, so a bit that one text has and the
 * other hasn't is certain to be a letter that the other lacks.
 */
export function letterMask(text: string): number {
  let mask = 0;
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at);
    mask |= 1 << (unit >= 97 && unit <= 122 ? unit - 97 : 26 + (unit % 6));
  }
  return mask;
}

/** At least so many edits make one text of the other: each adds or removes no more than one letter on either side. */
export function fewestEdits(maskA: number, maskB: number): number {
  return Math.max(countBits(maskA & ~maskB), countBits(maskB & ~maskA));
}

/** `jaroWinkler` of the texts is no more than this: letters that the other lacks are not common. */
export function mostJaroWinkler(a: MaskedText, b: MaskedText): number {
  const common = Math.min(a.text.length - countBits(a.mask & ~b.mask), b.text.length - countBits(b.mask & ~a.mask));
  const jaro = (common / a.text.length + common / b.text.length + 1) / 3;
  return jaro + 0.4 * (1 - jaro);
}

export interface MaskedText {
  readonly text: string;
  readonly mask: number;
}

function countBits(bits: number): number {
  let count = bits - ((bits >>> 1) & 0x55555555);
  count = (count & 0x33333333) + ((count >>> 2) & 0x33333333);
  return Math.imul((count + (count >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}
