import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type RuleBook, shippedBook } from '../../src/identity/rule-book.ts';
import { defaultRules, ruleFor } from '../../src/identity/rules.ts';
import { DomainError } from '../../src/kernel/errors.ts';
import type { TouchpointDraft } from '../../src/touchpoints/touchpoint.ts';
import { openTestDatabase, type TestDatabase } from '../support/database.ts';
import { propertyRuns } from '../support/property-runs.ts';
import { expectRebuildable } from '../support/rebuild.ts';
import { openRules, type RulesFixture } from '../support/rules.ts';
import { emptyWorld, readWorld } from '../support/world.ts';

const rule = (kind: string) => ruleFor(defaultRules, kind);

/** Limits so tight that random histories pass them all the time, and every strength of evidence. */
const tight: RuleBook = {
  ...shippedBook,
  kinds: [
    { ...rule('userId'), recordsPerValue: null },
    { ...rule('email'), valuesPerCustomer: 2, recordsPerValue: 4 },
    { ...rule('phone'), valuesPerCustomer: 1, valuesWindowDays: 1 },
    { ...rule('deviceId'), recordsPerValue: 3 },
    { ...rule('email'), kind: 'note', strength: 'EVIDENCE_ONLY' },
  ],
  onePerSource: ['crm'],
};

/** What a history may change the rules to. */
const books: readonly RuleBook[] = [
  tight,
  shippedBook,
  { ...tight, blocked: [{ kind: 'email', exact: 'a@x.ch', pattern: null }] },
  { ...tight, kinds: tight.kinds.map((rule) => ({ ...rule, strength: 'SHARED' as const, namesPerson: false })) },
];

const identifier = fc.oneof(
  fc.record({ kind: fc.constant('userId'), value: fc.constantFrom('u1', 'u2') }),
  fc.record({ kind: fc.constant('email'), value: fc.constantFrom('a@x.ch', 'b@x.ch', 'c@x.ch') }),
  fc.record({ kind: fc.constant('phone'), value: fc.constantFrom('+41446681800', '+41446681801') }),
  fc.record({ kind: fc.constant('deviceId'), value: fc.constantFrom('d1', 'd2') }),
  fc.record({ kind: fc.constant('note'), value: fc.constantFrom('n1', 'n2') }),
);

const draft = fc.record({
  source: fc.constantFrom('web', 'pos', 'crm'),
  key: fc.option(fc.constantFrom('k1', 'k2', 'k3'), { freq: 4 }),
  identifiers: fc.array(identifier, { maxLength: 3 }),
  occurredAt: fc.integer({ min: 0, max: 90 }).map((hours) => new Date(Date.UTC(2026, 8, 28, hours)).toISOString()),
  traits: fc.option(fc.dictionary(fc.constantFrom('city', 'name'), fc.constantFrom('x', 'y'), { maxKeys: 2 })),
  type: fc.constantFrom('page.viewed', 'order.completed', 'order.returned'),
});

/** Picks one of however many things there will be. */
const choice = fc.nat({ max: 1000 });

type Step =
  | { do: 'ingest'; drafts: Omit<TouchpointDraft, 'messageId'>[] }
  | { do: 'rules'; book: RuleBook }
  | {
      do: 'merge' | 'link' | 'veto' | 'match' | 'unmergeRecord' | 'unmergeMerge' | 'remove' | 'revoke';
      a: number;
      b: number;
    };

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('ingest' as const),
      drafts: fc.array(draft, { minLength: 1, maxLength: 4 }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('rules' as const), book: fc.constantFrom(...books) }) },
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constantFrom(
        'merge' as const,
        'link' as const,
        'veto' as const,
        'match' as const,
        'unmergeRecord' as const,
        'unmergeMerge' as const,
        'remove' as const,
        'revoke' as const,
      ),
      a: choice,
      b: choice,
    }),
  },
);

const history = fc.tuple(fc.array(draft, { minLength: 3, maxLength: 8 }), fc.array(step, { maxLength: 10 }));

const settings = { numRuns: propertyRuns(40), seed: Number(process.env.FC_SEED ?? 20261122) };

describe('decisions about people', () => {
  let database: TestDatabase;
  let node: RulesFixture;
  let messages = 0;

  beforeAll(async () => {
    database = await openTestDatabase();
    node = await openRules(database.pool, { recordsAtOnce: 3 });
  });
  afterAll(() => database.close());

  /** Nobody, and the tight rules. */
  async function begin() {
    await emptyWorld(database.pool);
    // A version of its own, never one that was there before: nodes tell rules apart by their versions.
    await node.apply(tight);
  }

  async function ingest(drafts: readonly Omit<TouchpointDraft, 'messageId'>[]) {
    const calls = drafts.map((draft) => {
      messages += 1;
      const value = draft.type === 'page.viewed' ? null : { amount: '10.00', currency: 'EUR' };
      return { ...draft, value, messageId: `m-${messages}` };
    });
    const results = await node.ingest.submit(node.ctx, calls);
    expect(results.filter(({ status }) => status !== 'STORED')).toEqual([]);
  }

  async function pick<T extends object>(rows: Promise<readonly T[]>, index: number): Promise<T | undefined> {
    const all = await rows;
    return all[index % all.length];
  }

  const records = () => database.pool<{ id: string; customerId: string | null }[]>`
    select id, customer_id as "customerId" from records order by id`;
  const owned = () => database.pool<{ id: string; customerId: string }[]>`
    select id, customer_id as "customerId" from records where customer_id is not null order by id`;

  /** Does what the step says with whatever there is; a refusal is an answer too. */
  async function decide(step: Exclude<Step, { do: 'ingest' | 'rules' }>) {
    const { decisions, ctx } = node;
    const reason = 'a test';
    const [one, other] = [await pick(records(), step.a), await pick(records(), step.b)];
    const [a, b] = [await pick(owned(), step.a), await pick(owned(), step.b)];
    if (!one || !other || !a || !b) return undefined;
    switch (step.do) {
      case 'merge':
        return decisions.mergeCustomers(ctx, { customerIds: [a.customerId, b.customerId], reason });
      case 'link':
        return decisions.linkRecords(ctx, { recordIds: [one.id, other.id], reason });
      case 'veto':
        return decisions.vetoMatch(ctx, { recordId: one.id, otherRecordId: other.id, reason });
      case 'match': {
        const match = { recordA: a.id, recordB: b.id, weight: step.a / 10, modelVersion: 1 };
        return a.id === b.id ? undefined : node.matches.recordMatches(ctx, [match]);
      }
      case 'unmergeRecord':
        return decisions.unmergeCustomer(ctx, { customerId: a.customerId, recordIds: [a.id], reason });
      case 'unmergeMerge': {
        const merge = await pick(
          database.pool<{ id: string; otherId: string }[]>`
            select id, other_id as "otherId" from regroupings where kind = 'MERGED' order by id`,
          step.a,
        );
        return merge && decisions.unmergeCustomer(ctx, { customerId: merge.otherId, mergeId: merge.id, reason });
      }
      case 'remove': {
        const claim = await pick(
          database.pool<{ kind: string; value: string; customerId: string }[]>`
            select i.kind, i.value, r.customer_id as "customerId"
            from claims c join identifiers i on i.id = c.identifier_id join records r on r.id = c.record_id
            where r.customer_id is not null order by i.id, r.id`,
          step.a,
        );
        if (!claim) return undefined;
        const { kind, value, customerId } = claim;
        return decisions.removeIdentifier(ctx, { customerId, identifier: { kind, value }, reason });
      }
      case 'revoke': {
        const decision = await pick(database.pool<{ id: string }[]>`select id from decisions order by id`, step.a);
        return decision && decisions.revokeDecision(ctx, { decisionId: decision.id, reason });
      }
    }
  }

  const refusals = ['BAD_USER_INPUT', 'NOT_FOUND', 'IDENTITY_CONFLICT'];

  async function run(step: Step) {
    if (step.do === 'ingest') return ingest(step.drafts);
    if (step.do === 'rules') return void (await node.apply(step.book));
    await decide(step).catch((error: unknown) => {
      if (!(error instanceof DomainError) || !refusals.includes(error.code)) throw error;
    });
  }

  test('leave what resolving all facts anew would give, whatever came before and after', async () => {
    await fc.assert(
      fc.asyncProperty(history, async ([drafts, steps]) => {
        await begin();
        await ingest(drafts);
        for (const each of steps) {
          await run(each);
          await expectRebuildable(database.pool, node.current.inForce.rules);
        }
      }),
      settings,
    );
  }, 300_000);

  test('leave nothing behind once they are taken back', async () => {
    const reversible = fc.constantFrom(
      'merge' as const,
      'link' as const,
      'veto' as const,
      'unmergeRecord' as const,
      'remove' as const,
    );
    const decision = fc.record({ do: reversible, a: choice, b: choice });
    await fc.assert(
      fc.asyncProperty(fc.array(draft, { minLength: 3, maxLength: 10 }), decision, async (drafts, step) => {
        await begin();
        await ingest(drafts);
        const never = await readWorld(database.pool);
        await run(step);
        const made = await database.pool<{ id: string }[]>`select id from decisions where revoked_at is null`;
        for (const { id } of made) await node.decisions.revokeDecision(node.ctx, { decisionId: id, reason: 'back' });
        expect(await readWorld(database.pool)).toEqual(never);
      }),
      settings,
    );
  }, 300_000);

  test('an unmerge after a merge, with touchpoints in between, equals a world without both', async () => {
    const story = fc.record({
      before: fc.array(draft, { minLength: 3, maxLength: 8 }),
      after: fc.array(draft, { maxLength: 4 }),
      a: choice,
      b: choice,
    });
    await fc.assert(
      fc.asyncProperty(story, async ({ before, after, a, b }) => {
        const from = messages;
        await begin();
        await ingest(before);
        await ingest(after);
        const never = await readWorld(database.pool);

        messages = from;
        await begin();
        await ingest(before);
        const [one, other] = [await pick(owned(), a), await pick(owned(), b)];
        if (!one || !other || one.customerId === other.customerId) return;
        const { decision } = await node.decisions.mergeCustomers(node.ctx, {
          customerIds: [one.customerId, other.customerId],
          reason: 'a mistake',
        });
        await ingest(after);
        await node.decisions.revokeDecision(node.ctx, { decisionId: decision.id, reason: 'it was one' });
        expect(await readWorld(database.pool)).toEqual(never);
      }),
      settings,
    );
  }, 300_000);
});
