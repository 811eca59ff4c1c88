import type { Measure } from './measure.ts';

const active = { base: 'TOUCHPOINTS', owner: 'Marketing', format: 'COUNT', kind: 'SUM' } as const;

/** What happens, and to how many. */
export const touchpointMeasures: readonly Measure[] = [
  {
    ...active,
    key: 'TOUCHPOINTS',
    title: 'Touchpoints',
    description: 'Interactions of all types, inbound and outbound.',
    additive: true,
    value: { facts: 'count(*)', cells: 'sum(f.touchpoints)' },
  },
  {
    ...active,
    key: 'ACTIVE_CUSTOMERS',
    title: 'Active customers',
    description: 'Identified customers with an inbound touchpoint, each once.',
    additive: false,
    aboutCustomers: true,
    value: { facts: `count(distinct c.id) filter (where f.direction = 'INBOUND' and c.identified)` },
  },
  {
    ...active,
    key: 'ACTIVE_ANONYMOUS',
    title: 'Active anonymous visitors',
    description: 'Customers who are not identified with an inbound touchpoint, each once.',
    additive: false,
    aboutCustomers: true,
    value: { facts: `count(distinct c.id) filter (where f.direction = 'INBOUND' and not c.identified)` },
  },
  {
    key: 'NEW_CUSTOMERS',
    title: 'New customers',
    description: 'Identified customers by when they were first seen, identified or not.',
    owner: 'Marketing',
    base: 'CUSTOMERS',
    kind: 'SUM',
    format: 'COUNT',
    additive: true,
    value: { facts: 'count(*) filter (where c.identified)' },
  },
];
