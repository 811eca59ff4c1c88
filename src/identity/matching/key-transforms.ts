import { prepareEmail } from './compare-contacts.ts';
import { splitStreet } from './compare-places.ts';
import { soundKey } from './sound-key.ts';

/** What is taken of a value as a part of a blocking key; '' where the value has no such part. */
const transforms: Readonly<Record<string, (text: string) => string>> = {
  whole: (text) => text,
  sound: (text) => soundKey(text.split(' ')[0]!),
  initial: (text) => text.slice(0, 1),
  prefix3: (text) => text.slice(0, 3),
  prefix4: (text) => text.slice(0, 4),
  year: (text) => text.slice(0, 4),
  monthDay: (text) => text.slice(4),
  yearMonth: (text) => text.slice(0, 6),
  user: (text) => atLeast(4, prepareEmail(text).user),
  tail: (text) => atLeast(7, text.slice(-9)),
  streetName: (text) => splitStreet(text)[0].slice(0, 5),
  streetNumber: (text) => splitStreet(text)[1],
  firstWord: (text) => text.split(' ')[0]!,
  lastWord: (text) => text.slice(text.lastIndexOf(' ') + 1),
  sortedSounds: (text) => text.split(' ').map(soundKey).sort().join(' '),
};

export function findTransform(name: string): (text: string) => string {
  const transform = transforms[name];
  if (!transform) throw new RangeError(`There is no key transform "${name}".`);
  return transform;
}

function atLeast(length: number, text: string): string {
  return text.length < length ? '' : text;
}
