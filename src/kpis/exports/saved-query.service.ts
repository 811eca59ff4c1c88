import { audit } from '../../access/audit.service.ts';
import { requireScope } from '../../access/scopes.ts';
import type { Context } from '../../kernel/context.ts';
import type { Tx } from '../../kernel/database.ts';
import { badInput, DomainError } from '../../kernel/errors.ts';
import { deriveUuid, fingerprintUuid, toPublicId } from '../../kernel/ids.ts';
import { canonicalJson } from '../../kernel/json.ts';
import { readNamePage, toNamePage } from '../../kernel/name-paging.ts';
import type { Page, PageArguments } from '../../kernel/paging.ts';
import { checkIdempotencyKey } from '../../kernel/request-input.ts';
import type { MetricQuery } from '../metrics/metric-query.ts';
import type { MetricStreams } from './metric-export.service.ts';
import {
  deleteSavedQuery,
  findSavedQuery,
  findSavedQueryByName,
  insertSavedQuery,
  listSavedQueries,
  lockSavedQuery,
  type SavedQuery,
  updateSavedQuery,
} from './saved-queries.queries.ts';

export interface SaveQuery {
  /** Part of an address. */
  readonly name: string;
  readonly description?: string | null;
  readonly query: MetricQuery;
  readonly idempotencyKey?: string | null;
  /** The version as the caller knows it, 0: none yet. Another one is refused. */
  readonly expectedVersion?: number | null;
}

/** Which one: exactly one is given. */
export interface SavedQueryRef {
  /** UUID. */
  readonly id?: string | null;
  readonly name?: string | null;
}

/** Keeps metric queries under a name. */
export class SavedQueries {
  readonly #streams: MetricStreams;
  readonly #idSecret: string;

  constructor(streams: MetricStreams, { idSecret }: { readonly idSecret: string }) {
    this.#streams = streams;
    this.#idSecret = idSecret;
  }

  /** Makes it, or its next version. What is there already stays as it is: a repeat changes nothing. */
  async save(ctx: Context, input: SaveQuery): Promise<SavedQuery> {
    requireScope(ctx, 'metrics:manage');
    const key = checkIdempotencyKey(input.idempotencyKey);
    const { idempotencyKey: _, ...said } = input;
    const terms = {
      name: checkName(input.name),
      description: checkDescription(input.description),
      query: await this.#checkQuery(ctx, input.query),
    };
    const id = key === null ? ctx.ids.uuid() : deriveUuid(this.#idSecret, 'metric query', ctx.viewer.keyId, key);
    const fingerprint = fingerprintUuid(canonicalJson(said));
    await ctx.pool.begin(async (tx) => {
      if (key !== null && (await isRepeat(tx, id, fingerprint))) return;
      const before = await this.#lockOrMake(tx, ctx, { ...terms, id, fingerprint }, input.expectedVersion);
      if (before) await change(tx, ctx, { before, terms });
    });
    return getByName(ctx, terms.name);
  }

  async delete(ctx: Context, ref: SavedQueryRef & { readonly expectedVersion?: number | null }): Promise<SavedQuery> {
    requireScope(ctx, 'metrics:manage');
    return (await ctx.pool.begin(async (tx) => {
      const found = await findSaved(ctx, ref);
      const saved = found && (await lockSavedQuery(tx, found.name));
      if (!saved) throw noSavedQuery(ref);
      checkVersion(saved, ref.expectedVersion);
      await deleteSavedQuery(tx, saved.id);
      await tell(tx, ctx, { saved, what: 'deleted' });
      return saved;
    })) as SavedQuery;
  }

  /** By name. */
  async list<N>(
    ctx: Context,
    args: Pick<PageArguments, 'first' | 'after'>,
    node: (saved: SavedQuery) => N,
  ): Promise<Page<N>> {
    requireScope(ctx, 'metrics:read');
    const page = readNamePage('metricQueries', args);
    return toNamePage(page, await listSavedQueries(ctx.pool, page), node);
  }

  /** The one that was there before, locked; undefined where there was none, and now there is. */
  async #lockOrMake(
    tx: Tx,
    ctx: Context,
    made: Pick<SavedQuery, 'id' | 'name' | 'description' | 'query' | 'fingerprint'>,
    expectedVersion: number | null | undefined,
  ): Promise<SavedQuery | undefined> {
    const before = await lockSavedQuery(tx, made.name);
    if (before) {
      checkVersion(before, expectedVersion);
      return before;
    }
    checkVersion({ name: made.name, version: 0 }, expectedVersion);
    const now = ctx.clock.now();
    const saved: SavedQuery = { ...made, version: 1, createdAt: now, updatedAt: now };
    if (await insertSavedQuery(tx, saved)) {
      await tell(tx, ctx, { saved, what: 'saved' });
      return undefined;
    }
    // Somebody else has made one of that name this very moment, and committed it.
    const other = await lockSavedQuery(tx, made.name);
    if (!other) throw noSavedQuery(made);
    checkVersion(other, expectedVersion);
    return other;
  }

  /** As an answer to it would be refused, so is saving it. */
  async #checkQuery(ctx: Context, query: MetricQuery): Promise<MetricQuery> {
    if (query.after != null)
      throw badInput('A saved query begins at its beginning: leave the cursor out.', 'input.query.after');
    await this.#streams.watch(ctx, query);
    return query;
  }
}

export async function findSaved(ctx: Context, { id, name }: SavedQueryRef): Promise<SavedQuery | undefined> {
  requireScope(ctx, 'metrics:read');
  if ((id == null) === (name == null)) throw badInput('Give `id` or `name`, not both.', 'name');
  return id == null ? findSavedQueryByName(ctx.pool, name!) : findSavedQuery(ctx.pool, id);
}

async function isRepeat(tx: Tx, id: string, fingerprint: string): Promise<boolean> {
  const made = await findSavedQuery(tx, id);
  if (!made) return false;
  if (made.fingerprint === fingerprint) return true;
  throw new DomainError('IDEMPOTENCY_CONFLICT', 'This idempotency key was used for another input.', {
    field: 'input.idempotencyKey',
  });
}

async function change(
  tx: Tx,
  ctx: Context,
  { before, terms }: { before: SavedQuery; terms: Pick<SavedQuery, 'description' | 'query'> },
): Promise<void> {
  const { description, query } = terms;
  if (canonicalJson([before.description, before.query]) === canonicalJson([description, query])) return;
  const saved = { ...before, description, query, version: before.version + 1, updatedAt: ctx.clock.now() };
  await updateSavedQuery(tx, saved);
  await tell(tx, ctx, { saved, what: 'saved' });
}

async function tell(
  tx: Tx,
  ctx: Context,
  { saved, what }: { saved: Pick<SavedQuery, 'id' | 'name' | 'version'>; what: 'saved' | 'deleted' },
): Promise<void> {
  const { id, name, version } = saved;
  await audit(tx, ctx, {
    action: `kpis.metric_query_${what}`,
    subject: toPublicId('mqy', id),
    detail: { name, version },
  });
}

async function getByName(ctx: Context, name: string): Promise<SavedQuery> {
  const saved = await findSavedQueryByName(ctx.pool, name);
  if (!saved) throw noSavedQuery({ name });
  return saved;
}

export function noSavedQuery({ id, name }: SavedQueryRef): DomainError {
  const which = name == null ? toPublicId('mqy', id!) : JSON.stringify(name.slice(0, 100));
  return new DomainError('NOT_FOUND', `There is no saved metric query ${which}.`);
}

function checkVersion(
  { name, version }: Pick<SavedQuery, 'name' | 'version'>,
  expected: number | null | undefined,
): void {
  if (expected == null || expected === version) return;
  const now = version === 0 ? 'there is none yet' : `it is at ${version}`;
  throw new DomainError('VERSION_CONFLICT', `Expected version ${expected} of ${name}, but ${now}.`, {
    field: 'input.expectedVersion',
    currentVersion: version,
  });
}

function checkName(name: string): string {
  if (/^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/.test(name)) return name;
  throw badInput(
    'A name has 1 to 100 letters, digits, points, hyphens and underscores, the first a letter or digit: it is part of an address.',
    'input.name',
  );
}

function checkDescription(description: string | null | undefined): string | null {
  const tidy = description?.trim() || null;
  if (tidy === null || tidy.length <= 2000) return tidy;
  throw badInput(`At most 2000 characters, got ${tidy.length}.`, 'input.description');
}
