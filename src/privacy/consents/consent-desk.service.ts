import { auditAll } from '../../access/audit.service.ts';
import { appendChanges } from '../../kernel/changes.queries.ts';
import type { Context } from '../../kernel/context.ts';
import type { Tx } from '../../kernel/database.ts';
import { toPublicId } from '../../kernel/ids.ts';
import type { JsonObject } from '../../kernel/json.ts';
import type { SpokenFor } from '../spoken-for.service.ts';
import { type ConsentOrigin, everyChannel, type LegalBasis, type StatedStatus } from './consent.ts';
import { foldCustomerConsents } from './consent-folder.service.ts';
import { introducePurposes } from './consent-purposes.queries.ts';
import type { ConsentsMoved } from './consents.events.ts';
import { insertStatements, type OwnedStatement, type StatementRow } from './consents.queries.ts';

/** What is said about a customer as a whole. */
export interface Saying {
  readonly id: string;
  readonly purpose: string;
  /** Empty text: every channel. */
  readonly channel: string;
  readonly status: StatedStatus;
  readonly legalBasis: LegalBasis;
  readonly origin: Exclude<ConsentOrigin, 'TOUCHPOINT'>;
  readonly source: string;
  readonly evidence: JsonObject | null;
  readonly reason: string | null;
  /** Null: now, and so that it counts before all that was said before. */
  readonly statedAt: Date | null;
  readonly expiresAt: Date | null;
  readonly fingerprint: string | null;
}

/** How somebody speaks for a customer: for all records that the customer has at that moment, once for each. */
export class ConsentDesk {
  readonly #reactions: readonly ConsentsMoved[];

  constructor(reactions: readonly ConsentsMoved[]) {
    this.#reactions = reactions;
  }

  /** In a transaction that holds the customer. `known`: what was said of them before. */
  async state(
    tx: Tx,
    ctx: Context,
    { customer, sayings, known }: { customer: SpokenFor; sayings: readonly Saying[]; known: readonly OwnedStatement[] },
  ): Promise<void> {
    const at = ctx.clock.now();
    const { customerId, recordIds } = customer;
    const rows = sayings.flatMap((saying) => toRows(ctx, saying, { recordIds, statedAt: timeOf(saying, known, at) }));
    const [, , changes] = await Promise.all([
      insertStatements(tx, rows),
      introducePurposes(tx, [...new Set(sayings.map(({ purpose }) => purpose))].sort(), at),
      foldCustomerConsents(tx, { at, customerIds: [customerId] }),
    ]);
    const all = [...changes];
    for (const react of this.#reactions) all.push(...(await react(tx, { at, customerIds: [customerId] })));
    await appendChanges(tx, at, all);
    await auditAll(
      tx,
      ctx,
      sayings.map((saying) => toAct(saying, customer)),
    );
  }
}

/** Whoever decides overrules what is known, also where the clock of some sender is ahead. */
function timeOf({ statedAt, purpose }: Saying, known: readonly OwnedStatement[], at: Date): Date {
  if (statedAt !== null) return statedAt;
  const last = Math.max(...known.filter((one) => one.purpose === purpose).map((one) => one.statedAt.getTime()));
  return last >= at.getTime() ? new Date(last + 1) : at;
}

function toRows(
  { viewer, clock }: Context,
  saying: Saying,
  { recordIds, statedAt }: { recordIds: readonly string[]; statedAt: Date },
): StatementRow[] {
  const actor = saying.origin === 'DECISION' ? viewer.name : null;
  const recordedAt = clock.now();
  return recordIds.map((recordId) => ({ ...saying, recordId, statedAt, recordedAt, actor }));
}

const actions = {
  DECISION: 'consent.set',
  CONFIRMATION: 'consent.confirmed',
  PREFERENCE_CENTER: 'consent.set_by_customer',
} as const;

function toAct({ origin, purpose, channel, status, legalBasis, reason, id }: Saying, customer: SpokenFor) {
  const over: JsonObject = channel === everyChannel ? {} : { channel };
  const statement = toPublicId('cns', id);
  const detail = { statement, purpose, ...over, status, legalBasis, records: customer.recordIds.length };
  return { action: actions[origin], subject: toPublicId('cus', customer.customerId), reason, detail };
}
