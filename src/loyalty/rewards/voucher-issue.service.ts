import type { Tx } from '../../kernel/database.ts';
import { refused } from '../redeeming/refusals.ts';
import { type Voucher, voucherCode } from './voucher.ts';
import { insertVouchers, takeCodes } from './vouchers.queries.ts';

export type NewVoucher = Omit<Voucher, 'code' | 'status' | 'used'> & {
  /** Null: one is made up. */
  readonly code: string | null;
};

const mostAttempts = 5;

/**
 * Issues vouchers, in as many statements for ten thousand as for one. Throws `VOUCHER_CODE_TAKEN` for given codes that are
 * somebody's already; those that are made up are made up again.
 */
export async function issueVouchers(tx: Tx, secret: string, vouchers: readonly NewVoucher[]): Promise<void> {
  const codes = new Map<string, string>();
  let open = [...vouchers];
  for (let attempt = 0; open.length > 0; attempt += 1) {
    const wanted = open.map(({ id, code }) => ({ id, code: code ?? voucherCode(secret, id, attempt) }));
    const free = new Set(await takeCodes(tx, wanted));
    for (const { id, code } of wanted) if (free.has(code)) codes.set(id, code);
    open = open.filter(({ id }) => !codes.has(id));
    checkTaken(open);
    if (attempt === mostAttempts) throw new Error('No free voucher codes were found.');
  }
  await insertVouchers(
    tx,
    vouchers.map((voucher) => ({ ...voucher, code: codes.get(voucher.id)!, status: 'ACTIVE', used: 0 })),
  );
}

function checkTaken(open: readonly NewVoucher[]): void {
  const taken = open.flatMap(({ code }) => (code === null ? [] : [code]));
  if (taken.length === 0) return;
  throw refused('VOUCHER_CODE_TAKEN', `There are vouchers with these codes already: ${taken.slice(0, 5).join(', ')}.`, {
    codes: taken.slice(0, 100),
  });
}
