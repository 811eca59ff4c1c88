import type { Database, Tx } from '../../kernel/database.ts';
import type { JsonObject } from '../../kernel/json.ts';
import type { PageRequest } from '../../kernel/paging.ts';
import { column, idColumn, idList, jsonLines } from '../../kernel/sql-array.ts';
import type { Voucher } from './voucher.ts';

const voucherColumns = (db: Database) => db`
  v.id, v.program_id as "programId", v.code, v.pool, v.record_id as "recordId", v.worth, v.status,
  v.uses_allowed as "usesAllowed", v.used, v.valid_from as "validFrom", v.valid_to as "validTo",
  v.decision_id as "decisionId", v.created_at as "createdAt"`;

export async function findVouchers(db: Database, ids: readonly string[]): Promise<Voucher[]> {
  return db`
    select ${voucherColumns(db)} from loyalty_vouchers v where v.id = any(${idList(ids)}::uuid[]) order by v.id`;
}

export async function findVoucherByCode(db: Database, code: string): Promise<Voucher | undefined> {
  const [voucher] = await db<Voucher[]>`
    select ${voucherColumns(db)} from loyalty_voucher_codes c join loyalty_vouchers v on v.id = c.voucher_id
    where c.code = ${code}`;
  return voucher;
}

/** Until the transaction ends nobody else uses it. After the locks on customers. */
export async function lockVoucher(tx: Tx, id: string): Promise<Voucher | undefined> {
  const [voucher] = await tx<Voucher[]>`
    select ${voucherColumns(tx)} from loyalty_vouchers v where v.id = ${id} for no key update`;
  return voucher;
}

/** Of a pool, or of everybody's records; the newest first. */
export async function listVouchers(
  db: Database,
  selection: { programId: string; pool: string | null; recordIds: readonly string[] | null; page: PageRequest },
): Promise<Voucher[]> {
  const { programId, pool, recordIds, page } = selection;
  return db`
    select ${voucherColumns(db)} from loyalty_vouchers v
    where v.program_id = ${programId}
      ${pool === null ? db`` : db`and v.pool = ${pool}`}
      ${recordIds === null ? db`` : db`and v.record_id = any(${idList(recordIds)}::uuid[])`}
      ${page.after ? db`and (v.created_at, v.id) < (${page.after.at}, ${page.after.id}::uuid)` : db``}
    order by v.created_at desc, v.id desc
    limit ${page.size + 1}`;
}

/** Takes codes for vouchers; answers those that were free. In their order, so that two who take the same don't wait in a circle. */
export async function takeCodes(
  tx: Tx,
  wanted: readonly { readonly id: string; readonly code: string }[],
): Promise<string[]> {
  const sorted = [...wanted].sort((a, b) => (a.code < b.code ? -1 : 1));
  const rows = await tx<{ code: string }[]>`
    insert into loyalty_voucher_codes (code, voucher_id)
    select * from unnest(
      ${column(sorted, ({ code }) => code)}::text[],
      ${idColumn(sorted, ({ id }) => id)}::uuid[])
    on conflict (code) do nothing
    returning code`;
  return rows.map(({ code }) => code);
}

export async function insertVouchers(tx: Tx, vouchers: readonly Voucher[]): Promise<void> {
  await tx`
    insert into loyalty_vouchers
      (id, program_id, code, pool, record_id, status, uses_allowed, used, valid_from, valid_to, decision_id, created_at,
       worth)
    select id, program_id, code, pool, record_id, status, uses_allowed, used, valid_from, valid_to, decision_id,
           created_at, worth::jsonb
    from rows from (
      unnest(
        ${idColumn(vouchers, ({ id }) => id)}::uuid[],
        ${idColumn(vouchers, ({ programId }) => programId)}::uuid[],
        ${column(vouchers, ({ code }) => code)}::text[],
        ${column(vouchers, ({ pool }) => pool)}::text[],
        ${idColumn(vouchers, ({ recordId }) => recordId)}::uuid[],
        ${column(vouchers, ({ status }) => status)}::text[],
        ${column(vouchers, ({ usesAllowed }) => usesAllowed)}::integer[],
        ${column(vouchers, ({ used }) => used)}::integer[],
        ${column(vouchers, ({ validFrom }) => validFrom)}::timestamptz[],
        ${column(vouchers, ({ validTo }) => validTo)}::timestamptz[],
        ${idColumn(vouchers, ({ decisionId }) => decisionId)}::uuid[],
        ${column(vouchers, ({ createdAt }) => createdAt)}::timestamptz[]),
      string_to_table(${jsonLines(vouchers, ({ worth }) => worth)}::text, E'\\n')
    ) as new (id, program_id, code, pool, record_id, status, uses_allowed, used, valid_from, valid_to, decision_id,
              created_at, worth)`;
}

/** Counts a use, up or down. Under the voucher's lock; the constraint of the table holds it within its bounds. */
export async function countUse(tx: Tx, id: string, change: 1 | -1): Promise<void> {
  await tx`
    update loyalty_vouchers
    set used = used + ${change},
        status = case when status = 'CANCELLED' then status
                      when used + ${change} >= uses_allowed then 'USED_UP' else 'ACTIVE' end
    where id = ${id}`;
}

export async function cancelVoucher(tx: Tx, id: string): Promise<void> {
  await tx`update loyalty_vouchers set status = 'CANCELLED' where id = ${id}`;
}

export const voucherUseStatuses = ['USED', 'REVERSED'] as const;

export interface VoucherUse {
  readonly voucherId: string;
  readonly id: string;
  readonly at: Date;
  readonly recordedAt: Date;
  readonly status: (typeof voucherUseStatuses)[number];
  readonly recordId: string | null;
  readonly detail: JsonObject | null;
  readonly actor: string;
  readonly fingerprint: string;
}

export async function findVoucherUse(db: Database, id: string): Promise<VoucherUse | undefined> {
  const [use] = await db<VoucherUse[]>`
    select voucher_id as "voucherId", id, at, recorded_at as "recordedAt", status, record_id as "recordId", detail, actor,
           fingerprint
    from loyalty_voucher_uses where id = ${id}`;
  return use;
}

export async function insertVoucherUse(tx: Tx, use: VoucherUse): Promise<void> {
  await tx`
    insert into loyalty_voucher_uses
      (voucher_id, id, at, recorded_at, status, record_id, detail, actor, fingerprint)
    values
      (${use.voucherId}, ${use.id}, ${use.at}, ${use.recordedAt}, ${use.status}, ${use.recordId},
       ${use.detail && JSON.stringify(use.detail)}::text::jsonb, ${use.actor}, ${use.fingerprint})`;
}

/** Answers whether it counted until now. */
export async function reverseUse(tx: Tx, { voucherId, id }: Pick<VoucherUse, 'voucherId' | 'id'>): Promise<boolean> {
  const { count } = await tx`
    update loyalty_voucher_uses set status = 'REVERSED'
    where voucher_id = ${voucherId} and id = ${id} and status = 'USED'`;
  return count > 0;
}
