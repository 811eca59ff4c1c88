import { formatCount } from './progress.ts';

/** The query behind the printed view: everything that is known about one person, in one request. */
export const customerQuery = `query CustomerView($userId: String!) {
  customer(identifier: { kind: "userId", value: $userId }) {
    id firstSeenAt lastSeenAt touchpointCount
    traits { name value }
    records { source key touchpointCount }
    identifiers { kind value }
    segments { segment { name } since }
    loyalty {
      program { name } balances { name available earned expired expiring { at points } }
      tier { name } tierProgress { missing nextTierName until }
    }
    lifecycle { stage since }
    kpis {
      averageOrderValue { amount currency } rfm { segmentName } abc { class }
      probabilityAlive clvPredicted { amount { amount currency } months } churnRisk { risk band }
    }
    orders { orders returns revenue { currency gross { amount } returned { amount } net { amount } } }
    touchpoints(first: 12) { nodes { occurredAt source type value { amount currency } } }
  }
}`;

interface Amount {
  readonly amount: string;
  readonly currency: string;
}

export interface CustomerView {
  readonly id: string;
  readonly firstSeenAt: string;
  readonly lastSeenAt: string;
  readonly touchpointCount: number;
  readonly traits: readonly { readonly name: string; readonly value: unknown }[];
  readonly records: readonly { readonly source: string; readonly key: string; readonly touchpointCount: number }[];
  readonly identifiers: readonly { readonly kind: string; readonly value: string }[];
  readonly segments: readonly { readonly segment: { readonly name: string }; readonly since: string }[];
  readonly loyalty: readonly {
    readonly program: { readonly name: string };
    readonly balances: readonly {
      readonly name: string;
      readonly available: number;
      readonly earned: number;
      readonly expired: number;
      readonly expiring: readonly { readonly at: string; readonly points: number }[];
    }[];
    readonly tier: { readonly name: string } | null;
    readonly tierProgress: {
      readonly missing: number | null;
      readonly nextTierName: string | null;
      readonly until: string | null;
    } | null;
  }[];
  readonly lifecycle: { readonly stage: string; readonly since: string } | null;
  readonly kpis: {
    readonly averageOrderValue: Amount | null;
    readonly rfm: { readonly segmentName: string } | null;
    readonly abc: { readonly class: string } | null;
    readonly probabilityAlive: number | null;
    readonly clvPredicted: { readonly amount: Amount | null; readonly months: number } | null;
    readonly churnRisk: { readonly risk: number; readonly band: string } | null;
  } | null;
  readonly orders: {
    readonly orders: number;
    readonly returns: number;
    readonly revenue: readonly ({ readonly currency: string } & Record<
      'gross' | 'returned' | 'net',
      { readonly amount: string }
    >)[];
  };
  readonly touchpoints: {
    readonly nodes: readonly {
      readonly occurredAt: string;
      readonly source: string;
      readonly type: string;
      readonly value: { readonly amount: string; readonly currency: string } | null;
    }[];
  };
}

/** The view as text, for people. */
export function describeCustomer(customer: CustomerView): string {
  const parts = [headline, records, identifiers, orders, kpis, loyalty, segments, latest].map((part) => part(customer));
  return parts.filter(Boolean).join('\n\n');
}

function headline({ id, traits, ...customer }: CustomerView): string {
  const trait = new Map(traits.map(({ name, value }) => [name, typeof value === 'string' ? value : '']));
  const text = (...names: string[]) =>
    names
      .map((name) => trait.get(name) ?? '')
      .join(' ')
      .trim();
  return [
    `  ${text('firstName', 'lastName')}   ${id}`,
    `  ${[text('email'), text('phone'), text('street'), text('postalCode', 'city'), text('country')].filter(Boolean).join(' · ')}`,
    `  ${formatCount(customer.touchpointCount)} touchpoints from ${day(customer.firstSeenAt)} to ${day(customer.lastSeenAt)}`,
  ].join('\n');
}

function records(customer: CustomerView): string {
  const lines = customer.records.map(({ source, key, touchpointCount }) => [
    source,
    key,
    several(touchpointCount, 'touchpoint'),
  ]);
  return `  ${customer.records.length} source records that turned out to be one person\n${table(lines)}`;
}

function identifiers({ identifiers }: CustomerView): string {
  const byKind = Map.groupBy(identifiers, ({ kind }) => kind);
  return `  Known by\n${table([...byKind].map(([kind, list]) => [kind, list.map(({ value }) => value).join(', ')]))}`;
}

function orders({ orders: { orders, returns, revenue } }: CustomerView): string {
  const lines = revenue.map(({ currency, gross, returned, net }) => [
    currency,
    `bought ${gross.amount}`,
    `returned ${returned.amount}`,
    `net ${net.amount}`,
  ]);
  return `  ${several(orders, 'order')}, ${several(returns, 'return')}\n${table(lines)}`;
}

function kpis({ lifecycle, kpis }: CustomerView): string {
  const money = (amount: Amount | null | undefined) => amount && `${amount.currency} ${amount.amount}`;
  const { clvPredicted: clv, churnRisk: churn } = kpis ?? {};
  const lines: (readonly [string, string | null | undefined])[] = [
    ['stage', lifecycle && `${lifecycle.stage}, since ${day(lifecycle.since)}`],
    ['average order', money(kpis?.averageOrderValue)],
    ['RFM segment', kpis?.rfm?.segmentName],
    ['class', kpis?.abc?.class],
    [`worth in the next ${clv?.months ?? 12} months`, money(clv?.amount)],
    ['churn risk', churn && `${Math.round(churn.risk * 100)} %, ${churn.band}`],
  ];
  const known = lines.filter((line): line is [string, string] => Boolean(line[1]));
  return known.length === 0 ? '' : `  As a customer\n${table(known)}`;
}

function loyalty({ loyalty: clubs }: CustomerView): string {
  return clubs
    .map(({ program, balances, tier, tierProgress }) => {
      const lines = balances.map(({ name, available, earned, expired, expiring: [next] }) => [
        name,
        `${formatCount(available)} to spend`,
        `${formatCount(earned)} earned, ${formatCount(expired)} expired`,
        next ? `${formatCount(next.points)} expire on ${day(next.at)}` : '',
      ]);
      const missing = tierProgress?.nextTierName
        ? `, ${formatCount(tierProgress.missing ?? 0)} to ${tierProgress.nextTierName}`
        : '';
      return `  ${program.name}${tier ? `: ${tier.name}${missing}` : ''}\n${table(lines)}`;
    })
    .join('\n\n');
}

function segments({ segments: memberships }: CustomerView): string {
  if (memberships.length === 0) return '';
  const lines = memberships.map(({ segment, since }) => [segment.name, `since ${day(since)}`]);
  return `  In the segments\n${table(lines)}`;
}

function latest({ touchpoints }: CustomerView): string {
  const lines = touchpoints.nodes.map(({ occurredAt, source, type, value }) => [
    occurredAt.slice(0, 16).replace('T', ' '),
    source,
    type,
    value ? `${value.currency} ${value.amount}` : '',
  ]);
  return `  Latest touchpoints\n${table(lines)}`;
}

/** Columns as wide as their widest cell. */
function table(lines: readonly (readonly string[])[]): string {
  const widths = (lines[0] ?? []).map((_, at) => Math.max(...lines.map((line) => line[at]?.length ?? 0)));
  return lines
    .map((line) => `    ${line.map((cell, at) => cell.padEnd(widths[at] ?? 0)).join('  ')}`.trimEnd())
    .join('\n');
}

function several(count: number, thing: string): string {
  return `${formatCount(count)} ${thing}${count === 1 ? '' : 's'}`;
}

function day(timestamp: string): string {
  return timestamp.slice(0, 10);
}
