import { afterAll, beforeAll, expect, test } from 'vitest';
import { removeHouseholdMember } from '../../../src/identity/relations/household-members.service.ts';
import { fromPublicId } from '../../../src/kernel/ids.ts';
import { untilWaiting } from '../../support/locks.ts';
import { addToHousehold, createHousehold, openRelations, type RelationsFixture, relationsOf } from './fixture.ts';

let fixture: RelationsFixture;
beforeAll(async () => {
  fixture = await openRelations();
  await fixture.ask(
    'mutation { setHouseholdRule(input: { enabled: true, traits: ["street"], reason: "test" }) { rule { version } } }',
  );
  await fixture.settle();
});
afterAll(() => fixture.close());

const homeOf = async (customerId: string) => (await relationsOf(fixture, customerId)).households[0]?.household.id;

/** A transaction of somebody else's that does this and then keeps its locks until it is let go. */
async function hold(work: (tx: Parameters<Parameters<typeof fixture.database.pool.begin>[1]>[0]) => Promise<unknown>) {
  const { promise: released, resolve: release } = Promise.withResolvers<void>();
  const { promise: reached, resolve: reach } = Promise.withResolvers<void>();
  const done = fixture.database.pool.begin(async (tx) => {
    await work(tx);
    reach();
    await released;
  });
  await Promise.race([reached, done]);
  return {
    async letGo() {
      release();
      await done;
    },
  };
}

test('the rule waits for somebody who is just saying "not in this household", and then knows', async () => {
  const [ann, bob] = [await fixture.person('ann', { street: 'One' }), await fixture.person('bob', { street: 'One' })];
  await fixture.settle();
  const household = fromPublicId('hh', (await homeOf(ann))!);
  const cat = await fixture.person('cat', { street: 'One' });
  const holder = await hold(async (tx) => {
    await tx`select from households where id = ${household} for no key update`;
    await tx`insert into household_exclusions (record_id, household_id, statement_id)
             values (${fromPublicId('cus', cat)}, ${household}, gen_random_uuid())`;
  });
  const settling = fixture.settle();
  await untilWaiting(fixture.database.pool, 1);
  await holder.letGo();
  await settling;
  expect(await homeOf(cat)).toBeUndefined();
  expect(await homeOf(bob)).toBe(await homeOf(ann));
});

test('who is removed while the rule puts them in is out in the end', async () => {
  const ann = await fixture.person('r-ann', { street: 'Two' });
  await fixture.person('r-bob', { street: 'Two' });
  await fixture.settle();
  const householdId = (await homeOf(ann))!;
  // Before the lock is taken: the feed hands over nothing that is newer than an open transaction.
  await fixture.person('r-cat', { street: 'Two' });
  const holder = await hold(
    (tx) => tx`select from households where id = ${fromPublicId('hh', householdId)} for no key update`,
  );
  const settling = fixture.settle();
  const removing = removeHouseholdMember(fixture.context(), {
    householdId: fromPublicId('hh', householdId),
    customerId: fromPublicId('cus', ann),
    reason: 'race',
  });
  await untilWaiting(fixture.database.pool, 2);
  await holder.letGo();
  await Promise.all([settling, removing]);
  await fixture.settle();
  expect(await homeOf(ann)).toBeUndefined();
});

test('who is put into a household by hand while the rule puts them into another is in the one by hand only', async () => {
  const [ann, bob] = [
    await fixture.person('h-ann', { street: 'Three' }),
    await fixture.person('h-bob', { street: 'Three' }),
  ];
  await fixture.settle();
  const derived = (await homeOf(ann))!;
  const byHand = await createHousehold(fixture);
  const cat = await fixture.person('h-cat', { street: 'Three' });
  // The rule has read who is placed by hand, and has yet to write.
  const holder = await hold((tx) => tx`lock table household_crowds in exclusive mode`);
  const settling = fixture.settle();
  await untilWaiting(fixture.database.pool, 1);
  await addToHousehold(fixture, { householdId: byHand, customerId: cat });
  await holder.letGo();
  await settling;
  await fixture.settle();
  const homes = (await relationsOf(fixture, cat)).households.map(({ household }) => household.id);
  expect(homes).toEqual([byHand]);
  expect(await homeOf(bob)).toBe(derived);
});
