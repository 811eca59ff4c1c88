import fc from 'fast-check';
import { DateTime } from 'luxon';
import type { JsonObject } from '../../../src/kernel/json.ts';
import type { MetricTime } from '../../../src/kpis/metrics/metric-query.ts';
import type { Channel, LineDraft, TouchpointDraft } from '../../../src/touchpoints/touchpoint.ts';

/** Everything in a world has happened by then. */
export const present = new Date('2026-11-28T12:00:00Z');

/** Zones with a winter and a summer time, one that is three quarters off, one whose summer is half an hour. */
export const zones = ['Europe/Zurich', 'America/New_York', 'Asia/Kathmandu', 'UTC', 'Australia/Lord_Howe'] as const;

/** Days on whose first instant a year, a quarter, a month, a week or a summer begins or ends somewhere. */
export const edgeDays = [
  ...['2025-09-01', '2025-11-03', '2026-01-01', '2026-02-01', '2026-03-08', '2026-03-09', '2026-03-29', '2026-03-30'],
  ...['2026-04-01', '2026-04-05', '2026-04-06', '2026-07-01', '2026-10-01', '2026-10-04', '2026-10-25', '2026-10-26'],
  ...['2026-11-01', '2026-11-02'],
];
/** When clocks were set. */
const turns = ['2026-03-08T07:00Z', '2026-03-29T01:00Z', '2026-10-25T01:00Z', '2026-11-01T06:00Z', '2026-10-03T15:30Z'];

const edges = [
  ...zones.flatMap((zone) => edgeDays.map((day) => DateTime.fromISO(day, { zone }).toMillis())),
  ...turns.map((turn) => Date.parse(turn)),
];
const hour = 3_600_000;

const instant: fc.Arbitrary<number> = fc.oneof(
  { weight: 2, arbitrary: fc.integer({ min: Date.UTC(2025, 8, 1), max: present.getTime() }) },
  { weight: 2, arbitrary: fc.integer({ min: Date.UTC(2026, 9, 20), max: Date.UTC(2026, 10, 4) }) },
  {
    weight: 3,
    arbitrary: fc
      .tuple(fc.constantFrom(...edges), fc.constantFrom(-hour, -1, 0, 0, 0, 1, hour / 2, hour))
      .map(([edge, beside]) => edge + beside),
  },
);

/** What a period's words mean: dates begin with their first instant in the zone. */
export function instantsOf({ from, to, timezone }: MetricTime, usual: string): { from: string; to: string } {
  const zone = timezone ?? usual;
  const instant = (text: string) => DateTime.fromISO(text, { zone }).toUTC().toISO()!;
  return { from: instant(from), to: instant(to) };
}

const people = 6;
type Face = 'COOKIE' | 'LOGIN' | 'CARD' | 'CRM' | 'HOME' | 'PARTNER' | 'NOBODY';

/** How a source knows somebody. Several faces of one person are one customer once an identifier joins them. */
function known(face: Face, person: number): Pick<TouchpointDraft, 'source' | 'key' | 'identifiers'> {
  const claim = (kind: string, value: string) => ({ kind, value });
  const cookie = claim('anonymousId', `cookie-${person}`);
  const card = claim('loyaltyCard', `2990-${person}${person}`);
  if (face === 'COOKIE') return { source: 'web', identifiers: [cookie] };
  if (face === 'LOGIN') return { source: 'web', identifiers: [cookie, claim('userId', `user-${person}`)] };
  if (face === 'CARD') return { source: 'pos', key: `card ${person}`, identifiers: [card] };
  if (face === 'CRM') {
    const email = claim('email', `person${person}@example.com`);
    return { source: 'crm', key: `${person}`, identifiers: [email, claim('userId', `user-${person}`), card] };
  }
  // Two people of one home may turn out to be one another.
  if (face === 'HOME') {
    const home = claim('email', `home${person >> 1}@example.com`);
    return { source: 'newsletter', key: `home ${person}`, identifiers: [home] };
  }
  if (face === 'PARTNER') return { source: 'partner', key: `partner ${person}` };
  return { source: 'pos' };
}

type Said = Partial<TouchpointDraft>;
const maybe = <T>(arbitrary: fc.Arbitrary<T>, freq = 2) => fc.option(arbitrary, { freq });

const currency = fc.constantFrom('EUR', 'EUR', 'EUR', 'EUR', 'JPY', 'KWD');
/** Few amounts, so that parts add up to wholes. */
const wholes = [0, 5, 10, 10, 20, 20, 30, 45, 120];
const fractions: Readonly<Record<string, readonly string[]>> = {
  EUR: ['', '', '.50', '.99'],
  JPY: [''],
  KWD: ['', '.125', '.999'],
};

const amountIn = (code: string) =>
  fc.tuple(fc.constantFrom(...wholes), fc.constantFrom(...fractions[code]!)).map(([whole, part]) => `${whole}${part}`);

/** Of few persons, so that shipments of one order and its returns meet; also of another person's order. */
const orderId = fc.oneof(
  { weight: 6, arbitrary: fc.nat({ max: 3 }).map((n): string | number | null => `o-${n}`) },
  { weight: 1, arbitrary: fc.constantFrom<string | number | null>(7, 'no such order') },
  { weight: 2, arbitrary: fc.constant<string | number | null>(null) },
);

const line: fc.Arbitrary<LineDraft> = fc.record({
  sku: fc.constantFrom('bread', 'coffee', 'tea', 'shoes'),
  category: fc.constantFrom<(string | null)[]>('food', 'drinks', 'wear', null),
  quantity: fc.constantFrom(1, 1, 2, 3, 0.5),
  price: fc.constantFrom('1', '3', '4', '10'),
});

const purchase: fc.Arbitrary<Said> = currency.chain((code) =>
  fc
    .record({
      type: fc.constantFrom('order.completed', 'order.completed', 'order.completed', 'order.returned'),
      amount: amountIn(code),
      orderId,
      cost: maybe(amountIn(code), 1),
      store: maybe(fc.constantFrom('Bern', 'Zürich'), 2),
      lines: maybe(fc.array(line, { minLength: 1, maxLength: 3 }), 2),
    })
    .map(({ type, amount, lines, ...rest }) => ({
      type,
      value: { amount, currency: code },
      lines,
      properties: given(rest),
    })),
);

function given(properties: Record<string, string | number | boolean | null>): JsonObject {
  return Object.fromEntries(Object.entries(properties).filter(([, value]) => value !== null));
}

const survey: fc.Arbitrary<Said> = fc.constantFrom('NPS', 'NPS', 'CSAT', 'CES').chain((kind) =>
  fc
    .record({
      // Scores out of range say nothing.
      score: kind === 'NPS' ? fc.integer({ min: -1, max: 11 }) : fc.integer({ min: 0, max: 8 }),
      variant: maybe(fc.constantFrom('short', 'long'), 2),
    })
    .map((said) => ({ type: 'survey.answered', properties: { survey: kind, ...given(said) } })),
);

const caseEvent: fc.Arbitrary<Said> = fc
  .record({
    type: fc.constantFrom('opened', 'opened', 'waiting', 'resumed', 'resolved', 'resolved', 'reopened'),
    caseId: fc.constantFrom('c-1', 'c-2'),
    satisfaction: maybe(fc.integer({ min: 1, max: 5 }), 1),
    complaint: maybe(fc.boolean(), 1),
  })
  .map(({ type, satisfaction, ...rest }) => ({
    type: `case.${type}`,
    properties: { ...given(rest), ...(type === 'resolved' && satisfaction !== null && { satisfaction }) },
  }));

const other: fc.Arbitrary<Said> = fc.constantFrom<Said[]>(
  { type: 'page.viewed' },
  { type: 'page.viewed', value: { amount: '3', currency: 'EUR' } },
  { type: 'store.visited', channel: 'POS' },
  { type: 'email.sent' },
  { type: 'page.viewed', direction: 'OUTBOUND' },
  { type: 'contract.started', properties: { contractId: 'k', endsAt: '2027-01-01T00:00:00Z' } },
  { type: 'reference.given' },
  // Whoever orders after it is won back.
  { type: 'customer.left' },
  { type: 'customer.left' },
);

const said: fc.Arbitrary<Said> = fc.oneof(
  { weight: 7, arbitrary: purchase },
  { weight: 2, arbitrary: survey },
  { weight: 2, arbitrary: caseEvent },
  { weight: 2, arbitrary: other },
);

const happening: fc.Arbitrary<Said> = fc
  .record({
    person: fc.nat({ max: people - 1 }),
    face: fc.constantFrom<Face[]>(
      ...(['COOKIE', 'LOGIN', 'LOGIN', 'CARD', 'CARD', 'CRM', 'HOME', 'PARTNER', 'NOBODY'] as const),
    ),
    at: instant,
    said,
    channel: maybe(fc.constantFrom<Channel[]>('WEB', 'POS', 'APP'), 1),
    campaign: maybe(fc.constantFrom('spring', 'Ünïcode, "quoted"'), 1),
    country: maybe(fc.constantFrom('CH', 'DE'), 1),
  })
  .map(({ person, face, at, said: what, channel, campaign, country }) => ({
    ...known(face, person),
    ...(channel === null ? {} : { channel }),
    ...what,
    occurredAt: new Date(at).toISOString(),
    campaign,
    traits: country === null ? null : { country },
  }));

/** What somebody decides about people or points, by numbers that choose among those there are. */
export interface Decision {
  readonly do: 'MERGE' | 'UNMERGE' | 'REVOKE' | 'LINK_RECEIPT' | 'REDEEM' | 'ENROL';
  readonly a: number;
  readonly b: number;
}

/** Batches in the order of arrival, and what is decided after each. */
export interface World {
  readonly steps: readonly { readonly drafts: readonly TouchpointDraft[]; readonly decisions: readonly Decision[] }[];
}

const decision: fc.Arbitrary<Decision> = fc.record({
  do: fc.constantFrom<Decision['do'][]>(
    ...(['MERGE', 'MERGE', 'UNMERGE', 'REVOKE', 'LINK_RECEIPT', 'REDEEM', 'REDEEM', 'ENROL'] as const),
  ),
  a: fc.nat({ max: 20 }),
  b: fc.nat({ max: 20 }),
});

/** Drafts come in no order of time: they are as they were made, and times are drawn. */
export const worlds: fc.Arbitrary<World> = fc
  .record({
    happenings: fc.array(happening, { minLength: 40, maxLength: 140, size: 'max' }),
    size: fc.integer({ min: 5, max: 40 }),
    decisions: fc.array(fc.array(decision, { maxLength: 4, size: 'max' }), {
      minLength: 4,
      maxLength: 10,
      size: 'max',
    }),
  })
  .map(({ happenings, size, decisions }) => {
    const drafts = happenings.map(
      (draft, index): TouchpointDraft => ({
        ...draft,
        messageId: `m-${index}`,
        source: draft.source!,
        type: draft.type!,
        occurredAt: draft.occurredAt!,
      }),
    );
    const batches = Array.from({ length: Math.ceil(drafts.length / size) }, (_, n) =>
      drafts.slice(n * size, (n + 1) * size),
    );
    return { steps: batches.map((batch, n) => ({ drafts: batch, decisions: decisions[n] ?? [] })) };
  });
