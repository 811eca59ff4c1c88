import type { IdPrefix } from '../../kernel/ids.ts';

const codeOf = (character: string) => character.charCodeAt(0);

/** TypeID's alphabet: five bits a character. */
const letters = Uint8Array.from('0123456789abcdefghjkmnpqrstvwxyz', codeOf);

/** Value of a hexadecimal digit, by its character code. */
const digits = new Uint8Array(128);
for (const [value, digit] of [...'0123456789abcdef'].entries()) digits[codeOf(digit)] = value;

/** Where the 32 digits of a UUID stand in its text. */
const places = Uint8Array.from(
  [...'xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx'].flatMap((one, place) => (one === 'x' ? [place] : [])),
);

/**
 * What `toPublicId` makes of the text of a UUID as PostgreSQL writes it, six times as fast: a row of a download has three.
 */
export function publicIdWriter(prefix: IdPrefix): (uuid: string) => string {
  const id = Buffer.from(`${prefix}_${' '.repeat(26)}`, 'latin1');
  const start = prefix.length + 1;
  return (uuid) => {
    // 128 bits are 26 characters of five with two bits to spare, in front: eight bits make two, then twenty make four.
    write(id, { at: start, count: 2, bits: bitsOf(uuid, 0, 2) });
    for (let from = 2, at = start + 2; from < 32; from += 5, at += 4)
      write(id, { at, count: 4, bits: bitsOf(uuid, from, 5) });
    return id.toString('latin1');
  };
}

/** Four for each of so many digits. */
function bitsOf(uuid: string, from: number, count: number): number {
  let bits = 0;
  for (let index = from; index < from + count; index += 1)
    bits = (bits << 4) | digits[uuid.charCodeAt(places[index]!)]!;
  return bits;
}

function write(id: Buffer, { at, count, bits }: { at: number; count: number; bits: number }): void {
  for (let index = count - 1, left = bits; index >= 0; index -= 1, left >>= 5) id[at + index] = letters[left & 31]!;
}
