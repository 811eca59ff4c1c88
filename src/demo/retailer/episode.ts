import { playCustomerFile } from './customer-file.ts';
import { playMailing, playSubscribe } from './newsletter.ts';
import { playAppVisit, playWebVisit } from './online.ts';
import type { Occasion } from './plan.ts';
import { playEnquiry } from './service-desk.ts';
import type { Story } from './story.ts';
import { playTill } from './till.ts';

/** Acts an occasion out: the story afterwards holds every touchpoint that came of it, later consequences included. */
export function play(story: Story, occasion: Occasion): void {
  switch (occasion.kind) {
    case 'web': return playWebVisit(story, occasion);
    case 'app': return playAppVisit(story, occasion);
    case 'till': return playTill(story);
    case 'subscribe': return playSubscribe(story);
    case 'mailing': return playMailing(story, occasion);
    case 'enquiry': return playEnquiry(story);
    case 'customerFile': return playCustomerFile(story, occasion);
  }
}
