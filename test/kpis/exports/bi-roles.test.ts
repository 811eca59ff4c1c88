import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import postgres from 'postgres';
import { afterAll, afterEach, beforeAll, expect, onTestFinished, test } from 'vitest';
import type { Context } from '../../../src/kernel/context.ts';
import { randomIds } from '../../../src/kernel/ids.ts';
import { grantBi, revokeBi } from '../../../src/kpis/exports/bi-roles.service.ts';
import { recordFacts } from '../../../src/kpis/facts/record-facts.service.ts';
import { openTestDatabase, type TestDatabase } from '../../support/database.ts';
import { openIngest, touchpoint } from '../../support/ingest.ts';

let database: TestDatabase;
let ctx: Context;

beforeAll(async () => {
  database = await openTestDatabase();
  const node = await openIngest(database.pool, { reactions: [recordFacts(randomIds)] });
  ctx = node.ctx;
  const results = await node.ingest.submit(ctx, [
    touchpoint({
      identifiers: [{ kind: 'email', value: 'jo@example.com' }],
      type: 'order.completed',
      value: { amount: '12.50', currency: 'CHF' },
      traits: { firstName: 'Jo', country: 'CH' },
    }),
  ]);
  expect(results).toMatchObject([{ status: 'STORED' }]);
});
afterAll(() => database.close());

const made: string[] = [];
// Roles belong to the whole cluster, so each test has its own.
const newRole = () => {
  const role = `bi_test_${randomBytes(6).toString('hex')}`;
  made.push(role);
  return role;
};
afterEach(async () => {
  for (const role of made.splice(0)) {
    const [known] = await database.pool`select from pg_roles where rolname = ${role}`;
    if (!known) continue;
    await database.pool.unsafe(`drop owned by ${role}; drop role ${role}`);
  }
});

function logIn(role: string, password: string) {
  const { hostname, port, pathname } = new URL(database.url);
  const where = { host: hostname, port: Number(port), database: pathname.slice(1) };
  const client = postgres({ ...where, user: role, password, max: 1, onnotice: () => {} });
  onTestFinished(() => client.end());
  return client;
}

const password = 'correct-horse%battery"staple\'';
const reader = { password, seconds: 30 };

test('the role reads every view, but the one with personal values, and has its defaults', async () => {
  const role = newRole();
  const granted = await grantBi(ctx, { ...reader, role });
  expect(granted).toMatchObject({ created: true, login: true });
  const client = logIn(role, password);
  for (const view of granted.views) await client.unsafe(`select * from bi.${view} limit 1`);
  expect(granted.views).toContain('orders_and_returns');
  expect(granted.views).not.toContain('customer_traits_personal');
  await expect(client`select * from bi.customer_traits_personal`).rejects.toMatchObject({ code: '42501' });
  expect(await client`select amount, currency from orders_and_returns`).toEqual([{ amount: '12.50', currency: 'CHF' }]);
  expect(await client`select name, value from bi.customer_traits`).toEqual([{ name: 'country', value: 'CH' }]);
  expect(
    await client`
    select current_setting('statement_timeout') as timeout, current_setting('transaction_read_only') as read_only`,
  ).toEqual([{ timeout: '30s', read_only: 'on' }]);
});

test('it also reads where the functions of the views are not for everybody', async () => {
  const role = newRole();
  await database.pool`revoke execute on function bi.amount(bigint, text) from public`;
  onTestFinished(async () => void (await database.pool`grant execute on function bi.amount(bigint, text) to public`));
  await grantBi(ctx, { ...reader, role });
  expect(await logIn(role, password)`select amount from bi.orders_and_returns`).toEqual([{ amount: '12.50' }]);
});

test('it reads nothing else, and writes nothing, also when it leaves read-only mode', async () => {
  const role = newRole();
  await grantBi(ctx, { ...reader, role });
  const client = logIn(role, password);
  const tables = await database.pool<{ name: string; schema: string }[]>`
    select relname as name, nspname as schema from pg_class join pg_namespace n on n.oid = relnamespace
    where relkind in ('r', 'p', 'v', 'm', 'f', 'S') and nspname not in ('bi', 'information_schema') and nspname !~ '^pg_'`;
  expect(tables.length).toBeGreaterThan(50);
  const [rights] = await client<{ readable: string[] }[]>`
    select coalesce(array_agg(c.oid::regclass::text), '{}') as readable
    from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where c.relkind in ('r', 'p', 'v', 'm', 'f') and n.nspname not in ('bi', 'information_schema', 'pg_catalog') and n.nspname !~ '^pg_'
      and (has_table_privilege(c.oid, 'select') or has_any_column_privilege(c.oid, 'select, insert, update'))`;
  expect(rights).toEqual({ readable: [] });
  await expect(client`select * from public.purchases`).rejects.toMatchObject({ code: '42501' });
  await expect(client`select * from public.api_keys`).rejects.toMatchObject({ code: '42501' });
  await client`set session characteristics as transaction read write`;
  for (const statement of [
    'insert into bi.customers (customer_id) values (gen_random_uuid())',
    'update bi.customers set orders = 0',
    'delete from bi.lifecycle',
    'create table bi.mine (n int)',
    'create table public.mine (n int)',
    'create view bi.mine as select 1',
  ]) {
    await expect(client.unsafe(statement), statement).rejects.toMatchObject({ code: '42501' });
  }
});

test('personal values are granted only when asked for, and taken away when not asked for again', async () => {
  const role = newRole();
  const granted = await grantBi(ctx, { ...reader, role, sight: 'PERSONAL' });
  expect(granted.views).toContain('customer_traits_personal');
  const client = logIn(role, password);
  expect(await client`select name, value from bi.customer_traits_personal`).toEqual([
    { name: 'firstName', value: 'Jo' },
  ]);
  expect(await grantBi(ctx, { ...reader, role, password: null })).toMatchObject({ created: false, login: true });
  await expect(client`select * from bi.customer_traits_personal`).rejects.toMatchObject({ code: '42501' });
});

test('a role without a password is a group: it cannot log in, its members read', async () => {
  const [group, member] = [newRole(), newRole()];
  expect(await grantBi(ctx, { ...reader, role: group, password: null })).toMatchObject({ created: true, login: false });
  await expect(logIn(group, password)`select 1`).rejects.toMatchObject({ code: '28P01' });
  await database.pool.unsafe(`create role ${member} login password 'members-own' in role ${group}`);
  expect(await logIn(member, 'members-own')`select count(*)::int as n from bi.customers`).toEqual([{ n: 1 }]);
});

test('revoked, it can neither read nor log in', async () => {
  const role = newRole();
  await grantBi(ctx, { ...reader, role });
  const client = logIn(role, password);
  await client`select 1`;
  await revokeBi(ctx, role);
  await expect(client`select * from bi.customers`).rejects.toMatchObject({ code: '42501' });
  await expect(logIn(role, password)`select 1`).rejects.toMatchObject({ code: '28P01' });
  await expect(revokeBi(ctx, newRole())).rejects.toMatchObject({ code: 'NOT_FOUND' });
});

test('a role that may do more is not made a reader, and no reader is made of it', async () => {
  const role = newRole();
  await database.pool.unsafe(`create role ${role} createrole`);
  await expect(grantBi(ctx, { ...reader, role })).rejects.toMatchObject({ code: 'BAD_USER_INPUT' });
  await expect(grantBi(ctx, { ...reader, role: ctx.pool.options.user as string })).rejects.toMatchObject({
    code: 'BAD_USER_INPUT',
  });
  await expect(grantBi(ctx, { ...reader, role: 'Robert"); drop' })).rejects.toMatchObject({ code: 'BAD_USER_INPUT' });
});

test('grants and revocations are audited, without the password', async () => {
  const role = newRole();
  await grantBi(ctx, { ...reader, role });
  await revokeBi(ctx, role);
  const entries = await database.pool<{ action: string; detail: unknown }[]>`
    select action, detail from audit_entries where subject = ${role} order by id`;
  expect(entries).toEqual([
    { action: 'kpis.bi_granted', detail: { sight: 'CUSTOMERS', login: true } },
    { action: 'kpis.bi_revoked', detail: null },
  ]);
});

test('the command grants and revokes', async () => {
  const { Command } = await import('commander');
  const { register } = await import('../../../src/cli/bi.ts');
  const folder = await mkdtemp(join(tmpdir(), 'rundum-bi-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  await writeFile(join(folder, 'password'), `${password}\n`);
  const role = newRole();
  const said: string[] = [];
  const log = console.log;
  console.log = (line: string) => void said.push(line);
  const before = process.env.DATABASE_URL;
  process.env.DATABASE_URL = database.url;
  onTestFinished(() => {
    console.log = log;
    if (before === undefined) delete process.env.DATABASE_URL;
    else process.env.DATABASE_URL = before;
  });
  const run = async (...args: string[]) => {
    const program = new Command();
    register(program);
    await program.parseAsync(['node', 'rundum', 'bi', ...args]);
  };
  await run('grant', '--role', role, '--password-file', join(folder, 'password'), '--timeout', '60');
  expect(said.join('\n')).toContain(`Made the role "${role}", which can read`);
  expect(await logIn(role, password)`select count(*)::int as n from bi.customers`).toEqual([{ n: 1 }]);
  await run('revoke', '--role', role);
  expect(said.at(-1)).toBe(`The role "${role}" can read nothing any more.`);
});
