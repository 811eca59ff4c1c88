import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { HouseholdDeriver } from '../../../src/identity/relations/household-deriver.service.ts';
import { householdLag } from '../../../src/identity/relations/household-rule.service.ts';
import { systemClock } from '../../../src/kernel/clock.ts';
import { loadIdSecret } from '../../../src/kernel/settings.queries.ts';
import { emptyWorld } from '../../support/world.ts';
import {
  addToHousehold,
  createHousehold,
  membersOfHousehold,
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
beforeEach(async () => {
  await emptyWorld(fixture.database.pool);
  const tables = ['household_members', 'household_exclusions', 'household_keys', 'household_crowds', 'household_rules'];
  for (const table of [...tables, 'households']) await fixture.database.pool.unsafe(`delete from ${table}`);
});
afterAll(() => fixture.close());

interface RuleData {
  readonly version: number;
  readonly enabled: boolean;
  readonly phase: string;
  readonly customersRead: number;
  readonly customersToRead: number | null;
  readonly appliedAt: string | null;
  readonly lagSeconds: number | null;
  readonly tooLarge: { customers: number }[];
}

const ruleFields =
  '{ version enabled phase customersRead customersToRead appliedAt lagSeconds tooLarge { customers } }';

async function readRule(): Promise<RuleData> {
  const { householdRule } = await fixture.ask<{ householdRule: RuleData }>(`{ householdRule ${ruleFields} }`);
  return JSON.parse(JSON.stringify(householdRule)) as RuleData;
}

async function setRule(input: Record<string, unknown> = {}): Promise<void> {
  await fixture.ask(
    'mutation ($input: SetHouseholdRuleInput!) { setHouseholdRule(input: $input) { rule { version } } }',
    {
      input: { enabled: true, traits: ['lastName', 'street', 'postalCode'], maximumSize: 4, reason: 'test', ...input },
    },
  );
}

let keys = 0;
function liveAt(street: string, lastName = 'Keller', postalCode: string | number = '8001'): Promise<string> {
  keys += 1;
  return fixture.person(`rule-${keys}`, { lastName, street, postalCode });
}

async function moveTo(key: string, street: string): Promise<void> {
  await fixture.person(key, { lastName: 'Keller', street, postalCode: '8001' });
}

/** Every household as its members' ids, sorted: what the rule comes to. */
async function homes(): Promise<string[][]> {
  const { households } = await fixture.ask<{
    households: { nodes: { members: { nodes: { customerId: string }[] } }[] };
  }>('{ households(first: 200) { nodes { members { nodes { customerId } } } } }');
  return households.nodes
    .map(({ members }) => members.nodes.map(({ customerId }) => customerId).sort())
    .sort((a, b) => (a.join() < b.join() ? -1 : 1));
}

const sorted = (...groups: string[][]) =>
  groups.map((group) => group.toSorted()).sort((a, b) => (a.join() < b.join() ? -1 : 1));

const homeOf = async (customerId: string) => (await relationsOf(fixture, customerId)).households[0]?.household.id;

/** What the rule has stored, to compare with what a full run makes of the same facts. */
async function derived(): Promise<unknown> {
  return {
    members: await fixture.database.pool`
      select id, record_id, household_id, role from household_members where origin = 'RULE' order by id`,
    keys: await fixture.database.pool`select * from household_keys order by customer_id`,
    crowds: await fixture.database.pool`select * from household_crowds order by household_id`,
    households: await fixture.database.pool`select id, origin, kept from households order by id`,
  };
}

describe('the rule', () => {
  test('as shipped makes no household, and says so', async () => {
    await liveAt('Weg 1');
    await liveAt('Weg 1');
    await fixture.settle();
    expect(await homes()).toEqual([]);
    expect(await readRule()).toMatchObject({ version: 0, enabled: false, phase: 'FOLLOWING', lagSeconds: null });
  });

  test('makes households of those who share its traits, however they are spelled', async () => {
    const ann = await liveAt('Bahnhofstraße 7');
    const bob = await liveAt(' BAHNHOFSTRASSE  7', 'keller', 8001);
    await liveAt('Bahnhofstraße 8');
    await liveAt('Bahnhofstraße 7', 'Meier');
    await fixture.person('no-address', { lastName: 'Keller' });
    await setRule();
    await fixture.settle();
    expect(await homes()).toEqual(sorted([ann, bob]));
    expect(await relationsOf(fixture, ann)).toMatchObject({
      households: [{ role: 'MEMBER', origin: 'RULE', otherMemberCount: 1 }],
    });
    const rule = await readRule();
    expect(rule).toMatchObject({ phase: 'FOLLOWING', customersRead: 5, customersToRead: 5, lagSeconds: 0 });
    expect(rule.appliedAt).not.toBeNull();
  });

  test('follows who comes, moves and goes', async () => {
    const ann = await fixture.person('ann', { lastName: 'Keller', street: 'Weg 1', postalCode: '8001' });
    await setRule();
    await fixture.settle();
    expect(await homes()).toEqual([]);
    const bob = await fixture.person('bob', { lastName: 'Keller', street: 'Weg 1', postalCode: '8001' });
    await fixture.settle();
    expect(await homes()).toEqual(sorted([ann, bob]));
    await moveTo('bob', 'Gasse 2');
    const cat = await liveAt('Gasse 2');
    await fixture.settle();
    expect(await homes(), 'one alone is no household').toEqual(sorted([bob, cat]));
    await moveTo('ann', 'Gasse 2');
    await fixture.settle();
    expect(await homes()).toEqual(sorted([ann, bob, cat]));
  });

  test('makes no household of a block of flats, and reports it', async () => {
    const flats = [];
    for (let number = 0; number < 4; number++) flats.push(await liveAt('Turm 1'));
    await setRule();
    await fixture.settle();
    expect(await homes()).toEqual(sorted(flats));
    await fixture.person('fifth', { lastName: 'Keller', street: 'Turm 1', postalCode: '8001' });
    await fixture.settle();
    expect(await homes()).toEqual([]);
    expect((await readRule()).tooLarge).toEqual([{ customers: 5 }]);
    await moveTo('fifth', 'Gasse 9');
    await fixture.settle();
    expect(await homes(), 'and again, when one has left').toEqual(sorted(flats));
    expect((await readRule()).tooLarge).toEqual([]);
  });

  test('a new version is applied to everybody, and what it keeps carries it', async () => {
    const [ann, bob] = [await liveAt('Weg 1'), await liveAt('Weg 1')];
    const cat = await liveAt('Weg 1', 'Meier');
    await setRule();
    await fixture.settle();
    const before = await homeOf(ann);
    await setRule({ maximumSize: 5 });
    await fixture.settle();
    expect(await homeOf(ann), 'the same traits, the same household').toBe(before);
    const versions = await fixture.database.pool`select distinct rule_version from household_members`;
    const { version } = await readRule();
    expect(versions.map((row) => row.rule_version as number)).toEqual([version]);
    await setRule({ traits: ['street', 'postalCode'] });
    await fixture.settle();
    expect(await homes()).toEqual(sorted([ann, bob, cat]));
    await setRule({ enabled: false });
    await fixture.settle();
    expect(await homes()).toEqual([]);
    expect(await derived()).toEqual({ members: [], keys: [], crowds: [], households: [] });
  });

  test('is applied in small transactions, each of which another node can go on from', async () => {
    const people = [];
    for (let number = 0; number < 10; number++) people.push(await liveAt(`Weg ${number % 5}`));
    await setRule();
    const phases: string[] = [];
    const secret = await loadIdSecret(fixture.database.pool);
    // A new process for every step.
    for (let more = true; more; ) {
      const node = new HouseholdDeriver(fixture.context(), secret, {
        customersAtOnce: 3,
        householdsAtOnce: 2,
        linesAtOnce: 5,
      });
      more = await node.step();
      const { phase, customersRead } = await readRule();
      phases.push(`${phase} ${customersRead}`);
    }
    expect(phases.slice(0, 5)).toEqual(['CUSTOMERS 3', 'CUSTOMERS 6', 'CUSTOMERS 9', 'HOUSEHOLDS 10', 'HOUSEHOLDS 10']);
    await fixture.settle();
    expect(await homes()).toHaveLength(5);
  });

  test('is applied by one node at a time: the other finds the lock taken', async () => {
    await liveAt('Weg 1');
    await setRule();
    await fixture.database.pool.begin(async (tx) => {
      await tx`select pg_advisory_xact_lock(hashtext('rundum.household-derivation'))`;
      expect(await fixture.deriver.step()).toBe(false);
    });
    expect((await readRule()).customersRead).toBe(0);
    expect(await fixture.deriver.step()).toBe(true);
    expect((await readRule()).customersRead).toBe(1);
  });

  test('says by how much it is behind', async () => {
    await setRule();
    await fixture.settle();
    const before = systemClock.now();
    await liveAt('Weg 1');
    const later = new Date(before.getTime() + 60_000);
    expect(await householdLag(fixture.database.pool, later)).toBeGreaterThan(50);
    await fixture.settle();
    expect(await householdLag(fixture.database.pool, later)).toBe(0);
  });

  test('starts over when the changes that it had yet to read have been deleted', async () => {
    const [ann, bob] = [await liveAt('Weg 1'), await liveAt('Weg 1')];
    await setRule();
    await fixture.settle();
    const cat = await liveAt('Weg 1');
    const pool = fixture.database.pool;
    const [{ tx }] = await pool<[{ tx: string }]>`select max(tx::text::bigint)::text as tx from changes`;
    await pool`delete from changes`;
    await pool`update settings set value = value || ${pool.json({ horizon: { tx, seq: '999' } })} where name = 'change_feed'`;
    await fixture.deriver.catchUp();
    expect(await homes()).toEqual(sorted([ann, bob, cat]));
    await pool`update settings set value = value - 'horizon' where name = 'change_feed'`;
  });

  test('an idle database stays idle', async () => {
    await liveAt('Weg 1');
    await setRule();
    await fixture.settle();
    const writes = async () => {
      const [row] = await fixture.database.pool<[{ next: string }]>`
        select xmin::text as next from household_rules order by version desc limit 1`;
      return row.next;
    };
    await fixture.deriver.catchUp();
    const before = await writes();
    for (let round = 0; round < 3; round++) await fixture.deriver.catchUp();
    expect(await writes()).toBe(before);
  });
});

describe('what is said by hand wins over the rule', () => {
  test('"not in this household" holds through every run, until they are added by hand', async () => {
    const [ann, bob, cat] = [await liveAt('Weg 1'), await liveAt('Weg 1'), await liveAt('Weg 1')];
    await setRule();
    await fixture.settle();
    const householdId = (await homeOf(ann))!;
    await removeFromHousehold(fixture, { householdId, customerId: cat });
    expect(await homes(), 'at once').toEqual(sorted([ann, bob]));
    await setRule();
    await fixture.settle();
    expect(await homes()).toEqual(sorted([ann, bob]));
    await addToHousehold(fixture, { householdId, customerId: cat, role: 'CHILD' });
    await fixture.settle();
    expect(await membersOfHousehold(fixture, householdId)).toContainEqual({
      customerId: cat,
      role: 'CHILD',
      origin: 'HAND',
    });
    expect(await homes()).toEqual(sorted([ann, bob, cat]));
  });

  test('who is in a household by hand is in none by rule, and comes back when that ends', async () => {
    const [ann, bob, cat] = [await liveAt('Weg 1'), await liveAt('Weg 1'), await liveAt('Weg 1')];
    await setRule();
    await fixture.settle();
    const other = await createHousehold(fixture);
    await addToHousehold(fixture, { householdId: other, customerId: cat });
    expect(await homes(), 'at once').toEqual(sorted([ann, bob], [cat]));
    await fixture.settle();
    expect(await homes()).toEqual(sorted([ann, bob], [cat]));
    await removeFromHousehold(fixture, { householdId: other, customerId: cat });
    await fixture.settle();
    expect(await homes()).toEqual(sorted([], [ann, bob, cat]));
  });

  test('also when a period begins or ends by itself', async () => {
    const [ann, bob] = [await liveAt('Weg 1'), await liveAt('Weg 1')];
    await setRule();
    await fixture.settle();
    const other = await createHousehold(fixture);
    const now = systemClock.now().getTime();
    await addToHousehold(fixture, {
      householdId: other,
      customerId: bob,
      validFrom: new Date(now + 3_600_000).toISOString(),
      validTo: new Date(now + 7_200_000).toISOString(),
    });
    await fixture.settle();
    expect((await relationsOf(fixture, bob)).households, 'not yet').toMatchObject([{ origin: 'RULE' }]);
    const secret = await loadIdSecret(fixture.database.pool);
    const derivedAt = async (ms: number) => {
      const clock = { now: () => new Date(now + ms) };
      await new HouseholdDeriver({ ...fixture.context(), clock }, secret).catchUp();
      const rows = await fixture.database.pool`select from household_members where origin = 'RULE'`;
      return rows.length;
    };
    expect(await derivedAt(3_600_001), 'bob is elsewhere, and ann alone').toBe(0);
    expect(await derivedAt(7_200_001)).toBe(2);
    expect(ann).not.toBe(bob);
  });

  test('members by hand count for the smallest size', async () => {
    const [ann, bob] = [await liveAt('Weg 1'), await liveAt('Weg 1')];
    await setRule();
    await fixture.settle();
    const householdId = (await homeOf(ann))!;
    const partner = await fixture.person('other-name', { lastName: 'Meier' });
    await addToHousehold(fixture, { householdId, customerId: partner, role: 'PARTNER' });
    await removeFromHousehold(fixture, { householdId, customerId: bob });
    await fixture.settle();
    expect(await homes()).toEqual(sorted([ann, partner]));
  });

  test('a household by rule that somebody named stays when its last member leaves', async () => {
    const [ann, bob] = [
      await fixture.person('named', { lastName: 'K', street: 'W', postalCode: '1' }),
      await liveAt('W', 'K', 1),
    ];
    await setRule();
    await fixture.settle();
    const householdId = (await homeOf(ann))!;
    await fixture.ask(
      'mutation ($input: UpdateHouseholdInput!) { updateHousehold(input: $input) { household { id } } }',
      {
        input: { householdId, name: 'The Ks', reason: 'test' },
      },
    );
    await fixture.person('named', { street: 'Elsewhere' });
    await fixture.settle();
    const { household } = await fixture.ask<{ household: object }>(
      'query ($id: ID!) { household(id: $id) { name origin memberCount } }',
      { id: householdId },
    );
    expect({ ...household }).toEqual({ name: 'The Ks', origin: 'RULE', memberCount: 0 });
    expect((await relationsOf(fixture, bob)).households).toEqual([]);
  });
});

describe('merges', () => {
  test('and their undoing leave exactly what a world without them has', async () => {
    const [ann, bob, cat] = [await liveAt('Weg 1'), await liveAt('Weg 1'), await liveAt('Gasse 2')];
    const dan = await liveAt('Gasse 2');
    await setRule();
    await fixture.settle();
    const householdId = (await homeOf(ann))!;
    const other = await createHousehold(fixture);
    await addToHousehold(fixture, { householdId: other, customerId: dan, role: 'HEAD' });
    await fixture.settle();
    const before = [await derived(), await homes()];

    for (const pair of [
      [ann, bob],
      [ann, cat],
      [bob, dan],
    ]) {
      const undo = await merge(fixture, ...pair);
      await fixture.settle();
      expect(await derived(), 'the merge was seen').not.toEqual(before[0]);
      await undo();
      await fixture.settle();
      expect([await derived(), await homes()]).toEqual(before);
    }
    expect(await homeOf(ann)).toBe(householdId);
  });

  test('followed in small steps give what a full run gives', async () => {
    const people = [];
    await setRule();
    await fixture.settle();
    for (let number = 0; number < 12; number++) people.push(await liveAt(`Weg ${number % 3}`, `Name ${number % 2}`));
    await merge(fixture, people[0]!, people[1]!);
    await fixture.settle();
    await moveTo('rule-mover', 'Weg 0');
    await merge(fixture, people[2]!, people[8]!, people[3]!);
    await fixture.settle();
    const followed = await derived();
    await setRule();
    await fixture.settle();
    expect(await derived()).toEqual(followed);
  });
});
