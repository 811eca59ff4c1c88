import { requireScope } from '../../access/scopes.ts';
import { appendChanges, type NewChange } from '../../kernel/changes.queries.ts';
import type { Context } from '../../kernel/context.ts';
import type { Tx } from '../../kernel/database.ts';
import { badInput, notFound } from '../../kernel/errors.ts';
import { toPublicId } from '../../kernel/ids.ts';
import { type Page, type PageArguments, readPageArguments, toPage } from '../../kernel/paging.ts';
import {
  type AccountView,
  type ExternalKey,
  findAccountOfKey,
  findAccounts,
  insertAccount,
  insertKey,
  listAccounts,
  lockAccount,
  updateAccount,
} from './account.queries.ts';
import { checkDomains, normaliseDomain } from './account-domain.ts';
import { checkText } from './membership.ts';
import { loadAccounts } from './relation.loader.ts';
import { accountKeyTaken } from './relation-errors.ts';
import { forgetAndTell, type Said, say } from './relation-statement.service.ts';

/** By id or by external key, exactly one of them. */
export async function findAccount(
  ctx: Context,
  { id, externalKey }: { id?: string | null; externalKey?: ExternalKey | null },
): Promise<AccountView | null> {
  requireScope(ctx, 'identity:read');
  if ((id == null) === (externalKey == null)) throw badInput('Give `id` or `externalKey`, exactly one of them.');
  const found = id ?? (await findAccountOfKey(ctx.pool, externalKey!));
  return found === undefined ? null : ctx.loaders.get(loadAccounts, ctx).load(found);
}

/** Newest first. */
export async function listAllAccounts<N>(
  ctx: Context,
  args: Pick<PageArguments, 'first' | 'after'> & { domain?: string | null },
  node: (row: AccountView) => N,
): Promise<Page<N>> {
  requireScope(ctx, 'identity:read');
  const page = readPageArguments('accounts', args);
  const rows = await listAccounts(ctx.pool, page, { domain: readDomain(args.domain) });
  return toPage(page, rows, { position: (row) => ({ at: row.createdAt, id: row.id }), node });
}

export interface UpsertAccount extends Said {
  readonly accountId?: string | null;
  readonly externalKey?: ExternalKey | null;
  readonly name?: string | null;
  readonly domains?: readonly string[] | null;
}

/** What was given, checked. `undefined`: not given, stays as it is. */
interface Given {
  readonly name: string | undefined;
  readonly domains: string[] | undefined;
}

/**
 * Creates an account or changes one. Which one say its id, its external key, or both: then the key is given to the
 * account of the id. Only a change is noted and told: a nightly import of the same accounts leaves no trace.
 */
export async function upsertAccount(
  ctx: Context,
  input: UpsertAccount,
): Promise<{ account: AccountView; created: boolean }> {
  requireScope(ctx, 'identity:manage');
  const given: Given = {
    name: input.name == null ? undefined : checkText(input.name, 'input.name'),
    domains: input.domains == null ? undefined : checkDomains(input.domains),
  };
  const result = await ctx.pool.begin(async (tx) => {
    const key = input.externalKey ? checkKey(input.externalKey) : null;
    const place = await takePlace(tx, ctx, input.accountId ?? null, key);
    return place.isNew ? create(tx, ctx, { id: place.id, input, given }) : change(tx, ctx, { ...place, input, given });
  });
  forgetAndTell(ctx);
  return { account: await getAccount(ctx, result.id), created: result.created };
}

interface Place {
  readonly id: string;
  readonly isNew: boolean;
  /** It has a key that it did not have. */
  readonly keyAdded: boolean;
}

/** The key comes first: of two that want to create an account for it at once, the second waits and finds the first's. */
async function takePlace(tx: Tx, ctx: Context, accountId: string | null, key: ExternalKey | null): Promise<Place> {
  const id = accountId ?? ctx.ids.uuid();
  const isTaken = key !== null && !(await insertKey(tx, key, id));
  const owner = isTaken ? await findAccountOfKey(tx, key) : id;
  if (accountId !== null && owner !== accountId) throw accountKeyTaken(owner!);
  return { id: owner!, isNew: accountId === null && !isTaken, keyAdded: key !== null && !isTaken };
}

interface Writing {
  readonly id: string;
  readonly input: UpsertAccount;
  readonly given: Given;
}

async function create(tx: Tx, ctx: Context, { id, input, given }: Writing): Promise<{ id: string; created: boolean }> {
  const said = await say(tx, ctx, { operation: 'upsertAccount', input, subjectId: id });
  if (said.repeated) return { id: said.subjectId!, created: false };
  if (given.name === undefined) throw badInput('A new account needs a name.', 'input.name');
  const now = ctx.clock.now();
  await insertAccount(tx, { id, name: given.name, domains: given.domains ?? [], now });
  await appendChanges(tx, now, [accountChange(id, 'CREATED')]);
  return { id, created: true };
}

async function change(tx: Tx, ctx: Context, writing: Writing & Place): Promise<{ id: string; created: boolean }> {
  const { id, input, given, keyAdded } = writing;
  const before = await lockAccount(tx, id);
  if (!before) throw noAccount(id);
  const { name = before.name, domains = before.domains } = given;
  const isSame = name === before.name && domains.join() === before.domains.join() && !keyAdded;
  if (isSame && input.idempotencyKey == null) return { id, created: false };
  const said = await say(tx, ctx, { operation: 'upsertAccount', input, subjectId: id });
  if (said.repeated || isSame) return { id, created: false };
  const now = ctx.clock.now();
  await updateAccount(tx, { id, name, domains, now });
  await appendChanges(tx, now, [accountChange(id, 'UPDATED')]);
  return { id, created: false };
}

/** As it is now: never from the loaders, which may have read it before it was changed. */
export async function getAccount(ctx: Context, id: string): Promise<AccountView> {
  const [row] = await findAccounts(ctx.pool, [id]);
  if (!row) throw noAccount(id);
  return row;
}

export function noAccount(id: string) {
  return notFound('account', toPublicId('acc', id));
}

/** What a line of the change feed says of an account. `customerId`: the member concerned. */
export function accountChange(
  accountId: string,
  what: 'CREATED' | 'UPDATED' | 'MOVED' | 'MEMBER_ADDED' | 'MEMBER_REMOVED',
  customerId: string | null = null,
): NewChange {
  return { topic: 'account.changed', subjectId: accountId, customerId, detail: { what } };
}

function checkKey({ source, key }: ExternalKey): ExternalKey {
  return {
    source: checkText(source, 'input.externalKey.source'),
    key: checkText(key, 'input.externalKey.key'),
  };
}

function readDomain(domain: string | null | undefined): string | null {
  if (domain == null) return null;
  const known = normaliseDomain(domain);
  if (known === undefined) throw badInput('Expected a domain such as example.com.', 'domain');
  return known;
}
