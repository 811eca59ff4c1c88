import { beforeAll, describe, expect, it } from 'vitest';
import { Retailer } from '../../src/demo/retailer/retailer.ts';
import type { Sent } from '../../src/demo/retailer/story.ts';
import { defaultRules } from '../../src/identity/rules.ts';
import { toMinor } from '../../src/kernel/money.ts';
import type { AcceptedTouchpoint, LineDraft } from '../../src/touchpoints/touchpoint.ts';
import { validateTouchpoint } from '../../src/touchpoints/validate.ts';

const now = new Date('2026-07-01T10:00:00Z');
const retailer = new Retailer({ seed: 'test', customers: 2000, now });
let sent: Sent[];
/** What validation makes of each; beside `sent`. */
let accepted: { touchpoint: AcceptedTouchpoint; by: number }[];

beforeAll(() => {
  sent = [...retailer.history()];
  accepted = sent.map((one) => ({ touchpoint: accept(one), by: one.by }));
});

const withType = (type: string) => sent.filter(({ draft }) => draft.type === type);
/** Without the second copies of repeated messages. */
const once = () => [...new Map(sent.map((one) => [`${one.draft.source} ${one.draft.messageId}`, one])).values()];

function accept({ draft }: Sent): AcceptedTouchpoint {
  const verdict = validateTouchpoint(draft, now, { idSecret: 'secret', rules: defaultRules, defaultRegion: 'CH' });
  if (!verdict.ok) throw new Error(`${verdict.code}: ${verdict.message} ${JSON.stringify(draft)}`);
  return verdict.touchpoint;
}

describe('the demo retailer', () => {
  it('tells the same story for the same seed, and another for another', () => {
    const tell = (seed: string) => JSON.stringify([...new Retailer({ seed, customers: 60, now }).history()]);
    expect(tell('a')).toBe(tell('a'));
    expect(tell('a')).not.toBe(tell('b'));
  });

  it('gives every person the same life whatever the number of people', () => {
    const lifeOf = (customers: number) =>
      [...new Retailer({ seed: 'a', customers, now }).history()].filter(({ by }) => by === 7);
    expect(lifeOf(40)).toEqual(lifeOf(80));
  });

  it('makes exactly as many people as asked for', () => {
    expect(retailer.people.map((person) => person.no)).toEqual(Array.from({ length: 2000 }, (_, no) => no));
  });

  it('delivers in order of arrival, nothing before it happened and nothing outside the eighteen months', () => {
    const arrivals = sent.map(({ arrivesAt }) => arrivesAt);
    expect(arrivals).toEqual([...arrivals].sort((a, b) => a - b));
    const times = sent.map(({ draft, arrivesAt }) => ({ occurred: Date.parse(draft.occurredAt), arrivesAt }));
    expect(times.filter(({ occurred, arrivesAt }) => occurred > arrivesAt)).toEqual([]);
    expect(Math.min(...times.map(({ occurred }) => occurred))).toBeGreaterThanOrEqual(retailer.period.from);
    expect(arrivals.at(-1)).toBeLessThan(now.getTime());
  });

  it('sends nothing that validation refuses, and no identifier that it has to leave out', () => {
    expect(accepted.flatMap(({ touchpoint }) => touchpoint.warnings)).toEqual([]);
  });

  it('values every order and return at exactly the sum of its lines', () => {
    const sumOf = (lines: LineDraft[]) =>
      lines.reduce((sum, line) => sum + toMinor(String(line.price), 2)! * BigInt(line.quantity), 0n);
    const valued = sent.filter(({ draft }) => draft.type.startsWith('order.'));
    const wrong = valued.filter(({ draft }) => sumOf(draft.lines!) !== toMinor(String(draft.value!.amount), 2));
    expect(valued.length).toBeGreaterThan(5000);
    expect(wrong).toEqual([]);
    expect(new Set(valued.map(({ draft }) => draft.value!.currency))).toEqual(new Set(['CHF', 'EUR']));
  });

  it('returns only what the same person ordered, later and for no more than it cost', () => {
    const orders = new Map(withType('order.completed').map((one) => [one.draft.properties!.orderId, one]));
    const returns = withType('order.returned');
    const wrong = returns.filter(({ draft, by }) => {
      const order = orders.get(draft.properties!.orderId!);
      const amount = (value: typeof draft.value) => toMinor(String(value!.amount), 2)!;
      return (
        !order ||
        order.by !== by ||
        order.draft.occurredAt >= draft.occurredAt ||
        amount(draft.value) > amount(order.draft.value)
      );
    });
    expect(returns.length).toBeGreaterThan(200);
    expect(wrong).toEqual([]);
  });

  it('repeats some messages, always with the same body', () => {
    const first = new Map(once().map(({ draft }) => [`${draft.source} ${draft.messageId}`, draft]));
    const repeats = sent.length - first.size;
    expect(repeats / sent.length).toBeGreaterThan(0.002);
    expect(repeats / sent.length).toBeLessThan(0.02);
    for (const { draft } of sent) expect(first.get(`${draft.source} ${draft.messageId}`)).toEqual(draft);
  });

  it('delivers some touchpoints more than an hour late', () => {
    const late = sent.filter(({ draft, arrivesAt }) => arrivesAt - Date.parse(draft.occurredAt) > 3_600_000);
    expect(late.length / sent.length).toBeGreaterThan(0.002);
    expect(late.length / sent.length).toBeLessThan(0.05);
  });
});

describe('what the demo retailer has to offer to identity resolution', () => {
  const share = (part: number, whole: number) => part / whole;

  it('leaves a good part of the till receipts unidentified', () => {
    const receipts = accepted.filter(
      ({ touchpoint }) => touchpoint.source === 'pos' && touchpoint.type === 'order.completed',
    );
    const unidentified = receipts.filter(({ touchpoint }) => touchpoint.unidentified);
    expect(share(unidentified.length, receipts.length)).toBeGreaterThan(0.3);
    expect(share(unidentified.length, receipts.length)).toBeLessThan(0.75);
  });

  it('has people who browse anonymously before they log in on the same browser', () => {
    const anonymous = new Set<string>();
    const known = new Set<string>();
    for (const { draft } of sent.filter((one) => one.draft.source === 'web')) {
      const cookie = draft.identifiers!.find(({ kind }) => kind === 'anonymousId')!.value;
      (draft.identifiers!.some(({ kind }) => kind === 'userId') ? known : anonymous).add(cookie);
    }
    expect(anonymous.intersection(known).size).toBeGreaterThan(500);
  });

  it('has browsers on which two people log in', () => {
    const users = usersBy('anonymousId');
    const shared = [...users.values()].filter((ids) => ids.size > 1);
    expect(shared.length).toBeGreaterThan(10);
    expect(shared.length).toBeLessThan(120);
  });

  it('has e-mail addresses that two accounts use', () => {
    const shared = [...usersBy('email').values()].filter((ids) => ids.size > 1);
    expect(shared.length).toBeGreaterThan(10);
    expect(shared.length).toBeLessThan(120);
  });

  it('never lets two people have the same account, card, phone or device', () => {
    for (const kind of ['userId', 'loyaltyCard', 'phone', 'deviceId']) {
      const people = peopleBy(kind);
      expect(people.size, kind).toBeGreaterThan(50);
      expect(
        [...people].filter(([, by]) => by.size > 1),
        kind,
      ).toEqual([]);
    }
  });

  it('spells the same phone number and the same mailbox in several ways', () => {
    const spellings = (kind: string) => {
      const given = accepted.flatMap(({ touchpoint }) => touchpoint.identifiers).filter((one) => one.kind === kind);
      const byValue = Map.groupBy(given, (one) => one.value);
      return [...byValue.values()].filter((ones) => new Set(ones.map((one) => one.given ?? one.value)).size > 1).length;
    };
    expect(spellings('phone')).toBeGreaterThan(20);
    expect(spellings('email')).toBeGreaterThan(20);
  });

  it('misspells some names and some addresses', () => {
    const lastNames = sent.filter(({ draft }) => typeof draft.traits?.lastName === 'string');
    const wrong = lastNames.filter(({ draft, by }) => draft.traits!.lastName !== retailer.people[by]!.lastName);
    expect(share(wrong.length, lastNames.length)).toBeGreaterThan(0.005);
    expect(share(wrong.length, lastNames.length)).toBeLessThan(0.1);
    const strangers = [...peopleBy('email')].filter(([value, by]) => value !== normalEmail([...by][0]!));
    expect(strangers.length).toBeGreaterThan(5);
  });

  it('tells of moves, complaints and opened mailings', () => {
    expect(withType('identify').filter(({ draft }) => draft.properties!.reason === 'moved').length).toBeGreaterThan(20);
    expect(withType('case.opened').filter(({ draft }) => draft.properties!.complaint === true).length).toBeGreaterThan(
      100,
    );
    const opened = share(withType('email.opened').length, withType('email.sent').length);
    expect(opened).toBeGreaterThan(0.2);
    expect(opened).toBeLessThan(0.45);
  });

  /** Match key → user ids seen beside it. */
  function usersBy(kind: string): Map<string, Set<string>> {
    return collect(kind, ({ identifiers }) => identifiers.find((one) => one.kind === 'userId')?.value);
  }

  /** Match key → numbers of the people who used it. */
  function peopleBy(kind: string): Map<string, Set<number>> {
    return collect(kind, (_touchpoint, by) => by);
  }

  function collect<T>(
    kind: string,
    pick: (touchpoint: AcceptedTouchpoint, by: number) => T | undefined,
  ): Map<string, Set<T>> {
    const found = new Map<string, Set<T>>();
    for (const { touchpoint, by } of accepted) {
      const value = pick(touchpoint, by);
      if (value === undefined) continue;
      for (const identifier of touchpoint.identifiers.filter((each) => each.kind === kind)) {
        found.set(identifier.value, (found.get(identifier.value) ?? new Set()).add(value));
      }
    }
    return found;
  }

  function normalEmail(no: number): string {
    const email = retailer.people[no]!.email;
    return email.endsWith('@gmail.com') ? `${email.split('@')[0]!.replaceAll('.', '')}@gmail.com` : email;
  }
});

describe('demand at the demo retailer', () => {
  const orders = () => withType('order.completed').map(({ draft, by }) => ({ at: new Date(draft.occurredAt), by }));

  it('peaks in December and dips in summer', () => {
    const inMonth = (month: string) => orders().filter(({ at }) => at.toISOString().startsWith(month)).length;
    expect(inMonth('2025-12')).toBeGreaterThan(1.6 * inMonth('2025-09'));
    expect(inMonth('2025-07')).toBeLessThan(inMonth('2025-10'));
  });

  it('has loyal customers, customers of one order and customers who are lost', () => {
    const byPerson = Map.groupBy(orders(), ({ by }) => by);
    const counts = [...byPerson.values()].map((list) => list.length);
    expect(counts.filter((count) => count === 1).length / counts.length).toBeGreaterThan(0.25);
    expect(counts.filter((count) => count >= 10).length).toBeGreaterThan(50);
    const halfAYearAgo = now.getTime() - 183 * 86_400_000;
    const lost = [...byPerson.values()].filter((list) => list.every(({ at }) => at.getTime() < halfAYearAgo));
    expect(lost.length / byPerson.size).toBeGreaterThan(0.2);
    expect(lost.length / byPerson.size).toBeLessThan(0.7);
  });
});
