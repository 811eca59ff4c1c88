import { describe, expect, test } from 'vitest';
import type { Boundary } from '../../src/kernel/boundary.ts';
import type { Viewer } from '../../src/kernel/context.ts';
import { discreet, discretionOf, outsideBoundary } from '../../src/touchpoints/bounded-ingest.ts';
import type { IngestResult, IngestStatus } from '../../src/touchpoints/touchpoint.ts';
import { touchpoint } from '../support/ingest.ts';

const viewer = (rights: Pick<Viewer, 'boundary' | 'writeOnly'>): Viewer => ({
  ...{ keyId: 'x', name: 'x', scopes: new Set(['ingest']) },
  ...rights,
});

const result = (status: IngestStatus, more: Partial<IngestResult> = {}): IngestResult => ({
  ...{ messageId: 'm', status, code: null, message: null, touchpointId: 'tp_x', customerId: 'cus_x', warnings: [] },
  ...more,
});

test.each<[Boundary | undefined, boolean, 'QUIET' | 'OWN' | undefined]>([
  [undefined, false, undefined],
  [undefined, true, 'QUIET'],
  [{ fields: { deny: ['Customer.id'] } }, false, undefined],
  [{ segments: ['s'] }, false, 'QUIET'],
  [{ consents: [{ purpose: 'p' }] }, false, 'QUIET'],
  [{ touchpointTypes: ['order.*'] }, false, 'QUIET'],
  [{ sources: ['pos'] }, false, 'OWN'],
  [{ sources: ['pos'], stores: ['Basel'] }, false, 'OWN'],
  [{ sources: ['pos'], segments: ['s'] }, false, 'QUIET'],
  [{ sources: ['pos'] }, true, 'QUIET'],
])('a key kept to %j, write-only %s, is told %s', (boundary, writeOnly, discretion) => {
  expect(discretionOf(viewer({ boundary, writeOnly }))).toBe(discretion);
});

describe('what a key is told', () => {
  const warnings = [
    'IDENTIFIER_INVALID',
    'PROPERTY_UNUSABLE',
    'IDENTIFIER_OVERUSED',
    'LINK_REFUSED',
    'IDENTIFIER_BLOCKED',
  ].map((code) => ({ code, message: 'x' }));

  test.each<IngestStatus>(['STORED', 'DUPLICATE', 'CONFLICT', 'QUARANTINED'])(
    'quietly, of %s, is that it was taken in',
    (status) => {
      const told = discreet(result(status, { code: 'X', message: 'x', warnings }), 'QUIET');
      expect(told).toMatchObject({
        status: 'ACCEPTED',
        code: null,
        message: null,
        touchpointId: null,
        customerId: null,
      });
      expect(told.warnings.map(({ code }) => code)).toEqual(['IDENTIFIER_INVALID', 'PROPERTY_UNUSABLE']);
    },
  );

  test('of its own events what became of them, and no warning about others', () => {
    const told = discreet(result('DUPLICATE', { warnings }), 'OWN');
    expect(told).toMatchObject({ status: 'DUPLICATE', touchpointId: 'tp_x', customerId: 'cus_x' });
    expect(told.warnings.map(({ code }) => code)).toEqual(['IDENTIFIER_INVALID', 'PROPERTY_UNUSABLE']);
  });

  test.each(['QUIET', 'OWN'] as const)('%s: nobody learns that somebody had themselves erased', (discretion) => {
    const suppressed = result('REJECTED', { code: 'SUPPRESSED', message: 'x', touchpointId: null, customerId: null });
    expect(discreet(suppressed, discretion)).toMatchObject({ status: 'ACCEPTED', code: null, message: null });
  });

  test.each(['QUIET', 'OWN'] as const)('%s: what is wrong with an event itself', (discretion) => {
    const rejected = result('REJECTED', { code: 'TYPE_INVALID', message: 'x', touchpointId: null, customerId: null });
    expect(discreet(rejected, discretion)).toBe(rejected);
    expect(discreet(result('VALID'), discretion)).toMatchObject({ status: 'VALID' });
  });
});

test.each([
  [{ type: 'order.completed' }, undefined],
  [{ type: 'orders.completed' }, 'types'],
  [{ type: 'order.completed', source: 'web' }, 'sources'],
  [{ type: 'order.completed', properties: { store: 'Bern' } }, 'stores'],
  [{ type: 'order.completed', properties: { store: { name: 'Basel' } } }, 'stores'],
  [{ type: 'order.completed', properties: { store: 12 } }, undefined],
])('a key kept to types, sources and stores sends %j', (draft, limit) => {
  const boundary = { touchpointTypes: ['order.*'], sources: ['pos'], stores: ['Basel', '12'] };
  const sent = touchpoint({ source: 'pos', properties: { store: 'Basel' }, ...draft });
  const why = outsideBoundary(viewer({ boundary }), sent);
  expect(why?.code).toBe(limit && 'OUTSIDE_BOUNDARY');
  if (limit) expect(why?.message).toContain(limit);
});
