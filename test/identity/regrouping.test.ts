import { expect, test } from 'vitest';
import type { Reassignment } from '../../src/identity/identify.ts';
import { linesOf } from '../../src/identity/regrouping.ts';

type Groups = Readonly<Record<string, string>>;

/** Records by customer, before and after: `{ a: 'a b' }`. */
function told(before: Groups, after: Groups): string[] {
  const customerOf = (groups: Groups) =>
    new Map(Object.entries(groups).flatMap(([customer, records]) => records.split(' ').map((id) => [id, customer])));
  const [was, is] = [customerOf(before), customerOf(after)];
  const moves = [...is]
    .filter(([id, customerId]) => was.get(id) !== customerId)
    .map(
      ([recordId, customerId]): Reassignment => ({
        recordId,
        from: was.get(recordId) ?? null,
        customerId,
        componentId: null,
      }),
    );
  let ids = 0;
  const newId = () => String(++ids);
  const lines = linesOf(moves, new Set(Object.keys(before)), is, { cause: 'DECISION', causeId: null, newId });
  return lines.map(
    ({ id, kind, customerId, otherId, recordIds, otherRecordIds }) =>
      `${id} ${kind} ${customerId} ${otherId}: ${recordIds.join(' ')} | ${otherRecordIds.join(' ')}`,
  );
}

test.each<[string, Groups, Groups, string[]]>([
  ['a merge', { a: 'a b', c: 'c' }, { a: 'a b c' }, ['1 MERGED c a: c | a b']],
  ['a split', { a: 'a b c' }, { a: 'a', b: 'b c' }, ['1 SPLIT b a: b c | a']],
  ['a move', { a: 'a b', c: 'c' }, { a: 'a', c: 'b c' }, ['1 MOVED a c: b | c']],
  ['another founding record meets nobody', { a: 'a b' }, { b: 'a b' }, []],
  ['a merge under the id of a record that is new', { a: 'a b' }, { n: 'a b n' }, ['1 MERGED a n: a b | n']],
  [
    'who is taken apart and half of whom goes into somebody else came out of what they were, before the other half merged',
    { a: 'a b d', c: 'c' },
    { c: 'a c', b: 'b d' },
    ['1 SPLIT b a: b d | a', '2 MERGED a c: a | c'],
  ],
  [
    'both halves under other ids came out of what they were',
    { a: 'a b d e' },
    { b: 'a b', d: 'd e' },
    ['1 SPLIT b a: a b | d e', '2 SPLIT d a: d e | a b'],
  ],
])('%s', (_, before, after, expected) => {
  expect(told(before, after)).toEqual(expected);
});
