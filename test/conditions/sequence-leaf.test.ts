import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Condition, EventMatch, SequenceCondition } from '../../src/conditions/condition.ts';
import { language } from './fixture.ts';
import { openPeople, type People } from './people.ts';

let people: People;

const cart = (occurredAt: string, id?: unknown) => step('cart', occurredAt, id);
const bought = (occurredAt: string, id?: unknown) => step('bought', occurredAt, id);
const step = (type: string, occurredAt: string, id?: unknown) => ({
  type,
  occurredAt,
  ...(id === undefined ? {} : { properties: { id: id as string } }),
});

beforeAll(async () => {
  people = await openPeople();
  await people.tell('quick', cart('2026-10-30T10:00:00Z', 1), bought('2026-10-30T11:00:00Z', 1));
  await people.tell('late', cart('2026-10-30T10:00:00Z', 1), bought('2026-10-30T11:00:00.001Z', 1));
  await people.tell('before', cart('2026-10-30T10:00:00Z', 1), bought('2026-10-30T10:00:00Z', 1));
  await people.tell('another', cart('2026-10-30T10:00:00Z', 1), bought('2026-10-30T10:30:00Z', '1'));
  await people.tell('nameless', cart('2026-10-30T10:00:00Z'), bought('2026-10-30T10:30:00Z'));
  await people.tell('open', cart('2026-11-01T11:30:00Z', 1));
  await people.tell('future', cart('2026-11-01T11:30:00Z', 1), bought('2026-11-01T12:15:00Z', 1));
  await people.tell('only', bought('2026-10-30T11:00:00Z', 1));
});

afterAll(() => people.close());

const now = '2026-11-01T12:00:00Z';

function sequence(narrower: Partial<SequenceCondition> & { after?: EventMatch } = {}): Condition {
  const { after = { types: ['bought'] }, ...rest } = narrower;
  return {
    sequence: {
      first: { types: ['cart'] },
      followedBy: after,
      within: { count: 1, unit: 'HOUR' },
      missing: false,
      window: { last: { count: 7, unit: 'DAY' } },
      ...rest,
    },
  };
}

async function verdicts(condition: Condition, at = now): Promise<string[]> {
  const answers = await people.ask(condition, at);
  return Object.keys(answers).filter((person) => answers[person]!.verdict);
}

describe('one thing and then another', () => {
  test('is strictly later and within the time, the end of it included', async () => {
    expect(await verdicts(sequence())).toEqual(['quick', 'another', 'nameless']);
  });

  test('has the same JSON value, where that is asked for: 1 is not "1", and nothing is not nothing', async () => {
    expect(await verdicts(sequence({ same: 'id' }))).toEqual(['quick']);
  });

  test('holds until the newest that began it leaves the window', async () => {
    expect((await people.ask(sequence(), now)).quick).toEqual({ verdict: true, next: '2026-11-06T10:00:00.000Z' });
  });

  test('may end behind the window, and comes true when its end comes', async () => {
    expect((await people.ask(sequence(), now)).future).toEqual({ verdict: false, next: '2026-11-01T12:15:00.000Z' });
    const window = { absolute: { to: '2026-10-30T10:00:00.001Z' } };
    expect((await people.ask(sequence({ window }), now)).quick).toEqual({ verdict: true, next: null });
  });

  test('that began too lately comes into a window of the past later; without an end it never does', async () => {
    const window = { between: { from: { count: 9, unit: 'DAY' }, to: { count: 3, unit: 'DAY' } } } as const;
    const answers = await people.ask(sequence({ window }), now);
    expect(answers.quick).toEqual({ verdict: false, next: '2026-11-02T10:00:00.000Z' });
    expect(answers.late).toEqual({ verdict: false, next: null });
  });

  test('of the same kind: one after the other, but nothing after itself', async () => {
    const again = sequence({ after: { types: ['cart'] } });
    expect(await verdicts(again)).toEqual([]);
    await people.tell('again', cart('2026-10-30T10:00:00Z'), cart('2026-10-30T10:20:00Z'));
    expect(await verdicts(again)).toEqual(['again']);
  });
});

describe('one thing and not the other', () => {
  test('is known when the time is over, not before', async () => {
    const answers = await people.ask(sequence({ missing: true }), now);
    expect(answers.late!.verdict).toBe(true);
    expect(answers.before!.verdict).toBe(true);
    expect(answers.quick).toEqual({ verdict: false, next: null });
    expect(answers.only).toEqual({ verdict: false, next: null });
    expect(answers.open).toEqual({ verdict: false, next: '2026-11-01T12:30:00.000Z' });
    expect(answers.future).toEqual({ verdict: false, next: null });
    const over = await people.ask(sequence({ missing: true }), '2026-11-01T12:30:00Z');
    expect(over.open).toEqual({ verdict: true, next: '2026-11-08T11:30:00.000Z' });
  });

  test('of several that are open, the first whose time is over decides; in a window of the past, it has to come in', async () => {
    await people.tell('many', cart('2026-11-01T11:20:00Z'), cart('2026-11-01T11:40:00Z'));
    expect((await people.ask(sequence({ missing: true }), now)).many).toEqual({
      verdict: false,
      next: '2026-11-01T12:20:00.000Z',
    });
    const window = { between: { from: { count: 9, unit: 'DAY' }, to: { count: 3, unit: 'DAY' } } } as const;
    expect((await people.ask(sequence({ missing: true, window }), now)).late).toEqual({
      verdict: false,
      next: '2026-11-02T10:00:00.000Z',
    });
    const soon = { between: { from: { count: 9, unit: 'DAY' }, to: { count: 30, unit: 'MINUTE' } } } as const;
    expect((await people.ask(sequence({ missing: true, window: soon }), now)).many).toEqual({
      verdict: false,
      next: '2026-11-01T12:20:00.000Z',
    });
  });

  test('of the same value: who has none begins nothing', async () => {
    const open = await verdicts(sequence({ missing: true, same: 'id' }));
    expect(open).toContain('another');
    expect(open).not.toContain('nameless');
  });

  test('is decided for somebody with thousands of touchpoints', async () => {
    const minutes = Array.from({ length: 3000 }, (_, minute) => new Date(Date.UTC(2026, 9, 20, 0, minute)));
    const happened = minutes.map((time, place) => (place % 2 ? bought : cart)(time.toISOString(), place >> 1));
    for (const from of [0, 1000, 2000]) await people.tell('busy', ...happened.slice(from, from + 1000));
    const window = { ever: true } as const;
    expect((await people.ask(sequence({ same: 'id', window }), now)).busy!.verdict).toBe(true);
    expect((await people.ask(sequence({ same: 'id', missing: true, window }), now)).busy!.verdict).toBe(false);
  });
});

test('is stored complete, and faults are refused with their path', () => {
  const { sequence: stored } = language.check(sequence({ same: null as never, missing: undefined as never })) as {
    sequence: SequenceCondition;
  };
  expect(stored).toStrictEqual({ ...stored, missing: false });
  expect(stored).not.toHaveProperty('same');
  expect(() => language.check(sequence({ within: { count: -1, unit: 'DAY' } }))).toThrow(
    expect.objectContaining({ details: { field: 'definition.sequence.within.count' } }),
  );
  expect(() => language.check(sequence({ same: '' }))).toThrow(
    expect.objectContaining({ details: { field: 'definition.sequence.same' } }),
  );
  expect(() => language.check(sequence({ after: { types: [''] } }))).toThrow(
    expect.objectContaining({ details: { field: 'definition.sequence.followedBy.types[0]' } }),
  );
});
