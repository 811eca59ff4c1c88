import { lockCustomers } from '../../../src/identity/customers.queries.ts';
import { randomIds } from '../../../src/kernel/ids.ts';
import type { ConsumptionBucket, EntryKind } from '../../../src/loyalty/ledger/bucket.ts';
import { lotId } from '../../../src/loyalty/ledger/lot.ts';
import { debtPolicies } from '../../../src/loyalty/members/debt-policy.ts';
import type { LoyaltyFixture } from '../fixture.ts';

export interface Taken {
  readonly programId: string;
  readonly recordId: string;
  readonly points: bigint;
  readonly wallet?: string;
  readonly bucket?: ConsumptionBucket;
  readonly kind?: string;
  /** Of a transfer: who gets them. */
  readonly to?: string;
  readonly subjectId?: string;
}

const entryKinds: Record<ConsumptionBucket, EntryKind> = {
  REDEEMED: 'REDEEMED',
  RESERVED: 'RESERVED',
  TRANSFERRED: 'TRANSFERRED',
  ADJUSTED: 'ADJUSTED',
};

/** Takes points as the services that decide do, whether there are enough or not; answers the decision. */
export async function take(node: LoyaltyFixture, taken: Taken): Promise<string> {
  const { programId, recordId, points, wallet = 'points', bucket = 'REDEEMED', to, subjectId } = taken;
  const kind = taken.kind ?? (bucket === 'TRANSFERRED' ? 'TRANSFER' : 'REDEMPTION');
  const id = randomIds.uuid();
  const at = node.clock.now();
  const records = [recordId, ...(to ? [to] : [])];
  await node.pool.begin(async (tx) => {
    const owners = await tx<{ id: string }[]>`
      select distinct customer_id as id from records where id = any(${records}::uuid[]) order by 1`;
    await lockCustomers(
      tx,
      owners.map((owner) => owner.id),
    );
    const programs = await node.book.hold(tx);
    await tx`
      insert into loyalty_decisions (program_id, id, kind, status, at, recorded_at, record_id, points, wallet, subject_id, actor,
                                     fingerprint)
      values (${programId}, ${id}, ${kind}, 'DONE', ${at}, ${at}, ${recordId}, ${points}, ${wallet}, ${subjectId ?? to ?? null},
              'test', ${id})`;
    await tx`
      insert into loyalty_consumptions (record_id, program_id, wallet, decision_id, at, points, bucket)
      values (${recordId}, ${programId}, ${wallet}, ${id}, ${at}, ${points}, ${bucket})`;
    const times = { availableAt: at, expiresAt: null };
    const given = { programId, wallet, sourceId: id, ...times };
    const lot = (owner: string) => ({
      ...({ ...given, recordId: owner, id: lotId(given), source: 'DECISION', earnedAt: at, version: null } as const),
      ...{ grants: [{ rule: null, line: null, points }], granted: points },
    });
    const accounts = records.map((owner) => ({
      recordId: owner,
      programId,
      wallet,
      lots: owner === to ? [lot(owner)] : [],
    }));
    await node.ledger.settle(tx, accounts, {
      at,
      causeOf: () => ({ kind: entryKinds[bucket], causeId: id }),
      debtOf: debtPolicies(programs, at),
    });
  });
  return id;
}

/** The record of a source's key. */
export async function recordOf({ pool }: Pick<LoyaltyFixture, 'pool'>, key: string): Promise<string> {
  const [row] = await pool<{ id: string }[]>`select id from records where key = ${key}`;
  return row!.id;
}
