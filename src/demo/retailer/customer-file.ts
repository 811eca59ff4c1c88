import { claims, formTraits, idAt } from './identity.ts';
import { spellPhone, withTypo } from './spelling.ts';
import type { Story } from './story.ts';

/** The nightly delivery of the customer file: who holds which card, typed from a paper form, and new addresses. */
export function playCustomerFile(story: Story, plan: { moved: boolean }): void {
  const { person, random } = story;
  const card = idAt(person.card, story.at);
  const traits = formTraits(person, story.at);
  if (!plan.moved && random.chance(0.05)) traits.lastName = withTypo(person.lastName, random);
  story.tell('crm', 'identify', {
    key: `K${card}`,
    channel: 'OTHER',
    identifiers: claims(
      ['loyaltyCard', card],
      ['email', random.chance(0.8) ? person.email : null],
      ['phone', person.phone && random.chance(0.6) ? spellPhone(person.phone, random) : null],
      ['userId', idAt(person.account, story.at)],
    ),
    traits: { ...traits, birthday: person.birthDate, customerType: 'card' },
    properties: { reason: plan.moved ? 'moved' : 'card.issued' },
  });
}
