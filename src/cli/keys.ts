import { type Command, InvalidArgumentError } from 'commander';
import type { ApiKeyRow } from '../access/api-keys.table.ts';
import type { Context } from '../kernel/context.ts';
import type { Page } from '../kernel/paging.ts';
import { addBoundaryOptions, type BoundaryOptions, boundaryFrom, describeBoundary, joined } from './key-boundary.ts';

interface CreateOptions extends BoundaryOptions {
  readonly name: string;
  readonly scopes: string[];
  readonly expires?: Expiry;
  readonly networks?: string[];
  readonly perMinute?: number;
  readonly perDay?: number;
  readonly costPerMinute?: number;
  readonly trustedOnly?: boolean;
  readonly connections?: number;
  readonly subscriptions?: number;
  readonly test?: boolean;
  readonly writeOnly?: boolean;
  readonly origins?: string[];
}

export function register(program: Command): void {
  const keys = program.command('keys').description('make, list, rotate and revoke API keys');
  addBoundaryOptions(keys.command('create'))
    .description('make an API key and print it, this once')
    .requiredOption('--name <name>', 'what it is for, such as "till, Basel"')
    .requiredOption('--scopes <scopes>', 'what it may do, separated by commas: ingest,customers:read', readScopes)
    .option(
      '--expires <when>',
      'when it stops working: 90d, 12h, 2027-01-31 or 2027-01-31T18:00:00Z (default: never)',
      readExpiry,
    )
    .option('--networks <networks>', 'from where alone it is let in: 203.0.113.0/24,2001:db8::/32', readScopes)
    .option('--per-minute <requests>', 'how many requests it may make in a minute', readNumber)
    .option('--per-day <requests>', 'how many requests it may make on a day (UTC)', readNumber)
    .option('--cost-per-minute <points>', 'what its operations may cost in a minute', readNumber)
    .option('--trusted-only', 'it runs only trusted documents: the operations of your own frontends')
    .option('--connections <number>', 'websockets and event streams that it may have open on one server', readNumber)
    .option('--subscriptions <number>', 'subscriptions that it may have open on one server', readNumber)
    .option('--test', 'a key for tests: what it sends is checked, and not stored')
    .option('--write-only', 'a key for web pages: it sends, and reads nothing')
    .option('--origins <origins>', 'of web pages that may use it: https://shop.example', readScopes)
    .action(createKey);
  addBoundaryOptions(keys.command('update'))
    .description('change what a key is kept to; what is limited stays limited')
    .argument('<id>', 'its id, key_…, as listed')
    .option('--origins <origins>', 'of web pages that may use it: https://shop.example', readScopes)
    .action(updateKey);
  keys.command('list').description('list all keys ever made, newest first').action(listKeys);
  keys
    .command('rotate')
    .description('give a key another secret and print it, this once; the former goes on working for the overlap')
    .argument('<id>', 'its id, key_…, as listed')
    .option('--overlap <span>', 'for how long both work: 7d, 12h, 0h (default: 24h)', readSpan)
    .action(rotateKey);
  keys
    .command('revoke')
    .description('revoke a key for good: every server refuses it within a second')
    .argument('<id>', 'its id, key_…, as listed')
    .action(revokeKey);
  keys.command('generate').description('print a key to set as RUNDUM_OWNER_KEY; nothing is stored').action(generateKey);
}

async function createKey({
  expires,
  networks,
  perMinute,
  perDay,
  trustedOnly,
  connections,
  subscriptions,
  origins,
  ...given
}: CreateOptions): Promise<void> {
  const service = await import('../access/keys.service.ts');
  const { toPublicId } = await import('../kernel/ids.ts');
  await asOperator(async (ctx) => {
    const expiresAt = expires?.(ctx.clock.now()) ?? null;
    const limits = {
      allowedNetworks: networks,
      requestsPerMinute: perMinute,
      requestsPerDay: perDay,
      trustedDocumentsOnly: trustedOnly,
      maxConnections: connections,
      maxSubscriptions: subscriptions,
      allowedOrigins: origins,
      boundary: await boundaryFrom(given),
    };
    const { row, text } = await service.createKey(ctx, { ...given, ...limits, expiresAt });
    console.error(`${toPublicId('key', row.id)} "${row.name}" has ${row.scopes.join(', ')} and ${ending(row)}.`);
    showKey(text);
  });
}

async function updateKey(
  publicId: string,
  { origins, ...given }: BoundaryOptions & { origins?: string[] },
): Promise<void> {
  const service = await import('../access/keys.service.ts');
  const { fromPublicId } = await import('../kernel/ids.ts');
  const named = await boundaryFrom(given);
  await asOperator(async (ctx) => {
    const id = fromPublicId('key', publicId);
    const known = await service.findKey(ctx, id);
    // What no option names stays as it is.
    const boundary = named && joined(known?.boundary ?? {}, named);
    const row = await service.updateKey(ctx, { id, boundary, allowedOrigins: origins });
    console.log(`${publicId} ${describeKey(row, ctx.clock.now())}`);
  });
}

async function rotateKey(publicId: string, { overlap }: { overlap?: number }): Promise<void> {
  const service = await import('../access/keys.service.ts');
  const { fromPublicId } = await import('../kernel/ids.ts');
  await asOperator(async (ctx) => {
    const overlapSeconds = overlap === undefined ? undefined : overlap / 1_000;
    const { row, text } = await service.rotateKey(ctx, { id: fromPublicId('key', publicId), overlapSeconds });
    console.error(`${publicId} "${row.name}" has another secret; the former ends ${day(row.previousSecretUntil)}.`);
    showKey(text);
  });
}

/** The key alone on standard output, so that `key=$(rundum keys create …)` works. */
function showKey(text: string): void {
  console.error('This is the only time that the key is shown:');
  console.log(text);
}

async function listKeys(): Promise<void> {
  const service = await import('../access/keys.service.ts');
  const { toPublicId } = await import('../kernel/ids.ts');
  await asOperator(async (ctx) => {
    const now = ctx.clock.now();
    let after: string | null = null;
    do {
      const page: Page<ApiKeyRow> = await service.listKeys(ctx, { first: 200, after }, (row) => row);
      for (const row of page.nodes) console.log(`${toPublicId('key', row.id)}  ${describeKey(row, now)}`);
      after = page.pageInfo.hasNextPage ? page.pageInfo.endCursor : null;
    } while (after !== null);
  });
}

async function revokeKey(id: string): Promise<void> {
  const service = await import('../access/keys.service.ts');
  const { fromPublicId } = await import('../kernel/ids.ts');
  await asOperator(async (ctx) => {
    const row = await service.revokeKey(ctx, fromPublicId('key', id));
    console.log(`${id} "${row.name}" ${ending(row)}.`);
  });
}

async function generateKey(): Promise<void> {
  const { formatApiKey } = await import('../access/api-key.ts');
  const { newApiKey } = await import('../access/new-api-key.ts');
  const { randomIds } = await import('../kernel/ids.ts');
  console.log(formatApiKey(newApiKey(randomIds)));
}

async function asOperator(work: (ctx: Context) => Promise<void>): Promise<void> {
  const [{ readConfig }, { withPlatform }, { operatorContext }] = await Promise.all([
    import('../kernel/config.ts'),
    import('./platform.ts'),
    import('../access/operator.ts'),
  ]);
  await withPlatform(readConfig(), (platform) => work(operatorContext(platform)));
}

/** One line of the list, behind the id. */
export function describeKey(row: ApiKeyRow, now: Date): string {
  const expired = row.revokedAt === null && row.expiresAt !== null && row.expiresAt <= now;
  const state = expired ? `expired ${day(row.expiresAt)}` : ending(row);
  const used = row.lastUsedAt === null ? 'never used' : `used ${day(row.lastUsedAt)}`;
  const made = `made ${day(row.createdAt)}`;
  return [
    `"${row.name}"`,
    row.scopes.join(','),
    ...limitsOf(row),
    ...describeBoundary(row),
    ...costLimitsOf(row),
    made,
    used,
    state,
  ].join('  ');
}

function limitsOf({ test, allowedNetworks, requestsPerMinute, requestsPerDay }: ApiKeyRow): string[] {
  return [
    ...(test ? ['for tests'] : []),
    ...(allowedNetworks.length > 0 ? [`from ${allowedNetworks.join(',')}`] : []),
    ...(requestsPerMinute === null ? [] : [`${requestsPerMinute} a minute`]),
    ...(requestsPerDay === null ? [] : [`${requestsPerDay} a day`]),
  ];
}

function costLimitsOf({ costPerMinute, trustedDocumentsOnly, maxConnections, maxSubscriptions }: ApiKeyRow): string[] {
  return [
    ...(costPerMinute === null ? [] : [`${costPerMinute} points a minute`]),
    ...(trustedDocumentsOnly ? ['trusted documents only'] : []),
    ...(maxConnections === null ? [] : [`${maxConnections} connections`]),
    ...(maxSubscriptions === null ? [] : [`${maxSubscriptions} subscriptions`]),
  ];
}

function ending(row: ApiKeyRow): string {
  if (row.revokedAt !== null) return `revoked ${day(row.revokedAt)}`;
  return row.expiresAt === null ? 'never expires' : `expires ${day(row.expiresAt)}`;
}

function day(at: Date | null): string {
  return at === null ? '' : `${at.toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}

export function readScopes(text: string): string[] {
  return text.split(/[\s,]+/).filter((scope) => scope !== '');
}

/** The moment of expiry, once it is known what time it is. */
export type Expiry = (now: Date) => Date;

const unitInMs = { h: 3_600_000, d: 86_400_000, w: 604_800_000 } as const;

/** `7d` in milliseconds. */
export function readSpan(text: string): number {
  const [, count, unit] = /^(\d{1,5})([hdw])$/.exec(text) ?? [];
  if (count !== undefined) return Number(count) * unitInMs[unit as keyof typeof unitInMs];
  throw new InvalidArgumentError('Give a time span such as 7d, 12h or 4w.');
}

function readNumber(text: string): number {
  if (/^\d{1,10}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('Give a whole number.');
}

/** `90d` from now, or a day (its start in UTC) or an instant. */
export function readExpiry(text: string): Expiry {
  const [, count, unit] = /^(\d{1,5})([hdw])$/.exec(text) ?? [];
  if (count !== undefined)
    return (now) => new Date(now.getTime() + Number(count) * unitInMs[unit as keyof typeof unitInMs]);
  const at = readInstant(text);
  if (at) return () => at;
  throw new InvalidArgumentError(
    'Give a time span such as 90d, 12h or 4w, a day such as 2027-01-31, or an instant such as 2027-01-31T18:00:00Z.',
  );
}

function readInstant(text: string): Date | undefined {
  if (!/^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d)?(Z|[+-]\d\d:\d\d))?$/.test(text)) return undefined;
  const at = new Date(text);
  // JavaScript takes 31 February for 3 March.
  const sameDay =
    Number.isFinite(at.getTime()) &&
    new Date(`${text.slice(0, 10)}T00:00Z`).toISOString().startsWith(text.slice(0, 10));
  return sameDay ? at : undefined;
}
