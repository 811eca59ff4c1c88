import { describe, expect, test } from 'vitest';
import { hasScope, isScope, requireScope, type Scope, scopeEnumName, scopes } from '../../src/access/scopes.ts';

const holding = (...held: Scope[]) => ({ viewer: { keyId: 'k', name: 'till, Basel', scopes: new Set<string>(held) } });

describe.each(scopes)('the scope %s', (scope) => {
  const others = scopes.filter((other) => other !== scope && other !== 'admin');

  test('is granted by itself and by admin, and by nothing else', () => {
    expect(hasScope(holding(scope), scope)).toBe(true);
    expect(hasScope(holding('admin'), scope)).toBe(true);
    expect(hasScope(holding(...others), scope)).toBe(false);
    expect(hasScope(holding(), scope)).toBe(false);
  });

  test('is a GraphQL name in the enum, and a different one for each scope', () => {
    expect(scopeEnumName(scope)).toMatch(/^[A-Z]+(_[A-Z]+)?$/);
    expect(scopes.filter((other) => scopeEnumName(other) === scopeEnumName(scope))).toEqual([scope]);
  });
});

test('a refusal names the scope that is missing, the key and what it has', () => {
  expect(() => requireScope(holding('segments:read', 'ingest'), 'customers:read')).toThrow(
    expect.objectContaining({
      code: 'FORBIDDEN',
      message: 'This needs the scope customers:read; the key "till, Basel" has ingest, segments:read.',
      details: { requiredScope: 'customers:read' },
    }),
  );
  expect(() => requireScope(holding(), 'ingest')).toThrow(/has none\.$/);
});

test('who has the scope is let through', () => {
  expect(requireScope(holding('ingest'), 'ingest')).toBeUndefined();
  expect(requireScope(holding('admin'), 'pii:read')).toBeUndefined();
});

test.each(['', 'INGEST', 'customers', 'customers:write', 'toString', '__proto__'])('%j is no scope', (text) => {
  expect(isScope(text)).toBe(false);
});
