import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  type Consent,
  foldConsents,
  type Stated,
  type StatedStatus,
  statusAt,
} from '../../../src/privacy/consents/consent.ts';

const day = 86_400_000;
const start = Date.UTC(2026, 0, 1);
const onDay = (number: number) => new Date(start + number * day);

let ids = 0;
function said(status: StatedStatus, given: Partial<Stated> = {}): Stated {
  ids += 1;
  const id = `id-${String(ids).padStart(5, '0')}`;
  return {
    ...{ recordId: 'crm', id, purpose: 'newsletter', channel: '', status, legalBasis: 'CONSENT', source: 'web' },
    ...{ statedAt: onDay(1), expiresAt: null },
    ...given,
  };
}

function statusOf(statements: readonly Stated[], { channel = '', at = onDay(100) } = {}): string {
  const consent = foldConsents(statements).find((one) => one.purpose === 'newsletter' && one.channel === channel);
  return consent ? `${statusAt(consent, at)}${consent.conflict ? '!' : ''}` : 'none';
}

describe('within a record', () => {
  test.each<[string, Stated[], string]>([
    ['nothing was said', [], 'none'],
    ['the latest word counts', [said('GRANTED'), said('WITHDRAWN', { statedAt: onDay(2) })], 'WITHDRAWN'],
    ['also where it allows more', [said('DENIED'), said('GRANTED', { statedAt: onDay(2) })], 'GRANTED'],
    ['asking for it is not a consent', [said('PENDING')], 'PENDING'],
    ['asking takes away no consent', [said('GRANTED'), said('PENDING', { statedAt: onDay(2) })], 'GRANTED'],
    ['asking ends a refusal', [said('DENIED'), said('PENDING', { statedAt: onDay(2) })], 'PENDING'],
    [
      'nor one that had ended before',
      [said('GRANTED', { expiresAt: onDay(2) }), said('PENDING', { statedAt: onDay(2) })],
      'PENDING',
    ],
    ['a consent ends', [said('GRANTED', { expiresAt: onDay(100) })], 'EXPIRED'],
    ['and not before', [said('GRANTED', { expiresAt: onDay(101) })], 'GRANTED'],
    ['a request ends', [said('PENDING', { expiresAt: onDay(9) })], 'EXPIRED'],
  ])('%s', (_, statements, expected) => {
    expect(statusOf(statements)).toBe(expected);
  });

  test('a word about every channel is one about each', () => {
    const grant = said('GRANTED', { channel: 'EMAIL' });
    const refusal = said('WITHDRAWN', { statedAt: onDay(2) });
    expect(statusOf([grant, refusal], { channel: 'EMAIL' })).toBe('WITHDRAWN');
    const later = said('GRANTED', { channel: 'EMAIL', statedAt: onDay(3) });
    expect(statusOf([grant, refusal, later], { channel: 'EMAIL' })).toBe('GRANTED');
    expect(statusOf([grant, refusal, later])).toBe('WITHDRAWN');
    expect(statusOf([grant])).toBe('none');
  });
});

describe('over records', () => {
  const web = { recordId: 'web' };
  test.each<[string, Stated[], string]>([
    ['the most restrictive counts', [said('GRANTED', { statedAt: onDay(9) }), said('DENIED', web)], 'DENIED!'],
    ['a withdrawal goes before a refusal, which say the same', [said('WITHDRAWN'), said('DENIED', web)], 'WITHDRAWN'],
    ['a request before a consent', [said('GRANTED'), said('PENDING', web)], 'PENDING!'],
    [
      'of two consents, the one that ends first',
      [said('GRANTED'), said('GRANTED', { ...web, expiresAt: onDay(9) })],
      'EXPIRED',
    ],
    [
      'a record of which nothing was said says nothing',
      [said('GRANTED'), said('DENIED', { ...web, purpose: 'ads' })],
      'GRANTED',
    ],
    ['a refusal has no end', [said('DENIED'), said('GRANTED', { ...web, expiresAt: onDay(9) })], 'DENIED!'],
  ])('%s', (_, statements, expected) => {
    expect(statusOf(statements)).toBe(expected);
  });

  test('each record is asked by what it said last of the channel or of all', () => {
    const statements = [said('GRANTED', { channel: 'EMAIL' }), said('DENIED', web)];
    expect(statusOf(statements, { channel: 'EMAIL' })).toBe('DENIED!');
    expect(statusOf(statements)).toBe('DENIED');
  });
});

const statements = fc.array(
  fc
    .record({
      recordId: fc.constantFrom('a', 'b', 'c'),
      id: fc.integer({ min: 0, max: 9 }).map((number) => `id-${number}`),
      purpose: fc.constantFrom('newsletter', 'profiling'),
      channel: fc.constantFrom('', 'EMAIL', 'SMS'),
      status: fc.constantFrom<StatedStatus>('GRANTED', 'DENIED', 'WITHDRAWN', 'PENDING'),
      statedAt: fc.integer({ min: 0, max: 5 }).map(onDay),
      expiresAt: fc.option(fc.integer({ min: 1, max: 8 }).map(onDay)),
    })
    .map((one): Stated => {
      const open = one.status === 'GRANTED' || one.status === 'PENDING';
      return { ...one, expiresAt: open ? one.expiresAt : null, legalBasis: 'CONSENT', source: 'web' };
    }),
  { maxLength: 12 },
);
/** As in the table: a record has a statement once. */
const histories = statements.map((all) => [...new Map(all.map((one) => [`${one.recordId} ${one.id}`, one])).values()]);

/** Day by day, record by record, as one would do it by hand. */
function byHand(all: readonly Stated[], { purpose, channel }: Pick<Stated, 'purpose' | 'channel'>, at: Date): string {
  const ranks = ['GRANTED', 'PENDING', 'EXPIRED', 'DENIED', 'WITHDRAWN'];
  const perRecord = ['a', 'b', 'c'].flatMap((recordId) => {
    const own = all
      .filter((one) => one.recordId === recordId && one.purpose === purpose && ['', channel].includes(one.channel))
      .sort((x, y) => x.statedAt.getTime() - y.statedAt.getTime() || (x.id < y.id ? -1 : 1));
    let counts: Stated | undefined;
    let settled: Stated | undefined;
    for (const next of own) {
      const holds = settled?.status === 'GRANTED' && !(settled.expiresAt && settled.expiresAt <= next.statedAt);
      counts = next.status === 'PENDING' && holds ? settled : next;
      if (next.status !== 'PENDING') settled = next;
    }
    if (!counts) return [];
    const over = counts.expiresAt !== null && counts.expiresAt <= at;
    return [over ? 'EXPIRED' : counts.status];
  });
  return perRecord.sort((x, y) => ranks.indexOf(y) - ranks.indexOf(x))[0] ?? 'none';
}

function shown(consents: readonly Consent[]): string {
  return JSON.stringify(consents);
}

describe('whatever was said', () => {
  test('it is what one finds by hand, at any time', () => {
    const times = fc.integer({ min: 0, max: 9 }).map(onDay);
    fc.assert(
      fc.property(histories, times, (all, at) => {
        for (const consent of foldConsents(all)) {
          const told = `${consent.purpose} ${consent.channel}`;
          expect(`${told} ${statusAt(consent, at)}`).toBe(`${told} ${byHand(all, consent, at)}`);
        }
      }),
      { numRuns: 2_000 },
    );
  });

  test('the order in which it comes makes no difference', () => {
    const shuffled = histories.chain((all) =>
      fc.tuple(fc.constant(all), fc.shuffledSubarray(all, { minLength: all.length })),
    );
    fc.assert(
      fc.property(shuffled, ([all, other]) => {
        expect(shown(foldConsents(other))).toBe(shown(foldConsents(all)));
      }),
      { numRuns: 1_000 },
    );
  });

  test('joining records never allows more than each of them alone', () => {
    const times = fc.integer({ min: 0, max: 9 }).map(onDay);
    fc.assert(
      fc.property(histories, times, (all, at) => {
        const alone = foldConsents(all.filter(({ recordId }) => recordId === 'a'));
        const joined = foldConsents(all);
        for (const one of alone) {
          const after = joined.find(({ purpose, channel }) => purpose === one.purpose && channel === one.channel)!;
          if (statusAt(after, at) === 'GRANTED') expect(statusAt(one, at)).toBe('GRANTED');
        }
      }),
      { numRuns: 1_000 },
    );
  });
});
