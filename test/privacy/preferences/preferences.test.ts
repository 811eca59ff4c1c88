import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Json } from '../../../src/kernel/json.ts';
import { foldPreferences, type StatedPreference } from '../../../src/privacy/preferences/preference.ts';
import { faultOf, type PreferenceDefinition } from '../../../src/privacy/preferences/preference-definition.ts';
import { findPreferencesOf } from '../../../src/privacy/preferences/preferences.queries.ts';
import { openTestDatabase, type TestDatabase } from '../../support/database.ts';
import { touchpoint } from '../../support/ingest.ts';
import { type ConsentsFixture, openConsents } from '../consents/fixture.ts';

const onDay = (day: number) => new Date(Date.UTC(2026, 9, day));

let ids = 0;
function said(value: Json, given: Partial<StatedPreference> = {}): StatedPreference {
  ids += 1;
  return { recordId: 'crm', id: `id-${ids}`, name: 'size', value, declared: true, statedAt: onDay(1), ...given };
}
const inferred = { declared: false };

describe('what counts', () => {
  test.each<[string, StatedPreference[], Json | undefined]>([
    ['the latest word', [said('M'), said('L', { statedAt: onDay(2) })], 'L'],
    ['of any record', [said('M', { statedAt: onDay(3), recordId: 'web' }), said('L', { statedAt: onDay(2) })], 'M'],
    [
      'what was declared before what was concluded later',
      [said('M'), said('S', { ...inferred, statedAt: onDay(9) })],
      'M',
    ],
    ['what was concluded, where nothing was declared', [said('S', inferred)], 'S'],
    [
      'what was concluded, once the declaration is taken back',
      [said('M'), said('S', inferred), said(null, { statedAt: onDay(2) })],
      'S',
    ],
    [
      'nothing, once all is taken back',
      [said('S', inferred), said(null, { ...inferred, statedAt: onDay(2) })],
      undefined,
    ],
    ['false and empty lists are values', [said('M'), said(false, { statedAt: onDay(2) })], false],
  ])('is %s', (_, statements, expected) => {
    expect(foldPreferences(statements)[0]?.value).toEqual(expected);
  });

  test('does not depend on the order in which it came', () => {
    const statement = fc.record({
      recordId: fc.constantFrom('a', 'b'),
      id: fc.constantFrom('1', '2', '3', '4'),
      name: fc.constantFrom('size', 'colour'),
      value: fc.constantFrom<Json>('M', 'L', null, 7),
      declared: fc.boolean(),
      statedAt: fc.integer({ min: 1, max: 3 }).map(onDay),
    });
    const histories = fc.uniqueArray(statement, { selector: ({ recordId, id }) => `${recordId} ${id}`, maxLength: 8 });
    const both = histories.chain((all) =>
      fc.tuple(fc.constant(all), fc.shuffledSubarray(all, { minLength: all.length })),
    );
    fc.assert(
      fc.property(both, ([all, other]) => {
        expect(foldPreferences(other)).toEqual(foldPreferences(all));
      }),
    );
  });
});

test.each<[PreferenceDefinition['kind'], Json, boolean]>([
  ['TEXT', 'anything', true],
  ['TEXT', 'x'.repeat(501), false],
  ['TEXT', 7, false],
  ['YES_NO', false, true],
  ['YES_NO', 'Yes', false],
  ['ONE_OF', 'de', true],
  ['ONE_OF', 'xx', false],
  ['ONE_OF', ['de'], false],
  ['SOME_OF', ['de', 'fr'], true],
  ['SOME_OF', [], true],
  ['SOME_OF', ['de', 'de'], false],
  ['SOME_OF', ['xx'], false],
  ['SOME_OF', 'de', false],
  ['ONE_OF', null, true],
])('%s takes %j: %s', (kind, value, fits) => {
  expect(faultOf({ name: 'x', kind, options: ['de', 'fr'] }, value) === undefined).toBe(fits);
});

describe('in the database', () => {
  let database: TestDatabase;
  let node: ConsentsFixture;

  beforeAll(async () => {
    database = await openTestDatabase();
    node = await openConsents(database.pool);
  });
  afterAll(() => database.close());

  const size = (properties: Record<string, Json>, at = '2026-10-01T10:00:00Z') => {
    return { type: 'preference.set', occurredAt: at, properties: { name: 'size', ...properties } };
  };

  async function preferencesOf(customerId: string): Promise<Json[]> {
    return foldPreferences(await findPreferencesOf(database.pool, [customerId])).map(({ name, value }) => [
      name,
      value,
    ]);
  }

  test('touchpoints bring them in, and the change feed tells the name, not the value', async () => {
    const id = await node.says('anna', size({ value: 'M' }));
    await node.says('anna', size({ value: 'S', inferred: true }, '2026-10-09T10:00:00Z'));
    expect(await preferencesOf(id)).toEqual([['size', 'M']]);
    const rows = await database.pool<{ detail: Json }[]>`
      select detail from changes where topic = 'preference.changed' and customer_id = ${id}`;
    expect(rows.map(({ detail }) => detail)).toEqual([{ name: 'size' }, { name: 'size' }]);
  });

  test.each<[string, Record<string, Json>]>([
    ['a name', { name: '', value: 'M' }],
    ['a value', {}],
    ['a value that is not endless', { value: 'x'.repeat(2_000) }],
    ['true or false for what was concluded', { value: 'M', inferred: 'maybe' }],
  ])('a touchpoint needs %s', async (key, properties) => {
    const [result] = await node.ingest.submit(node.ctx, [touchpoint({ key, ...size(properties) })]);
    expect([result!.status, result!.warnings.map(({ code }) => code)]).toEqual(['STORED', ['PROPERTY_UNUSABLE']]);
    const rows =
      await database.pool`select from preference_statements s join records r on r.id = record_id where r.key = ${key}`;
    expect(rows.length).toBe(0);
  });

  test('a decision speaks for all records, once, and an unmerge takes exactly it apart', async () => {
    const [one, other] = [
      await node.says('berta', size({ value: 'M' })),
      await node.says('bert', size({ value: 'XL' })),
    ];
    const part = await node.merge(one, other);
    const input = { customerId: other, name: 'colour', value: 'red', idempotencyKey: 'colour' };
    const owner = await node.preferences.setPreference(node.ctx, input);
    expect(await node.preferences.setPreference(node.ctx, input)).toBe(owner);
    const conflict = node.preferences.setPreference(node.ctx, { ...input, value: 'blue' });
    await expect(conflict).rejects.toMatchObject({ code: 'IDEMPOTENCY_CONFLICT' });
    expect(await preferencesOf(owner)).toContainEqual(['colour', 'red']);
    await part();
    expect(await preferencesOf(one)).toEqual([
      ['colour', 'red'],
      ['size', 'M'],
    ]);
    expect(await preferencesOf(other)).toEqual([
      ['colour', 'red'],
      ['size', 'XL'],
    ]);
  });

  test('what is decided counts before a sender whose clock is ahead', async () => {
    const id = await node.says('carl', size({ value: 'M' }, '2026-11-02T11:00:00Z'));
    await node.preferences.setPreference(node.ctx, { customerId: id, name: 'size', value: 'L' });
    expect(await preferencesOf(id)).toEqual([['size', 'L']]);
  });

  test('needs its scope, and a customer', async () => {
    const viewer = { ...node.ctx.viewer, scopes: new Set(['customers:read']) };
    const customerId = await node.says('dora', {});
    const input = { customerId, name: 'size', value: 'M' };
    const set = node.preferences.setPreference({ ...node.ctx, viewer }, input);
    await expect(set).rejects.toMatchObject({ code: 'FORBIDDEN' });
    const nobody = { ...input, customerId: '018f0000-0000-7000-8000-000000000000' };
    await expect(node.preferences.setPreference(node.ctx, nobody)).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });
});
