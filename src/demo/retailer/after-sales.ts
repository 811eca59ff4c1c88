import { type Basket, basketDetail, takeBack } from './basket.ts';
import { atTill, day } from './calendar.ts';
import type { Claim } from './identity.ts';
import { complain } from './service-desk.ts';
import type { Story } from './story.ts';

export interface Purchase {
  readonly orderId: string;
  readonly basket: Basket;
  readonly source: 'web' | 'app' | 'pos';
  readonly key?: string;
  readonly identifiers?: Claim[];
}

/** Returns, mostly of what was bought unseen, and complaints. */
export function followUpPurchase(story: Story, purchase: Purchase): void {
  const { random } = story;
  const online = purchase.source !== 'pos';
  if (random.chance(online ? 0.11 : 0.04)) {
    bringBack(story.later(atTill(story.at + random.between(3, 24) * day, random)), purchase);
  }
  if (random.chance(online ? 0.05 : 0.015)) {
    complain(story.later(atTill(story.at + random.between(1, 14) * day, random)), purchase.orderId);
  }
}

function bringBack(story: Story, { orderId, basket, source, key, identifiers }: Purchase): void {
  const returned = takeBack(basket, story.random);
  story.tell(source, 'order.returned', {
    messageId: `return-${orderId}`,
    channel: source === 'pos' ? 'POS' : source === 'app' ? 'APP' : 'WEB',
    ...(key ? { key } : {}),
    ...(identifiers ? { identifiers } : {}),
    properties: { orderId, reason: story.random.pick(['size', 'damaged', 'not as expected', 'too late', 'present']) },
    ...basketDetail(returned),
  });
}
