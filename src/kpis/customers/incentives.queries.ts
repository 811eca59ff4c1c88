import type { Database } from '../../kernel/database.ts';
import { idList } from '../../kernel/sql-array.ts';

export interface RedeemedPoints {
  readonly customerId: string;
  readonly programId: string;
  readonly wallet: string;
  readonly points: bigint;
}

/** What customers have redeemed and not got back, by the records that are theirs now. */
export async function findRedeemed(db: Database, customerIds: readonly string[]): Promise<RedeemedPoints[]> {
  return db`
    select asked.id as "customerId", a.program_id as "programId", a.wallet, sum(a.redeemed)::bigint as points
    from unnest(${idList(customerIds)}::uuid[]) as asked (id)
    join records r on r.customer_id = asked.id
    cross join lateral (
      select program_id, wallet, redeemed from loyalty_accounts where record_id = r.id and redeemed > 0 offset 0) as a
    group by 1, 2, 3`;
}
