import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { audit, auditAll } from '../../src/access/audit.service.ts';
import { linkLine } from '../../src/access/audit-export.ts';
import { exportAudit, getAuditHead, verifyAudit } from '../../src/access/audit-proof.service.ts';
import { sealPending } from '../../src/access/audit-sealer.service.ts';
import type { Context } from '../../src/kernel/context.ts';
import type { Tx } from '../../src/kernel/database.ts';
import { randomIds } from '../../src/kernel/ids.ts';
import type { JsonObject } from '../../src/kernel/json.ts';
import { openTestDatabase, type TestDatabase } from '../support/database.ts';
import { contextWith, MovableClock, refusalOf, testPlatform } from './fixture.ts';

let database: TestDatabase;
let clock: MovableClock;
let ctx: Context;

beforeAll(async () => {
  database = await openTestDatabase();
});
afterAll(() => database.close());
beforeEach(async () => {
  clock = new MovableClock();
  ctx = contextWith(testPlatform(database.pool, clock), 'admin');
  await tamper((tx) => tx`truncate audit_entries, audit_seals, audit_pending`);
});

/** What only a superuser can do: work with the guards off. */
async function tamper(work: (tx: Tx) => Promise<unknown>): Promise<void> {
  await database.pool.begin(async (tx) => {
    await tx`set local session_replication_role = replica`;
    await work(tx);
  });
}

async function enter(subject: string, detail: JsonObject | null = { of: subject }): Promise<void> {
  await database.pool.begin((tx) => audit(tx, ctx, { action: 'test.done', subject, reason: 'because', detail }));
}

/** Six sealed entries, and the head over them. */
async function sealed(): Promise<string> {
  for (const subject of ['a', 'b', 'c', 'd', 'e', 'f']) await enter(subject);
  return (await getAuditHead(ctx)).hash.toString('hex');
}

async function damages(heads: string[] = []): Promise<string[]> {
  const { problems, found } = await verifyAudit(ctx, { heads });
  expect(found).toBe(problems.length);
  return problems.map(({ damage }) => damage);
}

describe('the log only grows', () => {
  test.each([
    ['update audit_entries set actor = actor', 'UPDATE of audit_entries'],
    ['delete from audit_entries', 'DELETE of audit_entries'],
    ['truncate audit_entries', 'TRUNCATE of audit_entries'],
    ['update audit_seals set hash = hash', 'UPDATE of audit_seals'],
    ['delete from audit_seals', 'DELETE of audit_seals'],
    ['truncate audit_seals', 'TRUNCATE of audit_seals'],
  ])('%s is refused, even to a superuser', async (statement, told) => {
    await sealed();
    await expect(database.pool.unsafe(statement)).rejects.toThrow(`the audit log is append-only: ${told} is refused`);
    expect(await damages()).toEqual([]);
  });
});

describe('a log as it was written', () => {
  test('holds, with entries that come later, and with every head that it ever had', async () => {
    const nothing = (await getAuditHead(ctx)).hash.toString('hex');
    const early = await sealed();
    await enter('g');
    const late = (await getAuditHead(ctx)).hash.toString('hex');
    expect(new Set([nothing, early, late]).size).toBe(3);
    const { head, problems } = await verifyAudit(ctx, { heads: [nothing, early, late.toUpperCase()] });
    expect({ ...head, hash: head.hash.toString('hex') }).toEqual({ position: 7, hash: late });
    expect(problems).toEqual([]);
  });

  test('holds whatever JSON the details are', async () => {
    // U+0000 can't be stored, and a lone surrogate is no text.
    const text = fc.string({ unit: 'grapheme' }).filter((one) => !one.includes('\0'));
    const value = fc.letrec((tie) => ({
      json: fc.oneof(
        { maxDepth: 3 },
        text,
        fc.double({ noNaN: true, noDefaultInfinity: true }),
        fc.boolean(),
        fc.constant(null),
        tie('list'),
        tie('object'),
      ),
      list: fc.array(tie('json'), { maxLength: 4 }),
      object: fc.dictionary(text, tie('json'), { maxKeys: 4 }),
    }));
    await fc.assert(
      fc.asyncProperty(value.object, async (detail) => {
        await enter('any', { detail } as JsonObject);
        expect(await damages()).toEqual([]);
      }),
      { numRuns: 60 },
    );
  });

  test('holds while others write, each entry sealed once', async () => {
    const writers = Array.from({ length: 4 }, async (_, writer) => {
      for (let at = 0; at < 25; at++) await enter(`${writer}/${at}`);
    });
    const sealers = Array.from({ length: 3 }, async () => {
      for (let at = 0; at < 20; at++) await sealPending(ctx);
    });
    const ended = await Promise.allSettled([...writers, ...sealers]);
    expect(ended.filter(({ status }) => status === 'rejected')).toEqual([]);
    expect(await damages()).toEqual([]);
    const [count] = await database.pool`select count(*)::int as seals, max(position)::int as last from audit_seals`;
    expect(count).toEqual({ seals: 100, last: 100 });
  });

  test('a transaction that takes long keeps nobody from sealing, and its entries come behind', async () => {
    const held = Promise.withResolvers<void>();
    const written = Promise.withResolvers<void>();
    const long = database.pool.begin(async (tx) => {
      await audit(tx, ctx, { action: 'test.done', subject: 'early' });
      written.resolve();
      await held.promise;
    });
    await written.promise;
    await enter('late');
    expect((await getAuditHead(ctx)).position).toBe(1);
    held.resolve();
    await long;
    expect(await damages()).toEqual([]);
    const seals = await database.pool`
      select subject from audit_seals join audit_entries on id = entry_id order by position`;
    expect(seals.map(({ subject }) => subject)).toEqual(['late', 'early']);
  });

  test('what was rolled back is neither in the log nor waited for', async () => {
    await refusalOf(
      database.pool.begin(async (tx) => {
        await auditAll(tx, ctx, [{ action: 'test.done', subject: 'never' }]);
        throw new Error('no');
      }),
    );
    expect(await damages()).toEqual([]);
    expect((await getAuditHead(ctx)).position).toBe(0);
  });

  test('entries from before there were seals are sealed as they are', async () => {
    await sealed();
    await tamper(async (tx) => {
      await tx`truncate audit_seals`;
      await tx`insert into audit_pending (entry_id) select id from audit_entries`;
    });
    expect((await getAuditHead(ctx)).position).toBe(6);
    expect(await damages()).toEqual([]);
  });

  test('is proved by admins only', async () => {
    const other = contextWith(ctx, 'metrics:read');
    for (const attempt of [verifyAudit(other, {}), getAuditHead(other), exportAudit(other).next()])
      expect(await refusalOf(attempt)).toMatchObject({ code: 'FORBIDDEN' });
  });
});

describe('what is found', () => {
  test.each([
    ['actor', (tx: Tx) => tx`update audit_entries set actor = 'nobody' where subject = 'c'`],
    ['at', (tx: Tx) => tx`update audit_entries set at = at + interval '1 ms' where subject = 'c'`],
    ['key_id', (tx: Tx) => tx`update audit_entries set key_id = ${randomIds.uuid()} where subject = 'c'`],
    ['request_id', (tx: Tx) => tx`update audit_entries set request_id = 'x' where subject = 'c'`],
    ['action', (tx: Tx) => tx`update audit_entries set action = 'test.undone' where subject = 'c'`],
    ['subject', (tx: Tx) => tx`update audit_entries set subject = 'x' where subject = 'c'`],
    ['reason', (tx: Tx) => tx`update audit_entries set reason = null where subject = 'c'`],
    ['detail', (tx: Tx) => tx`update audit_entries set detail = '{"of": "x"}' where subject = 'c'`],
  ])('an entry whose %s was changed', async (_column, change) => {
    await sealed();
    await tamper(change);
    expect(await damages()).toEqual(['CHANGED']);
  });

  test('an entry that was changed before it was sealed', async () => {
    await enter('a');
    await tamper((tx) => tx`update audit_entries set actor = 'nobody'`);
    expect(await damages()).toEqual(['CHANGED']);
  });

  test.each(['digest', 'hash', 'sealed_at', 'previous', 'entry_id'])('a seal whose %s was changed', async (column) => {
    await sealed();
    const other = { sealed_at: `now()`, entry_id: 'gen_random_uuid()' }[column] ?? `sha256('x')`;
    await tamper((tx) => tx.unsafe(`update audit_seals set ${column} = ${other} where position = 3`));
    expect(await damages()).not.toEqual([]);
  });

  test('an entry that is missing, at the very end too', async () => {
    await sealed();
    await tamper((tx) => tx`delete from audit_entries where subject in ('b', 'f')`);
    expect(await damages()).toEqual(['MISSING', 'MISSING']);
  });

  test('an entry that went before it was sealed', async () => {
    await enter('a');
    await tamper((tx) => tx`delete from audit_entries`);
    expect(await damages()).toEqual(['MISSING']);
  });

  test('an entry from before there were seals that went before it got one', async () => {
    await enter('a');
    await tamper(async (tx) => {
      await tx`update audit_pending set digest = null`;
      await tx`delete from audit_entries`;
    });
    expect(await damages()).toEqual(['MISSING']);
  });

  test('an entry that is missing with its seal, told as the gap', async () => {
    await sealed();
    await tamper(async (tx) => {
      await tx`delete from audit_entries where subject in ('c', 'd')`;
      await tx`delete from audit_seals where position in (3, 4)`;
    });
    expect((await verifyAudit(ctx, {})).problems).toEqual([{ damage: 'MISSING', what: 'positions 3 to 4' }]);
  });

  test('the same with the gap closed: what came behind does not follow', async () => {
    await sealed();
    await tamper(async (tx) => {
      await tx`delete from audit_entries where subject = 'c'`;
      await tx`delete from audit_seals where position = 3`;
      await tx`update audit_seals set position = position - 1 where position > 3`;
    });
    expect(await damages()).toContain('REORDERED');
  });

  test('an entry that was inserted past the platform, guards on or off', async () => {
    await sealed();
    const insert = (tx: Tx, id: string) => tx`
      insert into audit_entries select ${id}, at, key_id, 'nobody', request_id, action, subject from audit_entries
      where subject = 'c' and actor = 'test'`;
    await tamper((tx) => insert(tx, randomIds.uuid()));
    await database.pool.begin((tx) => insert(tx, randomIds.uuid()));
    expect(await damages()).toEqual(['INSERTED', 'INSERTED']);
  });

  test('an entry that was inserted with a seal of its own, in the middle', async () => {
    await sealed();
    const id = randomIds.uuid();
    await tamper(async (tx) => {
      await tx`insert into audit_entries select ${id}, at, key_id, 'x', '', action, subject from audit_entries where subject = 'c'`;
      await tx`update audit_seals set position = position + 100 where position > 3`;
      await tx`update audit_seals set position = position - 99 where position > 3`;
      await tx`
        insert into audit_seals
        select 4, ${id}, digest, hash, sha256(hash), sealed_at from audit_seals where position = 3`;
    });
    expect(await damages()).toEqual(expect.arrayContaining(['CHANGED', 'REORDERED']));
  });

  test('entries that changed places', async () => {
    await sealed();
    await tamper(async (tx) => {
      await tx`update audit_seals set position = 100 where position = 3`;
      await tx`update audit_seals set position = 3 where position = 4`;
      await tx`update audit_seals set position = 4 where position = 100`;
    });
    expect(await damages()).toContain('REORDERED');
  });

  test('an end that was cut off, by whoever has a head from before; without one nobody can tell', async () => {
    const head = await sealed();
    const cut = await damages([head]);
    await tamper(async (tx) => {
      await tx`delete from audit_entries where subject in ('e', 'f')`;
      await tx`delete from audit_seals where position > 4`;
    });
    expect(cut).toEqual([]);
    expect(await damages()).toEqual([]);
    expect((await verifyAudit(ctx, { heads: [head] })).problems).toEqual([{ damage: 'TRUNCATED', what: head }]);
  });

  test('a chain that was sealed anew after a change, by whoever has a head from before', async () => {
    const head = await sealed();
    await tamper(async (tx) => {
      await tx`update audit_entries set actor = 'nobody' where subject = 'c'`;
      await tx`insert into audit_pending (entry_id) select entry_id from audit_seals`;
      await tx`truncate audit_seals`;
    });
    expect(await damages([head])).toEqual(['TRUNCATED']);
  });

  test('a head that is none is refused', async () => {
    expect(await refusalOf(verifyAudit(ctx, { heads: ['x'] }))).toMatchObject({ code: 'BAD_USER_INPUT' });
  });
});

describe('the export', () => {
  async function lines(filter = {}): Promise<Record<string, string>[]> {
    const found: Record<string, string>[] = [];
    for await (const link of exportAudit(ctx, filter)) found.push(JSON.parse(linkLine(link)));
    return found;
  }

  test('has every entry with its seal, in the order of the chain', async () => {
    const head = await sealed();
    const exported = await lines();
    expect(exported.map(({ position }) => position)).toEqual([1, 2, 3, 4, 5, 6]);
    expect(exported.at(-1)).toMatchObject({
      hash: head,
      entry: { subject: 'f', action: 'test.done', detail: { of: 'f' } },
    });
  });

  test('can be checked with nothing but SHA-256, as the documentation says', async () => {
    await sealed();
    const sha256 = (value: unknown) => createHash('sha256').update(JSON.stringify(value)).digest('hex');
    // Sorted already: a program that keeps the order of the members needs no canonical JSON of its own.
    let before = '0'.repeat(64);
    for (const { entry, digest, position, previous, sealedAt, hash } of await lines()) {
      expect(sha256(entry)).toBe(digest);
      expect(previous).toBe(before);
      expect(sha256({ digest, position, previous, sealedAt })).toBe(hash);
      before = hash!;
    }
  });

  test('takes a part by action and time', async () => {
    await enter('a');
    clock.move(1_000);
    await database.pool.begin((tx) => audit(tx, ctx, { action: 'tests.done', subject: 'b' }));
    await enter('c');
    const subjects = async (filter: object) =>
      (await lines(filter)).map(({ entry }) => (entry as unknown as JsonObject).subject);
    expect(await subjects({ action: 'test' })).toEqual(['a', 'c']);
    expect(await subjects({ from: clock.now() })).toEqual(['b', 'c']);
    expect(await subjects({ to: clock.now() })).toEqual(['a']);
  });
});
