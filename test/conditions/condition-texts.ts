import type { Condition } from '../../src/conditions/condition.ts';

const id = '0190b39c-5c6d-7e8f-9a0b-1c2d3e4f5b4b';
const days = (count: number) => ({ count, unit: 'DAY' as const });
const ever = { ever: true } as const;
const once = { comparison: 'AT_LEAST', value: '1' } as const;
const order = { types: ['order.completed'] };
const isCh = { trait: { trait: 'country', operator: 'EQUALS', value: 'CH' } } as const;
const everyone = { everyone: true } as const;

/** What the language says, and how. Every kind, window, comparison and option has its line. */
export const texts: readonly { text: string; condition: Condition }[] = [
  { text: 'everyone', condition: everyone },
  { text: 'not everyone', condition: { not: everyone } },
  { text: 'everyone and not not everyone', condition: { all: [everyone, { not: { not: everyone } }] } },
  {
    text: 'country is "CH" and (everyone or country is "CH")',
    condition: { all: [isCh, { any: [everyone, isCh] }] },
  },
  { text: '(everyone and everyone) and everyone', condition: { all: [{ all: [everyone, everyone] }, everyone] } },
  { text: 'all of (everyone)', condition: { all: [everyone] } },
  { text: 'any of (all of (everyone))', condition: { any: [{ all: [everyone] }] } },
  { text: 'all of ((everyone or everyone))', condition: { all: [{ any: [everyone, everyone] }] } },

  { text: 'country is "CH"', condition: isCh },
  { text: 'country is not "CH"', condition: { trait: { trait: 'country', operator: 'NOT_EQUALS', value: 'CH' } } },
  { text: 'children is less than 3', condition: { trait: { trait: 'children', operator: 'LESS', value: 3 } } },
  { text: 'children is at most 3', condition: { trait: { trait: 'children', operator: 'LESS_OR_EQUAL', value: 3 } } },
  { text: 'height is more than 1.8', condition: { trait: { trait: 'height', operator: 'GREATER', value: 1.8 } } },
  {
    text: 'height is at least 1.8',
    condition: { trait: { trait: 'height', operator: 'GREATER_OR_EQUAL', value: 1.8 } },
  },
  {
    text: 'height is between 1.6 and 1.8',
    condition: { trait: { trait: 'height', operator: 'BETWEEN', values: [1.6, 1.8] } },
  },
  {
    text: 'language is one of "de", "fr"',
    condition: { trait: { trait: 'language', operator: 'IN', values: ['de', 'fr'] } },
  },
  {
    text: 'language is not one of "de", "fr"',
    condition: { trait: { trait: 'language', operator: 'NOT_IN', values: ['de', 'fr'] } },
  },
  { text: 'email contains "@"', condition: { trait: { trait: 'email', operator: 'CONTAINS', value: '@' } } },
  { text: 'phone starts with "+41"', condition: { trait: { trait: 'phone', operator: 'STARTS_WITH', value: '+41' } } },
  { text: 'email ends with ".ch"', condition: { trait: { trait: 'email', operator: 'ENDS_WITH', value: '.ch' } } },
  {
    text: String.raw`postalCode matches "^8\\d{3}$"`,
    condition: { trait: { trait: 'postalCode', operator: 'MATCHES', value: '^8\\d{3}$' } },
  },
  {
    text: 'interests has any of "bikes", "skis"',
    condition: { trait: { trait: 'interests', operator: 'ANY_OF', values: ['bikes', 'skis'] } },
  },
  {
    text: 'interests has all of "bikes", "skis"',
    condition: { trait: { trait: 'interests', operator: 'ALL_OF', values: ['bikes', 'skis'] } },
  },
  {
    text: 'interests has none of "bikes"',
    condition: { trait: { trait: 'interests', operator: 'NONE_OF', values: ['bikes'] } },
  },
  { text: 'phone is set', condition: { trait: { trait: 'phone', operator: 'EXISTS' } } },
  { text: 'phone was never set', condition: { trait: { trait: 'phone', operator: 'MISSING' } } },
  { text: 'phone is set to nothing', condition: { trait: { trait: 'phone', operator: 'IS_NULL' } } },
  {
    text: 'size is {"eu":[42,43],"uk":null}',
    condition: { trait: { trait: 'size', operator: 'EQUALS', value: { eu: [42, 43], uk: null } } },
  },
  { text: '"first name" is set', condition: { trait: { trait: 'first name', operator: 'EXISTS' } } },
  { text: '"number" is 3', condition: { trait: { trait: 'number', operator: 'EQUALS', value: 3 } } },

  {
    text: 'contractEnd is before 2026-04-01T00:00:00.000Z',
    condition: { date: { trait: 'contractEnd', before: '2026-04-01T00:00:00.000Z' } },
  },
  {
    text: 'contractEnd is after 2026-04-01T00:00:00.000Z',
    condition: { date: { trait: 'contractEnd', after: '2026-04-01T00:00:00.000Z' } },
  },
  { text: 'signedUp is within the last 30 days', condition: { date: { trait: 'signedUp', withinLast: days(30) } } },
  { text: 'contractEnd is within the next 1 day', condition: { date: { trait: 'contractEnd', withinNext: days(1) } } },
  { text: 'birthDate is older than 3000 days', condition: { date: { trait: 'birthDate', olderThan: days(3000) } } },
  {
    text: 'birthDate has its anniversary within 7 days',
    condition: { date: { trait: 'birthDate', anniversaryWithinDays: 7 } },
  },

  {
    text: 'tier has been "gold" for at least 30 days',
    condition: { traitHeld: { trait: 'tier', value: 'gold', atLeast: days(30) } },
  },
  {
    text: 'tier has been "gold" for less than 36 hours',
    condition: { traitHeld: { trait: 'tier', value: 'gold', lessThan: { count: 36, unit: 'HOUR' } } },
  },
  {
    text: 'tier has been null for at least 1 day and less than 2 days and everyone',
    condition: { all: [{ traitHeld: { trait: 'tier', value: null, atLeast: days(1), lessThan: days(2) } }, everyone] },
  },

  {
    text: 'number of touchpoints is 3',
    condition: { fact: { fact: 'TOUCHPOINTS', comparison: 'EQUALS', value: '3' } },
  },
  {
    text: 'number of records is not 1',
    condition: { fact: { fact: 'RECORDS', comparison: 'NOT_EQUALS', value: '1' } },
  },
  {
    text: 'number of orders is at least 3',
    condition: { fact: { fact: 'ORDERS', comparison: 'AT_LEAST', value: '3' } },
  },
  {
    text: 'number of returns is at most 1',
    condition: { fact: { fact: 'RETURNS', comparison: 'AT_MOST', value: '1' } },
  },
  {
    text: 'net revenue in CHF is more than 499.95',
    condition: { fact: { fact: 'NET_REVENUE', currency: 'CHF', comparison: 'MORE', value: '499.95' } },
  },
  {
    text: 'average order value in EUR is between 50 and 100',
    condition: {
      fact: { fact: 'AVERAGE_ORDER_VALUE', currency: 'EUR', comparison: 'BETWEEN', value: '50', to: '100' },
    },
  },
  {
    text: 'days since first seen is less than 30',
    condition: { fact: { fact: 'DAYS_SINCE_FIRST_SEEN', comparison: 'LESS', value: '30' } },
  },
  {
    text: 'days since last seen is more than 90',
    condition: { fact: { fact: 'DAYS_SINCE_LAST_SEEN', comparison: 'MORE', value: '90' } },
  },
  {
    text: 'days since last order is more than 365',
    condition: { fact: { fact: 'DAYS_SINCE_LAST_ORDER', comparison: 'MORE', value: '365' } },
  },

  { text: 'is identified', condition: { identity: { identified: true } } },
  { text: 'carries email', condition: { identity: { carries: 'email' } } },
  { text: 'carries verified email', condition: { identity: { verified: 'email' } } },
  { text: 'carries verified', condition: { identity: { carries: 'verified' } } },
  { text: 'has a record from crm', condition: { identity: { recordFrom: 'crm' } } },
  { text: 'was merged in the last 2 weeks', condition: { identity: { mergedWithin: { count: 2, unit: 'WEEK' } } } },

  {
    text: 'lives in country AT, CH in region ZH in city "St. Gallen" in postal code "80", "81"',
    condition: {
      place: { countries: ['AT', 'CH'], regions: ['ZH'], cities: ['St. Gallen'], postalCodes: ['80', '81'] },
    },
  },
  {
    text: 'lives within 25 km of 47.3769, -8.5417',
    condition: { place: { near: { latitude: 47.3769, longitude: -8.5417, kilometres: 25 } } },
  },
  {
    text: 'in buckets from 0 to below 500 of seed spring',
    condition: { bucket: { seed: 'spring', from: 0, to: 500 } },
  },

  {
    text: 'count of page.viewed in the last 30 days is at least 3',
    condition: {
      event: {
        match: { types: ['page.viewed'] },
        count: { comparison: 'AT_LEAST', value: '3' },
        window: { last: days(30) },
      },
    },
  },
  {
    text:
      'count of cart.updated, page.viewed on app, web direction inbound from source shop of campaign spring, "to" ' +
      'where category is "shoes" ever is less than 1',
    condition: {
      event: {
        match: {
          types: ['cart.updated', 'page.viewed'],
          channels: ['APP', 'WEB'],
          directions: ['INBOUND'],
          sources: ['shop'],
          campaigns: ['spring', 'to'],
          where: [{ property: 'category', operator: 'EQUALS', value: 'shoes' }],
        },
        count: { comparison: 'LESS', value: '1' },
        window: ever,
      },
    },
  },
  {
    text: 'count of any touchpoint where (lines.sku is one of "A1", "B2" and value.amount is more than 30) ever is 2',
    condition: {
      event: {
        match: {
          where: [
            { property: 'lines.sku', operator: 'IN', values: ['A1', 'B2'] },
            { property: 'value.amount', operator: 'GREATER', value: 30 },
          ],
        },
        count: { comparison: 'EQUALS', value: '2' },
        window: ever,
      },
    },
  },

  {
    text: 'first order.completed this month',
    condition: { first: { match: order, window: { period: { unit: 'MONTH', ago: 0 } } } },
  },
  {
    text: 'first order.completed last quarter',
    condition: { first: { match: order, window: { period: { unit: 'QUARTER', ago: 1 } } } },
  },
  {
    text: 'first order.completed the year 3 years ago',
    condition: { first: { match: order, window: { period: { unit: 'YEAR', ago: 3 } } } },
  },
  {
    text: 'first order.completed today',
    condition: { first: { match: order, window: { period: { unit: 'DAY', ago: 0 } } } },
  },
  {
    text: 'first order.completed yesterday',
    condition: { first: { match: order, window: { period: { unit: 'DAY', ago: 1 } } } },
  },
  {
    text: 'first order.completed between 60 days and 36 hours ago',
    condition: { first: { match: order, window: { between: { from: days(60), to: { count: 36, unit: 'HOUR' } } } } },
  },
  {
    text: 'first order.completed since the day 1 month back',
    condition: { first: { match: order, window: { lastCalendar: { count: 1, unit: 'MONTH' } } } },
  },
  {
    text: 'first order.completed from 2026-01-01T00:00:00.000Z to 2026-02-01T00:00:00.000Z',
    condition: {
      first: {
        match: order,
        window: { absolute: { from: '2026-01-01T00:00:00.000Z', to: '2026-02-01T00:00:00.000Z' } },
      },
    },
  },
  {
    text: 'first order.completed from 2026-01-01T00:00:00.000Z',
    condition: { first: { match: order, window: { absolute: { from: '2026-01-01T00:00:00.000Z' } } } },
  },
  {
    text: 'first order.completed until 2026-02-01T00:00:00.000Z',
    condition: { first: { match: order, window: { absolute: { to: '2026-02-01T00:00:00.000Z' } } } },
  },

  { text: 'stopped order.completed for 90 days', condition: { stopped: { match: order, none: days(90) } } },
  {
    text: 'restarted order.completed in the last 7 days after a pause of 90 days',
    condition: { restarted: { match: order, within: days(7), pause: days(90) } },
  },
  {
    text: 'regularly order.completed in at least 3 of the last 6 months',
    condition: { regular: { match: order, unit: 'MONTH', periods: 6, atLeast: 3 } },
  },
  {
    text: 'after cart.updated in the last 7 days came order.completed within 1 day with the same cartId',
    condition: {
      sequence: {
        first: { types: ['cart.updated'] },
        followedBy: order,
        within: days(1),
        missing: false,
        same: 'cartId',
        window: { last: days(7) },
      },
    },
  },
  {
    text: 'after cart.updated in the last 7 days came no order.completed within 1 day',
    condition: {
      sequence: {
        first: { types: ['cart.updated'] },
        followedBy: order,
        within: days(1),
        missing: true,
        window: { last: days(7) },
      },
    },
  },
  ...(
    [
      ['sum of', 'SUM'],
      ['average of', 'AVERAGE'],
      ['minimum of', 'MINIMUM'],
      ['maximum of', 'MAXIMUM'],
      ['number of different', 'DISTINCT'],
    ] as const
  ).map(([words, measure]) => ({
    text: `${words} value.amount over order.completed ever is at least 1`,
    condition: { total: { match: order, measure, property: 'value.amount', ...once, window: ever } },
  })),
  {
    text: 'net revenue in CHF ever is at least 1',
    condition: { total: { match: {}, measure: 'NET_REVENUE', currency: 'CHF', ...once, window: ever } },
  },
  {
    text: 'net revenue in CHF on web last year is at least 1',
    condition: {
      total: {
        match: { channels: ['WEB'] },
        measure: 'NET_REVENUE',
        currency: 'CHF',
        ...once,
        window: { period: { unit: 'YEAR', ago: 1 } },
      },
    },
  },
  {
    text: 'of the last order.completed in the last 30 days, lines.category is "shoes"',
    condition: {
      last: {
        match: order,
        has: { property: 'lines.category', operator: 'EQUALS', value: 'shoes' },
        window: { last: days(30) },
      },
    },
  },
  {
    text: 'count of the same lines.category in order.completed ever is at least 1',
    condition: { keyed: { match: order, property: 'lines.category', count: once, window: ever } },
  },
  {
    text: 'count of messages opened on email, newsletter of campaign spring in the last 30 days is at least 1',
    condition: {
      message: {
        what: 'OPENED',
        channels: ['EMAIL', 'NEWSLETTER'],
        campaigns: ['spring'],
        count: once,
        window: { last: days(30) },
      },
    },
  },
  ...(['SENT', 'DELIVERED', 'CLICKED', 'BOUNCED', 'REPLIED', 'UNSUBSCRIBED'] as const).map((what) => ({
    text: `count of messages ${what.toLowerCase()} ever is at least 1`,
    condition: { message: { what, count: once, window: ever } },
  })),
  {
    text: 'any member of the household (country is "CH")',
    condition: { members: { of: 'HOUSEHOLD', quantifier: 'ANY', condition: isCh } },
  },
  {
    text: 'all members of the account (everyone or country is "CH")',
    condition: { members: { of: 'ACCOUNT', quantifier: 'ALL', condition: { any: [everyone, isCh] } } },
  },
  {
    text: 'no member of the household (not everyone)',
    condition: { members: { of: 'HOUSEHOLD', quantifier: 'NONE', condition: { not: everyone } } },
  },
  { text: 'is member of any loyalty program', condition: { loyalty: { member: true } } },
  {
    text: 'is member of loyalty program prg_01j2ssrq3dft7sm2rw5mz4yptb',
    condition: { loyalty: { program: id, member: true } },
  },
  {
    text: 'has been member of any loyalty program for at least 1 week',
    condition: { loyalty: { memberFor: { count: 1, unit: 'WEEK' } } },
  },
  {
    text: 'has been member of loyalty program prg_01j2ssrq3dft7sm2rw5mz4yptb for at least 30 days',
    condition: { loyalty: { program: id, memberFor: days(30) } },
  },
  {
    text: 'loyalty tier of prg_01j2ssrq3dft7sm2rw5mz4yptb is gold, "loyalty", "über"',
    condition: { loyalty: { program: id, tiers: ['gold', 'loyalty', 'über'] } },
  },
  {
    text: 'loyalty balance of points in prg_01j2ssrq3dft7sm2rw5mz4yptb is at least 500',
    condition: { loyalty: { program: id, points: { wallet: 'points', comparison: 'AT_LEAST', value: '500' } } },
  },
  {
    text: 'loyalty balance of "in" in prg_01j2ssrq3dft7sm2rw5mz4yptb that expires within 30 days is between 1 and 99',
    condition: {
      loyalty: {
        program: id,
        points: { wallet: 'in', expiringWithin: days(30), comparison: 'BETWEEN', value: '1', to: '99' },
      },
    },
  },
  { text: 'in segment seg_01j2ssrq3dft7sm2rw5mz4yptb', condition: { segment: { id } } },
  { text: 'on list seg_01j2ssrq3dft7sm2rw5mz4yptb', condition: { list: { id } } },

  {
    text: 'kpi net revenue in EUR is at least 99.5',
    condition: { kpi: { kpi: 'NET_REVENUE', currency: 'EUR', comparison: 'AT_LEAST', value: '99.5' } },
  },
  {
    text: 'kpi churn risk is between 0.3 and 0.6',
    condition: { kpi: { kpi: 'CHURN_RISK', comparison: 'BETWEEN', value: '0.3', to: '0.6' } },
  },
  {
    text: 'lifecycle stage is at_risk, dormant',
    condition: { lifecycle: { stages: ['AT_RISK', 'DORMANT'] } },
  },
  {
    text: 'lifecycle stage has been new for at least 30 days',
    condition: { lifecycle: { stages: ['NEW'], inStageFor: days(30) } },
  },
  { text: 'lifecycle risk is elevated, high', condition: { lifecycle: { riskBands: ['ELEVATED', 'HIGH'] } } },
  { text: 'lifecycle rfm segment is CHAMPIONS', condition: { lifecycle: { rfmSegments: ['CHAMPIONS'] } } },
  { text: 'lifecycle abc class is A, B', condition: { lifecycle: { abcClasses: ['A', 'B'] } } },
  {
    text: 'consent to newsletter on email is expired, granted',
    condition: { consent: { purpose: 'newsletter', channel: 'EMAIL', status: ['EXPIRED', 'GRANTED'] } },
  },
  { text: 'consent to "on sale" is denied', condition: { consent: { purpose: 'on sale', status: ['DENIED'] } } },
];
