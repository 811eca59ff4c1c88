import fc from 'fast-check';
import type { TouchpointDraft } from '../../../src/touchpoints/touchpoint.ts';

const money = fc.record({
  amount: fc.constantFrom('10', '25', '0', '99'),
  currency: fc.constantFrom('EUR', 'CHF', 'JPY', 'KWD'),
});

/** All that facts look at, with things that are no names, no amounts and no instants among them. */
const orderProperties = fc.record(
  {
    orderId: fc.constantFrom('o1', 'o2', 3, '', 1.5, null, 'x'.repeat(201), '🦊'.repeat(150)),
    store: fc.constantFrom('Zürich', 7, false, ''),
    cost: fc.constantFrom('4', '4.5', 3, 2.25, '4.123', '-1', 'free', '1e3', null, 0.0000001),
  },
  { requiredKeys: [] },
);

const line = fc.record({
  sku: fc.constantFrom('a', 'b'),
  quantity: fc.constantFrom(1, 2, 0.1, 0.2, 1.25, -1, -0.3),
  price: fc.constantFrom('5', '1.5'),
});

const order = fc.record({
  type: fc.constantFrom('order.completed', 'order.completed', 'order.returned'),
  value: money,
  properties: fc.option(orderProperties, { freq: 6 }),
  lines: fc.option(fc.array(line, { minLength: 1, maxLength: 3 })),
});

const survey = fc.record({
  type: fc.constant('survey.answered'),
  properties: fc.record(
    {
      survey: fc.constantFrom('NPS', 'CSAT', 'CES', 'MOOD', 1),
      score: fc.constantFrom(0, 1, 5, 7, 10, 11, 9.5, -1, '9', null),
      variant: fc.constantFrom('checkout', 12, true),
    },
    { requiredKeys: ['survey'] },
  ),
});

const incident = fc.record({
  type: fc.constantFrom(
    'case.opened',
    'case.waiting',
    'case.resumed',
    'case.resolved',
    'case.reopened',
    'customer.left',
    'reference.given',
    'referral.qualified',
    'page.viewed',
  ),
  properties: fc.option(
    fc.record(
      {
        caseId: fc.constantFrom('c1', 2),
        complaint: fc.constantFrom(true, false, 'true'),
        severity: fc.constantFrom('SEVERE', 'NORMAL'),
        satisfaction: fc.constantFrom(1, 5, 6, 2.5, '4'),
      },
      { requiredKeys: [] },
    ),
  ),
});

const contract = fc.record({
  type: fc.constantFrom('contract.started', 'contract.renewed', 'contract.ended'),
  properties: fc.record(
    {
      contractId: fc.constantFrom('k1', 9),
      endsAt: fc.constantFrom(
        '2027-01-01T00:00:00Z',
        '2027-02-30T00:00:00Z',
        '2027-03-01T10:00:00.123+01:00',
        '2027-03-01',
        '2027-13-01T00:00:00Z',
        'soon',
        20270101,
      ),
    },
    { requiredKeys: [] },
  ),
});

const placed = fc.record({
  source: fc.constantFrom('web', 'pos'),
  key: fc.option(fc.constantFrom('k1', 'k2', 'k3'), { freq: 5 }),
  channel: fc.constantFrom('WEB' as const, 'POS' as const),
  campaign: fc.option(fc.constantFrom('spring', 'xmas')),
  occurredAt: fc
    .integer({ min: 0, max: 12 })
    .map((tens) => new Date(Date.UTC(2026, 9, 25, 0, tens * 10)).toISOString()),
});

/** A history in which hours, orders and records collide. */
export const history: fc.Arbitrary<TouchpointDraft[]> = fc
  .array(fc.tuple(fc.oneof({ weight: 3, arbitrary: order }, survey, incident, contract), placed), {
    minLength: 1,
    maxLength: 14,
  })
  .map((parts) =>
    parts.map(([what, where], index) => ({ ...where, ...what, messageId: String(index) }) as TouchpointDraft),
  );
