import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { randomIds, toPublicId } from '../../../src/kernel/ids.ts';
import { tierMatrix } from '../../../src/kpis/analyses/tiers/tier-matrix.ts';
import { exampleProgram } from '../../loyalty/example-program.ts';
import { publishAt } from '../../loyalty/fixture.ts';
import { type AnalysesFixture, openAnalyses } from './fixture.ts';

describe('a matrix of tiers', () => {
  test('has rows that add up to 1', () => {
    const key = fc.option(fc.constantFrom('bronze', 'silver', 'gold', 'old'));
    const moves = fc
      .uniqueArray(fc.record({ from: key, to: key, members: fc.integer({ min: 1, max: 50 }) }), {
        selector: ({ from, to }) => `${from} ${to}`,
      })
      .map((all) => all.filter(({ from, to }) => from !== null || to !== null));
    fc.assert(
      fc.property(moves, (all) => {
        const { rows, tiers } = tierMatrix(all, ['bronze', 'silver', 'gold'], true);
        expect(tiers.slice(0, 3)).toEqual(['bronze', 'silver', 'gold']);
        for (const { cells, members } of rows) {
          if (members === 0) expect(cells.every(({ probability }) => probability === null)).toBe(true);
          else expect(cells.reduce((sum, { probability }) => sum + probability!, 0)).toBeCloseTo(1, 12);
        }
        const counted = rows.flatMap(({ cells }) => cells).reduce((sum, { members }) => sum + members!, 0);
        expect(counted).toBe(all.reduce((sum, { members }) => sum + members, 0));
      }),
      { numRuns: 100 },
    );
  });

  test('withholds the whole row of a cell that is too small', () => {
    const moves = [
      { from: 'bronze', to: 'bronze', members: 20 },
      { from: 'bronze', to: null, members: 4 },
      { from: null, to: 'bronze', members: 5 },
    ];
    const { rows } = tierMatrix(moves, ['bronze'], false);
    expect(rows.map(({ members, cells }) => [members, cells.map(({ probability }) => probability)])).toEqual([
      [24, [null, null]],
      [5, [1]],
    ]);
  });
});

describe('tierMigration', () => {
  let fixture: AnalysesFixture;
  let programId: string;

  beforeAll(async () => {
    fixture = await openAnalyses({ now: '2026-11-01T12:00:00Z' });
    programId = await publishAt(fixture, exampleProgram(), { at: '2026-01-01T00:00:00Z' });
    const log = async (at: string, tier: string | null, ...customers: number[]) => {
      for (const customer of customers)
        await fixture.pool`
          insert into loyalty_tier_log (customer_id, id, program_id, at, to_tier, cause)
          values (${`00000000-0000-7000-8000-0000000000${10 + customer}`}, ${randomIds.uuid()}, ${programId}, ${at}, ${tier}, 'POINTS')`;
    };
    await log('2026-02-01T00:00:00Z', 'bronze', 1, 2, 3, 4);
    await log('2026-02-01T00:00:00Z', 'silver', 5);
    await log('2026-06-01T00:00:00Z', 'silver', 1);
    await log('2026-06-01T00:00:00Z', null, 2);
    await log('2026-06-01T00:00:00Z', 'gold', 6);
  });
  afterAll(() => fixture.close());

  const query = `query ($input: TierMigrationInput!) {
    tierMigration(input: $input) { tiers rows { from members cells { from to members probability } } }
  }`;

  test('tells where members of each tier went, from JOIN and to EXIT', async () => {
    const input = { programId: toPublicId('prg', programId), from: '2026-03-01T00:00:00Z', to: '2026-07-01T00:00:00Z' };
    const { tierMigration } = await fixture.ask<{
      tierMigration: {
        tiers: string[];
        rows: { from: string; members: number; cells: { to: string; probability: number }[] }[];
      };
    }>(query, { input });
    expect(tierMigration.tiers).toEqual(['bronze', 'silver', 'gold']);
    expect(
      tierMigration.rows.map(({ from, members, cells }) => [
        from,
        members,
        ...cells.map(({ probability }) => probability),
      ]),
    ).toEqual([
      ['bronze', 4, 0.5, 0.25, 0, 0.25],
      ['silver', 1, 0, 1, 0, 0],
      ['gold', 0, null, null, null, null],
      ['JOIN', 1, 0, 0, 1],
    ]);
    expect(tierMigration.rows[0]!.cells.map(({ to }) => to)).toEqual(['bronze', 'silver', 'gold', 'EXIT']);
  });

  test('needs the scopes of metrics and of loyalty', async () => {
    const asked = (...scopes: string[]) => {
      const ctx = { ...fixture.ctx, viewer: { ...fixture.ctx.viewer, scopes: new Set(scopes) } };
      return fixture.tiers.migration(ctx, { programId, from: new Date('2026-03-01T00:00:00Z') });
    };
    await expect(asked('metrics:read')).rejects.toMatchObject({
      code: 'FORBIDDEN',
      details: { requiredScope: 'loyalty:read' },
    });
    await expect(asked('loyalty:read')).rejects.toMatchObject({
      code: 'FORBIDDEN',
      details: { requiredScope: 'metrics:read' },
    });
    expect((await asked('metrics:read', 'loyalty:read')).rows).toHaveLength(4);
  });

  test('of a programme that is not there is refused', async () => {
    const input = { programId: toPublicId('prg', randomIds.uuid()), from: '2026-03-01T00:00:00Z' };
    await expect(fixture.ask(query, { input })).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await expect(fixture.ask(query, { input: { ...input, programId: 'prg_x' } })).rejects.toMatchObject({
      code: 'BAD_USER_INPUT',
      details: { field: 'input.programId' },
    });
  });
});
