import type { Context } from '../kernel/context.ts';
import type { Database } from '../kernel/database.ts';
import { badInput } from '../kernel/errors.ts';
import { toPublicId } from '../kernel/ids.ts';
import type { AuditFilter } from './audit.queries.ts';
import { type ChainHead, emptyChain } from './audit-chain.ts';
import { type AuditLink, type AuditProblem, ChainCheck } from './audit-check.ts';
import { sealPending } from './audit-sealer.service.ts';
import { findHead, findLost, findUnsealed, listLinks } from './audit-seals.queries.ts';
import { requireScope } from './scopes.ts';

const linksAtOnce = 1_000;
/** Of each kind that is not in the chain: a log that is damaged all over needs no complete list. */
const strangersAtMost = 1_000;

export interface AuditProof {
  readonly head: ChainHead;
  readonly problems: readonly AuditProblem[];
  /** All that were found: `problems` holds the first thousand. */
  readonly found: number;
}

export interface SealedHead extends ChainHead {
  /** `null`: nothing was ever sealed. */
  readonly sealedAt: Date | null;
}

/** The end of the chain, everything that is committed included. Who keeps its hash elsewhere can prove all before it. */
export async function getAuditHead(ctx: Context): Promise<SealedHead> {
  requireScope(ctx, 'admin');
  await sealPending(ctx);
  return (await findHead(ctx.pool)) ?? { ...emptyChain, sealedAt: null };
}

/**
 * Reads the whole log, in one snapshot, and holds it against its seals. `heads`: hashes that were noted down before and
 * must be in the chain.
 */
export async function verifyAudit(ctx: Context, { heads = [] }: { heads?: readonly string[] }): Promise<AuditProof> {
  requireScope(ctx, 'admin');
  const check = new ChainCheck(heads.map(readHash));
  await sealPending(ctx);
  return ctx.pool.begin('isolation level repeatable read read only', async (tx) => {
    for await (const link of chainOf(tx)) check.take(link);
    for (const id of await findUnsealed(tx, strangersAtMost)) check.report('INSERTED', toPublicId('aud', id));
    for (const id of await findLost(tx, strangersAtMost)) check.report('MISSING', toPublicId('aud', id));
    return check.end();
  });
}

/** Entries with their seals, in the order of the chain; page by page, so that a log of any length fits. */
export async function* exportAudit(ctx: Context, filter: AuditFilter = {}): AsyncGenerator<AuditLink> {
  requireScope(ctx, 'admin');
  await sealPending(ctx);
  yield* chainOf(ctx.pool, filter);
}

async function* chainOf(db: Database, filter: AuditFilter = {}): AsyncGenerator<AuditLink> {
  for (let after = 0; ; ) {
    const links = await listLinks(db, { after, limit: linksAtOnce, filter });
    yield* links;
    if (links.length < linksAtOnce) return;
    after = links.at(-1)!.seal.position;
  }
}

function readHash(text: string): string {
  const hash = text.trim().toLowerCase();
  if (/^[0-9a-f]{64}$/.test(hash)) return hash;
  throw badInput(
    `Expected a head as \`rundum audit head\` prints it, 64 hexadecimal digits, got ${JSON.stringify(text.slice(0, 80))}.`,
  );
}
