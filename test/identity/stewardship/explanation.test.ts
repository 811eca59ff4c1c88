import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { JoinedLink } from '../../../src/identity/resolution.ts';
import { findPaths } from '../../../src/identity/stewardship/explanation.ts';

const link = (recordId: string, otherRecordId: string): JoinedLink => {
  return { recordId, otherRecordId, evidenceId: `${recordId}${otherRecordId}`, kind: 'email' };
};

const all = { most: 1000 };

describe('paths', () => {
  test('lead from record to record, whichever way each union was made', () => {
    const joined = [link('b', 'a'), link('b', 'c'), link('d', 'c'), link('x', 'y')];
    const { paths, complete } = findPaths(joined, 'a', { to: ['d'], ...all });
    expect(complete).toBe(true);
    expect(paths).toEqual([
      {
        from: 'a',
        to: 'd',
        steps: [
          { recordId: 'a', otherRecordId: 'b', evidenceId: 'ba', kind: 'email' },
          { recordId: 'b', otherRecordId: 'c', evidenceId: 'bc', kind: 'email' },
          { recordId: 'c', otherRecordId: 'd', evidenceId: 'dc', kind: 'email' },
        ],
      },
    ]);
  });

  test('there is none to a record of somebody else, nor to the record itself', () => {
    expect(findPaths([link('a', 'b')], 'a', { to: ['x', 'a'], ...all })).toEqual({ paths: [], complete: true });
  });

  test('stop before they hold more steps than asked for', () => {
    const chain = Array.from({ length: 9 }, (_, index) => link(`${index}`, `${index + 1}`));
    const to = Array.from({ length: 9 }, (_, index) => `${index + 1}`);
    const { paths, complete } = findPaths(chain, '0', { to, most: 10 });
    expect(complete).toBe(false);
    expect(paths.map(({ steps }) => steps.length)).toEqual([1, 2, 3, 4]);
  });

  test('of any tree reach every record over links of that tree, each once', () => {
    const tree = fc
      .array(fc.nat(), { minLength: 1, maxLength: 40 })
      .map((parents) => parents.map((parent, index) => link(`${index + 1}`, `${parent % (index + 1)}`)));
    fc.assert(
      fc.property(tree, fc.nat(), (joined, seed) => {
        const ids = ['0', ...joined.map(({ recordId }) => recordId)];
        const from = ids[seed % ids.length]!;
        const to = ids.filter((id) => id !== from);
        const { paths } = findPaths(joined, from, { to, most: Number.POSITIVE_INFINITY });
        expect(paths.map((path) => path.to)).toEqual(to);
        for (const { steps, to: end } of paths) {
          expect(steps[0]!.recordId).toBe(from);
          expect(steps.at(-1)!.otherRecordId).toBe(end);
          for (const [index, step] of steps.slice(1).entries()) expect(step.recordId).toBe(steps[index]!.otherRecordId);
          expect(new Set(steps.map(({ evidenceId }) => evidenceId)).size).toBe(steps.length);
        }
      }),
    );
  });
});
