import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Condition } from '../../../src/conditions/condition.ts';
import { coreLeaves } from '../../../src/conditions/core-leaves.queries.ts';
import { look } from '../../../src/loyalty/offers/knowledge.service.ts';
import { OfferBook } from '../../../src/loyalty/offers/offer-book.service.ts';
import { fiftySegments } from '../../bench/segment-definitions.ts';
import { openTestDatabase, type TestDatabase } from '../../support/database.ts';
import { touchpoint } from '../../support/ingest.ts';
import { chf, fiveOff, type OffersFixture, openOffers } from './fixture.ts';

let database: TestDatabase;
let node: OffersFixture;
const now = new Date('2026-11-02T12:00:00Z');
const types = ['order.completed', 'product.viewed', 'cart.updated', 'email.opened', 'case.opened', 'order.returned'];

beforeAll(async () => {
  database = await openTestDatabase();
  node = await openOffers(database.pool);
});

afterAll(() => database.close());

function happening(person: number, number: number) {
  const seed = (person * 31 + number * 17) % 101;
  const type = types[seed % types.length]!;
  const hasValue = type.startsWith('order');
  return touchpoint({
    source: seed % 2 === 0 ? 'web' : 'pos',
    identifiers: [{ kind: 'userId', value: `person-${person}` }],
    type,
    channel: seed % 3 === 0 ? 'POS' : 'WEB',
    occurredAt: new Date(now.getTime() - ((seed * seed * 3) % 400) * 86_400_000 - number * 1_000).toISOString(),
    value: hasValue ? chf(String(10 + seed)) : null,
    properties: { category: `c${seed % 3}`, complaint: seed % 4 === 0 },
    traits: number % 4 === 0 ? { city: ['Bern', 'Basel', 'Zürich'][person % 3]!, language: 'de', country: 'CH' } : null,
  });
}

test('the interpreter and the database say the same of everybody, of conditions of every kind', async () => {
  const some: Condition = {
    all: [{ trait: { trait: 'city', operator: 'EQUALS', value: 'Bern' } }, { not: fiftySegments()[12]! }],
  };
  const household: Condition = { members: { of: 'HOUSEHOLD', quantifier: 'ANY', condition: { everyone: true } } };
  for (const [index, eligibility] of [...fiftySegments(), some, household].entries()) {
    await node.live(`offer ${index}`, fiveOff({ eligibility }));
  }
  const customers = new Set<string>();
  for (let person = 0; person < 30; person += 1) {
    const drafts = Array.from({ length: 1 + ((person * 7) % 23) }, (_, number) => happening(person, number));
    const results = await node.ingest.submit(node.ctx, drafts);
    for (const { customerId } of results) customers.add(customerId!);
  }
  const { pool } = database;
  const rows = await pool<{ id: string }[]>`select id from customers order by id`;
  expect(rows).toHaveLength(customers.size);
  const byDatabase = new OfferBook({ leaves: coreLeaves, timeZone: 'Europe/Zurich', shortHistory: 0 });
  const byInterpreter = new OfferBook({ leaves: coreLeaves, timeZone: 'Europe/Zurich', shortHistory: 10_000 });
  const pages = await byDatabase.open(pool, now);
  const held = new Map<string, number>();
  for (const { id: customerId } of rows) {
    const judge = async (book: OfferBook) => {
      const asked = { pages, offers: pages.offers, now };
      const found = await look(pool, book, { ...asked, person: { recordId: customerId, identifierId: null } });
      expect(found.person?.customerId).toBe(customerId);
      expect(found.facts === null).toBe(book === byDatabase);
      return book.judge(pool, pages, { ...asked, person: found.person!, facts: found.facts });
    };
    const [one, other] = [await judge(byDatabase), await judge(byInterpreter)];
    const holding = (of: typeof one) => pages.offers.map(({ offer }) => offer.id).filter((id) => of.has(id));
    expect(holding(other)).toEqual(holding(one));
    for (const id of holding(one)) held.set(id, (held.get(id) ?? 0) + 1);
  }
  // Enough of them hold for some and not for others.
  const telling = [...held.values()].filter((count) => count < rows.length);
  expect(telling.length).toBeGreaterThan(20);
});
