import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Condition } from '../../src/conditions/condition.ts';
import { estimateShare } from '../../src/segments/sampling.ts';
import { SegmentPreviewer } from '../../src/segments/segment-preview.service.ts';
import { everything, openSegmentApi, type SegmentApi } from './api-fixture.ts';

let api: SegmentApi;
beforeAll(async () => {
  api = await openSegmentApi();
  for (let index = 0; index < 60; index += 1) {
    const type = index % 3 === 0 ? 'third.seen' : 'other.seen';
    await api.person(`preview-${index}`, { type, traits: { plan: index < 20 ? 'gold' : 'basic' } });
  }
});
afterAll(() => api.close());

const third: Condition = {
  event: { match: { types: ['third.seen'] }, count: { comparison: 'AT_LEAST', value: '1' }, window: { ever: true } },
};

const preview = `query ($definition: ConditionInput, $text: String, $segmentId: ID) {
  segmentPreview(definition: $definition, text: $text, segmentId: $segmentId) {
    size share exact lowestSize highestSize sampleSize total totalIsEstimate costClass cost text
    customers { id } overlaps { segment { id } customers share }
  }
}`;

interface Answer {
  readonly segmentPreview: { readonly customers: { id: string }[]; readonly [field: string]: unknown };
}

describe('a preview', () => {
  test('of few customers is exact, and says what it has in common with segments', async () => {
    const gold = await api.create('Gold', {
      definition: { trait: { trait: 'plan', operator: 'EQUALS', value: 'gold' } },
    });
    const same = await api.create('Third', { definition: third });
    const { segmentPreview } = await api.ask<Answer>(preview, { definition: third, segmentId: same });
    const { customers, ...shown } = segmentPreview;
    expect(shown).toEqual({
      size: 20,
      share: 20 / 60,
      exact: true,
      lowestSize: null,
      highestSize: null,
      sampleSize: 60,
      total: 60,
      totalIsEstimate: false,
      costClass: 'LIGHT',
      cost: expect.any(Number),
      text: 'count of third.seen ever is at least 1',
      overlaps: [{ segment: { id: gold }, customers: 7, share: 7 / 20 }],
    });
    const members = await api.members(same);
    expect(customers.length).toBe(10);
    for (const { id } of customers) expect(members).toContain(id);
  });

  test('is the same for words and for a tree, and for a segment that is named', async () => {
    const id = await api.create('Third again', { definition: third });
    const sizes: unknown[] = [];
    for (const said of [{ text: 'count of third.seen ever is at least 1' }, { definition: { segment: { id } } }]) {
      sizes.push((await api.ask<Answer>(preview, said)).segmentPreview.size);
    }
    expect(sizes).toEqual([20, 20]);
  });

  test('creates nothing', async () => {
    const count = () => api.node.pool`select count(*)::int from segment_versions`;
    const before = await count();
    await api.ask(preview, { definition: third });
    expect(await count()).toEqual(before);
  });

  test.each([
    ['neither', {}, 'definition'],
    ['both', { text: 'everyone', definition: { everyone: true } }, 'text'],
    ['a fault in the tree', { definition: { any: [] } }, 'definition.any'],
    ['a fault in the words', { text: 'everyone and' }, 'text'],
  ])('refuses %s, and says where', async (_what, said, field) => {
    const error = await api.refusal(preview, said);
    expect({ code: error.code, field: error.details.field }).toEqual({ code: 'BAD_USER_INPUT', field });
  });

  test('needs segments:read, customers:read for the customers, and sight of what it asks', async () => {
    const short = 'query ($definition: ConditionInput) { segmentPreview(definition: $definition) { size } }';
    expect((await api.refusal(short, { definition: third }, ['segments:manage'])).code).toBe('FORBIDDEN');
    expect(await api.ask(short, { definition: third }, ['segments:read'])).toEqual({ segmentPreview: { size: 20 } });
    expect((await api.refusal(preview, { definition: third }, ['segments:read'])).details.requiredScope).toBe(
      'customers:read',
    );
    const definition = { trait: { trait: 'email', operator: 'STARTS_WITH', value: 'a' } };
    const blind = everything.filter((scope) => scope !== 'pii:read');
    const error = await api.refusal(short, { definition }, blind);
    expect(error).toMatchObject({ code: 'FORBIDDEN', details: { field: 'definition', requiredScope: 'pii:read' } });
  });
});

test('a preview that takes too long is given up, with a code', async () => {
  const previewer = new SegmentPreviewer(api.node.evaluator, { statementSeconds: 0.05 });
  const refused = await api.node.pool.begin(async (tx) => {
    await tx`lock table customers in access exclusive mode`;
    return previewer.preview(api.node.ctx, { definition: third }).catch((error: unknown) => error);
  });
  expect(refused).toMatchObject({ code: 'STATEMENT_TOO_SLOW', message: expect.stringContaining('This preview') });
});

describe('a preview of a sample', () => {
  test('is near the truth, and its interval says how near', async () => {
    const previewer = new SegmentPreviewer(api.node.evaluator, { exactUpTo: 0, sample: 30, atOnce: 7 });
    let covered = 0;
    for (let round = 0; round < 20; round += 1) {
      const { sample, exact, estimate, total, customerIds } = await previewer.preview(api.node.ctx, {
        definition: third,
      });
      expect({ sample, exact, total }).toEqual({ sample: 30, exact: false, total: 60 });
      expect(customerIds.length).toBeLessThanOrEqual(10);
      if (estimate.lowest <= 1 / 3 && 1 / 3 <= estimate.highest) covered += 1;
    }
    // 19 are to be expected; less than 10 come less than once in a million runs.
    expect(covered).toBeGreaterThanOrEqual(10);
  });

  test('as large as all customers is exact, wherever it starts', async () => {
    const previewer = new SegmentPreviewer(api.node.evaluator, { exactUpTo: 0, sample: 60, atOnce: 25 });
    const found = await previewer.preview(api.node.ctx, { definition: third });
    expect(found).toMatchObject({ sample: 60, exact: true, estimate: { share: 1 / 3, lowest: 1 / 3, highest: 1 / 3 } });
  });

  test('beyond what is counted, the total is what the planner has', async () => {
    await api.node.pool`analyze customers`;
    const previewer = new SegmentPreviewer(api.node.evaluator, { exactUpTo: 0, sample: 10, countUpTo: 5 });
    const { total, totalIsEstimate } = await previewer.preview(api.node.ctx, { definition: third });
    expect({ total, totalIsEstimate }).toEqual({ total: 60, totalIsEstimate: true });
  });
});

describe('estimateShare', () => {
  test('of nobody in a sample says how many there can be', () => {
    const { lowest, highest } = estimateShare({ matching: 0, sample: 10_000, total: 100_000_000 });
    expect(lowest).toBe(0);
    // Wilson: z² / (n + z²).
    expect(highest).toBeCloseTo(3.8415 / 10_003.8415, 6);
  });

  test('is narrower the more of everybody is in the sample, and a point for all', () => {
    const width = (total: number) => {
      const { lowest, highest } = estimateShare({ matching: 3_000, sample: 10_000, total });
      return highest - lowest;
    };
    expect(width(1e9)).toBeCloseTo(2 * 1.96 * Math.sqrt((0.3 * 0.7) / 10_000), 4);
    expect(width(20_000)).toBeCloseTo(width(1e9) * Math.sqrt(0.5), 4);
    expect(width(10_000)).toBe(0);
  });

  test('of an empty database is nothing', () => {
    expect(estimateShare({ matching: 0, sample: 0, total: 0 })).toEqual({ share: 0, lowest: 0, highest: 0 });
  });
});
