import { expect, test } from 'vitest';
import { touchpoint } from '../support/ingest.ts';
import { SegmentPreviewer } from '../../src/segments/segment-preview.service.ts';
import { openSegmentApi } from './api-fixture.ts';

test('scale', async () => {
  const api = await openSegmentApi();
  const n = 40_000;
  for (let at = 0; at < n; at += 1000) {
    await api.node.ingest.submit(api.node.ctx, Array.from({ length: 1000 }, (_, i) => touchpoint({ source: 'crm', key: `k${at + i}`, identifiers: [{ kind: 'userId', value: `k${at + i}` }], type: (at + i) % 3 ? 'page.viewed' : 'order.completed', occurredAt: '2026-10-20T10:00:00Z' })));
  }
  await api.node.pool`analyze`;
  const definition = { event: { match: { types: ['order.completed'] }, count: { comparison: 'AT_LEAST', value: '1' }, window: { last: { count: 90, unit: 'DAY' } } } } as const;
  await api.create('s', { text: 'count of page.viewed in the last 400 days is at least 1' });
  for (const limits of [{}, {}, { exactUpTo: 100_000 }, {exactUpTo: 100_000}]) {
    const p = new SegmentPreviewer(api.node.evaluator, limits);
    const t = performance.now();
    const r = await p.preview(api.node.ctx, { definition });
    console.log(JSON.stringify(limits), performance.now() - t, r.sample, r.total, r.estimate, r.overlaps.length);
  }
  const [m] = await api.node.pool`select customer_id as id from segment_states where member limit 1`;
  expect(m).toBeDefined();
  const plan = await api.node.pool`explain (analyze, costs off, timing off) select * from (select distinct on (m.customer_id) m.* from segment_log m where m.segment_id = (select id from segments limit 1) and m.at <= now() order by m.customer_id, m.at desc, m.id desc) as m where m.entered order by m.customer_id limit 51`;
  console.log(plan.map((r) => r['QUERY PLAN']).join('\n'));
  await api.close();
}, 300_000);
