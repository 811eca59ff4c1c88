import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { touchpoint } from '../../support/ingest.ts';
import {
  ask,
  enter,
  type MatchingFixture,
  openMatching,
  peopleOf,
  readMatching,
  settle,
  trainAndMatch,
} from './fixture.ts';

let fixture: MatchingFixture;
const people = peopleOf(500, 'incremental');

beforeAll(async () => {
  fixture = await openMatching();
  await enter(fixture, people.slice(0, 400), 'first');
  await trainAndMatch(fixture);
});
afterAll(() => fixture.close());

async function matchAll(): Promise<void> {
  await ask(fixture, `mutation { runMatching(input: {}) { run { id } } }`);
  await settle(fixture);
}

async function lag(): Promise<number> {
  const { matchingStatus } = await ask<{ matchingStatus: { lagSeconds: number } }>(
    fixture,
    `{ matchingStatus { lagSeconds } }`,
  );
  return matchingStatus.lagSeconds;
}

describe('records that come or change after a run', () => {
  test('are matched as a run over all would match them', async () => {
    const before = await readMatching(fixture);
    await enter(fixture, people.slice(400), 'second');
    expect(await lag()).toBeGreaterThan(0);
    await settle(fixture);
    expect(await lag()).toBe(0);
    const followed = await readMatching(fixture);
    const people2 = new Set(followed.customers.map(({ customer }) => customer)).size;
    expect(people2).toBeLessThan(new Set(before.customers.map(({ customer }) => customer)).size + 100);
    await matchAll();
    expect(await readMatching(fixture)).toEqual(followed);
  });

  test('come apart again when they no longer match, and together when they do again; ids are stable', async () => {
    const [pair] = await fixture.database.pool<{ key: string; other: string; lastName: string }[]>`
      select b.key, a.key as other, t.value #>> '{}' as "lastName"
      from match_candidates c
      join records a on a.id = c.record_a join records b on b.id = c.record_b
      join record_traits t on t.record_id = b.id and t.name = 'lastName'
      where c.status = 'LINKED'
        and (select count(*) from records r where r.customer_id = a.customer_id) = 2
      order by c.weight limit 1`;
    const before = await readMatching(fixture);
    await change(pair!.key, {
      firstName: 'Zebulon',
      lastName: 'Quastenflosser',
      birthday: '1931-12-30',
      street: 'Nirgendwo 999',
      city: 'Utopia',
      postalCode: '1111',
      email: 'z@q.example',
      phone: '+41791112233',
    });
    await settle(fixture);
    const { customers } = await readMatching(fixture);
    const customerOf = new Map(customers.map(({ key, customer }) => [key, customer]));
    expect(customerOf.get(pair!.key)).not.toBe(customerOf.get(pair!.other));
    const [original] = people.filter((_, at) =>
      pair!.key.startsWith(at < 400 ? `first-${at}-` : `second-${at - 400}-`),
    );
    const { entity: _, birthDate, ...traits } = original!;
    await change(pair!.key, { ...traits, birthday: birthDate });
    await settle(fixture);
    expect(await readMatching(fixture)).toEqual(before);
  });

  test('are compared only where something that counts has changed', async () => {
    const { pool } = fixture.database;
    const [{ scored }] = (await pool`select max(scored_at) as scored from match_candidates`) as unknown as [
      { scored: Date },
    ];
    await change('first-0-0', { favouriteColour: 'green' });
    await settle(fixture);
    const [{ later }] = (await pool`select max(scored_at) as later from match_candidates`) as unknown as [
      { later: Date },
    ];
    expect(later).toEqual(scored);
  });
});

async function change(key: string, traits: Record<string, string | null>): Promise<void> {
  const { ingest, ctx } = fixture;
  const [result] = await ingest.submit(ctx, [
    touchpoint({ source: 'crm', key, traits, occurredAt: new Date().toISOString() }),
  ]);
  expect(result!.status).toBe('STORED');
}

describe('two nodes', () => {
  test('share the work and double nothing', async () => {
    const other = fixture.openJob();
    try {
      const before = await readMatching(fixture);
      await enter(fixture, peopleOf(60, 'two nodes'), 'third');
      await ask(fixture, `mutation { runMatching(input: {}) { run { id } } }`);
      for (let round = 0; round < 20; round++) {
        await Promise.all([fixture.job.settle(), other.settle()]);
      }
      const { matchRuns } = await ask<{ matchRuns: { status: string }[] }>(
        fixture,
        `{ matchRuns(first: 1) { status } }`,
      );
      expect(matchRuns[0]!.status).toBe('SUCCEEDED');
      const [runs] = await fixture.database.pool<
        { attempts: number }[]
      >`select max(attempts) as attempts from match_runs`;
      expect(runs!.attempts).toBe(1);
      const [doubled] = await fixture.database.pool<{ decisions: number; linked: number }[]>`
        select (select count(*)::int from decisions where kind = 'MATCH' and revoked_at is null) as decisions,
               (select count(*)::int from match_candidates where decision_id is not null) as linked`;
      expect(doubled!.decisions).toBe(doubled!.linked);
      const after = await readMatching(fixture);
      expect(after.customers.length).toBe(before.customers.length + 60);
    } finally {
      await other.stop();
    }
  });
});
