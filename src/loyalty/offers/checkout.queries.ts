import type { Database } from '../../kernel/database.ts';
import type { VoucherView } from './voucher-terms.ts';

/** By their codes, in capitals and without blanks. */
export async function findVouchers(db: Database, codes: readonly string[]): Promise<VoucherView[]> {
  return db`
    select v.id, v.code, v.record_id is not null as bound, r.customer_id as "customerId", v.worth, v.status,
           v.uses_allowed as "usesAllowed", v.used, v.valid_from as "validFrom", v.valid_to as "validTo"
    from loyalty_voucher_codes c
    join loyalty_vouchers v on v.id = c.voucher_id
    left join records r on r.id = v.record_id
    where c.code = any(${codes as string[]}::text[])`;
}

export interface WalletBalance {
  readonly programId: string;
  readonly wallet: string;
  readonly available: bigint;
  readonly pending: bigint;
}

/** What a customer has by all their records, as it is at the instant: whether or not the clock has moved points by then. */
export async function findWalletBalances(
  db: Database,
  { customerId, now }: { customerId: string; now: Date },
): Promise<WalletBalance[]> {
  return db`
    select l.program_id as "programId", l.wallet,
           sum(case when l.expires_at <= ${now} then 0
                    when l.available_at <= ${now} then l.available + l.pending else l.available end)::bigint as available,
           sum(case when l.available_at > ${now} then l.pending else 0 end)::bigint as pending
    from records r join loyalty_lots l on l.record_id = r.id
    where r.customer_id = ${customerId}
    group by l.program_id, l.wallet order by l.program_id, l.wallet`;
}
