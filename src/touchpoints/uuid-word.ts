/** Eight hexadecimal digits of a UUID, as a number. Derived ids are random, so any of them spread evenly. */
export function wordOf(uuid: string, from: number): number {
  let word = 0;
  for (let index = from; index < from + 9; index += 1) {
    const code = uuid.charCodeAt(index);
    if (code === 45) continue;
    word = (word << 4) | ((code & 15) + (code > 57 ? 9 : 0));
  }
  return word | 0;
}
