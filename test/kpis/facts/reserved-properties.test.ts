import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { defaultRules } from '../../../src/identity/rules.ts';
import type { Json, JsonObject } from '../../../src/kernel/json.ts';
import { purchaseOf } from '../../../src/kpis/facts/purchase.ts';
import { factWarnings, reservedProperties } from '../../../src/kpis/facts/reserved-properties.ts';
import { isSignalType, signalsOf } from '../../../src/kpis/facts/signal.ts';
import type { AcceptedTouchpoint, TouchpointDraft } from '../../../src/touchpoints/touchpoint.ts';
import { validateTouchpoint } from '../../../src/touchpoints/validate.ts';
import { readTable } from '../../docs/markdown.ts';
import { touchpoint } from '../../support/ingest.ts';
import { history } from './arbitraries.ts';

const settings = { idSecret: 's', rules: defaultRules, defaultRegion: 'CH', inspectors: [factWarnings] };

function accept(draft: Partial<TouchpointDraft>): AcceptedTouchpoint {
  const verdict = validateTouchpoint(touchpoint(draft), new Date('2026-11-01T00:00:00Z'), settings);
  if (!verdict.ok) throw new Error(verdict.message);
  return verdict.touchpoint;
}

function warned(type: string, properties: JsonObject | null): string[] {
  const money = type.startsWith('order.') ? { value: { amount: '10', currency: 'CHF' } } : {};
  return accept({ type, properties, ...money }).warnings.map(({ code, message }) => {
    expect(code).toBe('PROPERTY_UNUSABLE');
    return message;
  });
}

describe('properties that count for nothing are told of', () => {
  const cases: [string, JsonObject | null, string[]][] = [
    [
      'survey.answered',
      { survey: 'NPS', score: 'nine' },
      ['score must be a whole number from 0 to 10, got other text'],
    ],
    ['survey.answered', { survey: 'CSAT', score: 6 }, ['score must be a whole number from 1 to 5, got another number']],
    ['survey.answered', { survey: 'CES' }, ['score must be a whole number from 1 to 7, got nothing']],
    ['survey.answered', { survey: 'MOOD', score: 99 }, ['survey must be NPS, CSAT or CES, got other text']],
    [
      'survey.answered',
      null,
      ['survey must be NPS, CSAT or CES, got nothing', 'score must be a whole number, got nothing'],
    ],
    [
      'order.completed',
      { cost: 'free', store: '' },
      [
        'store must be text of 1 to 200 characters, or a whole number, got other text',
        'cost must be an amount in the value\'s currency such as "12.50", not negative, got other text',
      ],
    ],
    [
      'order.returned',
      { cost: -3 },
      ['cost must be an amount in the value\'s currency such as "12.50", not negative, got another number'],
    ],
    [
      'order.completed',
      { cost: '1.999' },
      ['cost must be an amount in the value\'s currency such as "12.50", not negative, got other text'],
    ],
    ['case.opened', {}, ['caseId must be text of 1 to 200 characters, or a whole number, got nothing']],
    [
      'case.opened',
      { caseId: 'c', complaint: 'true', severity: 5 },
      ['complaint must be true or false, got other text', 'severity must be text such as "SEVERE", got another number'],
    ],
    ['case.waiting', null, ['caseId must be text of 1 to 200 characters, or a whole number, got nothing']],
    [
      'case.resolved',
      { caseId: 1, satisfaction: [5] },
      ['satisfaction must be a whole number from 1 to 5, got a list'],
    ],
    [
      'contract.started',
      { contractId: 'k', endsAt: '2027-02-30T00:00:00Z' },
      ['endsAt must be a time with its offset such as "2027-01-31T00:00:00Z", got other text'],
    ],
    ['contract.ended', {}, ['contractId must be text of 1 to 200 characters, or a whole number, got nothing']],
  ];
  test.each(cases)('%s %o', (type, properties, expected) => {
    expect(warned(type, properties)).toEqual(expected.map((message) => `properties.${message}.`));
  });

  test.each([
    ['survey.answered', { survey: 'NPS', score: 10, variant: 'short' }],
    ['order.completed', { orderId: 7, store: 'Bern', cost: '4.50', color: 'red' }],
    ['order.completed', null],
    ['case.opened', { caseId: 'c', complaint: false, severity: 'LOW' }],
    ['case.resolved', { caseId: 'c', satisfaction: null }],
    ['contract.renewed', { contractId: 1, endsAt: '2027-01-01T00:00:00+01:00' }],
    ['customer.left', null],
    ['page.viewed', { score: 'nine', cost: 'free' }],
  ] as [string, JsonObject | null][])('nothing is said of %s %o', (type, properties) => {
    expect(warned(type, properties)).toEqual([]);
  });

  test('what came is never in a message', () => {
    for (const [type, properties] of Object.entries(reservedProperties)) {
      for (const name of Object.keys(properties)) {
        const secret = { address: 'Ada, Bern' };
        expect(warned(type, { [name]: secret }).join(' ')).not.toContain('Ada');
      }
    }
  });
});

test('what is warned of is what facts do not take, and nothing else', () => {
  const junk: Json[] = [null, '', 'x', 'soon', true, -1, 1.5, 11, [], {}, '2027-02-30T00:00:00Z'];
  fc.assert(
    fc.property(history, fc.constantFrom(...junk), fc.nat(), (drafts, value, place) => {
      for (const draft of drafts) {
        const names = Object.keys(reservedProperties[draft.type as keyof typeof reservedProperties] ?? {});
        const name = names[place % (names.length || 1)];
        const given = { ...draft.properties, ...(name && { [name]: value }) };
        const told = accept({ ...draft, properties: given });
        const unusable = told.warnings.map(({ message }) => /^properties\.(\w+) /.exec(message)![1]!);
        // Left out, it makes no difference.
        const without = Object.fromEntries(Object.entries(given).filter(([key]) => !unusable.includes(key)));
        const other = accept({ ...draft, properties: without });
        const factsOf = (one: AcceptedTouchpoint) =>
          JSON.stringify([purchaseOf(one), signalsOf(one)], (_, part) =>
            typeof part === 'bigint' ? String(part) : (part as unknown),
          );
        expect(factsOf({ ...told, id: 'x', fingerprint: 'x' })).toBe(factsOf({ ...other, id: 'x', fingerprint: 'x' }));
      }
    }),
    { numRuns: 200 },
  );
});

test('the documentation has every property of every reserved type', () => {
  const rows = readTable('docs/ingest.md', 'type | properties');
  for (const [type, properties] of Object.entries(reservedProperties)) {
    const row = rows.find(([types]) => types!.includes(`\`${type}\``));
    for (const name of Object.keys(properties)) expect(row?.[1], type).toMatch(new RegExp(`\`${name}\\b`));
  }
});

test('types without properties are reserved, too', () => {
  for (const type of ['customer.left', 'reference.given', 'referral.qualified']) expect(isSignalType(type)).toBe(true);
});
