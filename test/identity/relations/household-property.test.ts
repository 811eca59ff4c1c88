import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { propertyRuns } from '../../support/property-runs.ts';
import { emptyWorld } from '../../support/world.ts';
import {
  addToHousehold,
  createHousehold,
  merge,
  openRelations,
  type RelationsFixture,
  relationsOf,
  removeFromHousehold,
} from './fixture.ts';

let fixture: RelationsFixture;
beforeAll(async () => {
  fixture = await openRelations();
});
afterAll(() => fixture.close());

/** What happens to people numbered from 0, each of whom lives somewhere. */
const happening = fc.oneof(
  { weight: 4, arbitrary: fc.record({ what: fc.constant('moves' as const), who: fc.nat(7), where: fc.nat(2) }) },
  { weight: 2, arbitrary: fc.record({ what: fc.constant('merged' as const), who: fc.nat(7), other: fc.nat(7) }) },
  { weight: 1, arbitrary: fc.record({ what: fc.constant('parted' as const) }) },
  { weight: 1, arbitrary: fc.record({ what: fc.constant('placed' as const), who: fc.nat(7) }) },
  { weight: 1, arbitrary: fc.record({ what: fc.constant('removed' as const), who: fc.nat(7) }) },
  { weight: 2, arbitrary: fc.record({ what: fc.constant('settled' as const) }) },
);
type Happening = typeof happening extends fc.Arbitrary<infer H> ? H : never;

async function emptyRelations(): Promise<void> {
  await emptyWorld(fixture.database.pool);
  const tables = ['members', 'exclusions', 'keys', 'crowds', 'rules'].map((name) => `household_${name}`);
  for (const table of [...tables, 'households', 'decisions', 'decision_records', 'regroupings']) {
    await fixture.database.pool.unsafe(`delete from ${table}`);
  }
}

async function setRule(): Promise<void> {
  await fixture.ask(
    'mutation { setHouseholdRule(input: { enabled: true, traits: ["street"], maximumSize: 4, reason: "x" }) { rule { version } } }',
  );
}

/** Refusals (merged already, no member) are part of life, and change nothing. */
async function live(happenings: readonly Happening[]): Promise<void> {
  const home = await createHousehold(fixture);
  const customers = new Map<number, string>();
  const undo: (() => Promise<void>)[] = [];
  const customerOf = async (who: number) => customers.get(who) ?? (await fixture.person(`p${who}`, { street: 'S0' }));
  const attempt = (work: Promise<unknown>) =>
    work.catch((error: { code?: string }) => expect(error.code).toBeDefined());
  for (const event of happenings) {
    if (event.what === 'moves')
      customers.set(event.who, await fixture.person(`p${event.who}`, { street: `S${event.where}` }));
    if (event.what === 'settled') await fixture.settle();
    if (event.what === 'parted') await undo.pop()?.();
    if (event.what === 'placed') {
      await attempt(addToHousehold(fixture, { householdId: home, customerId: await customerOf(event.who) }));
    }
    if (event.what === 'merged') {
      const pair = [await customerOf(event.who), await customerOf(event.other)] as const;
      await attempt(merge(fixture, ...pair).then((take) => undo.push(take)));
    }
    if (event.what === 'removed') {
      const customerId = await customerOf(event.who);
      const householdId = (await relationsOf(fixture, customerId)).households[0]?.household.id;
      if (householdId) await attempt(removeFromHousehold(fixture, { householdId, customerId }));
    }
  }
}

async function derived(): Promise<unknown> {
  const db = fixture.database.pool;
  return {
    members: await db`select id, record_id, household_id from household_members where origin = 'RULE' order by id`,
    keys: await db`select * from household_keys order by customer_id`,
    crowds: await db`select * from household_crowds order by household_id`,
    households: await db`select id from households where origin = 'RULE' order by id`,
  };
}

test('whatever happens, households that follow are those that a full run makes', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(happening, { minLength: 8, maxLength: 30 }), async (happenings) => {
      await emptyRelations();
      await setRule();
      await fixture.settle();
      await live(happenings);
      await fixture.settle();
      const followed = await derived();
      await setRule();
      await fixture.settle();
      expect(await derived()).toEqual(followed);
    }),
    { numRuns: propertyRuns(8) },
  );
});
