import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { ClaimEvidence, Neighbourhood } from '../../src/identity/resolution.ts';
import { resolve } from '../../src/identity/resolve.ts';
import { defaultRules, type IdentityRules, isCut, ruleFor } from '../../src/identity/rules.ts';

interface RecordSketch {
  /** Minutes after the start. */
  readonly at?: number;
  /** `kind:value`, or with the minute at which it was first seen. */
  readonly claims: readonly (string | readonly [identifier: string, at: number])[];
}

/** Records by name, each with what it claims. Claims are as old as their record unless they say otherwise. */
function neighbourhood(sketch: Record<string, RecordSketch>): Neighbourhood {
  const minute = (at: number) => new Date(Date.UTC(2026, 0, 1, 0, at));
  const records = Object.entries(sketch).map(([id, { at = 0 }]) => ({ id, firstAt: minute(at) }));
  const claims = Object.entries(sketch).flatMap(([recordId, { at = 0, claims: claimed }]) =>
    claimed.map((claim) => {
      const [identifierId, seen] = typeof claim === 'string' ? ([claim, at] as const) : claim;
      return { identifierId, recordId, kind: identifierId.split(':')[0]!, firstSeenAt: minute(seen) };
    }),
  );
  const claimants = Map.groupBy(claims, (claim) => claim.identifierId);
  return {
    records,
    claims: claims.map((claim) => ({ ...claim, claimants: claimants.get(claim.identifierId)!.length })),
  };
}

/** Customers, each as its records' names. */
function groupsOf(customerOf: ReadonlyMap<string, string>): string[] {
  return [...Map.groupBy(customerOf.keys(), (id) => customerOf.get(id)).values()]
    .map((ids) => ids.sort().join('+'))
    .sort();
}

function customers(sketch: Record<string, RecordSketch>, rules: IdentityRules = defaultRules): string[] {
  return groupsOf(resolve(neighbourhood(sketch), rules).customerOf);
}

function withRule(kind: string, change: Partial<ReturnType<typeof ruleFor>>): IdentityRules {
  return {
    ...defaultRules,
    kinds: new Map(defaultRules.kinds).set(kind, { ...ruleFor(defaultRules, kind), ...change }),
  };
}

describe('records that share an identifier', () => {
  test('are one customer, over any number of steps', () => {
    expect(
      customers({
        a: { claims: ['email:x'] },
        b: { claims: ['email:x', 'phone:1'] },
        c: { claims: ['phone:1'] },
        d: { claims: [] },
      }),
    ).toEqual(['a+b+c', 'd']);
  });

  test('are named for the one that was seen first; of two, for the smaller id', () => {
    const at = (a: number, b: number) =>
      resolve(
        neighbourhood({ a: { at: a, claims: ['email:x'] }, b: { at: b, claims: ['email:x'] } }),
        defaultRules,
      ).customerOf.get('a');
    expect([at(1, 2), at(2, 1), at(1, 1)]).toEqual(['a', 'b', 'a']);
  });
});

describe('limits', () => {
  test('keep two logins on one device apart; its anonymous history goes to who used it first', () => {
    const shared: Record<string, RecordSketch> = {
      device: { at: 0, claims: ['anonymousId:tablet'] },
      ann: { at: 10, claims: ['userId:ann', 'anonymousId:tablet'] },
      bob: { at: 20, claims: ['userId:bob', 'anonymousId:tablet'] },
    };
    expect(customers(shared)).toEqual(['ann+device', 'bob']);
    expect(customers({ ...shared, bob: { ...shared.bob!, at: 5 } })).toEqual(['ann', 'bob+device']);
  });

  test('let a later record of a refused login join that login', () => {
    expect(
      customers({
        ann: { at: 0, claims: ['userId:ann', 'anonymousId:tablet'] },
        bob: { at: 1, claims: ['userId:bob', 'anonymousId:tablet'] },
        bobAtHome: { at: 2, claims: ['userId:bob', 'anonymousId:phone'] },
      }),
    ).toEqual(['ann', 'bob+bobAtHome']);
  });

  test('keep a family that shares an e-mail two customers when both have a login', () => {
    expect(
      customers({
        mother: { claims: ['userId:m', 'email:family'] },
        father: { at: 1, claims: ['userId:f', 'email:family'] },
        shop: { at: 2, claims: ['email:family'] },
      }),
    ).toEqual(['father', 'mother+shop']);
  });

  test('let stronger evidence come first, however late it came', () => {
    const sketch = {
      a: { at: 0, claims: ['userId:1', 'email:x'] },
      b: { at: 1, claims: ['email:x', 'loyaltyCard:9'] },
    };
    expect(customers({ ...sketch, c: { at: 9, claims: ['userId:2', 'loyaltyCard:9'] } })).toEqual(['a', 'b+c']);
  });

  test('are those of the rule: as many values as it allows, and not one more', () => {
    const chain = (length: number) =>
      Object.fromEntries(Array.from({ length }, (_, i) => [`r${i}`, { at: i, claims: [`email:${i}`, 'userId:u'] }]));
    expect(customers(chain(5))).toEqual(['r0+r1+r2+r3+r4']);
    expect(customers(chain(6))).toEqual(['r0+r1+r2+r3+r4', 'r5']);
    expect(customers(chain(6), withRule('email', { valuesPerCustomer: null }))).toHaveLength(1);
  });

  test('are not passed by one record that joins strangers: it links to nobody by a kind of which it carries too many', () => {
    const strangers = Array.from({ length: 26 }, (_, i) => `email:${i}`);
    const world = (serviceDesk: string[]) => ({
      ...Object.fromEntries(strangers.map((email, i) => [`s${i}`, { at: i, claims: [email] }])),
      desk: { at: 99, claims: serviceDesk },
    });
    expect(customers(world(strangers))).toHaveLength(27);
    expect(customers(world(strangers.slice(0, 6)))).toHaveLength(27);
    expect(customers(world(strangers.slice(0, 5)))).toContain('desk+s0+s1+s2+s3+s4');
  });

  test('leave such a record its other kinds', () => {
    expect(
      customers({
        broken: { claims: ['userId:1', 'userId:2', 'email:x'] },
        one: { claims: ['userId:1'] },
        two: { claims: ['userId:2'] },
        three: { claims: ['userId:3', 'email:x'] },
      }),
    ).toEqual(['broken+three', 'one', 'two']);
  });

  test('count what a record carries by itself, values that are cut included', () => {
    const { records, claims } = neighbourhood({
      broken: { claims: ['userId:1', 'userId:shared'] },
      one: { claims: ['userId:1'] },
    });
    const cut = claims.map((claim) => (claim.identifierId === 'userId:shared' ? { ...claim, claimants: 1001 } : claim));
    expect(groupsOf(resolve({ records, claims: cut }, defaultRules).customerOf)).toEqual(['broken', 'one']);
  });

  test('are named where they refuse evidence', () => {
    const { refused } = resolve(
      neighbourhood({ a: { claims: ['userId:1', 'email:x'] }, b: { at: 1, claims: ['userId:2', 'email:x'] } }),
      defaultRules,
    );
    const evidence = { evidenceId: 'email:x', kind: 'email', recordId: 'b', otherRecordId: 'a' };
    expect(refused).toEqual([{ ...evidence, refusal: 'VALUES_PER_CUSTOMER', limitedBy: 'userId' }]);
  });
});

describe('a value that too many records carry', () => {
  const carriers = (count: number) =>
    Object.fromEntries(
      Array.from({ length: count }, (_, i) => [`r${String(i).padStart(2, '0')}`, { claims: ['loyaltyCard:default'] }]),
    );

  test('joins nobody', () => {
    expect(customers(carriers(50))).toHaveLength(1);
    expect(customers(carriers(51))).toHaveLength(51);
  });

  test('counts the carriers elsewhere too', () => {
    const { records, claims } = neighbourhood(carriers(2));
    const everywhere = claims.map((claim) => ({ ...claim, claimants: 51 }));
    expect(groupsOf(resolve({ records, claims: everywhere }, defaultRules).customerOf)).toEqual(['r00', 'r01']);
  });

  test('ties nobody together and uses up no limit', () => {
    const sketch = {
      a: { claims: ['userId:shared', 'email:x'] },
      b: { claims: ['userId:shared', 'userId:b', 'email:x'] },
    };
    const { records, claims } = neighbourhood(sketch);
    const cut = claims.map((claim) => (claim.identifierId === 'userId:shared' ? { ...claim, claimants: 1001 } : claim));
    const resolution = resolve({ records, claims: cut }, defaultRules);
    expect(groupsOf(resolution.customerOf)).toEqual(['a+b']);
    expect(resolution.componentOf.size).toBe(0);
  });
});

describe('a component', () => {
  test('ties together what refused evidence connects, and is named for its smallest record', () => {
    const { componentOf } = resolve(
      neighbourhood({
        c: { claims: ['userId:1', 'email:x'] },
        b: { at: 1, claims: ['userId:2', 'email:x'] },
        a: { at: 2, claims: ['userId:2'] },
        alone: { claims: ['email:y'] },
        alsoAlone: { claims: ['email:y'] },
      }),
      defaultRules,
    );
    expect(Object.fromEntries(componentOf)).toEqual({ a: 'a', b: 'a', c: 'a' });
  });
});

/** Limits so tight that random evidence passes them all the time. */
const tight: IdentityRules = {
  ...defaultRules,
  kinds: new Map([
    ['userId', { ...ruleFor(defaultRules, 'userId'), recordsPerValue: null }],
    ['email', { ...ruleFor(defaultRules, 'email'), valuesPerCustomer: 2, recordsPerValue: 4 }],
    [
      'device',
      { ...ruleFor(defaultRules, 'anonymousId'), kind: 'device', valuesPerCustomer: null, recordsPerValue: 3 },
    ],
  ]),
};

const identifier = fc.oneof(
  fc.constantFrom('userId:1', 'userId:2', 'userId:3'),
  fc.constantFrom('email:1', 'email:2', 'email:3', 'email:4'),
  fc.constantFrom('device:1', 'device:2', 'device:3'),
);
const recordSketch = fc.record({
  at: fc.integer({ min: 0, max: 5 }),
  claims: fc.uniqueArray(fc.tuple(identifier, fc.integer({ min: 0, max: 5 })), {
    selector: ([name]) => name,
    maxLength: 4,
  }),
});
const evidence = fc
  .uniqueArray(fc.tuple(fc.constantFrom(...'abcdefghijklm'), recordSketch), { selector: ([id]) => id, maxLength: 13 })
  .map((entries) => neighbourhood(Object.fromEntries(entries)));

function check(property: (evidence: Neighbourhood) => void): void {
  fc.assert(
    fc.property(evidence, (given) => {
      property(given);
    }),
    { numRuns: 500 },
  );
}

function linking({ claims }: Neighbourhood): ClaimEvidence[] {
  return claims.filter(({ recordId, kind, claimants }) => {
    const { valuesPerCustomer } = ruleFor(tight, kind);
    const isOverfull = valuesPerCustomer !== null && heldBy(claims, new Set([recordId]), kind).size > valuesPerCustomer;
    return !isOverfull && !isCut(ruleFor(tight, kind), claimants);
  });
}

/** Record → name of everything that it hangs together with, over claims that may link: by plain flooding. */
function connectivity(given: Neighbourhood): Map<string, string> {
  const nameOf = new Map(given.records.map(({ id }) => [id, id]));
  const pairs = linking(given);
  for (let changed = true; changed; ) {
    changed = false;
    for (const a of pairs) {
      for (const b of pairs) {
        if (a.identifierId !== b.identifierId || nameOf.get(a.recordId)! <= nameOf.get(b.recordId)!) continue;
        nameOf.set(a.recordId, nameOf.get(b.recordId)!);
        changed = true;
      }
    }
  }
  return nameOf;
}

/** The values of a kind that these records carry together. */
function heldBy(claims: readonly ClaimEvidence[], records: ReadonlySet<string>, kind: string): Set<string> {
  return new Set(
    claims.filter((claim) => claim.kind === kind && records.has(claim.recordId)).map((claim) => claim.identifierId),
  );
}

describe('resolution', () => {
  test('does not depend on the order of the evidence', () => {
    const shuffled = evidence.chain((given) =>
      fc.record({
        given: fc.constant(given),
        records: fc.shuffledSubarray([...given.records], { minLength: given.records.length }),
        claims: fc.shuffledSubarray([...given.claims], { minLength: given.claims.length }),
      }),
    );
    fc.assert(
      fc.property(shuffled, ({ given, records, claims }) => {
        const [one, other] = [resolve(given, tight), resolve({ records, claims }, tight)];
        expect(new Map([...other.customerOf].sort())).toEqual(new Map([...one.customerOf].sort()));
        expect(new Map([...other.componentOf].sort())).toEqual(new Map([...one.componentOf].sort()));
        expect(other.refused).toEqual(one.refused);
        expect(other.joined).toEqual(one.joined);
      }),
      { numRuns: 500 },
    );
  });

  test('decides each unconnected part as if the others were not there', () => {
    check((given) => {
      const nameOf = connectivity(given);
      const { customerOf } = resolve(given, tight);
      for (const name of new Set(nameOf.values())) {
        const inPart = (id: string) => nameOf.get(id) === name;
        const part = {
          records: given.records.filter(({ id }) => inPart(id)),
          claims: given.claims.filter(({ recordId }) => inPart(recordId)),
        };
        for (const [id, customer] of resolve(part, tight).customerOf) expect(customerOf.get(id)).toBe(customer);
      }
    });
  });

  test('joins only what evidence connects, and names the connection wherever it was not followed', () => {
    check((given) => {
      const nameOf = connectivity(given);
      const { customerOf, componentOf } = resolve(given, tight);
      for (const [id, customer] of customerOf) expect(nameOf.get(id)).toBe(nameOf.get(customer));
      for (const members of Map.groupBy(nameOf.keys(), (id) => nameOf.get(id)).values()) {
        const isParted = new Set(members.map((id) => customerOf.get(id))).size > 1;
        for (const id of members) expect(componentOf.get(id)).toBe(isParted ? members.sort()[0] : undefined);
      }
    });
  });

  test('names a customer for its founder', () => {
    check((given) => {
      const { customerOf } = resolve(given, tight);
      expect([...customerOf.keys()].sort()).toEqual(given.records.map(({ id }) => id).sort());
      const age = new Map(given.records.map(({ id, firstAt }) => [id, `${firstAt.toISOString()}${id}`]));
      for (const [id, customer] of customerOf) {
        expect(customerOf.get(customer)).toBe(customer);
        expect(age.get(customer)! <= age.get(id)!).toBe(true);
      }
    });
  });

  test('lets no customer hold more values to be known by than its limit', () => {
    check((given) => {
      const { customerOf } = resolve(given, tight);
      const claims = linking(given);
      for (const ids of Map.groupBy(customerOf.keys(), (id) => customerOf.get(id)).values()) {
        for (const { kind, valuesPerCustomer } of tight.kinds.values()) {
          if (valuesPerCustomer === null) continue;
          expect(heldBy(claims, new Set(ids), kind).size).toBeLessThanOrEqual(valuesPerCustomer);
        }
      }
    });
  });

  test('leaves two customers that share a value apart only with a refusal that says so', () => {
    check((given) => {
      const { customerOf, refused: links } = resolve(given, tight);
      for (const claimants of Map.groupBy(linking(given), (claim) => claim.identifierId).values()) {
        const groups = new Set(claimants.map((claim) => customerOf.get(claim.recordId)));
        const named = links.filter((link) => link.evidenceId === claimants[0]!.identifierId);
        const refused = new Set(
          named.flatMap((link) => [customerOf.get(link.recordId), customerOf.get(link.otherRecordId!)]),
        );
        if (groups.size > 1) expect(refused).toEqual(groups);
      }
    });
  });
});
