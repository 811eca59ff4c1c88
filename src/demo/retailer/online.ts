import { followUpPurchase } from './after-sales.ts';
import { basketCost, basketDetail, fillBasket } from './basket.ts';
import { type Product, pickProduct } from './catalogue.ts';
import { browserAt, type Claim, claims, formTraits, idAt } from './identity.ts';
import type { Story } from './story.ts';

/** How an online story tells its source who it is. */
interface Seen {
  readonly source: 'web' | 'app';
  readonly channel: 'WEB' | 'APP';
  readonly device: Claim;
  /** Null: nobody has logged in. */
  userId: string | null;
}

/** A visit to the web shop. Before the log-in only the cookie is known, and some never log in. */
export function playWebVisit(story: Story, plan: { buys: boolean; signsUp: boolean }, campaign?: string): void {
  const { person, random } = story;
  const userId = idAt(person.account, story.at);
  const cookie = person.sharedBrowser && random.chance(0.5) ? person.sharedBrowser : browserAt(person, story.at);
  const seen: Seen = { source: 'web', channel: 'WEB', device: { kind: 'anonymousId', value: cookie }, userId: null };
  const remembered = !plan.signsUp && random.chance(0.55);
  if (remembered) seen.userId = userId;
  tell(story, seen, 'session.started', {
    campaign,
    context: {
      device: random.pick(['desktop', 'mobile', 'mobile', 'tablet']),
      referrer: campaign ? 'newsletter' : random.pick(['search', 'direct', 'social']),
    },
  });
  look(story, seen);
  if (plan.signsUp) signUp(story, seen);
  else if (plan.buys || random.chance(0.3)) seen.userId = userId;
  if (plan.buys) buy(story, seen, campaign);
  else if (random.chance(0.2)) fillCart(story, seen);
}

/** A visit by app: always logged in, sometimes without a network, so that the touchpoints come late. */
export function playAppVisit(story: Story, plan: { buys: boolean }): void {
  const { person, random } = story;
  const device = { kind: 'deviceId', value: idAt(person.app, story.at) ?? '' };
  const seen: Seen = { source: 'app', channel: 'APP', device, userId: idAt(person.account, story.at) };
  tell(story, seen, 'session.started', {
    context: { appVersion: `3.${random.int(0, 9)}`, system: random.pick(['ios', 'android']) },
  });
  look(story, seen);
  if (plan.buys) buy(story, seen);
}

function look(story: Story, seen: Seen): void {
  const { random, person } = story;
  const steps = 1 + Math.min(7, Math.floor(random.exponential(1.8)));
  for (let step = 0; step < steps; step++) {
    story.wait(0.2, 3);
    if (seen.source === 'web' && random.chance(0.35)) {
      tell(story, seen, 'page.viewed', {
        properties: { path: random.pick(['/', '/new', '/sale', '/stores', '/help/returns', '/story']) },
      });
    } else {
      tell(story, seen, 'product.viewed', { properties: productFacts(pickProduct(random, person.taste)) });
    }
  }
}

function productFacts(product: Product) {
  return { sku: product.sku, name: product.name, category: product.category };
}

function signUp(story: Story, seen: Seen): void {
  const { person } = story;
  story.wait(1, 4);
  seen.userId = person.account?.id ?? null;
  tell(story, seen, 'identify', {
    identifiers: whoIs(seen, person.email),
    traits: { ...formTraits(person, story.at), birthday: person.birthDate, phone: person.phone },
    properties: { reason: 'account.created' },
  });
}

function fillCart(story: Story, seen: Seen) {
  const basket = fillBasket(story.person, story.random);
  story.wait(0.5, 4);
  tell(story, seen, 'cart.updated', basketDetail(basket));
  return basket;
}

/** Checkout: as a guest with an e-mail address, or with an account that may have the card on file. */
function buy(story: Story, seen: Seen, campaign?: string): void {
  const { person, random } = story;
  const basket = fillCart(story, seen);
  story.wait(0.5, 3);
  tell(story, seen, 'checkout.started', basketDetail(basket));
  story.wait(1, 5);
  const orderId = `W-${random.code(9).toUpperCase()}`;
  const card = random.chance(0.35) && seen.userId ? idAt(person.card, story.at) : null;
  tell(story, seen, 'order.completed', {
    messageId: `order-${orderId}`,
    identifiers: whoIs(seen, person.email, card),
    traits: formTraits(person, story.at),
    properties: { orderId, cost: basketCost(basket), payment: random.pick(['card', 'invoice', 'wallet']) },
    campaign,
    ...basketDetail(basket),
  });
  followUpPurchase(story, { orderId, basket, source: seen.source, identifiers: whoIs(seen, person.email) });
}

function tell(story: Story, seen: Seen, type: string, detail: Parameters<Story['tell']>[2]): void {
  story.tell(seen.source, type, { channel: seen.channel, identifiers: whoIs(seen), ...detail });
}

function whoIs(seen: Seen, email: string | null = null, card: string | null = null): Claim[] {
  return claims(
    [seen.device.kind, seen.device.value],
    ['userId', seen.userId],
    ['email', email],
    ['loyaltyCard', card],
  );
}
