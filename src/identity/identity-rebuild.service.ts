import { setImmediate as nextTurn } from 'node:timers/promises';
import { requireScope } from '../access/scopes.ts';
import type { Context } from '../kernel/context.ts';
import type { Database, Tx } from '../kernel/database.ts';
import { DomainError } from '../kernel/errors.ts';
import { groupBy } from '../kernel/lists.ts';
import { listRecordIds } from './closure.queries.ts';
import { closeOver } from './closure.service.ts';
import { type CurrentRules, RulesChanged } from './current-rules.service.ts';
import { countLimits, type Examination, examine } from './examine.service.ts';
import type { CustomersChecked, CustomersRegrouped, Difference } from './identity.events.ts';
import { findClaimsOf, findRecords, lockIdentities } from './identity.queries.ts';
import {
  checkCustomer,
  checkIdentifier,
  checkRecords,
  checkRefusals,
  foldCustomer,
  strayRefusal,
  surplusCustomer,
} from './identity-check.ts';
import {
  countFacts,
  deleteEmptyCustomers,
  findCustomerTotals,
  findRuledStatements,
  listCountedIdentifiers,
  listStrayRefusals,
  listUnfounded,
} from './identity-rebuild.queries.ts';
import { findRepairState, holdRules, isUnderWay } from './identity-rules.queries.ts';
import { RecordWalk } from './record-walk.ts';
import { deleteRefusedLinks, findRefusedLinks } from './refused-links.queries.ts';
import { recheckNamesLocked, regroupNeighbourhood } from './regroup.service.ts';
import { type IdentityRules, ruleFor } from './rules.ts';
import { settleIdentifiers } from './settle-identifiers.service.ts';
import { isRefoldWaiting } from './trait-refold.queries.ts';

export interface RebuildSettings {
  readonly rules: CurrentRules;
  /** What other modules keep up to date about customers, in order. */
  readonly reactions: readonly CustomersRegrouped[];
  /** How to tell whether they did. */
  readonly checks: readonly CustomersChecked[];
  readonly identifiersAtOnce?: number;
  readonly recordsAtOnce?: number;
}

/** Told as the work goes on. */
export interface RebuildObserver {
  advanced(done: number, total: number): void;
  found(differences: readonly Difference[]): void;
}

/**
 * Compares all that identity derives with what follows from the facts under the rules in force, and mends it if asked to.
 * Both go through the database in short transactions beside ingestion: what is committed is always of one piece, so a
 * difference is never just something under way.
 */
export class IdentityRebuild {
  readonly #settings: Required<RebuildSettings>;

  constructor(settings: RebuildSettings) {
    this.#settings = { identifiersAtOnce: 1_000, recordsAtOnce: 250, ...settings };
  }

  /** Writes nothing. */
  async verify(ctx: Context, observer: RebuildObserver): Promise<void> {
    requireScope(ctx, 'admin');
    await this.#pass(ctx, observer, { mends: false });
  }

  /** Reports what it mends. */
  async rebuild(ctx: Context, observer: RebuildObserver): Promise<void> {
    requireScope(ctx, 'admin');
    await this.#pass(ctx, observer, { mends: true });
    ctx.feed.wake();
  }

  async #pass(ctx: Context, observer: RebuildObserver, { mends }: { mends: boolean }): Promise<void> {
    const { version } = await this.#settings.rules.reload(ctx.pool);
    const { identifiers, records } = await countFacts(ctx.pool);
    const run: Run = { ctx, version, mends, observer, done: 0, total: identifiers + records };
    await this.#passIdentifiers(run);
    await this.#passRecords(run);
    await this.#passStrays(run);
  }

  async #passIdentifiers(run: Run): Promise<void> {
    const { rules } = this.#settings.rules.inForce;
    const limit = this.#settings.identifiersAtOnce;
    const limits = countLimits(rules);
    for (let after: string | null = null; ; ) {
      const place: { after: string | null; limit: number } = { after, limit };
      const identifiers = await this.#chunk(run, {
        check: async (db) => {
          const some = await listCountedIdentifiers(db, place, limits);
          return { differences: some.flatMap((identifier) => checkIdentifier(identifier, rules)), result: some };
        },
        mend: (tx, some) => settleIdentifiers(tx, some, { rules, now: run.ctx.clock.now() }),
      });
      advance(run, identifiers.length);
      if (identifiers.length < limit) return;
      after = identifiers.at(-1)!.id;
    }
  }

  async #passRecords(run: Run): Promise<void> {
    const limit = this.#settings.recordsAtOnce;
    const walk = new RecordWalk();
    for (;;) {
      const ids = await listRecordIds(run.ctx.pool, walk.position, limit);
      const seeds = walk.takeUp(ids);
      if (seeds.length > 0) {
        const { recordIds } = await this.#chunk(run, {
          check: (db) => this.#checkRecords(db, seeds),
          mend: (tx, { touched }) => this.#mendRecords(run, tx, { seeds, touched }),
        });
        walk.meet(recordIds);
      }
      advance(run, ids.length);
      if (ids.length < limit) return;
      await nextTurn();
    }
  }

  async #checkRecords(db: Database, seeds: readonly string[]) {
    const { rules } = this.#settings.rules.inForce;
    const examined = await examine(db, seeds, rules);
    const differences = await this.#compare(db, examined, rules);
    const { customerOf } = examined.resolution;
    const wrong = new Set(differences.map(({ id }) => id));
    const recordIds = examined.records.map(({ id }) => id);
    const touched = recordIds.filter((id) => wrong.has(id) || wrong.has(customerOf.get(id)!));
    return { differences, result: { recordIds, touched } };
  }

  async #compare(db: Database, examined: Examination, rules: IdentityRules) {
    const { records, resolution } = examined;
    const recordIds = records.map(({ id }) => id);
    const members = Map.groupBy(
      records.filter(({ id }) => resolution.customerOf.has(id)),
      ({ id }) => resolution.customerOf.get(id)!,
    );
    const suspects = suspectsAmong(records);
    const [remembered, rows, statements] = await Promise.all([
      findRefusedLinks(db, recordIds),
      findCustomerTotals(db, suspects),
      findRuledStatements(db, recordIds),
    ]);
    const stored = new Map(rows.map((row) => [row.id, row]));
    const held = groupBy(statements, ({ recordId }) => resolution.customerOf.get(recordId));
    const naming = namingRecords(examined, rules);
    const surplus = [...stored.keys()].filter((id) => !members.has(id));
    const recordsOf = new Map([...members].map(([id, own]) => [id, own.map((record) => record.id)]));
    const others = await Promise.all(this.#settings.checks.map((check) => check(db, recordsOf)));
    return [
      ...checkRecords(records, resolution, naming),
      ...checkRefusals(resolution.refused, remembered),
      ...[...members].flatMap(([id, own]) =>
        checkCustomer(stored.get(id), foldCustomer(id, own, { naming, statements: held.get(id) ?? [] })),
      ),
      ...surplus.map(surplusCustomer),
      ...others.flat(),
    ];
  }

  /** The neighbourhood is found anew: what was ingested since may belong to it. */
  async #mendRecords(
    run: Run,
    tx: Tx,
    { seeds, touched }: { seeds: readonly string[]; touched: readonly string[] },
  ): Promise<void> {
    const { clock, ids } = run.ctx;
    const { reactions } = this.#settings;
    const { rules } = this.#settings.rules.inForce;
    const closure = await closeOver(tx, seeds, { rules, claimsOf: (some) => findClaimsOf(tx, some) });
    const recordIds = [...closure.recordIds];
    const renamed = await recheckNamesLocked(tx, { recordIds }, rules);
    const suspects = suspectsAmong(await findRecords(tx, recordIds));
    const settings = { now: clock.now(), ids, rules, reactions };
    const cause = { cause: 'REBUILD', causeId: null } as const;
    await regroupNeighbourhood(tx, settings, cause, recordIds, [...new Set([...touched, ...renamed])]);
    await deleteEmptyCustomers(tx, suspects);
  }

  /** Rows that no record leads to. */
  async #passStrays(run: Run): Promise<void> {
    await this.#chunk(run, {
      check: async (db) => {
        const [unfounded, refusals] = await Promise.all([listUnfounded(db), listStrayRefusals(db)]);
        const differences = [...unfounded.map(surplusCustomer), ...refusals.map(strayRefusal)];
        return { differences, result: { unfounded, refusals } };
      },
      mend: async (tx, { unfounded, refusals }) => {
        await deleteEmptyCustomers(tx, unfounded);
        if (refusals.length > 0) await deleteRefusedLinks(tx, refusals);
      },
    });
  }

  /** Looks at one snapshot, in which everything is of one piece; mends under the locks, in a transaction of its own. */
  async #chunk<T>(run: Run, { check, mend }: Chunk<T>): Promise<T> {
    const { ctx, mends, observer } = run;
    const checked = await ctx.pool.begin('isolation level repeatable read read only', async (tx) => {
      await holdVersion(tx, run);
      return { of: await check(tx) };
    });
    const { differences, result } = checked.of;
    if (differences.length === 0) return result;
    if (mends) {
      await ctx.pool.begin(async (tx) => {
        await holdVersion(tx, run);
        await lockIdentities(tx);
        await mend(tx, result);
      });
    }
    observer.found(differences);
    return result;
  }
}

interface Chunk<T> {
  check(db: Database): Promise<{ differences: readonly Difference[]; result: T }>;
  mend(tx: Tx, result: T): Promise<void>;
}

/** What is stored is only expected to be true while one version of the rules has been applied to all of it. */
async function holdVersion(tx: Tx, { version }: Run): Promise<void> {
  if ((await holdRules(tx)) !== version) throw new RulesChanged();
  const [state, refolds] = await Promise.all([findRepairState(tx), isRefoldWaiting(tx)]);
  if (state && isUnderWay(state)) throw tooEarly(`Version ${version} of the identity rules`);
  if (refolds) throw tooEarly('Another strategy of a trait');
}

function tooEarly(what: string): DomainError {
  const message = `${what} is still being applied to the past. Try again when that is done.`;
  return new DomainError('SERVICE_UNAVAILABLE', message);
}

/** Whatever has the id of a record, or of a customer that a record is said to be of, may have a row. */
function suspectsAmong(records: readonly { id: string; customerId: string | null }[]): string[] {
  return [...new Set(records.flatMap(({ id, customerId }) => [id, ...(customerId === null ? [] : [customerId])]))];
}

interface Run {
  readonly ctx: Context;
  /** Of the rules. */
  readonly version: number;
  readonly mends: boolean;
  readonly observer: RebuildObserver;
  done: number;
  readonly total: number;
}

function advance(run: Run, by: number): void {
  run.done += by;
  run.observer.advanced(run.done, run.total);
}

function namingRecords({ claims, blocked }: Examination, rules: IdentityRules): Set<string> {
  const naming = claims.filter(
    ({ identifierId, kind }) => !blocked.has(identifierId) && ruleFor(rules, kind).namesPerson,
  );
  return new Set(naming.map(({ recordId }) => recordId));
}
