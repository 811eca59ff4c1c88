import { writeFileSync } from 'node:fs';
import { test } from 'vitest';
import { evaluateEach, language } from './fixture.ts';
import { openPeople } from './people.ts';
test('perf', async () => {
  const people = await openPeople();
  const n = 5000; let out = '';
  const happened = Array.from({ length: n }, (_, i) => ({ type: i % 2 ? 'bought' : 'cart', occurredAt: new Date(Date.UTC(2026, 8, 1, 0, i * 10)).toISOString(), properties: { id: i >> 1, v: i % 7, c: `c${i % 50}` } }));
  for (let i = 0; i < n; i += 1000) await people.tell('busy', ...happened.slice(i, i + 1000));
  await people.database.pool`vacuum analyze touchpoints`;
  const match = { types: ['cart', 'bought'] }; const w = { last: { count: 30, unit: 'DAY' } } as const; const d = (count: number) => ({ count, unit: 'DAY' }) as const;
  const ever = { ever: true } as const;
  const cs: any[] = [
    { event: { match, count: { comparison: 'AT_LEAST', value: '3' }, window: w } },
    { first: { match, window: w } }, { stopped: { match, none: d(3) } }, { restarted: { match, pause: d(3), within: d(10) } },
    { regular: { match, unit: 'DAY', periods: 30, atLeast: 10 } },
    ...[w, ever].flatMap((window) => [
    { sequence: { window, first: { types: ['cart'] }, then: { types: ['bought'] }, within: d(7), missing: false } },
    { sequence: { window, first: { types: ['cart'] }, then: { types: ['bought'] }, within: d(7), missing: true, same: 'id' } },
    { total: { window, match, measure: 'SUM', property: 'v', comparison: 'MORE', value: '5' } },
    { total: { window, match, measure: 'DISTINCT', property: 'c', comparison: 'MORE', value: '5' } },
    { last: { window, match, has: { property: 'v', operator: 'EQUALS', value: 3 } } },
    { keyed: { window, match, property: 'c', count: { comparison: 'AT_LEAST', value: '3' } } }])];
  const ids = [...people.ids.values()];
  const moment = { now: new Date('2026-10-05T12:00:00Z'), timeZone: 'Europe/Zurich' };
  for (const c of cs) { const ok = language.check(c); await evaluateEach(people.database.pool, [ok], { moment, ids }); const t = performance.now(); for (let i = 0; i < 5; i++) await evaluateEach(people.database.pool, [ok], { moment, ids }); out += ((performance.now() - t) / 5).toFixed(1).padStart(7) + ' ' + JSON.stringify(c).slice(0, 110) + '\n'; }
  writeFileSync('/tmp/perf.txt', out);
  await people.close();
});
