import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Condition, EventCondition, Leaves } from '../../src/conditions/condition.ts';
import { language } from './fixture.ts';
import { openPeople, type People } from './people.ts';

let people: People;

const at = (occurredAt: string) => ({ type: 'page.viewed', occurredAt });

// The present of these histories is 2026-11-01T12:00:00Z, a Sunday.
beforeAll(async () => {
  people = await openPeople();
  await people.tell('new', at('2026-10-30T10:00:00Z'), at('2026-11-01T11:59:59.999Z'));
  await people.tell('old', at('2025-05-01T10:00:00Z'), at('2026-10-30T10:00:00Z'));
  await people.tell('gone', at('2026-09-01T10:00:00Z'));
  await people.tell('coming', at('2026-11-02T10:00:00Z'));
  await people.tell('other', { type: 'identify', occurredAt: '2026-10-30T10:00:00Z' });
});

afterAll(() => people.close());

const now = '2026-11-01T12:00:00Z';
const match = { types: ['page.viewed'] };
const days = (count: number) => ({ count, unit: 'DAY' }) as const;

const yes = (next: string | null) => ({ verdict: true, next });
const no = (next: string | null) => ({ verdict: false, next });

describe('so many', () => {
  const count = (comparison: 'LESS' | 'EQUALS' | 'NOT_EQUALS', value: string): Condition => ({
    event: { match, count: { comparison, value }, window: { last: days(60) } },
  });

  test('too many are few enough when the newest that is too many leaves, not with every one', async () => {
    expect((await people.ask(count('LESS', '1'), now)).new).toEqual(no('2026-12-31T11:59:59.999Z'));
    expect((await people.ask(count('EQUALS', '1'), now)).new).toEqual(no('2026-12-29T10:00:00.000Z'));
  });

  test('any other number than one turns when one is left, and when none is', async () => {
    expect((await people.ask(count('NOT_EQUALS', '1'), now)).new).toEqual(yes('2026-12-29T10:00:00.000Z'));
    expect((await people.ask(count('NOT_EQUALS', '1'), now)).gone).toEqual(yes(null));
    expect((await people.ask(count('NOT_EQUALS', '1'), '2026-10-30T12:00:00Z')).gone).toEqual(
      no('2026-10-31T10:00:00.000Z'),
    );
  });

  test('a bound that every count meets never turns', async () => {
    const { event } = count('LESS', '1') as { event: EventCondition };
    const always: Condition = { event: { ...event, count: { comparison: 'AT_LEAST', value: '0' } } };
    expect((await people.ask(always, now)).new).toEqual(yes(null));
  });
});

describe('the first of all', () => {
  test('counts by when it was, whatever came after it', async () => {
    const answers = await people.ask({ first: { match, window: { last: days(7) } } }, now);
    expect(answers).toEqual({
      new: yes('2026-11-06T10:00:00.000Z'),
      old: no(null),
      gone: no(null),
      coming: no('2026-11-02T10:00:00.000Z'),
      other: no(null),
    });
  });

  test('comes into a window that lies in the past when it is old enough', async () => {
    const window = { between: { from: days(7), to: days(3) } };
    const answers = await people.ask({ first: { match, window } }, now);
    expect(answers.new).toEqual(no('2026-11-02T10:00:00.000Z'));
    expect(answers.coming).toEqual(no('2026-11-05T10:00:00.000Z'));
  });
});

describe('stopped', () => {
  test('from the instant on at which the newest is so long ago, and only where there was one', async () => {
    const answers = await people.ask({ stopped: { match, none: days(30) } }, now);
    expect(answers).toEqual({
      new: no('2026-12-01T11:59:59.999Z'),
      old: no('2026-11-29T10:00:00.000Z'),
      gone: yes(null),
      coming: no('2026-12-02T10:00:00.000Z'),
      other: no(null),
    });
    expect((await people.ask({ stopped: { match, none: days(30) } }, '2026-11-29T10:00:00Z')).old).toEqual(yes(null));
  });
});

describe('restarted', () => {
  test('by the one that came after a pause, for as long as that is recent', async () => {
    const answers = await people.ask({ restarted: { match, pause: days(365), within: days(3) } }, now);
    expect(answers).toEqual({
      new: no(null),
      old: yes('2026-11-02T10:00:00.000Z'),
      gone: no(null),
      coming: no(null),
      other: no(null),
    });
  });

  test('a pause is long enough when it is exactly so long', async () => {
    await people.tell('exact', at('2026-10-29T10:00:00Z'), at('2026-10-31T10:00:00Z'));
    const restarted = (minutes: number): Condition => ({
      restarted: { match, pause: { count: minutes, unit: 'MINUTE' }, within: days(3) },
    });
    expect((await people.ask(restarted(2 * 24 * 60), now)).exact!.verdict).toBe(true);
    expect((await people.ask(restarted(2 * 24 * 60 + 1), now)).exact!.verdict).toBe(false);
  });

  test('by one that is known of the future, when its time has come', async () => {
    await people.tell('returning', at('2026-10-01T10:00:00Z'), at('2026-11-02T09:00:00Z'), at('2026-11-02T10:00:00Z'));
    const restarted: Condition = { restarted: { match, pause: days(30), within: days(3) } };
    expect((await people.ask(restarted, now)).returning).toEqual(no('2026-11-02T09:00:00.000Z'));
  });
});

describe('regularly', () => {
  const regular = (unit: 'DAY' | 'WEEK' | 'MONTH', periods: number, atLeast: number): Condition => ({
    regular: { match, unit, periods, atLeast },
  });

  test('in so many calendar periods of the organisation, until the oldest that is needed is over', async () => {
    // October 30 and November 1.
    expect((await people.ask(regular('DAY', 3, 2), now)).new).toEqual(yes('2026-11-01T23:00:00.000Z'));
    expect((await people.ask(regular('DAY', 4, 2), now)).new).toEqual(yes('2026-11-02T23:00:00.000Z'));
    expect((await people.ask(regular('DAY', 2, 2), now)).new).toEqual(no(null));
    expect((await people.ask(regular('MONTH', 2, 2), now)).new).toEqual(yes('2026-11-30T23:00:00.000Z'));
    // One week from Monday to Sunday.
    expect((await people.ask(regular('WEEK', 2, 2), now)).new).toEqual(no(null));
  });

  test('where the zone decides which day it is', async () => {
    await people.tell('night', at('2026-10-31T22:30:00Z'), at('2026-10-31T23:30:00Z'));
    expect((await people.ask(regular('DAY', 2, 2), now)).night!.verdict).toBe(true);
    expect((await people.ask(regular('DAY', 2, 2), now, 'America/New_York')).night!.verdict).toBe(false);
  });

  test('can become true with what is known of the future', async () => {
    expect((await people.ask(regular('DAY', 2, 1), now)).coming).toEqual(no('2026-11-02T10:00:00.000Z'));
  });
});

describe('the last one', () => {
  const paid = (how: string, occurredAt: string) => ({ type: 'paid', occurredAt, properties: { how } });
  const last: Condition = {
    last: {
      match: { types: ['paid'] },
      has: { property: 'how', operator: 'EQUALS', value: 'card' },
      window: { last: days(30) },
    },
  };

  test('decides alone, until it leaves or another one comes that says something else', async () => {
    await people.tell('card', paid('cash', '2026-10-20T10:00:00Z'), paid('card', '2026-10-30T10:00:00Z'));
    await people.tell('cash', paid('card', '2026-10-20T10:00:00Z'), paid('cash', '2026-10-30T10:00:00Z'));
    await people.tell('turning', paid('card', '2026-10-30T10:00:00Z'), paid('cash', '2026-11-02T09:00:00Z'));
    await people.tell('staying', paid('card', '2026-10-30T10:00:00Z'), paid('card', '2026-11-02T09:00:00Z'));
    const answers = await people.ask(last, now);
    expect(answers.card).toEqual(yes('2026-11-29T10:00:00.000Z'));
    expect(answers.cash).toEqual(no(null));
    expect(answers.turning).toEqual(yes('2026-11-02T09:00:00.000Z'));
    expect(answers.staying).toEqual(yes('2026-11-29T10:00:00.000Z'));
    expect(answers.other).toEqual(no(null));
  });

  test('of two at the same time is the one with the higher id', async () => {
    const same = '2026-10-31T10:00:00Z';
    for (let round = 0; round < 4; round += 1) {
      await people.tell(`twice ${round}`, paid('card', same), paid('cash', same));
    }
    await people.ask(last, now);
  });
});

describe('messages', () => {
  test('are counted whatever the medium, by channel and campaign', async () => {
    await people.tell(
      'reader',
      { type: 'email.opened', occurredAt: '2026-10-30T10:00:00Z', channel: 'EMAIL', campaign: 'spring' },
      { type: 'sms.opened', occurredAt: '2026-10-30T11:00:00Z', channel: 'SMS' },
      { type: 'email.sent', occurredAt: '2026-10-30T09:00:00Z', channel: 'EMAIL', campaign: 'spring' },
    );
    const opened = (narrower: Partial<Leaves['message']>, least: string): Condition => ({
      message: { what: 'OPENED', count: { comparison: 'AT_LEAST', value: least }, window: { ever: true }, ...narrower },
    });
    const verdict = async (narrower: Partial<Leaves['message']>, least: string) =>
      (await people.ask(opened(narrower, least), now)).reader!.verdict;
    expect(await verdict({}, '2')).toBe(true);
    expect(await verdict({}, '3')).toBe(false);
    expect(await verdict({ channels: ['SMS'] }, '2')).toBe(false);
    expect(await verdict({ campaigns: ['spring'] }, '1')).toBe(true);
    expect(await verdict({ campaigns: ['autumn'] }, '1')).toBe(false);
    expect(await verdict({ what: 'CLICKED' }, '1')).toBe(false);
  });
});

describe('calendar windows', () => {
  const inLast = (unit: 'DAY' | 'MONTH'): Condition => ({
    event: { match, count: { comparison: 'AT_LEAST', value: '1' }, window: { lastCalendar: { count: 1, unit } } },
  });

  test.each([
    // The last day of February reaches back to January 28 at least, the last of March to February 28.
    ['2026-01-29T12:00:00Z', '2026-02-28T12:00:00Z', '2026-02-28T23:00:00.000Z'],
    ['2026-01-28T12:00:00Z', '2026-02-28T12:00:00Z', '2026-02-28T23:00:00.000Z'],
    ['2026-01-27T12:00:00Z', '2026-02-27T12:00:00Z', '2026-02-27T23:00:00.000Z'],
    ['2026-02-28T12:00:00Z', '2026-03-30T12:00:00Z', '2026-03-31T22:00:00.000Z'],
    ['2024-02-29T12:00:00Z', '2024-03-29T12:00:00Z', '2024-03-31T22:00:00.000Z'],
  ])('at the end of months: what was at %s leaves once, as seen at %s', async (occurredAt, seenAt, next) => {
    await people.tell(occurredAt, at(occurredAt));
    expect((await people.ask(inLast('MONTH'), seenAt))[occurredAt]).toEqual(yes(next));
    expect((await people.ask(inLast('MONTH'), next))[occurredAt]!.verdict).toBe(false);
  });

  test('where clocks go back to midnight, the first of the two is when the day begins', async () => {
    await people.tell('islander', at('2026-10-23T12:00:00Z'), at('2026-10-24T12:00:00Z'));
    const [seenAt, midnight, azores] = ['2026-10-24T13:00:00Z', '2026-10-25T00:00:00.000Z', 'Atlantic/Azores'];
    const twice: Condition = {
      event: {
        match,
        count: { comparison: 'AT_LEAST', value: '2' },
        window: { lastCalendar: { count: 1, unit: 'DAY' } },
      },
    };
    const daily: Condition = { regular: { match, unit: 'DAY', periods: 2, atLeast: 2 } };
    for (const condition of [twice, daily]) {
      expect((await people.ask(condition, seenAt, azores)).islander).toEqual(yes(midnight));
      expect((await people.ask(condition, midnight, azores)).islander!.verdict).toBe(false);
    }
  });
});

describe('as they are given', () => {
  test.each<[given: unknown, field: string]>([
    [{ first: { match: null, window: { ever: true } } }, 'definition.first.match'],
    [{ first: { match: { types: [] }, window: { ever: true } } }, 'definition.first.match.types'],
    [{ stopped: { match, none: { count: 0, unit: 'DAY' } } }, 'definition.stopped.none.count'],
    [{ restarted: { match, pause: days(1), within: days(0) } }, 'definition.restarted.within.count'],
    [{ regular: { match, unit: 'HOUR', periods: 2, atLeast: 1 } }, 'definition.regular.unit'],
    [{ regular: { match, unit: 'MONTH', periods: 121, atLeast: 1 } }, 'definition.regular.periods'],
    [{ regular: { match, unit: 'DAY', periods: 2, atLeast: 3 } }, 'definition.regular.atLeast'],
    [
      { last: { match, has: { property: 'a..b', operator: 'EXISTS' }, window: { ever: true } } },
      'definition.last.has.property',
    ],
    [
      { last: { match, has: { property: 'a', operator: 'IS' }, window: { ever: true } } },
      'definition.last.has.operator',
    ],
    [{ message: { what: 'READ' } }, 'definition.message.what'],
    [{ message: { what: 'SENT', channels: ['PIGEON'] } }, 'definition.message.channels'],
    [{ message: { what: 'SENT', count: { comparison: 'MORE', value: '0' }, window: {} } }, 'definition.message.window'],
  ])('faults are refused with their path: %j', (given, field) => {
    expect(() => language.check(given as Condition)).toThrow(
      expect.objectContaining({ code: 'BAD_USER_INPUT', details: { field } }),
    );
  });

  test('nothing is left to a default, and nothing is undefined', () => {
    const count = { comparison: 'MORE', value: '00' } as const;
    const given = { what: 'SENT', channels: null, count, window: { ever: true } } as unknown as Leaves['message'];
    expect(language.check({ message: given })).toStrictEqual({
      message: { what: 'SENT', count: { comparison: 'MORE', value: '0' }, window: { ever: true } },
    });
  });
});
