/**
 * Similarity of two texts between 0 and 1: Jaro's share of common letters within a window, transpositions counted
 * half, plus Winkler's bonus for a common prefix of up to four (W. E. Winkler, "String Comparator Metrics and Enhanced
 * Decision Rules in the Fellegi-Sunter Model of Record Linkage", 1990).
 */
export function jaroWinkler(a: string, b: string): number {
  const jaro = jaroSimilarity(a, b);
  let prefix = 0;
  while (prefix < 4 && prefix < a.length && a.charCodeAt(prefix) === b.charCodeAt(prefix)) prefix++;
  return jaro + 0.1 * prefix * (1 - jaro);
}

const longest = 256;
const takenA = new Uint8Array(longest);
const takenB = new Uint8Array(longest);

/** M. A. Jaro, "Advances in Record-Linkage Methodology", JASA 84, 1989. */
export function jaroSimilarity(textA: string, textB: string): number {
  // Which letters count as common can depend on the text that is searched first: it is always the same one.
  const [a, b] =
    textA < textB
      ? [textA.slice(0, longest), textB.slice(0, longest)]
      : [textB.slice(0, longest), textA.slice(0, longest)];
  if (a.length === 0 || b.length === 0) return a === b ? 1 : 0;
  takenA.fill(0, 0, a.length);
  takenB.fill(0, 0, b.length);
  const common = markCommon(a, b);
  if (common === 0) return 0;
  const transpositions = countTranspositions(a, b) / 2;
  return (common / a.length + common / b.length + (common - transpositions) / common) / 3;
}

function markCommon(a: string, b: string): number {
  const reach = Math.max(0, (Math.max(a.length, b.length) >> 1) - 1);
  let common = 0;
  for (let i = 0; i < a.length; i++) {
    const unit = a.charCodeAt(i);
    const end = Math.min(b.length, i + reach + 1);
    for (let j = Math.max(0, i - reach); j < end; j++) {
      if (takenB[j] === 1 || b.charCodeAt(j) !== unit) continue;
      takenA[i] = 1;
      takenB[j] = 1;
      common++;
      break;
    }
  }
  return common;
}

/** Common letters that stand in another order. */
function countTranspositions(a: string, b: string): number {
  let count = 0;
  let j = 0;
  for (let i = 0; i < a.length; i++) {
    if (takenA[i] === 0) continue;
    while (takenB[j] === 0) j++;
    if (a.charCodeAt(i) !== b.charCodeAt(j)) count++;
    j++;
  }
  return count;
}
