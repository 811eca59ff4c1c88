import type { Mailing } from './campaigns.ts';
import { playWebVisit } from './online.ts';
import type { Person } from './person.ts';
import { Random } from './random.ts';
import { respellEmail, withEmailTypo } from './spelling.ts';
import type { Story } from './story.ts';

/** Joining the list, by a form that takes any spelling of an address. */
export function playSubscribe(story: Story): void {
  const { person } = story;
  tell(story, listAddress(person), 'newsletter.subscribed', {
    traits: { firstName: person.firstName, language: 'de', newsletter: true },
  });
}

/** One mailing: sent, perhaps opened, perhaps clicked; a click opens the shop, and now and then something is bought. */
export function playMailing(story: Story, { mailing }: { mailing: Mailing }): void {
  const { person, random } = story;
  const address = listAddress(person);
  const detail = { campaign: mailing.name, properties: { subject: mailing.subject } };
  tell(story, address, 'email.sent', { direction: 'OUTBOUND', ...detail });
  if (!random.chance(person.newsletter?.openRate ?? 0)) return;
  story.wait(2, 60 * 30);
  tell(story, address, 'email.opened', detail);
  if (!random.chance(0.25)) return;
  story.wait(0.2, 3);
  tell(story, address, 'email.clicked', {
    ...detail,
    properties: { ...detail.properties, link: `/campaign/${mailing.name}` },
  });
  story.wait(0.05, 0.2);
  playWebVisit(story, { buys: !person.habits.onlyLooks && random.chance(0.06), signsUp: false }, mailing.name);
}

function tell(story: Story, address: string, type: string, detail: Parameters<Story['tell']>[2]): void {
  story.tell('newsletter', type, {
    key: address,
    channel: 'NEWSLETTER',
    identifiers: [{ kind: 'email', value: address }],
    ...detail,
  });
}

/** The address on the list: mostly the person's own, in another spelling, or with a slip. The same for every mailing. */
function listAddress(person: Person): string {
  const random = new Random('list', person.email, person.no);
  if (random.chance(0.03)) return withEmailTypo(person.email, random);
  return random.chance(0.2) ? respellEmail(person.email, random) : person.email;
}
