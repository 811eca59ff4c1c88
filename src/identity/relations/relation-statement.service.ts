import { audit } from '../../access/audit.service.ts';
import { appendChanges, type NewChange } from '../../kernel/changes.queries.ts';
import type { Context } from '../../kernel/context.ts';
import type { Tx } from '../../kernel/database.ts';
import { DomainError } from '../../kernel/errors.ts';
import { fingerprintUuid, type IdPrefix, toPublicId } from '../../kernel/ids.ts';
import { canonicalJson } from '../../kernel/json.ts';
import { noteCompany } from './company-changes.queries.ts';
import { checkText } from './membership.ts';
import { findStatement, insertStatement } from './relation-statement.queries.ts';

/** What every change of households and accounts says beside the change itself. */
export interface Said {
  /** Why; it is kept with who and when. */
  readonly reason: string;
  /** The same key with the same input has an effect once. */
  readonly idempotencyKey?: string | null;
}

/** The mutations, and what each is about. */
const subjects = {
  createHousehold: 'hh',
  updateHousehold: 'hh',
  addHouseholdMember: 'hh',
  removeHouseholdMember: 'hh',
  setHouseholdRule: null,
  upsertAccount: 'acc',
  setAccountParent: 'acc',
  addAccountMember: 'acc',
  endAccountMembership: 'acc',
} as const satisfies Record<string, IdPrefix | null>;

export interface Saying<I extends Said> {
  readonly operation: keyof typeof subjects;
  readonly input: I;
  /** The household or account that it is about. */
  readonly subjectId: string | null;
}

export interface Statement {
  readonly id: string;
  /** What it was about the first time. */
  readonly subjectId: string | null;
  /** Said before: whatever follows from it has happened already. */
  readonly repeated: boolean;
}

interface Work {
  readonly statementId: string;
  readonly now: Date;
}

/**
 * Does what somebody says in one transaction, once, and tells the change feed what `work` answers. Answers the id of
 * what it is about. Afterwards nothing is known any more of what this operation has read.
 */
export async function carryOut<I extends Said>(
  ctx: Context,
  saying: Saying<I>,
  work: (tx: Tx, said: Work) => Promise<readonly NewChange[]>,
): Promise<string | null> {
  const subjectId = await ctx.pool.begin(async (tx) => {
    const said = await say(tx, ctx, saying);
    if (said.repeated) return said.subjectId;
    const now = ctx.clock.now();
    const changes = await work(tx, { statementId: said.id, now });
    await noteCompany(tx, changes);
    await appendChanges(tx, now, changes);
    return said.subjectId;
  });
  forgetAndTell(ctx);
  return subjectId;
}

/** After a commit. */
export function forgetAndTell(ctx: Context): void {
  ctx.loaders.clear();
  ctx.feed.wake();
}

/**
 * Notes who says what and why, before it is done. A repeat waits for the first to commit, and is then told so.
 * Throws `IDEMPOTENCY_CONFLICT` for a key that was used for something else.
 */
export async function say<I extends Said>(tx: Tx, ctx: Context, saying: Saying<I>): Promise<Statement> {
  const { operation, subjectId } = saying;
  const { reason, idempotencyKey, ...input } = saying.input;
  const id = idempotencyKey == null ? ctx.ids.uuid() : idOfKey(ctx.viewer.keyId, idempotencyKey);
  const fingerprint = fingerprintUuid(canonicalJson({ operation, ...input }));
  const isNew = await insertStatement(tx, {
    id,
    operation,
    fingerprint,
    subjectId,
    actorId: ctx.viewer.keyId,
    actor: ctx.viewer.name,
    reason: checkText(reason, 'input.reason', 500),
    at: ctx.clock.now(),
  });
  if (isNew) {
    await enterInAudit(tx, ctx, saying);
    return { id, subjectId, repeated: false };
  }
  const first = await findStatement(tx, id);
  if (first?.fingerprint !== fingerprint) throw usedOtherwise(first?.operation);
  return { id, subjectId: first.subjectId, repeated: true };
}

async function enterInAudit<I extends Said>(tx: Tx, ctx: Context, { operation, input, subjectId }: Saying<I>) {
  const prefix = subjects[operation];
  const customerId = 'customerId' in input && typeof input.customerId === 'string' ? input.customerId : null;
  await audit(tx, ctx, {
    action: `relations.${operation}`,
    subject: prefix === null || subjectId === null ? 'household rule' : toPublicId(prefix, subjectId),
    reason: input.reason,
    detail: customerId === null ? null : { customer: toPublicId('cus', customerId) },
  });
}

/** Of this API key's: two integrations that count from 1 don't meet. */
function idOfKey(keyId: string, idempotencyKey: string): string {
  return fingerprintUuid(`relations\n${keyId}\n${checkText(idempotencyKey, 'input.idempotencyKey')}`);
}

function usedOtherwise(operation: string | undefined): DomainError {
  return new DomainError(
    'IDEMPOTENCY_CONFLICT',
    `This idempotency key was used for another input${operation ? ` (of ${operation})` : ''}. A new request needs a new key.`,
    { field: 'input.idempotencyKey' },
  );
}
