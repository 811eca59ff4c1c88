import { followUpPurchase } from './after-sales.ts';
import { basketCost, basketDetail, fillBasket } from './basket.ts';
import { claims, idAt } from './identity.ts';
import { stores } from './names.ts';
import type { Story } from './story.ts';

/** A purchase at a till: on the card, or unidentified for those who have none or left it at home. */
export function playTill(story: Story): void {
  const { person, random } = story;
  const shown = random.chance(0.87) ? idAt(person.card, story.at) : null;
  const basket = fillBasket(person, random);
  const orderId = `T-${random.code(9).toUpperCase()}`;
  const who = shown ? { key: shown, identifiers: claims(['loyaltyCard', shown]) } : {};
  story.tell('pos', 'order.completed', {
    messageId: `receipt-${orderId}`,
    channel: 'POS',
    ...who,
    properties: { orderId, cost: basketCost(basket), store: random.pick(stores), till: random.int(1, 4) },
    ...basketDetail(basket),
  });
  followUpPurchase(story, { orderId, basket, source: 'pos', ...who });
}
