import type { TouchpointDraft } from '../../touchpoints/touchpoint.ts';
import { minute, timestamp } from './calendar.ts';
import type { Person } from './person.ts';
import type { Random } from './random.ts';

/** A touchpoint on its way to the platform, with the truth that the platform is not told. */
export interface Sent {
  readonly draft: TouchpointDraft;
  /** Epoch milliseconds; after `occurredAt` when it was late or is sent again. */
  readonly arrivesAt: number;
  /** The number of the person who did it. */
  readonly by: number;
}

export type Detail = Partial<TouchpointDraft>;

/**
 * What one person does in one sitting, noted down touchpoint by touchpoint on a clock of its own. Everything random
 * comes from the episode's own stream, so that no episode changes another.
 */
export class Story {
  readonly person: Person;
  readonly random: Random;
  readonly sent: Sent[];
  at: number;

  constructor(person: Person, at: number, random: Random, sent: Sent[] = []) {
    this.person = person;
    this.at = Math.floor(at);
    this.random = random;
    this.sent = sent;
  }

  /** Lets time pass. */
  wait(fromMinutes: number, toMinutes: number): void {
    this.at += Math.floor(this.random.between(fromMinutes, toMinutes) * minute);
  }

  tell(source: string, type: string, detail: Detail): void {
    const draft: TouchpointDraft = {
      messageId: this.random.code(20),
      source,
      type,
      occurredAt: timestamp(this.at),
      ...detail,
    };
    this.sent.push({ draft, arrivesAt: this.at, by: this.person.no });
  }

  /** What happens later as a consequence, such as a return: told to the same list, on a clock of its own. */
  later(at: number): Story {
    return new Story(this.person, at, this.random, this.sent);
  }
}
