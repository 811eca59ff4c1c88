import type { Context } from '../../kernel/context.ts';
import type { Tx } from '../../kernel/database.ts';
import { badInput, DomainError, notFound } from '../../kernel/errors.ts';
import { toPublicId } from '../../kernel/ids.ts';
import type { Program, Wallet } from '../program.ts';
import type { ProgramBook } from '../programs/program-book.service.ts';
import { prepareLongRead } from '../simulation/long-read.queries.ts';
import { termsAt } from '../terms.ts';
import type { AsOf } from './as-of.queries.ts';

const seconds = 60;

export async function getPublished(ctx: Context, book: ProgramBook, programId: string): Promise<Program> {
  const program = (await book.current(ctx.pool)).find(({ id }) => id === programId);
  if (!program) throw notFound('published programme', toPublicId('prg', programId));
  return program;
}

/** Everything that a report says is of one moment. Throws `STATEMENT_TOO_SLOW`. */
export async function readAtOnce<T>(ctx: Context, read: (tx: Tx) => Promise<T>): Promise<T> {
  try {
    return (await ctx.pool.begin('isolation level repeatable read read only', async (tx) => {
      await prepareLongRead(tx, seconds);
      return read(tx);
    })) as T;
  } catch (error) {
    throw orTooSlow(error, 'This report');
  }
}

/** `query_canceled`: by the time limit, as whoever else cancels our statements says so. */
export function orTooSlow(
  error: unknown,
  what: string,
  advice = 'Ask for less, or when there is less to do.',
): unknown {
  if (!(error instanceof Error && 'code' in error && error.code === '57014')) return error;
  return new DomainError('STATEMENT_TOO_SLOW', `${what} took too long. ${advice}`);
}

/** Left out: now. What is still to come is nobody's to report. */
export function asOf(ctx: Context, programId: string, given: Date | null | undefined): AsOf {
  const now = ctx.clock.now();
  const at = given ?? now;
  if (at > now) throw badInput('Expected an instant up to now.', 'at');
  return { programId, at, past: at < now };
}

export function checkReportPeriod(
  ctx: Context,
  { from, to }: { from: Date; to?: Date | null },
): { from: Date; to: Date } {
  const end = to ?? ctx.clock.now();
  if (!(from < end)) throw badInput('Expected an instant before `to`.', 'from');
  return { from, to: end };
}

/** A wallet as the programme describes it at an instant: by the last version that has it. */
export function walletAt(program: Program, key: string, at: Date): Wallet {
  const current = termsAt(program, at)?.definition;
  const definitions = [...program.versions.map(({ definition }) => definition), ...(current ? [current] : [])];
  const known = definitions.flatMap(({ wallets }) => wallets).findLast((wallet) => wallet.key === key);
  return known ?? { key, name: key, debt: 'OWED', pointValue: null };
}
