import { z } from 'zod';
import { readNetwork } from './networks.ts';
import { StartupError } from './startup-error.ts';

/** How a setting may be shown to a person: as it is, not at all, or (a URL) without its password. */
type Shown = 'value' | 'never' | 'without-password';

interface Setting<T extends z.ZodType> {
  readonly variable: string;
  readonly schema: T;
  readonly description: string;
  readonly shown: Shown;
}

function setting<T extends z.ZodType>(
  variable: string,
  schema: T,
  description: string,
  shown: Shown = 'value',
): Setting<T> {
  return { variable, schema, description, shown };
}

function wholeNumber(least: number, most: number, otherwise: string) {
  return z.coerce.number({ error: otherwise }).int(otherwise).min(least, otherwise).max(most, otherwise);
}

const logLevels = ['silent', 'fatal', 'error', 'warn', 'info', 'debug', 'trace'] as const;

const flag = z.stringbool({ error: 'must be 1 or 0' });

const port = wholeNumber(0, 65_535, 'must be a port number');

const databaseUrl = z
  .string()
  .regex(/^postgres(ql)?:\/\/\S+$/, 'must look like postgres://user:password@host:5432/database');

const region = z.string().regex(/^[A-Z]{2}$/, 'must be a two-letter country code such as CH');

const networks = z
  .string()
  .refine(
    (text) => text.split(/[\s,]+/).every((part) => part === '' || readNetwork(part) !== undefined),
    'must be networks such as 10.0.0.0/8, separated by commas',
  );

const introspection = z
  .string()
  .regex(/^(on|off|[a-z]+(:[a-z]+)?)$/, 'must be on, off or a scope such as admin')
  .default('on');

const timeZone = z.string().refine(isTimeZone, 'must be an IANA time zone such as Europe/Zurich');

/** Every environment variable that Rundum reads. `rundum doctor` prints this table with the effective values. */
const settings = {
  host: setting(
    'RUNDUM_HOST',
    z.string().min(1).default('127.0.0.1'),
    'Address to listen on. 0.0.0.0 opens the API to the network.',
  ),
  port: setting(
    'RUNDUM_PORT',
    port.default(4000),
    'Port of the API, the websocket and the explorer. 0 picks a free one.',
  ),
  trustedProxies: setting(
    'RUNDUM_TRUSTED_PROXIES',
    networks.optional(),
    'Networks (CIDR, separated by commas) of proxies whose x-forwarded-for is believed.',
  ),
  databaseUrl: setting(
    'DATABASE_URL',
    databaseUrl.optional(),
    'PostgreSQL 15 or newer to use instead of the embedded one.',
    'without-password',
  ),
  pgbouncer: setting(
    'PGBOUNCER',
    flag.default(false),
    '1 if DATABASE_URL leads through PgBouncer in transaction mode: statements are then not prepared.',
  ),
  poolSize: setting(
    'RUNDUM_POOL_SIZE',
    wholeNumber(2, 1_000, 'must be a number from 2 to 1000').default(10),
    'Database connections that one process may open.',
  ),
  dataDir: setting(
    'RUNDUM_DATA_DIR',
    z.string().min(1).default('.data'),
    'Folder of the embedded database and of the owner key file.',
  ),
  ownerKey: setting(
    'RUNDUM_OWNER_KEY',
    z.string().min(1).optional(),
    'API key that the first start gives all rights, instead of making one up.',
    'never',
  ),
  defaultRegion: setting(
    'RUNDUM_DEFAULT_REGION',
    region.default('CH'),
    'Country whose numbering plan reads phone numbers written without a country code.',
  ),
  timeZone: setting(
    'RUNDUM_TIMEZONE',
    timeZone.default('UTC'),
    'Time zone of the organisation: where its days begin and end.',
  ),
  maximumCost: setting(
    'RUNDUM_MAXIMUM_COST',
    wholeNumber(1, 1_000_000_000, 'must be a number of points from 1 to 1000000000').default(250_000),
    'What one operation may cost at worst, in points.',
  ),
  costPerMinute: setting(
    'RUNDUM_COST_PER_MINUTE',
    wholeNumber(0, 2_000_000_000, 'must be a number of points from 0 to 2000000000').default(1_000_000),
    'What the operations of a key may cost in a minute unless it has a budget of its own or the scope admin. 0: any amount.',
  ),
  keyGuessesPerMinute: setting(
    'RUNDUM_KEY_GUESSES_PER_MINUTE',
    wholeNumber(0, 1_000_000, 'must be a number from 0 to 1000000').default(30),
    'How many API keys that do not exist an address may try in a minute. 0: any number.',
  ),
  trustedDocuments: setting(
    'RUNDUM_TRUSTED_DOCUMENTS',
    z.string().min(1).optional(),
    'File or folder with the operations of your own frontends (persisted documents).',
  ),
  trustedDocumentsOnly: setting(
    'RUNDUM_TRUSTED_DOCUMENTS_ONLY',
    flag.default(false),
    '1 if nobody may run any other operation, whatever the key.',
  ),
  introspection: setting(
    'RUNDUM_INTROSPECTION',
    introspection,
    'Who may ask for the schema: on (every key), off (nobody), or a scope that a key needs, such as admin.',
  ),
  connectionsPerKey: setting(
    'RUNDUM_CONNECTIONS_PER_KEY',
    wholeNumber(1, 1_000_000, 'must be a number from 1 to 1000000').default(5_000),
    'Websockets and event streams that one API key may have open on one server.',
  ),
  subscriptionsPerKey: setting(
    'RUNDUM_SUBSCRIPTIONS_PER_KEY',
    wholeNumber(1, 1_000_000, 'must be a number from 1 to 1000000').default(20_000),
    'Subscriptions that one API key may have open on one server.',
  ),
  logLevel: setting(
    'LOG_LEVEL',
    z.enum(logLevels, { error: `must be one of ${logLevels.join(', ')}` }).default('info'),
    'Least severe log lines to write.',
  ),
};

type Settings = typeof settings;

export type Config = { readonly [Name in keyof Settings]: z.output<Settings[Name]['schema']> };

export type Environment = Readonly<Record<string, string | undefined>>;

export interface SettingReport {
  readonly variable: string;
  readonly value: string;
  readonly given: boolean;
  readonly description: string;
}

/**
 * The effective configuration. `overrides` (from command line flags) win over the environment; an empty variable counts
 * as not set, as compose files and CI systems pass those.
 */
export function readConfig(overrides: Environment = {}, environment: Environment = process.env): Config {
  const problems: string[] = [];
  const entries = Object.entries(settings).map(([name, { variable, schema, shown }]) => {
    const given = overrides[variable] || environment[variable] || undefined;
    const parsed = (schema as z.ZodType).safeParse(given);
    if (parsed.success) return [name, parsed.data];
    const value = shown === 'value' ? ` (it is "${given}")` : '';
    problems.push(`${variable} ${parsed.error.issues[0]?.message ?? 'is not valid'}${value}.`);
    return [name, undefined];
  });
  if (problems.length > 0) throw new StartupError(problems.join('\n'));
  return Object.fromEntries(entries) as Config;
}

/** The effective values for a person to read, without secrets. */
export function describeConfig(config: Config, environment: Environment = process.env): SettingReport[] {
  return Object.entries(settings).map(([name, { variable, description, shown }]) => ({
    variable,
    value: display(config[name as keyof Config], shown),
    given: Boolean(environment[variable]),
    description,
  }));
}

function display(value: Config[keyof Config], shown: Shown): string {
  if (value === undefined) return '(not set)';
  if (shown === 'never') return '(set, not shown)';
  return shown === 'without-password' ? withoutPassword(String(value)) : String(value);
}

/** `postgres://user:secret@host/db` as `postgres://user:***@host/db`; also the form with `?password=`. */
export function withoutPassword(url: string): string {
  return url
    .replace(/(:\/\/[^:/@\s]*):[^@\s]*@/, '$1:***@')
    .replace(/([?&](?:password|sslpassword)=)[^&\s]*/gi, '$1***');
}

function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}
