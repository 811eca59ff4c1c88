/**
 * The id itself where it comes behind the last one, else the next one behind that: clocks of two nodes differ, and the
 * order of entry is what counts.
 */
export function laterId(id: string, last: string | undefined): string {
  if (last === undefined || id > last) return id;
  const next = (BigInt(`0x${last.replaceAll('-', '')}`) + 1n).toString(16).padStart(32, '0');
  return [next.slice(0, 8), next.slice(8, 12), next.slice(12, 16), next.slice(16, 20), next.slice(20)].join('-');
}
