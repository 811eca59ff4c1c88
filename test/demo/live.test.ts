import { expect, it } from 'vitest';
import { LiveFeed } from '../../src/demo/live.ts';
import { Retailer } from '../../src/demo/retailer/retailer.ts';
import { defaultRules } from '../../src/identity/rules.ts';
import { validateTouchpoint } from '../../src/touchpoints/validate.ts';

const now = new Date('2026-07-01T10:00:00Z');
const retailer = new Retailer({ seed: 'live', customers: 200, now });

function listen(startedAt: Date, count = 1500) {
  const live = new LiveFeed(retailer.people, retailer.seed, startedAt);
  return Array.from({ length: count }, (_, second) => {
    const at = new Date(startedAt.getTime() + second * 300);
    return { at, draft: live.next(at) };
  });
}

it('happens now, validly, with message ids that neither the history nor another start has', () => {
  const first = listen(now);
  const second = listen(new Date(now.getTime() + 60_000));
  const messages = [...first, ...second].map(({ draft }) => `${draft.source} ${draft.messageId}`);
  const history = new Set([...retailer.history()].map(({ draft }) => `${draft.source} ${draft.messageId}`));
  expect(new Set(messages).size).toBe(messages.length);
  expect(messages.filter((message) => history.has(message))).toEqual([]);
  expect(first.filter(({ at, draft }) => draft.occurredAt !== at.toISOString())).toEqual([]);
  const verdicts = first.map(({ draft, at }) =>
    validateTouchpoint(draft, at, { idSecret: '', rules: defaultRules, defaultRegion: 'CH' }),
  );
  expect(verdicts.filter((verdict) => !verdict.ok)).toEqual([]);
});

it('shows browsing, orders and tills of people whom the history knows', () => {
  const drafts = listen(now).map(({ draft }) => draft);
  const types = new Set(drafts.map(({ source, type }) => `${source} ${type}`));
  expect(types).toContain('web product.viewed');
  expect(types).toContain('web order.completed');
  expect(types).toContain('pos order.completed');
  const users = new Set(
    drafts
      .flatMap((draft) => draft.identifiers ?? [])
      .filter(({ kind }) => kind === 'userId')
      .map(({ value }) => value),
  );
  const known = new Set(retailer.people.map((person) => person.account?.id));
  expect(users.size).toBeGreaterThan(20);
  expect([...users].filter((user) => !known.has(user))).toEqual([]);
});
