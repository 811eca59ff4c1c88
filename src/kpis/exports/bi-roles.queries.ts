import type { Database, Tx } from '../../kernel/database.ts';

/** The views that hold personal values. */
export const personalViews: readonly string[] = ['customer_traits_personal'];

/** Those without a row of anybody: numbers about at least five, and what is about nobody. */
export const aggregateViews: readonly string[] = [
  ...['calendar', 'segments', 'segment_sizes', 'loyalty_programs', 'loyalty_tier_sizes'],
  ...['sales_by_month', 'touchpoints_by_month', 'customers_by_stage'],
];

/** What somebody may see: nobody on their own; customers by id; customers with personal values. */
export type BiSight = 'AGGREGATES' | 'CUSTOMERS' | 'PERSONAL';

export interface RoleState {
  readonly name: string;
  readonly superuser: boolean;
  readonly login: boolean;
}

export async function findRole(db: Database, name: string): Promise<RoleState | undefined> {
  const [row] = await db<RoleState[]>`
    select rolname as name, rolsuper as superuser, rolcanlogin as login from pg_roles where rolname = ${name}`;
  return row;
}

/** Whether the role owns anything in this database, or may create roles or databases: more than a reader. */
export async function isMoreThanReader(db: Database, name: string): Promise<boolean> {
  const [row] = await db<{ more: boolean }[]>`
    select r.rolcreaterole or r.rolcreatedb or r.rolreplication or r.rolbypassrls
           or exists (select from pg_class c where c.relowner = r.oid)
           or exists (select from pg_namespace n where n.nspowner = r.oid) as more
    from pg_roles r where r.rolname = ${name}`;
  return row?.more ?? false;
}

export async function createRole(tx: Tx, name: string): Promise<void> {
  await tx`create role ${tx(name)} nologin nosuperuser nocreatedb nocreaterole noreplication`;
}

/** `verifier`: what PostgreSQL would store for the password, so that the password itself is in no log. */
export async function letLogIn(tx: Tx, name: string, verifier: string): Promise<void> {
  // Nothing in it needs quoting: letters, digits and $ : + / = only.
  await tx.unsafe(`alter role ${quoteName(name)} login password '${verifier}'`);
}

/** Takes rights on everything of the schema away, in this database. */
export async function revokeViews(tx: Tx, name: string): Promise<void> {
  await tx`revoke all on all tables in schema bi from ${tx(name)}`;
  await tx`revoke all on all functions in schema bi from ${tx(name)}`;
  await tx`revoke all on schema bi from ${tx(name)}`;
}

/** Rights to read the views that are for such eyes. Answers their names. */
export async function grantViews(tx: Tx, name: string, sight: BiSight): Promise<string[]> {
  const views = await tx<{ name: string }[]>`
    select relname as name from pg_class
    where relnamespace = 'bi'::regnamespace and relkind in ('v', 'm')
      and (${sight === 'PERSONAL'} or relname <> all(${personalViews as string[]}::text[]))
      and (${sight !== 'AGGREGATES'} or relname = any(${aggregateViews as string[]}::text[]))
    order by relname`;
  await tx`grant usage on schema bi to ${tx(name)}`;
  // The views call them as whoever reads the views. Everybody may, unless an administrator has withdrawn that.
  await tx`grant execute on all functions in schema bi to ${tx(name)}`;
  for (const view of views) await tx`grant select on bi.${tx(view.name)} to ${tx(name)}`;
  return views.map((view) => view.name);
}

/** How its sessions in this database begin. */
export async function setDefaults(tx: Tx, name: string, { seconds }: { seconds: number }): Promise<void> {
  const database = await currentDatabase(tx);
  for (const [setting, value] of Object.entries(defaultsOf(seconds))) {
    await tx.unsafe(`alter role ${quoteName(name)} in database ${quoteName(database)} set ${setting} = '${value}'`);
  }
}

export async function resetDefaults(tx: Tx, name: string): Promise<void> {
  const database = await currentDatabase(tx);
  await tx.unsafe(`alter role ${quoteName(name)} in database ${quoteName(database)} reset all`);
}

export async function forbidLogIn(tx: Tx, name: string): Promise<void> {
  await tx`alter role ${tx(name)} nologin password null`;
}

function defaultsOf(seconds: number): Record<string, string> {
  return {
    default_transaction_read_only: 'on',
    statement_timeout: `${seconds}s`,
    idle_in_transaction_session_timeout: '5min',
    search_path: 'bi',
  };
}

async function currentDatabase(db: Database): Promise<string> {
  const [row] = await db<{ name: string }[]>`select current_database() as name`;
  return row!.name;
}

/** Role names have been checked; names of databases are whatever somebody called them. */
function quoteName(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}
