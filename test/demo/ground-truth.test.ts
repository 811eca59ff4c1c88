import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Retailer } from '../../src/demo/retailer/retailer.ts';
import type { Sent } from '../../src/demo/retailer/story.ts';
import { openTestDatabase, type TestDatabase } from '../support/database.ts';
import { openIngest } from '../support/ingest.ts';

const now = new Date('2026-07-01T10:00:00Z');
const retailer = new Retailer({ seed: 'truth', customers: 400, now });

interface Placed extends Sent {
  /** Whom the platform takes it for. */
  readonly customerId: string | null;
}

let database: TestDatabase;
let placed: Placed[];
const statuses = new Map<string, number>();

beforeAll(async () => {
  database = await openTestDatabase();
  const { ingest, ctx } = await openIngest(database.pool, { clock: { now: () => now } });
  const sent = [...retailer.history()];
  for (let at = 0; at < sent.length; at += 1000) {
    const results = await ingest.submit(
      ctx,
      sent.slice(at, at + 1000).map(({ draft }) => draft),
    );
    for (const { status } of results) statuses.set(status, (statuses.get(status) ?? 0) + 1);
  }
  const customerOf = await readCustomers();
  placed = sent.map((one) => ({ ...one, customerId: customerOf.get(nameOf(one.draft)) ?? null }));
});

afterAll(() => database.close());

const nameOf = ({ source, messageId }: { source: string; messageId: string }) => `${source} ${messageId}`;

async function readCustomers(): Promise<Map<string, string | null>> {
  const rows = await database.pool<{ source: string; messageId: string; customerId: string | null }[]>`
    select t.source, t.message_id as "messageId", r.customer_id as "customerId"
    from touchpoints t join records r on r.id = t.record_id`;
  return new Map(rows.map((row) => [nameOf(row), row.customerId]));
}

function identifier({ draft }: Sent, kind: string): string | undefined {
  return draft.identifiers?.find((one) => one.kind === kind)?.value;
}

function customersBy(kind: string): Map<string, Set<string | null>> {
  const found = new Map<string, Set<string | null>>();
  for (const one of placed) {
    const value = identifier(one, kind);
    if (value) found.set(value, (found.get(value) ?? new Set()).add(one.customerId));
  }
  return found;
}

describe('what the platform makes of the demo retailer, beside the truth', () => {
  it('stores everything once and takes repeats for repeats', () => {
    const messages = new Set(placed.map(({ draft }) => nameOf(draft))).size;
    expect(Object.fromEntries(statuses)).toEqual({ STORED: messages, DUPLICATE: placed.length - messages });
  });

  it('makes one customer of everything with one user id', () => {
    const users = customersBy('userId');
    expect(users.size).toBeGreaterThan(100);
    expect([...users].filter(([, customers]) => customers.size !== 1)).toEqual([]);
  });

  it('never merges two accounts, whatever browser or e-mail address they share', () => {
    const users = [...customersBy('userId').values()].map((customers) => [...customers][0]);
    expect(new Set(users).size).toBe(users.length);
    const shared = retailer.people.filter((person) => person.sharedBrowser && person.account);
    expect(shared.length).toBeGreaterThan(5);
  });

  it('makes one customer of everything on one card, wherever it was shown', () => {
    const cards = customersBy('loyaltyCard');
    expect(cards.size).toBeGreaterThan(50);
    expect([...cards].filter(([, customers]) => customers.size !== 1)).toEqual([]);
  });

  it('lets anonymous browsing follow the person who logs in on that browser', () => {
    const owners = customersBy('anonymousId');
    const alone = retailer.people.filter((person) =>
      retailer.people.every((other) => other === person || !sharesWith(other, person)),
    );
    const own = alone.flatMap((person) => person.browsers);
    const seen = own.map((browser) => owners.get(browser.id)).filter((customers) => customers !== undefined);
    expect(seen.length).toBeGreaterThan(200);
    expect(seen.filter((customers) => customers.size > 1)).toEqual([]);
  });

  it('leaves receipts of nobody with nobody', () => {
    const receipts = placed.filter(({ draft }) => !draft.key && !draft.identifiers);
    expect(receipts.length).toBeGreaterThan(50);
    expect(receipts.filter(({ customerId }) => customerId !== null)).toEqual([]);
  });

  it('mixes up only people who share an address or a browser', () => {
    const byCustomer = Map.groupBy(
      placed.filter(({ customerId }) => customerId),
      ({ customerId }) => customerId,
    );
    const strangers = [...byCustomer.values()]
      .map((touchpoints) => [...new Set(touchpoints.map(({ by }) => by))].map((no) => retailer.people[no]!))
      .filter((people) => people.length > 1 && !people.every((person) => sharesWith(person, people[0]!)));
    expect(strangers.map((people) => people.map((person) => person.no))).toEqual([]);
  });
});

type Person = (typeof retailer.people)[number];

function sharesWith(a: Person, b: Person): boolean {
  return a === b || a.email === b.email || (a.sharedBrowser !== null && a.sharedBrowser === b.sharedBrowser);
}
