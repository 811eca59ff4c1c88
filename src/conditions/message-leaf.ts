import { badInput } from '../kernel/errors.ts';
import { type EventCondition, type MessageCondition, messageEvents } from './condition.ts';
import { eventLeaf } from './event-leaf.ts';
import { checkEventMatch } from './event-match.ts';
import type { LeafKind } from './leaf-kind.ts';
import { checkCountTest } from './number-test.ts';
import { boundsOf, checkWindow } from './window.ts';

/** Messages to the customer, and what became of them. */
export const messageLeaf: LeafKind<'message'> = {
  name: 'message',
  check: ({ what, channels, campaigns, count, window }, field) => ({
    what: checkWhat(what, `${field}.what`),
    ...checkEventMatch({ channels, campaigns }, field),
    count: checkCountTest(count, `${field}.count`),
    window: checkWindow(window, `${field}.window`),
  }),
  needs: (leaf, nested) => eventLeaf.needs(eventOf(leaf), nested),
  since: ({ window }, moment) => boundsOf(window, moment).after,
  cost: (leaf, nested) => eventLeaf.cost(eventOf(leaf), nested),
  judge: (leaf, ...rest) => eventLeaf.judge(eventOf(leaf), ...rest),
};

const media = ['email', 'letter', 'message', 'newsletter', 'phone', 'push', 'sms', 'whatsapp'] as const;

/** The same as a condition about events: `email.opened`, `sms.opened`, … */
export function eventOf({ what, channels, campaigns, count, window }: MessageCondition): EventCondition {
  const types = media.map((medium) => `${medium}.${what.toLowerCase()}`);
  return { match: { types, ...(channels && { channels }), ...(campaigns && { campaigns }) }, count, window };
}

function checkWhat(what: MessageCondition['what'], field: string): MessageCondition['what'] {
  if (messageEvents.includes(what)) return what;
  throw badInput(`Expected ${messageEvents.join(', ')}; got ${JSON.stringify(what)}.`, field);
}
