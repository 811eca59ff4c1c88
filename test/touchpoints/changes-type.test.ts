import 'reflect-metadata';
import { expect, test } from 'vitest';
import type { ChangeTopic } from '../../src/kernel/changes.queries.ts';
import { toPublicId } from '../../src/kernel/ids.ts';
import { Change } from '../../src/touchpoints/changes.type.ts';

const id = '01890a5d-ac96-774b-bcce-b302099a8057';

function told(topic: ChangeTopic, detail: { from: string; to?: string }) {
  return new Change({ topic, detail, cursor: 'c', at: new Date(0), customerId: id, subjectId: id } as never).detail;
}

test('what a customer came out of is an id, a stage or a band is none', () => {
  expect(told('customer.split', { from: id })).toEqual({ from: toPublicId('cus', id) });
  const stages = { from: 'PROSPECT', to: 'NEW' };
  expect(told('lifecycle.changed', stages)).toEqual(stages);
  expect(told('churn_risk.raised', { from: 'LOW', to: 'HIGH' })).toEqual({ from: 'LOW', to: 'HIGH' });
});
