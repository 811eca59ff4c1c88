import type { Channel } from '../../touchpoints/touchpoint.ts';
import { day } from './calendar.ts';
import { type Claim, claims, idAt } from './identity.ts';
import type { Person } from './person.ts';
import type { Random } from './random.ts';
import { respellEmail, spellPhone, withEmailTypo, withTypo } from './spelling.ts';
import type { Story } from './story.ts';

/** A complaint about an order. */
export function complain(story: Story, orderId: string): void {
  const topic = story.random.pick(['late delivery', 'damaged goods', 'wrong item', 'refund missing']);
  openCase(story, { topic, complaint: true, orderId });
}

/** A question that has nothing to do with an order. */
export function playEnquiry(story: Story): void {
  openCase(story, {
    topic: story.random.pick(['opening hours', 'product advice', 'account', 'loyalty card']),
    complaint: false,
  });
}

function openCase(story: Story, about: { topic: string; complaint: boolean; orderId?: string }): void {
  const { person, random } = story;
  const channel = random.pick<Channel>(person.phone ? ['PHONE', 'PHONE', 'EMAIL', 'CHAT'] : ['EMAIL', 'CHAT']);
  const identifiers = whoCalls(person, story.at, channel, random);
  const caseId = `C-${random.code(8).toUpperCase()}`;
  story.tell('service', 'case.opened', {
    messageId: `${caseId}-opened`,
    channel,
    identifiers,
    traits: namesAsHeard(person, random),
    properties: { caseId, ...about },
  });
  story.at += Math.floor(random.exponential(about.complaint ? 2 : 0.4) * day);
  story.tell('service', 'case.resolved', {
    messageId: `${caseId}-resolved`,
    channel,
    direction: 'OUTBOUND',
    identifiers,
    properties: { caseId, satisfaction: random.int(about.complaint ? 1 : 3, 5) },
  });
}

/** What the agent notes down: a number as people say it, an address with a slip now and then, a card if asked for. */
function whoCalls(person: Person, at: number, channel: Channel, random: Random): Claim[] {
  const phone = person.phone && channel === 'PHONE' ? spellPhone(person.phone, random) : null;
  const email = phone && random.chance(0.5) ? null : emailAsNoted(person, random);
  return claims(['phone', phone], ['email', email], ['loyaltyCard', random.chance(0.3) ? idAt(person.card, at) : null]);
}

function emailAsNoted(person: Person, random: Random): string {
  if (random.chance(0.06)) return withEmailTypo(person.email, random);
  return random.chance(0.2) ? respellEmail(person.email, random) : person.email;
}

function namesAsHeard(person: Person, random: Random) {
  const misheard = random.chance(0.1);
  return { firstName: person.firstName, lastName: misheard ? withTypo(person.lastName, random) : person.lastName };
}
