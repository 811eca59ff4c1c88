import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { defaultRules } from '../../src/identity/rules.ts';
import { DomainError } from '../../src/kernel/errors.ts';
import { openTestDatabase, type TestDatabase } from '../support/database.ts';
import { type IdentityFixture, openIdentity } from '../support/identity.ts';
import { touchpoint } from '../support/ingest.ts';
import { expectRebuildable } from '../support/rebuild.ts';

const rounds = 40;

/** Who comes second may be refused by what the first decided. Anything else is a fault. */
async function orRefusal(decided: Promise<unknown>): Promise<void> {
  await decided.catch((error: unknown) => {
    if (error instanceof DomainError && /^(?:IDENTITY_CONFLICT|NOT_FOUND|BAD_USER_INPUT)$/.test(error.code)) return;
    throw error;
  });
}

describe('decisions while touchpoints come in on another node', () => {
  let database: TestDatabase;
  let steward: IdentityFixture;
  let node: IdentityFixture;

  beforeAll(async () => {
    database = await openTestDatabase();
    [steward, node] = [await openIdentity(database.pool), await openIdentity(database.pool)];
  });
  afterAll(() => database.close());

  async function ingest(key: string, ...identifiers: { kind: string; value: string }[]) {
    const [result] = await node.ingest.submit(node.ctx, [touchpoint({ key, identifiers })]);
    expect(result!.status).toBe('STORED');
  }

  async function recordsOf(...keys: string[]) {
    const rows = await database.pool<
      { id: string; key: string }[]
    >`select id, key from records where key = any(${keys})`;
    return keys.map((key) => rows.find((row) => row.key === key)!.id);
  }

  test('deadlock with nobody, lose nothing, and leave what the facts say', async () => {
    const { decisions, ctx } = steward;
    const email = (round: number, name: string) => ({ kind: 'email', value: `${name}-${round}@example.com` });
    for (let round = 0; round < rounds; round += 1) {
      const [a, b, c] = [`a-${round}`, `b-${round}`, `c-${round}`];
      await ingest(a, email(round, 'a'));
      await ingest(b, email(round, 'b'));
      await ingest(c, email(round, 'b'));
      const [recordA, recordB, recordC] = await recordsOf(a, b, c);
      const reason = 'a race';
      await Promise.all([
        orRefusal(decisions.mergeCustomers(ctx, { customerIds: [recordA!, recordB!], reason })),
        ingest(a, email(round, 'a'), email(round, 'c')),
        ingest(c, email(round, 'b'), email(round, 'c')),
        orRefusal(decisions.vetoMatch(ctx, { recordId: recordB!, otherRecordId: recordC!, reason })),
        orRefusal(decisions.removeIdentifier(ctx, { customerId: recordC!, identifier: email(round, 'b'), reason })),
        ingest(b, email(round, 'b')),
      ]);
    }
    await expectRebuildable(database.pool, defaultRules);
    const [stored] = await database.pool`select count(*)::int as touchpoints from touchpoints`;
    expect(stored).toEqual({ touchpoints: rounds * 6 });
  }, 120_000);

  test('of one idempotency key, said twice at once, are one decision', async () => {
    await ingest('x', { kind: 'email', value: 'x@example.com' });
    await ingest('y', { kind: 'email', value: 'y@example.com' });
    const customerIds = await recordsOf('x', 'y');
    const input = { customerIds, reason: 'twice', idempotencyKey: 'merge-x-y' };
    const [one, other] = await Promise.all([
      steward.decisions.mergeCustomers(steward.ctx, input),
      node.decisions.mergeCustomers(node.ctx, input),
    ]);
    expect(other).toEqual(one);
    const otherInput = { ...input, reason: 'something else' };
    await expect(steward.decisions.mergeCustomers(steward.ctx, otherInput)).rejects.toMatchObject({
      code: 'IDEMPOTENCY_CONFLICT',
    });
  });
});
