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
    case 'web':
      playWebVisit(story, occasion);
      break;
    case 'app':
      playAppVisit(story, occasion);
      break;
    case 'till':
      playTill(story);
      break;
    case 'subscribe':
      playSubscribe(story);
      break;
    case 'mailing':
      playMailing(story, occasion);
      break;
    case 'enquiry':
      playEnquiry(story);
      break;
    case 'customerFile':
      playCustomerFile(story, occasion);
      break;
  }
}
