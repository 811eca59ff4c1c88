import { audit } from '../access/audit.service.ts';
import { requireScope } from '../access/scopes.ts';
import { appendChanges } from '../kernel/changes.queries.ts';
import type { Context } from '../kernel/context.ts';
import type { Database, Tx } from '../kernel/database.ts';
import { badInput, DomainError, notFound } from '../kernel/errors.ts';
import { deriveUuid } from '../kernel/ids.ts';
import { canonicalJson } from '../kernel/json.ts';
import type { CurrentRules } from './current-rules.service.ts';
import { checkDecisionBase, type DecisionBase } from './decision-input.ts';
import {
  countToRepair,
  findCurrentRules,
  findRulesByFingerprint,
  findRulesVersion,
  insertRules,
  isUnderWay,
  listRules,
  lockRules,
  type RulesRow,
  supersedeRules,
} from './identity-rules.queries.ts';
import { normaliseIdentifier } from './normalise.ts';
import { checkRuleBook, type RuleBook, shippedBook } from './rule-book.ts';
import type { BlockedValue } from './rules.ts';

/** A version of the rules as it is read. */
export interface RulesVersion {
  /** 0: the shipped ones. */
  readonly version: number;
  readonly book: RuleBook;
  /** Who made it, and how far it is applied; nothing of the shipped ones. */
  readonly row: RulesRow | null;
}

/** What every change of the rules is given with. */
export interface RulesChange extends DecisionBase {
  /** The version that the change was made from. */
  readonly expectedVersion: number;
}

export interface IdentityRulesSettings {
  readonly idSecret: string;
  readonly defaultRegion: string;
  readonly rules: CurrentRules;
}

const mostVersions = 100;

/** The identity rules as data: versions, of which the last is in force. */
export class IdentityRulesService {
  readonly #settings: IdentityRulesSettings;

  constructor(settings: IdentityRulesSettings) {
    this.#settings = settings;
  }

  async getCurrent(ctx: Context): Promise<RulesVersion> {
    requireScope(ctx, 'identity:read');
    return toVersion(await findCurrentRules(ctx.pool));
  }

  /** The newest first. The shipped rules, version 0, come last. */
  async listVersions(ctx: Context, first: number): Promise<RulesVersion[]> {
    requireScope(ctx, 'identity:read');
    if (!Number.isInteger(first) || first < 1 || first > mostVersions) {
      throw badInput(`Expected \`first\` from 1 to ${mostVersions}, got ${first}.`, 'first');
    }
    const versions = (await listRules(ctx.pool, first)).map(toVersion);
    return versions.length < first ? [...versions, toVersion(undefined)] : versions;
  }

  /**
   * Puts other rules in force, at once for what comes in; the past follows in the background. Throws
   * `IDENTITY_CONFLICT` where they have changed since `expectedVersion`.
   */
  async update(ctx: Context, input: RulesChange & { rules: RuleBook }): Promise<RulesVersion> {
    requireScope(ctx, 'identity:manage');
    return this.#change(ctx, input, this.check(input.rules));
  }

  /** Puts the rules of an earlier version in force again, as a new version. 0: the shipped ones. */
  async revert(ctx: Context, input: RulesChange & { version: number }): Promise<RulesVersion> {
    requireScope(ctx, 'identity:manage');
    const { version } = input;
    const earlier = version === 0 ? undefined : await findRulesVersion(ctx.pool, version);
    if (version !== 0 && !earlier) throw notFound('version of the identity rules', String(version));
    return this.#change(ctx, input, toVersion(earlier).book);
  }

  /** The rules as they would be kept. Throws `BAD_USER_INPUT` with the path of the first fault. */
  check(book: RuleBook, path = 'input.rules'): RuleBook {
    const { blocked, ...rest } = checkRuleBook(book, path);
    return { ...rest, blocked: blocked.map((value) => this.#comparable(value)) };
  }

  /** An exact value in the form in which spellings are compared, so that any spelling of it is meant. */
  #comparable(blocked: BlockedValue): BlockedValue {
    const { kind, exact } = blocked;
    if (kind === null || exact === null) return blocked;
    const normalised = normaliseIdentifier(kind, exact, this.#settings);
    return normalised.ok ? { ...blocked, exact: normalised.value } : blocked;
  }

  async #change(ctx: Context, said: RulesChange, book: RuleBook): Promise<RulesVersion> {
    checkDecisionBase(said);
    const fingerprint = this.#fingerprint(ctx, said.idempotencyKey);
    const total = await countToRepair(ctx.pool);
    const row = await ctx.pool.begin(async (tx) => {
      await lockRules(tx);
      const repeated = await findRulesByFingerprint(tx, fingerprint);
      if (repeated) return checkRepeat(repeated, said, book);
      const version = await nextVersion(tx, said.expectedVersion);
      const now = ctx.clock.now();
      await supersedeRules(tx, version);
      const { reason } = said;
      await insertRules(tx, { version, book, actor: ctx.viewer.name, reason, fingerprint, total }, now);
      await tell(tx, ctx, { version, reason, fingerprint });
      return (await findRulesVersion(tx, version))!;
    });
    await this.#settings.rules.reload(ctx.pool);
    ctx.feed.wake();
    return toVersion(row);
  }

  #fingerprint(ctx: Context, key: string | null | undefined): string {
    if (key == null) return ctx.ids.uuid();
    return deriveUuid(this.#settings.idSecret, 'identity-rules', ctx.viewer.keyId, key);
  }
}

function toVersion(row: RulesRow | undefined): RulesVersion {
  if (!row) return { version: 0, book: shippedBook, row: null };
  return { version: row.version, book: JSON.parse(row.rules) as RuleBook, row };
}

/** The same key stands for the same change: from the same version, to the same rules. */
function checkRepeat(row: RulesRow, { expectedVersion, reason }: RulesChange, book: RuleBook): RulesRow {
  const isSame =
    row.version === expectedVersion + 1 &&
    row.reason === reason &&
    canonicalJson(JSON.parse(row.rules)) === canonicalJson(book);
  if (isSame) return row;
  throw new DomainError('IDEMPOTENCY_CONFLICT', 'This idempotency key was used before with another input.', {
    field: 'input.idempotencyKey',
  });
}

async function nextVersion(tx: Tx, expectedVersion: number): Promise<number> {
  const version = (await findCurrentRules(tx))?.version ?? 0;
  if (version === expectedVersion) return version + 1;
  throw new DomainError(
    'IDENTITY_CONFLICT',
    `The rules in force are version ${version}, not ${expectedVersion}: somebody changed them. Look at them first.`,
    { field: 'input.expectedVersion', version },
  );
}

/** Tells the change feed and the audit log. */
async function tell(
  tx: Tx,
  ctx: Context,
  { version, reason, fingerprint }: { version: number; reason: string; fingerprint: string },
): Promise<void> {
  const action = 'identity.rules_changed';
  const change = { topic: action, customerId: null, subjectId: fingerprint, detail: { version } } as const;
  await appendChanges(tx, ctx.clock.now(), [change]);
  await audit(tx, ctx, { action, subject: `version ${version}`, reason, detail: { version } });
}

/** How much of the past the rules in force are still to be applied to, and how that goes. */
export async function repairBacklog(db: Database): Promise<{ left: number; failures: number }> {
  const row = await findCurrentRules(db);
  if (!row || !isUnderWay(row)) return { left: 0, failures: 0 };
  return { left: row.total - row.checked, failures: row.failures };
}
