import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  deriveUuid,
  fingerprintUuid,
  fromPublicId,
  parsePublicId,
  randomIds,
  toPublicId,
} from '../../src/kernel/ids.ts';

const uuidPattern = /^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

describe('public ids', () => {
  test('survive the way out and back', () => {
    fc.assert(
      fc.property(fc.uuid(), fc.constantFrom('cus' as const, 'rec' as const, 'tp' as const), (uuid, prefix) => {
        const id = toPublicId(prefix, uuid);
        expect(fromPublicId(prefix, id)).toBe(uuid);
        expect(parsePublicId(id)).toEqual({ prefix, uuid });
      }),
    );
  });

  test('sort as their UUIDs do', () => {
    fc.assert(
      fc.property(fc.uuid(), fc.uuid(), (a, b) => {
        expect(toPublicId('tp', a) < toPublicId('tp', b)).toBe(a < b);
      }),
    );
  });

  const customer = toPublicId('cus', randomIds.uuid());
  test.each([
    ['of another kind', toPublicId('rec', randomIds.uuid())],
    ['without a kind', customer.slice(4)],
    ['a bare UUID', randomIds.uuid()],
    ['cut short', customer.slice(0, -1)],
    ['too long', `${customer}0`],
    ['in capitals', customer.toUpperCase()],
    ['past 128 bits', 'cus_8zzzzzzzzzzzzzzzzzzzzzzzzz'],
    ['with letters that the alphabet lacks', 'cus_01h2xcejqtf2nbrexx3vqjhpil'],
    ['nothing', ''],
    ['anything', 'x'.repeat(100_000)],
  ])('are refused when %s, with the field to blame', (_, id) => {
    expect(() => fromPublicId('cus', id, 'filter.id')).toThrow(
      expect.objectContaining({ code: 'BAD_USER_INPUT', details: { field: 'filter.id' } }),
    );
  });

  test('a refusal shows no more than the start of what came', () => {
    expect(() => fromPublicId('cus', 'x'.repeat(100_000))).toThrow(
      expect.objectContaining({ message: expect.stringMatching(/^.{0,200}$/) }),
    );
  });
});

describe('derived ids', () => {
  const part = fc.string({ unit: fc.constantFrom('a', ':', '\n', '1', '2', '\\', '') });

  test('are the same for the same parts, and UUIDs of version 8', () => {
    fc.assert(
      fc.property(fc.array(part), (parts) => {
        const id = deriveUuid('secret', 'record', ...parts);
        expect(id).toBe(deriveUuid('secret', 'record', ...parts));
        expect(id).toMatch(uuidPattern);
      }),
    );
  });

  test('differ where any part differs, whatever separators the parts contain', () => {
    fc.assert(
      fc.property(fc.array(part, { maxLength: 3 }), fc.array(part, { maxLength: 3 }), (a, b) => {
        const same = JSON.stringify(a) === JSON.stringify(b);
        expect(deriveUuid('secret', 'record', ...a) === deriveUuid('secret', 'record', ...b)).toBe(same);
      }),
      { numRuns: 1000 },
    );
  });

  test.each([
    [
      ['a', 'bc'],
      ['ab', 'c'],
    ],
    [
      ['a', ''],
      ['', 'a'],
    ],
    [['a'], ['a', '']],
    [['a\n1:b'], ['a', 'b']],
  ])('%j and %j are two', (a, b) => {
    expect(deriveUuid('secret', 'record', ...a)).not.toBe(deriveUuid('secret', 'record', ...b));
  });

  test('cannot be guessed without the secret, and differ by kind', () => {
    const ids = [deriveUuid('s1', 'record', 'x'), deriveUuid('s2', 'record', 'x'), deriveUuid('s1', 'touchpoint', 'x')];
    expect(new Set(ids).size).toBe(3);
  });

  test('stay what they are: stored facts depend on it', () => {
    expect(deriveUuid('secret', 'record', 'web', 'anon-1')).toBe('c2086b2f-7a14-83ab-95f0-7dfb0f456b9e');
    expect(fingerprintUuid('{"a":1}')).toBe('015abd7f-5cc5-8a2d-994b-7590f04ad808');
  });
});

test('random ids are UUIDs of version 7, in order of time', () => {
  const ids = Array.from({ length: 100 }, () => randomIds.uuid());
  expect(ids.every((id) => id[14] === '7')).toBe(true);
  expect([...ids].sort()).toEqual(ids);
});
