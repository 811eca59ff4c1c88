import type { TouchpointDraft } from '../touchpoints/touchpoint.ts';
import { hour } from './retailer/calendar.ts';
import { play } from './retailer/episode.ts';
import type { Person } from './retailer/person.ts';
import type { Occasion } from './retailer/plan.ts';
import { Random } from './retailer/random.ts';
import { Story } from './retailer/story.ts';

const sittingsAtOnce = 6;

/**
 * What the retailer's people do from now on: a handful of sittings under way at any time, told in turns and faster than
 * they would happen. Returns and other late consequences are left out. Every start of the feed has a stream, and
 * thereby message ids, of its own.
 */
export class LiveFeed {
  readonly #people: readonly Person[];
  readonly #seed: string;
  readonly #startedAt: Date;
  readonly #random: Random;
  readonly #sittings: TouchpointDraft[][] = [];
  #opened = 0;

  constructor(people: readonly Person[], seed: string, startedAt: Date) {
    this.#people = people;
    this.#seed = seed;
    this.#startedAt = startedAt;
    this.#random = new Random(seed, 'live', startedAt.toISOString());
  }

  /** The next touchpoint, happening at `now`. */
  next(now: Date): TouchpointDraft {
    while (this.#sittings.length < sittingsAtOnce) this.#sittings.push(this.#open(now));
    const turn = this.#random.int(0, sittingsAtOnce - 1);
    const sitting = this.#sittings[turn] ?? [];
    const draft = sitting.shift();
    if (sitting.length === 0) this.#sittings.splice(turn, 1);
    if (!draft) return this.next(now);
    return { ...draft, occurredAt: now.toISOString() };
  }

  #open(now: Date): TouchpointDraft[] {
    const person = this.#random.pick(this.#people);
    const random = new Random(this.#seed, 'live', this.#startedAt.toISOString(), this.#opened++);
    const story = new Story(person, now.getTime(), random);
    play(story, occasionFor(person, now.getTime(), random));
    return story.sent.filter((sent) => sent.arrivesAt < now.getTime() + hour).map((sent) => sent.draft);
  }
}

function occasionFor(person: Person, now: number, random: Random): Occasion {
  const buys = !person.habits.onlyLooks && random.chance(0.35);
  if (person.app && person.app.since <= now && random.chance(0.5)) return { kind: 'app', buys };
  if (random.chance(0.15) && !person.habits.onlyLooks) return { kind: 'till' };
  if (random.chance(0.04)) return { kind: 'enquiry' };
  return { kind: 'web', buys, signsUp: false };
}
